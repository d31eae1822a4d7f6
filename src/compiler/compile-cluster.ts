import type { Diagnostic, Span } from "../core/diagnostic.ts";
import { isJsonObject, joinObjects, sortKeys, type Json, type JsonObject } from "../core/json.ts";
import { err, ok, type Result } from "../core/result.ts";
import { DCS_WORDS, NODE_WORDS, type OwnWord } from "../intent/override-words-table.ts";
import { ownWordOf } from "../intent/overrides-intent.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import { checkDocument, type DocumentMistake } from "../patroni/check-document.ts";
import type { DerivedSettings } from "../policy/derive-settings.ts";
import type { SettingValue } from "../policy/setting-value.ts";
import type { Topology } from "../topology/derive-topology.ts";
import { overridePlace } from "./apply-node-overrides.ts";
import { compileHba, compileIdent } from "./compile-hba.ts";
import { compileNodes } from "./compile-node.ts";
import type { CompiledCluster } from "./compiled-cluster.ts";
import { inputDigest } from "./input-digest.ts";

/** Keys of the DCS document that are Quorate's alone: where the compiler sets none, none may be there. */
const OWNED_KEYS: readonly (readonly string[])[] = [
  ["check_timeline"],
  ["failsafe_mode"],
  ["loop_wait"],
  // The old name counts where the new one is absent, and on 3.0 a text in it spoils the whole document.
  ["master_start_timeout"],
  ["master_stop_timeout"],
  ["maximum_lag_on_failover"],
  ["maximum_lag_on_syncnode"],
  // Only its declaration pauses a cluster. One that somebody paused by hand is refused before anything is written.
  ["pause"],
  ["primary_start_timeout"],
  ["primary_stop_timeout"],
  ["retry_timeout"],
  ["synchronous_mode"],
  ["synchronous_mode_strict"],
  ["synchronous_node_count"],
  ["ttl"],
  ["postgresql", "pg_hba"],
  // These delete data: only the intent may say so.
  ["postgresql", "remove_data_directory_on_diverged_timelines"],
  ["postgresql", "remove_data_directory_on_rewind_failure"],
  ["postgresql", "use_pg_rewind"],
  ["postgresql", "use_slots"],
  // With one of these in the DCS the compiled pg_hba, or what the tier promises, would not hold.
  ["postgresql", "parameters", "hba_file"],
  ["postgresql", "parameters", "ident_file"],
  ["postgresql", "parameters", "fsync"],
  ["postgresql", "parameters", "full_page_writes"],
  ["postgresql", "parameters", "synchronous_commit"],
  ["postgresql", "parameters", "synchronous_standby_names"],
];

/**
 * Keys of a standby cluster's section that would change what it follows. The section itself is in neither
 * list: to remove it is to promote the cluster, which no document that is compiled may ever ask for.
 */
const OWNED_KEYS_OF_STANDBY: readonly (readonly string[])[] = [
  ["standby_cluster", "archive_cleanup_command"],
  ["standby_cluster", "recovery_min_apply_delay"],
  ["standby_cluster", "restore_command"],
];

/**
 * Compiles one cluster to plain data. Every emitted key is checked against the closed table of the
 * cluster's lowest Patroni; a key that it does not know is an error at the place that set it.
 *
 * @param before errors of earlier stages: what follows from them is not said again
 */
export function compileCluster(
  cluster: ResolvedCluster,
  topology: Topology,
  derived: DerivedSettings,
  before: readonly Diagnostic[] = [],
): Result<CompiledCluster, readonly Diagnostic[]> {
  const hba = compileHba(cluster, cluster.relatives);
  const ident = compileIdent(cluster, cluster.relatives);
  const clashes = clashesOf(derived.settings);
  const clashing = new Set(clashes.map(({ setting }) => setting));
  const set = derived.settings.filter(
    (setting) => setting.value !== null && !clashing.has(setting),
  );
  const dcs = documentOf([
    ...set.map(({ path, value }) => ({ path, value })),
    { path: ["postgresql", "pg_hba"], value: hba },
    ...(ident.length === 0 ? [] : [{ path: ["postgresql", "pg_ident"], value: ident }]),
  ]);
  const reset = derived.settings
    .filter((setting) => setting.value === null)
    .map(({ path }) => path);
  const owned = [...OWNED_KEYS, ...(cluster.standbyOf === undefined ? [] : OWNED_KEYS_OF_STANDBY)];
  const unset = owned.filter((path) => !isSet(dcs, path));
  const nodes = compileNodes({ cluster, topology, dcs, hba });
  const mistakes = [
    ...clashes,
    ...checkDocument(dcs, "dynamic", cluster.patroni).map((mistake) =>
      mistakeOf(mistake, derived.settings, cluster),
    ),
    ...nodes.flatMap(({ name, config }) =>
      checkDocument(withoutBootstrapDcs(config), "node", cluster.patroni).map((mistake) => {
        const written = overridePlace(mistake.path, name, cluster);
        const said = mistakeOf(mistake, derived.settings, cluster);
        if (written === undefined) return said;
        const hint = withOwner(mistake, NODE_WORDS);
        const at = cluster.source.atKey(written);
        return { said: { ...said.said, at, hint }, places: [at, cluster.source.at(written)] };
      }),
    ),
  ];
  const fresh = mistakes.filter(({ places }) => before.length === 0 || isFresh(places, before));
  if (fresh.length > 0) return err(fresh.map(({ said }) => said));
  return ok({
    resolved: cluster,
    topology,
    tier: derived.tier,
    settings: derived.settings,
    dcs,
    absent: [...reset, ...unset],
    nodes,
    input: inputDigest(cluster, derived.tier),
  });
}

