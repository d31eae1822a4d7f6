import type { Span } from "../core/diagnostic.ts";
import type { ResolvedCluster, ResolvedNode } from "../intent/resolve-cluster.ts";
import type { Source } from "../intent/source.ts";
import type { SourcePath } from "../intent/source-offset.ts";
import { writtenValue } from "../intent/written-value.ts";

/** Who set something that was compiled, and where. */
export interface Origin {
  readonly rank: "default" | "project" | "intent" | "overrides";
  readonly at: Span;
  /** The word that was written, or the one that would change it. */
  readonly because: string;
}

/**
 * A word that something compiled comes from: of the node, of its site, of the cluster, or of the project. `*`
 * stands for the cluster's own DCS.
 */
export type Word = `node:${string}` | `site:${string}` | `cluster:${string}` | `project:${string}`;

/** Whose word is looked for: a node, and which item of a written list. */
export interface WordOwner {
  readonly node?: { readonly path: SourcePath } | undefined;
  readonly item?: number | undefined;
}

/** Where one of these words stands: the first that is written; without words Quorate makes it itself. */
export function wordOrigin(
  words: readonly Word[],
  cluster: ResolvedCluster,
  { node, item }: WordOwner = {},
): Origin {
  const { source } = cluster;
  const path = node?.path ?? [];
  if (words.length === 0)
    return { rank: "default", at: source.at(path), because: "made by Quorate" };
  const places = words.flatMap((word) => placesOf(word, path, cluster));
  const written = places.find(([, place, from]) => writtenValue(from.value, place) !== undefined);
  if (written === undefined) {
    const [word = "", place = path, from = source] = places[0] ?? [];
    return { rank: "default", at: from.at(place), because: `${word}, which is not written` };
  }
  const [because, place, from] = written;
  const at = from.at(item === undefined ? place : [...place, item]);
  const isOfProject = at.file === cluster.project.source.file;
  return { rank: isOfProject ? "project" : "intent", at, because };
}

type Place = readonly [word: string, place: SourcePath, source: Source];

/** The places where a word may be written, the strongest first: each with the word as people know it. */
function placesOf(
  word: Word,
  nodePath: SourcePath,
  { source, project, dcs }: ResolvedCluster,
): readonly Place[] {
  const [owner, rest = ""] = word.split(":");
  const keys = rest.split(".").map((key) => (key === "*" ? dcs.name : key));
  const said = keys.join(".");
  if (owner === "cluster") return [[said, keys, source]];
  if (owner === "project") return [[said, keys, project.source]];
  const [sites = "", site = 0] = nodePath;
  if (owner === "site") {
    const place = [sites, site, ...keys];
    return [[`${said}: ${String(writtenValue(source.value, place))}`, place, source]];
  }
  return [
    [said, [...nodePath, ...keys], source],
    [`defaults.${said}`, [sites, site, "defaults", ...keys], source],
    [`nodes.${said}`, ["nodes", ...keys], project.source],
  ];
}

/** The words by which a node may not lead, the true cause first. */
export function notLeadingWords(node: ResolvedNode, cluster: ResolvedCluster): readonly Word[] {
  if (node.written.promotable === false) return ["node:promotable"];
  if (node.role === "observer") return ["site:role"];
  const staysAtHome = cluster.failover.scope === "same-site" && cluster.standbyOf === undefined;
  if (staysAtHome && node.role !== "primary") return ["cluster:failover.scope"];
  // What is left: where every commit must be in two sites, the tier chooses one node of each.
  return node.streams ? ["cluster:durability"] : ["node:stream"];
}

/** The words by which a node may not confirm commits, the true cause first. */
export function notConfirmingWords(node: ResolvedNode, cluster: ResolvedCluster): readonly Word[] {
  if (node.written.confirms === false) return ["node:confirms"];
  if (!node.promotable) return notLeadingWords(node, cluster);
  return node.upstream === undefined ? ["cluster:durability"] : ["node:upstream"];
}
