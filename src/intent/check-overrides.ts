import type { Diagnostic } from "../core/diagnostic.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { isSecretName, looksSecret } from "../core/looks-secret.ts";
import { nearest } from "../core/nearest.ts";
import type { ClusterIntent } from "./cluster-intent.ts";
import { overrideLeaves, ownWordOf, type OverrideLeaf } from "./overrides-intent.ts";
import { DCS_WORDS, NODE_WORDS, type OwnWord } from "./override-words-table.ts";
import type { ResolvedCluster } from "./resolve-cluster.ts";
import type { SourcePath } from "./source-offset.ts";

/**
 * Checks that overrides touch nothing that Quorate answers for: who a node is, who may log in, when a lease ends,
 * and what the tier promises. Whether Patroni knows a key is checked on what is compiled. Empty when nothing
 * is wrong.
 */
export function checkOverrides(
  intent: ClusterIntent,
  cluster: ResolvedCluster,
): readonly Diagnostic[] {
  const { dcs, node, nodes } = cluster.overrides;
  return [
    ...checkTree(dcs, ["overrides", "dcs"], DCS_WORDS, cluster),
    ...checkTree(node, ["overrides", "node"], NODE_WORDS, cluster),
    ...[...nodes].flatMap(([name, tree]) => [
      ...checkName(name, intent, cluster),
      ...checkTree(tree, ["overrides", "nodes", name], NODE_WORDS, cluster),
    ]),
  ];
}

function checkName(
  name: string,
  { sites }: ClusterIntent,
  { source }: ResolvedCluster,
): readonly Diagnostic[] {
  const names = sites.flatMap((site) => (site.nodes ?? []).map((node) => node.name));
  if (names.includes(name)) return [];
  const suggestion = nearest(name, names);
  return [
    {
      rule: "QUO006",
      severity: "error",
      message: `${name} is not a node of this cluster`,
      at: source.atKey(["overrides", "nodes", name]),
      hint: suggestion === undefined ? `nodes: ${names.join(", ")}` : `did you mean ${suggestion}?`,
    },
  ];
}

function checkTree(
  tree: JsonObject,
  place: SourcePath,
  words: readonly OwnWord[],
  { source }: ResolvedCluster,
): readonly Diagnostic[] {
  return overrideLeaves(tree).flatMap((leaf): readonly Diagnostic[] => {
    const own = ownWordOf(leaf.path, words);
    const name = leaf.path.join(".");
    const at = source.atKey([...place, ...leaf.path]);
    if (own !== undefined && own.path.length > leaf.path.length)
      return [
        {
          rule: "QUO058",
          severity: "error",
          message: `${name} cannot be overridden as a whole: it holds keys that Quorate answers for, such as ${own.path.join(".")}`,
          at,
          hint: "override single keys below it",
        },
      ];
    if (own !== undefined)
      return [
        {
          rule: "QUO058",
          severity: "error",
          message: `${name} cannot be overridden: ${own.why}`,
          at,
          hint: own.instead,
        },
      ];
    if (!isSecret(leaf)) return [];
    return [
      {
        rule: "QUO007",
        severity: "error",
        message: `${name} holds what looks like a secret`,
        at,
        hint: "give it to Patroni in its environment (PATRONI_…), or keep it in a file on the nodes and name the file; change the secret if this file was ever shared",
      },
    ];
  });
}

/** Names that only sound like one. Parameters are judged by their values. */
const HARMLESS: ReadonlySet<string> = new Set(["server_tokens"]);

function isSecret({ path, value }: OverrideLeaf): boolean {
  if (value === null) return false;
  const isParameter = path[0] === "postgresql" && path[1] === "parameters";
  const isNamed = !isParameter && path.some((key) => isSecretName(key) && !HARMLESS.has(key));
  return isNamed || looksSecret(typeof value === "string" ? value : canonicalJson(value));
}
