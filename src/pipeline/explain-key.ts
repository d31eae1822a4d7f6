import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import { nodeKeysOf, nodeWords } from "../compiler/node-origin.ts";
import type { Word } from "../compiler/word-origin.ts";
import { compareText } from "../core/json.ts";
import { nearest } from "../core/nearest.ts";
import { err, ok, type Result } from "../core/result.ts";
import { DCS_KINDS } from "../intent/dcs-intent.ts";
import { bareIntentKey, intentKeys, isIntentKey } from "../intent/intent-key.ts";
import { findSetting, isSettingKnownIn, knownKeysBelow } from "../patroni/setting.ts";
import { SETTINGS } from "../patroni/settings-table.ts";
import { settingsOfWords } from "../policy/setting-words.ts";
import { findPostgresParameter, postgresParameterNames } from "../postgres/parameter.ts";
import {
  explainCluster,
  explainNodeFiles,
  explainSetting,
  type Explanation,
} from "./explain-cluster.ts";
import { parameterNameOf } from "./safe-range.ts";
import { rowOf } from "./setting-place.ts";

/**
 * Explains what a word names: a key of the DCS document or of a node's file (whole, or its last part), a section
 * of them, a PostgreSQL parameter, or a key of the intent, which may set several; none for a key of the intent
 * that sets nothing in Patroni. The failure names the nearest key; undefined: none is near.
 */
export function explainKey(
  cluster: CompiledCluster,
  word: string,
): Result<readonly Explanation[], string | undefined> {
  const all = { dcs: explainCluster(cluster), files: explainNodeFiles(cluster) };
  const named = all.dcs.filter(({ key }) => isNamedBy(key, word));
  if (named.length > 0) return ok(named);
  const inFiles = all.files.filter(({ key }) => isNamedBy(key, word));
  const below = [...all.dcs, ...all.files].filter(({ key }) => key.startsWith(`${word}.`));
  const bare = bareIntentKey(word);
  const wanted = bare === "durability.tier" ? "durability" : bare;
  const set = explainWords((other) => isAtOrBelow(other, wanted), cluster, all);
  const found = joined([set, inFiles, below]);
  if (found.length > 0) return ok(found);
  const unset = unsetPaths(word, cluster).map((path) => explainSetting(path, undefined, cluster));
  if (unset.length > 0) return ok(unset);
  if (!isIntentKey(word)) return err(nearestKey(word, cluster));
  // A part of what sets something as a whole. Of a tier's words each has its own effect, or none.
  const isWhole = (other: string): boolean => other !== "durability" && isAtOrBelow(wanted, other);
  return ok(explainWords(isWhole, cluster, all));
}

interface Explained {
  readonly dcs: readonly Explanation[];
  readonly files: readonly Explanation[];
}

/** All that words of the intent set: what they have set here, and what they would set. */
function explainWords(
  isWanted: (word: string) => boolean,
  cluster: CompiledCluster,
  { dcs, files }: Explained,
): readonly Explanation[] {
  const fits = (other: string): boolean => isWanted(bareIntentKey(other));
  const byTier = isWanted("durability");
  const saysSo = ({ setBy, replaced, lines }: Explanation): boolean =>
    [setBy, ...replaced, ...lines].some(
      (by) => by !== undefined && ((by.rank === "tier" && byTier) || fits(wordOf(by.because))),
    );
  const isOfNode = (one: Word): boolean => fits(nameOf(one, cluster));
  const ofDcs = settingsOfWords(fits);
  const set = [
    ...dcs.filter((one) => saysSo(one) || ofDcs.some((key) => isAtOrBelow(one.key, key))),
    ...files.filter((one) => saysSo(one) || nodeWords(one.key.split("."))?.some(isOfNode) === true),
  ];
  const unset = [...ofDcs, ...nodeKeysOf(isOfNode)]
    .filter((key) => !set.some((one) => isAtOrBelow(one.key, key)))
    .flatMap((key) => pathOf(key.split("."), cluster))
    .map((path) => explainSetting(path, undefined, cluster));
  return joined([set, unset]);
}

/** A word of the nodes' files as the intent, or `quorate.yaml`, has it. */
function nameOf(word: Word, { resolved }: CompiledCluster): string {
  const name = word.slice(word.indexOf(":") + 1).replace("*", resolved.dcs.name);
  return word.startsWith("site:") ? `sites.${name}` : name;
}

/** The word that a reason begins with. */
function wordOf(because: string): string {
  return /^[\w.-]+/.exec(because)?.[0] ?? because;
}

/** What stands for a key that nothing sets; nothing for a section, and for that of another kind of DCS. */
function pathOf(
  path: readonly string[],
  { resolved }: CompiledCluster,
): readonly (readonly string[])[] {
  const [first = ""] = path;
  if (DCS_KINDS.some((kind) => kind === first) && first !== resolved.dcs.kind) return [];
  if (rowOf(path) !== undefined) return [path];
  const free = [...path, "<name>"];
  return findSetting(free) === undefined ? [] : [free];
}

function isAtOrBelow(key: string, prefix: string): boolean {
  return key === prefix || key.startsWith(`${prefix}.`);
}

function isNamedBy(key: string, word: string): boolean {
  const name = key.toLowerCase();
  const wanted = word.toLowerCase();
  return name === wanted || name.endsWith(`.${wanted}`);
}

function joined(lists: readonly (readonly Explanation[])[]): readonly Explanation[] {
  return [...new Set(lists.flat())].toSorted((a, b) => compareText(a.key, b.key));
}

/** The paths of what a word names among all that could be set and is not. */
function unsetPaths(word: string, { resolved }: CompiledCluster): readonly (readonly string[])[] {
  const path = word.split(".");
  const rows = SETTINGS.filter((row) => row.isUpcoming !== true).map((row) => row.path);
  const declared = rows.filter((row) => !row.some((key) => /^<|\[\]/.test(key)));
  const parameter = findPostgresParameter(parameterNameOf(path) ?? word, resolved.postgres);
  const asParameter = parameter === undefined ? [] : [["postgresql", "parameters", parameter.name]];
  if (declared.some((row) => row.join(".") === word)) return [path];
  const below = declared.filter(
    (row) => isAtOrBelow(row.join("."), word) && isKnownHere(row, resolved.patroni),
  );
  if (below.length > 0) return below;
  if (asParameter.length > 0) return asParameter;
  if (isIntentKey(word)) return [];
  const ending = declared.filter((row) => isNamedBy(row.join("."), word));
  if (ending.length > 0) return ending;
  return findSetting(path) === undefined ? [] : [path];
}

function isKnownHere(
  path: readonly string[],
  patroni: CompiledCluster["resolved"]["patroni"],
): boolean {
  const setting = findSetting(path);
  return setting !== undefined && isSettingKnownIn(setting, patroni);
}

function nearestKey(word: string, cluster: CompiledCluster): string | undefined {
  const { patroni, postgres } = cluster.resolved;
  const names = [
    ...cluster.settings.flatMap(({ path }) => [path.join("."), path.at(-1) ?? ""]),
    ...knownKeysBelow([], ["dynamic", "both"], patroni),
    ...postgresParameterNames(postgres),
    ...SETTINGS.map(({ path }) => path.join(".")),
    ...intentKeys().map((path) => bareIntentKey(path.join("."))),
  ];
  return nearest(word, names) ?? names.find((name) => name.includes(word.toLowerCase()));
}
