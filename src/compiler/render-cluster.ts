import { digestOfText } from "../core/digest.ts";
import { compareText, type JsonObject } from "../core/json.ts";
import { overrideLeaves } from "../intent/overrides-intent.ts";
import type { CompiledCluster, CompiledNode } from "./compiled-cluster.ts";
import { MANIFEST } from "./manifest.ts";
import { SECRETS_FILE, serviceText } from "./service-text.ts";
import { yamlWriter } from "./yaml-text.ts";

/** One file that the compiler writes; the path is relative to the output folder. */
export interface RenderedFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Renders one cluster to text: `dcs.yaml`, each node's `patroni.yml`, drop-in for its systemd unit
 * and list of secrets, and the manifest with the sha256 of them all. The same input gives the same bytes on every machine.
 */
export function renderCluster(
  cluster: CompiledCluster,
  quorateVersion: string,
): readonly RenderedFile[] {
  const folder = cluster.resolved.name;
  const origin = commentText(cluster.resolved.source.file);
  const header = `# Compiled by Quorate from ${origin}. Change that file, not this one.\n`;
  const yamlText = yamlWriter();
  const files: readonly RenderedFile[] = [
    {
      path: `${folder}/dcs.yaml`,
      text: header + overridesLine(cluster.resolved.overrides.dcs) + yamlText(cluster.dcs),
    },
    ...cluster.nodes.flatMap((node) => [
      {
        path: `${folder}/nodes/${node.name}/patroni.yml`,
        text: header + nodeOverridesLine(node.name, cluster) + yamlText(node.config),
      },
      {
        path: `${folder}/nodes/${node.name}/patroni.service.d/quorate.conf`,
        text: header + serviceText(node.service),
      },
      {
        path: `${folder}/nodes/${node.name}/secrets.env.example`,
        text: secretsText(node, cluster),
      },
    ]),
  ];
  const digests = files
    .map(({ path, text }): [string, string] => [path.slice(folder.length + 1), digestOfText(text)])
    .toSorted(([a], [b]) => compareText(a, b));
  const manifest = manifestText(cluster, quorateVersion, digests);
  return [...files, { path: `${folder}/${MANIFEST}`, text: manifest }];
}

/** JSON as `JSON.stringify` indents it; an object whose keys are in no other file takes V8 longer to make. */
function manifestText(
  { resolved, input }: CompiledCluster,
  quorateVersion: string,
  digests: readonly (readonly [string, string])[],
): string {
  const files = digests.map(([path, digest]) => `    ${JSON.stringify(path)}: "${digest}"`);
  return [
    "{",
    '  "formatVersion": 1,',
    `  "cluster": ${JSON.stringify(resolved.name)},`,
    `  "quorate": ${JSON.stringify(quorateVersion)},`,
    `  "input": "${input}",`,
    '  "files": {',
    files.join(",\n"),
    "  }",
    "}",
    "",
  ].join("\n");
}

/** Printable only: a name must not be able to end the comment. */
function commentText(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?");
}

/** Raw keys stand out for whoever reviews the file; empty when there are none. */
function overridesLine(...trees: readonly JsonObject[]): string {
  const paths = trees.flatMap((tree) => overrideLeaves(tree).map(({ path }) => path.join(".")));
  if (paths.length === 0) return "";
  return `# From overrides: ${commentText([...new Set(paths)].toSorted(compareText).join(", "))}.\n`;
}

function nodeOverridesLine(name: string, { resolved }: CompiledCluster): string {
  const { node, nodes } = resolved.overrides;
  return overridesLine(node, nodes.get(name) ?? {});
}

function secretsText(node: CompiledNode, { resolved }: CompiledCluster): string {
  const { standbyOf } = resolved;
  return [
    `# What Patroni on ${node.name} takes from its environment. Copy this file to the node, fill it in there,`,
    `# make it readable for root only, and name it ${SECRETS_FILE}: the unit's drop-in reads it there.`,
    "# A changed value counts once Patroni has been restarted; a reload does not read it.",
    ...(standbyOf === undefined
      ? []
      : [
          `# PostgreSQL's users come here with the data of ${standbyOf.cluster}: their passwords are the same as there.`,
        ]),
    ...node.secretNames.map((name) => `${name}=`),
    ...Object.entries(node.environment).map(([name, value]) => `${name}=${value}`),
    "",
  ].join("\n");
}
