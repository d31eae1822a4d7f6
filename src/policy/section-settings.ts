import type { Json } from "../core/json.ts";
import { isBetween } from "../intent/links-intent.ts";
import { DCS_WORDS } from "../intent/override-words-table.ts";
import { overrideLeaves, ownWordOf } from "../intent/overrides-intent.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import type { SourcePath } from "../intent/source-offset.ts";
import { findPostgresParameter } from "../postgres/parameter.ts";
import type { Rank, SettingValue } from "./setting-value.ts";
import type { Tier } from "./tier.ts";

/** The settings of the DCS document that the sections of an intent say, and those of its overrides that may stand. */
export function sectionSettings(cluster: ResolvedCluster, tier: Tier): readonly SettingValue[] {
  return [
    ...slotSettings(cluster),
    ...rejoinSettings(cluster),
    ...linkSettings(cluster, tier),
    ...pauseSettings(cluster),
    ...overrideSettings(cluster),
  ];
}

function setting(
  { source }: ResolvedCluster,
  path: readonly string[],
  value: Json,
  written: SourcePath,
  rank: Rank = "intent",
): SettingValue {
  return {
    path,
    value,
    rank,
    at: source.at(written),
    keyAt: source.atKey(written),
    because: written.join("."),
  };
}

function slotSettings(cluster: ResolvedCluster): readonly SettingValue[] {
  const { slots, ignoreSlots } = cluster;
  const made = slots.flatMap((slot): readonly SettingValue[] => {
    const written = ["slots", slot.name];
    const set = (key: string, value: string | undefined): readonly SettingValue[] =>
      value === undefined ? [] : [setting(cluster, ["slots", slot.name, key], value, written)];
    switch (slot.type) {
      case "absent":
        return [setting(cluster, ["slots", slot.name], null, written)];
      case "physical":
        return [...set("type", "physical"), ...set("cluster_type", slot.clusterType)];
      case "logical":
        return [
          ...set("type", "logical"),
          ...set("database", slot.database),
          ...set("plugin", slot.plugin),
        ];
      default:
        return slot satisfies never;
    }
  });
  const isLogical = slots.find((slot) => slot.type === "logical");
  return [
    ...made,
    ...(ignoreSlots.length === 0
      ? []
      : [
          setting(
            cluster,
            ["ignore_slots"],
            ignoreSlots.map((matcher) => ({ ...matcher })),
            ["ignoreSlots"],
          ),
        ]),
    ...(isLogical === undefined
      ? []
      : [
          setting(
            cluster,
            ["postgresql", "parameters", "wal_level"],
            "logical",
            ["slots", isLogical.name],
            "default",
          ),
        ]),
  ];
}

function rejoinSettings(cluster: ResolvedCluster): readonly SettingValue[] {
  const { rewind, onRewindFailure, slotRetention, walCap } = cluster.rejoin;
  const wipes = onRewindFailure === "wipe";
  const make = (path: readonly string[], value: Json, key: string): SettingValue =>
    setting(cluster, path, value, ["rejoin", key]);
  return [
    ...(rewind === undefined ? [] : [make(["postgresql", "use_pg_rewind"], rewind, "rewind")]),
    ...(onRewindFailure === undefined
      ? []
      : WIPE_KEYS.map((key) => make(["postgresql", key], wipes, "onRewindFailure"))),
    ...(slotRetention === undefined
      ? []
      : [make(["member_slots_ttl"], slotRetention, "slotRetention")]),
    ...(walCap === undefined || isWritten(cluster, "max_slot_wal_keep_size")
      ? []
      : [
          make(
            ["postgresql", "parameters", "max_slot_wal_keep_size"],
            `${Math.floor(walCap / 1024 ** 2)}MB`,
            "walCap",
          ),
        ]),
  ];
}

/** True when the intent sets the parameter itself, however it is spelt. */
function isWritten({ parameters }: ResolvedCluster, parameter: string): boolean {
  return Object.keys(parameters).some((name) => name.toLowerCase() === parameter);
}

/** The two cases in which rewinding is not possible: it failed, or it is not even tried. */
const WIPE_KEYS = [
  "remove_data_directory_on_rewind_failure",
  "remove_data_directory_on_diverged_timelines",
] as const;

/** Round trips above this are no local network any more, in milliseconds. */
const LAN_MS = 10;
/** Seconds after which a silent standby no longer holds up commits, over a far link and over one that fails. */
const FAR_TIMEOUT = 20;
const FRAIL_TIMEOUT = 30;

/**
 * A standby across a far link gets more time before its silence counts; but never as much as the lease, or a
 * commit would wait longer for it than for a new leader. What the intent says itself stands.
 */
function linkSettings(cluster: ResolvedCluster, tier: Tier): readonly SettingValue[] {
  const { links, nodes, timing } = cluster;
  if (tier.promise.loss !== "none" || isWritten(cluster, "wal_sender_timeout")) return [];
  let [seconds, index] = [0, 0];
  for (const [place, link] of links.entries()) {
    const isCrossed = nodes.some(
      ({ site, confirms }) =>
        confirms && nodes.some((other) => other.confirms && isBetween(link, site, other.site)),
    );
    const far = link.rtt !== undefined && link.rtt > LAN_MS ? FAR_TIMEOUT : 0;
    const wanted = link.reliable ? far : FRAIL_TIMEOUT;
    if (isCrossed && wanted > seconds) [seconds, index] = [wanted, place];
  }
  while (seconds >= timing.ttl) seconds -= 10;
  if (seconds < FAR_TIMEOUT) return [];
  return [
    setting(cluster, ["postgresql", "parameters", "wal_sender_timeout"], `${seconds}s`, [
      "links",
      index,
    ]),
  ];
}

function pauseSettings(cluster: ResolvedCluster): readonly SettingValue[] {
  if (cluster.pause === undefined) return [];
  const { owner, reason, until } = cluster.pause;
  const made = setting(cluster, ["pause"], true, ["maintenance", "pause"]);
  return [{ ...made, because: `${made.because}: ${owner}, ${reason}, until ${until}` }];
}

function overrideSettings(cluster: ResolvedCluster): readonly SettingValue[] {
  return overrideLeaves(cluster.overrides.dcs)
    .filter(({ path }) => ownWordOf(path, DCS_WORDS) === undefined)
    .map(({ path, value }) =>
      setting(
        cluster,
        canonical(path, cluster.postgres),
        value,
        ["overrides", "dcs", ...path],
        "overrides",
      ),
    );
}

/** Parameter names are the same in any case: the strongest value must meet the weaker ones. */
function canonical(path: readonly string[], postgres: number): readonly string[] {
  const [first, second, name] = path;
  if (first !== "postgresql" || second !== "parameters" || name === undefined) return path;
  return [first, second, findPostgresParameter(name, postgres)?.name ?? name];
}
