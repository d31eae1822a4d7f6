import { parse } from "yaml";
import { isJsonObject } from "../core/json.ts";
import type { ProjectFiles } from "../core/ports.ts";
import type { WantedDocument } from "../patroni/minimal-patch.ts";
import { wantedOf } from "../plan/plan-cluster.ts";
import { compileProject } from "./compile-project.ts";

/** What was wanted before the work at hand, so that a change can be told from drift. */
export interface Baseline {
  /** What it is, for people. */
  readonly name: string;
  readonly documents: ReadonlyMap<string, WantedDocument>;
}

/**
 * Finds the baseline: what a commit of the project compiles to, else what stands in `rendered/`. Undefined
 * when there is neither; then a difference cannot be told to be a change or drift.
 */
export async function findBaseline(
  committed: { readonly commit: string; readonly files: ProjectFiles } | undefined,
  folder: ProjectFiles,
): Promise<Baseline | undefined> {
  if (committed !== undefined) {
    const compiled = await compileProject(committed.files);
    const documents = new Map(
      compiled.clusters.map((cluster) => [cluster.resolved.name, wantedOf(cluster)]),
    );
    if (documents.size > 0) return { name: `commit ${committed.commit}`, documents };
  }
  const documents = await readRendered(folder);
  return documents.size === 0 ? undefined : { name: "rendered/", documents };
}

async function readRendered(folder: ProjectFiles): Promise<ReadonlyMap<string, WantedDocument>> {
  const documents = new Map<string, WantedDocument>();
  for (const path of await folder.list("rendered")) {
    const cluster = /^rendered\/([^/]+)\/dcs\.yaml$/.exec(path)?.[1];
    if (cluster === undefined) continue;
    const text = await folder.read(path);
    const values = text.ok ? parseMap(text.value) : undefined;
    if (values !== undefined) documents.set(cluster, { values, absent: [] });
  }
  return documents;
}

function parseMap(text: string): WantedDocument["values"] | undefined {
  try {
    const value: unknown = parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // A rendered file that somebody broke is no baseline.
    return undefined;
  }
}
