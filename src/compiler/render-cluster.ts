import { digestOfText } from "../core/digest.ts";
import { compareText } from "../core/json.ts";
import type { CompiledCluster, CompiledNode } from "./compiled-cluster.ts";
import { yamlText } from "./yaml-text.ts";

/** One file that the compiler writes; the path is relative to the output folder. */
export interface RenderedFile {
  readonly path: string;
  readonly text: string;
}

/** The name of the file that lists all others of a cluster. */
export const MANIFEST = "manifest.json";

/**
 * Renders one cluster to text: `dcs.yaml`, each node's `patroni.yml` and list of secrets, and the
 * manifest with the sha256 of them all. The same input gives the same bytes on every machine.
 */
export function renderCluster(
  cluster: CompiledCluster,
  quorateVersion: string,
): readonly RenderedFile[] {
  const folder = cluster.resolved.name;
  // Printable only: a file name must not be able to end the comment.
  const origin = cluster.resolved.source.file.replaceAll(/[^\x20-\x7e]/g, "?");
  const header = `# Compiled by Quorate from ${origin}. Change that file, not this one.\n`;
  const files: readonly RenderedFile[] = [
    { path: `${folder}/dcs.yaml`, text: header + yamlText(cluster.dcs) },
    ...cluster.nodes.flatMap((node) => [
      { path: `${folder}/nodes/${node.name}/patroni.yml`, text: header + yamlText(node.config) },
      { path: `${folder}/nodes/${node.name}/secrets.env.example`, text: secretsText(node) },
    ]),
  ];
  const digests = files
    .map(({ path, text }): [string, string] => [path.slice(folder.length + 1), digestOfText(text)])
    .toSorted(([a], [b]) => compareText(a, b));
  const manifest = {
    formatVersion: 1,
    cluster: folder,
    quorate: quorateVersion,
    input: cluster.input,
    files: Object.fromEntries(digests),
  };
  return [
    ...files,
    { path: `${folder}/${MANIFEST}`, text: `${JSON.stringify(manifest, undefined, 2)}\n` },
  ];
}

function secretsText(node: CompiledNode): string {
  return [
    `# What Patroni on ${node.name} takes from its environment. Copy this file to the node, fill it in there,`,
    "# make it readable for root only, and name it as EnvironmentFile= of the Patroni service.",
    "# A changed value counts once Patroni has been restarted; a reload does not read it.",
    ...node.secretNames.map((name) => `${name}=`),
    ...Object.entries(node.environment).map(([name, value]) => `${name}=${value}`),
    "",
  ].join("\n");
}
