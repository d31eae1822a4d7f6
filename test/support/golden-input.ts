import { existsSync, readdirSync } from "node:fs";

const FOLDER = "test/golden";

/** The names of the golden cases. */
export const GOLDEN_CASES: readonly string[] = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

/**
 * What a case is compiled from: its own `cluster.yaml`, with its own `quorate.yaml` or the one of all cases.
 * A case without one is a cluster of this repository, with the repository's project.
 */
export function goldenInput(name: string): { readonly project: string; readonly intent: string } {
  const own = `${FOLDER}/${name}`;
  if (!existsSync(`${own}/cluster.yaml`))
    return { project: "quorate.yaml", intent: `clusters/${name}.yaml` };
  const project = existsSync(`${own}/quorate.yaml`) ? own : FOLDER;
  return { project: `${project}/quorate.yaml`, intent: `${own}/cluster.yaml` };
}
