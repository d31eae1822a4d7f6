import type { Diagnostic } from "../core/diagnostic.ts";
import type { Json } from "../core/json.ts";
import { formatSeconds } from "../core/units.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import type { SourcePath } from "../intent/source-offset.ts";
import { formatPatroniVersion, isAtLeast } from "../patroni/version.ts";
import { isOff } from "../postgres/parameter-value.ts";
import type { Topology } from "../topology/derive-topology.ts";
import { checkCommitLinks } from "./check-commit-links.ts";
import { checkOverriddenSettings } from "./check-overridden-settings.ts";
import { checkStopTimeout } from "./check-stop-timeout.ts";
import { setterOf, type SettingValue } from "./setting-value.ts";
import type { Tier } from "./tier.ts";

/** A cluster with its tier and its ranked settings: what the sections are judged by. */
export interface SectionCase {
  readonly cluster: ResolvedCluster;
  readonly topology: Topology;
  readonly tier: Tier;
  readonly settings: readonly SettingValue[];
}

/** Checks the sections of an intent against its tier and against the settings that came out. */
export function checkSectionsAgainstTier(given: SectionCase): readonly Diagnostic[] {
  return [
    ...checkFencing(given),
    ...checkCommitLinks(given),
    ...checkWipe(given),
    ...checkRewind(given),
    ...checkSlotWal(given),
    ...checkLogicalSlots(given),
    ...checkPause(given),
    ...checkStopTimeout(given),
    ...checkOverriddenSettings(given),
  ];
}

function finding(
  { cluster }: SectionCase,
  path: SourcePath,
  said: Omit<Diagnostic, "at">,
): Diagnostic {
  return { ...said, at: cluster.source.at(path) };
}

/** A Patroni that hangs leaves its PostgreSQL writable: only the watchdog ends that. */
function checkFencing(given: SectionCase): readonly Diagnostic[] {
  const { cluster, tier } = given;
  if (cluster.fencing.watchdog !== "off" || tier.promise.withoutStandby !== "block") return [];
  return [
    finding(given, ["fencing", "watchdog"], {
      rule: "QUO050",
      severity: "warn",
      message: `the watchdog is off, but tier ${tier.name} promises that commits wait rather than get lost: a leader whose Patroni hangs stays writable beside the next one, without limit`,
      hint: "write watchdog: best-effort, or required where every node has a device",
    }),
  ];
}

function checkWipe(given: SectionCase): readonly Diagnostic[] {
  const { cluster, tier } = given;
  const { onRewindFailure, wipeMayLoseCommits } = cluster.rejoin;
  if (onRewindFailure !== "wipe" || tier.promise.loss === "none" || wipeMayLoseCommits) return [];
  return [
    finding(given, ["rejoin", "onRewindFailure"], {
      rule: "QUO053",
      severity: "error",
      message: `with tier ${tier.name} a failover may lose commits, and the former leader holds the only copy of them: wiping it deletes them for good`,
      hint: "write onRewindFailure: keep-data, or rejoin.wipeMayLoseCommits: true if nobody will look for them",
    }),
  ];
}

/** @see patroni/postgresql/rewind.py:can_rewind at v4.1.4 */
function checkRewind(given: SectionCase): readonly Diagnostic[] {
  const hints = setterOf(given.settings, "postgresql.parameters.wal_log_hints");
  const rewinds = setterOf(given.settings, "postgresql.use_pg_rewind")?.value === true;
  if (hints === undefined || !rewinds || !isSwitchedOff(hints.value)) return [];
  return [
    {
      rule: "QUO053",
      severity: "warn",
      message:
        "without wal_log_hints, pg_rewind works only where the data has checksums: a cluster that was not bootstrapped from these files may have none",
      at: hints.at,
      hint: "remove wal_log_hints, or look at data_checksums on every node and know that they stay on",
    },
  ];
}

function isSwitchedOff(value: Json): boolean {
  return (typeof value === "boolean" || typeof value === "string") && isOff(value) === true;
}

/** Seconds; Patroni's own member_slots_ttl. */
const USUAL_RETENTION = 1800;

