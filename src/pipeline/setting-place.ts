import { nodeWords } from "../compiler/node-origin.ts";
import type { Word } from "../compiler/word-origin.ts";
import { DCS_WORDS, NODE_WORDS } from "../intent/override-words-table.ts";
import { ownWordOf } from "../intent/overrides-intent.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import { findSetting, isSettingKnownIn, type Setting } from "../patroni/setting.ts";
import { isWritable } from "../policy/check-parameters.ts";
import { settingWords } from "../policy/setting-words.ts";
import { findPostgresParameter } from "../postgres/parameter.ts";
import { parameterNameOf } from "./safe-range.ts";

/** Where a key would be set. */
export interface SettingPlace {
  /** The document in which it counts; `nowhere`: Patroni sets it itself. */
  readonly document: "dcs" | "patroni.yml" | "both" | "nowhere";
  /** True when the cluster's Patroni, or its PostgreSQL, has it. */
  readonly isKnown: boolean;
  /** The keys of the intent, or of `quorate.yaml`, that set it; empty where nothing may. */
  readonly words: readonly string[];
}

/** Says where a key counts, and which words of the intent set it. */
export function settingPlace(path: readonly string[], cluster: ResolvedCluster): SettingPlace {
  const setting = rowOf(path);
  const parameter = parameterNameOf(path);
  const isOwnRow = setting?.path.length === path.length;
  const document =
    parameter !== undefined && !isOwnRow ? "both" : DOCUMENTS[setting?.scope ?? "none"];
  const isKnown =
    parameter === undefined
      ? setting !== undefined && isSettingKnownIn(setting, cluster.patroni)
      : findPostgresParameter(parameter, cluster.postgres) !== undefined;
  return { document, isKnown, words: WORDS[document](path, cluster) };
}

/** The document for each scope; what counts only at bootstrap stands in the nodes' files, too. */
const DOCUMENTS: Readonly<Record<Setting["scope"], SettingPlace["document"]>> = {
  dynamic: "dcs",
  both: "both",
  local: "patroni.yml",
  bootstrap: "patroni.yml",
  none: "nowhere",
};

type FindWords = (path: readonly string[], cluster: ResolvedCluster) => readonly string[];

const WORDS: Readonly<Record<SettingPlace["document"], FindWords>> = {
  dcs: dcsWords,
  "patroni.yml": fileWords,
  both: (path, cluster) => {
    const made = madeFor(path, cluster);
    return made.length > 0 ? [...new Set(made)] : dcsWords(path);
  },
  nowhere: () => [],
};

/** The row that speaks of a key: its own, or that of the map it stands in. Undefined for a section. */
export function rowOf(path: readonly string[]): Setting | undefined {
  const own = findSetting(path);
  if (own !== undefined) return own;
  const map = findSetting(path.slice(0, -1));
  return map?.kind === "map" ? map : undefined;
}

/** The words that are made for a key, in either document. */
function madeFor(path: readonly string[], cluster: ResolvedCluster): readonly string[] {
  const dcs = settingWords(path).map((word) => writtenWord(word));
  return [...dcs, ...(nodeWords(path) ?? []).map((word) => wordText(word, cluster))];
}

function dcsWords(path: readonly string[]): readonly string[] {
  const made = settingWords(path).map((word) => writtenWord(word));
  if (made.length > 0) return made;
  const parameter = parameterNameOf(path);
  if (parameter !== undefined)
    return isWritable(parameter) ? [`postgresql.parameters.${parameter}`] : [];
  return overrideOf(path, "dcs");
}

function fileWords(path: readonly string[], cluster: ResolvedCluster): readonly string[] {
  const words = nodeWords(path);
  return words === undefined
    ? overrideOf(path, "node")
    : words.map((word) => wordText(word, cluster));
}

/** Patroni's own key, where the intent has no word for it and does not keep it to itself. */
function overrideOf(path: readonly string[], document: "dcs" | "node"): readonly string[] {
  const own = ownWordOf(path, document === "dcs" ? DCS_WORDS : NODE_WORDS);
  return own === undefined ? [`overrides.${document}.${path.join(".")}`] : [];
}

function writtenWord(word: string): string {
  return word.startsWith("nodes.") ? `${word} in quorate.yaml` : word;
}

/** A word as a person would look for it. */
function wordText(word: Word, { dcs }: ResolvedCluster): string {
  const [owner, rest = ""] = word.split(":");
  const key = rest.replace("*", dcs.name);
  if (owner === "project") return `${key} in quorate.yaml`;
  if (owner === "node") return `${key} of a node`;
  return owner === "site" ? `${key} of a site` : key;
}