/** A mistake in what is compiled. */
interface Mistake {
  readonly said: Diagnostic;
  /** Where the value stands that makes it; empty when it is not one that is written. */
  readonly places: readonly Span[];
}

/** Nothing that is written makes it but what nobody found fault with before. */
function isFresh(places: readonly Span[], before: readonly Diagnostic[]): boolean {
  const isSaid = (place: Span): boolean =>
    before.some(
      ({ at }) => at.file === place.file && at.line === place.line && at.col === place.col,
    );
  return places.length > 0 && !places.some(isSaid);
}

/** A single value where other settings need a map, and what the compiler itself makes. */
function clashesOf(
  settings: readonly SettingValue[],
): readonly (Mistake & { readonly setting: SettingValue })[] {
  return settings.flatMap((setting) => {
    const { path, at, keyAt } = setting;
    const name = path.join(".");
    const isMade = ["postgresql.pg_hba", "postgresql.pg_ident"].includes(name);
    if (!isMade && !settings.some((other) => isInside(other.path, path))) return [];
    const message = isMade
      ? `${name} is made by the compiler`
      : `${name} is set to a single value, but it holds other settings`;
    const said = { rule: "QUO019", severity: "error", message, at, hint: "remove it" } as const;
    return [{ setting, said, places: [at, keyAt] }];
  });
}

function isInside(path: readonly string[], outer: readonly string[]): boolean {
  return outer.length < path.length && outer.every((key, index) => path[index] === key);
}

function documentOf(
  values: readonly { readonly path: readonly string[]; readonly value: Json }[],
): JsonObject {
  const root: Branch = new Map();
  for (const { path, value } of values) {
    let branch = root;
    for (const key of path.slice(0, -1)) branch = branchBelow(branch, key);
    const last = path.at(-1);
    if (last !== undefined) branch.set(last, sortKeys(value));
  }
  return sortedObject(root);
}

/** A document on its way to be sorted. */
type Branch = Map<string, Json | Branch>;

function branchBelow(branch: Branch, key: string): Branch {
  const below = branch.get(key);
  if (below instanceof Map) return below;
  const made: Branch = new Map();
  branch.set(key, made);
  return made;
}

function sortedObject(branch: Branch): JsonObject {
  const sorted: [string, Json][] = [];
  for (const key of [...branch.keys()].toSorted()) {
    const value = branch.get(key);
    if (value !== undefined) sorted.push([key, value instanceof Map ? sortedObject(value) : value]);
  }
  return Object.fromEntries(sorted);
}

function isSet(document: JsonObject, path: readonly string[]): boolean {
  let value: Json | undefined = document;
  for (const key of path) value = isJsonObject(value) ? value[key] : undefined;
  return value !== undefined;
}

/** `bootstrap.dcs` is the DCS document, which is checked once for itself. */
function withoutBootstrapDcs(config: JsonObject): JsonObject {
  const { bootstrap } = config;
  if (!isJsonObject(bootstrap)) return config;
  const once = Object.entries(bootstrap).filter(([key]) => key !== "dcs");
  return joinObjects(config, { bootstrap: Object.fromEntries(once) });
}

/** Of the key that was likely meant, the word by which the intent sets it, where no override may. */
function withOwner({ hint, suggests }: DocumentMistake, words: readonly OwnWord[]): string {
  const own = suggests === undefined ? undefined : ownWordOf(suggests, words);
  return own === undefined ? hint : `${hint} ${own.instead}`;
}

function mistakeOf(
  mistake: DocumentMistake,
  settings: readonly SettingValue[],
  { source }: ResolvedCluster,
): Mistake {
  const setter = settings.find((setting) =>
    mistake.path.every((key, index) => setting.path[index] === key),
  );
  const said: Diagnostic = {
    rule: "QUO013",
    severity: "error",
    message: mistake.message,
    at: setter?.at ?? source.at(["patroni"]),
    hint: setter?.rank === "overrides" ? withOwner(mistake, DCS_WORDS) : mistake.hint,
  };
  const isWritten = setter?.rank === "intent" || setter?.rank === "overrides";
  return { said, places: isWritten ? [setter.at, setter.keyAt] : [] };
}