/** What a slot keeps for a reader that is away can fill the disk of every node. */
function checkSlotWal(given: SectionCase): readonly Diagnostic[] {
  const { cluster, settings } = given;
  const cap = setterOf(settings, "postgresql.parameters.max_slot_wal_keep_size");
  if (cap !== undefined && cap.value !== null && textOf(cap.value) !== "-1")
    return checkLostSlots(cluster, cap);
  const hint = "write rejoin.walCap, well below the size of the WAL's disk";
  const uncapped = (path: SourcePath, reader: string, hintMore = ""): Diagnostic =>
    finding(given, path, {
      rule: "QUO052",
      severity: "warn",
      message: `while nobody reads ${reader}, WAL piles up on every node until a disk is full: nothing caps it`,
      hint: `${hint}${hintMore}`,
    });
  const found = [
    ...cluster.slots.flatMap((slot): readonly Diagnostic[] =>
      slot.type === "absent" ? [] : [uncapped(["slots", slot.name], slot.name)],
    ),
    // A dr site's slot is permanent like one that somebody wrote.
    ...cluster.followers.map(({ cluster: follower, slot, namePath }) =>
      uncapped(namePath, slot, `; beyond it ${follower} must be copied anew`),
    ),
  ];
  const retention = cluster.rejoin.slotRetention;
  if (retention === undefined || retention <= USUAL_RETENTION) return found;
  const away = finding(given, ["rejoin", "slotRetention"], {
    rule: "QUO053",
    severity: "warn",
    message: `for a member that is away, WAL piles up for ${formatSeconds(retention)} on every node: nothing caps it`,
    hint,
  });
  return [...found, away];
}

/**
 * What `rejoin.walCap` says is judged where it is read; this is for the parameter itself.
 *
 * @see https://github.com/patroni/patroni/issues/3641
 */
function checkLostSlots(
  { patroni }: ResolvedCluster,
  { rank, because, at, path }: SettingValue,
): readonly Diagnostic[] {
  const isWalCap = rank === "intent" && because === "rejoin.walCap";
  if (isWalCap || isAtLeast(patroni, { major: 4, minor: 1, patch: 4 })) return [];
  return [
    {
      rule: "QUO053",
      severity: "warn",
      message: `a slot that went beyond ${path.at(-1) ?? ""} stays lost on Patroni ${formatPatroniVersion(patroni)} until somebody drops it; 4.1.4 and newer make it again`,
      at,
      hint: 'write patroni: "4.1.4" once every member runs it, and watch wal_status of pg_replication_slots until then',
    },
  ];
}

function checkLogicalSlots(given: SectionCase): readonly Diagnostic[] {
  const { cluster, settings, tier } = given;
  const logical = cluster.slots.filter((slot) => slot.type === "logical");
  const level = setterOf(settings, "postgresql.parameters.wal_level");
  const [first] = logical;
  if (first === undefined) return [];
  const names = logical.map((slot) => slot.name).join(", ");
  const found: Diagnostic[] = [];
  if (level !== undefined && textOf(level.value).toLowerCase() !== "logical")
    found.push({
      rule: "QUO052",
      severity: "error",
      message: `wal_level is ${textOf(level.value)}, but logical slots (${names}) need logical: Patroni would fail to make them in every loop`,
      at: level.at,
      hint: "remove wal_level: Quorate sets it where a slot needs it",
    });
  if (tier.promise.loss !== "none")
    found.push(
      finding(given, ["slots", first.name], {
        rule: "QUO052",
        severity: "warn",
        message: `with tier ${tier.name} the reader of ${names} may have seen commits that a failover then loses`,
        hint: "choose a tier that loses nothing, or let the reader start over after a failover",
      }),
    );
  return found;
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** @see patroni/ha.py:is_paused and its callers at v4.1.4 */
function checkPause(given: SectionCase): readonly Diagnostic[] {
  const { cluster, tier } = given;
  if (cluster.pause === undefined) return [];
  const found: Diagnostic[] = [];
  const add = (message: string, hint: string): void => {
    found.push(
      finding(given, ["maintenance", "pause"], { rule: "QUO057", severity: "warn", message, hint }),
    );
  };
  if (tier.promise.withoutStandby === "block")
    add(
      `while it is paused, nothing keeps what tier ${tier.name} promises of a single leader: nobody fails over, nobody fences, and a leader that lost its lease goes on`,
      "keep the pause as short as the work",
    );
  if (cluster.standbyOf !== undefined)
    add(
      "a paused standby cluster that loses its leader lock does not take it again, and then follows nobody",
      "look at this cluster before and after, and do not move the primary site meanwhile",
    );
  return found;
}
