import type { JsonObject } from "../core/json.ts";
import { isTruthy, readBoolean } from "../patroni/python-value.ts";
import { readInteger, syncModeOf } from "./cluster-mode.ts";
import type { ClusterSnapshot, MemberRecord } from "./cluster-store.ts";
import type { Release } from "./release.ts";

/**
 * Who may confirm commits, as the leader writes it to `/sync`: in mode `on` as many as the document
 * says, in mode `quorum` every eligible standby. Empty when the mode is off or nobody is eligible.
 *
 * @see patroni/postgresql/sync.py:SyncHandler.current_state
 */
export function chooseSync(snapshot: ClusterSnapshot, release: Release): ReadonlySet<string> {
  const mode = syncModeOf(snapshot.document, release);
  if (mode === "off") return new Set();
  const eligible = eligibleStandbys(snapshot, release);
  const count = syncNodeCount(snapshot.document);
  if (mode === "on") return new Set(eligible.slice(0, count).map(({ name }) => name));
  const promotable = eligible.filter(({ tags }) => !isNoFailover(tags, release));
  const voters = promotable.length < count ? eligible : promotable;
  return new Set(voters.map(({ name }) => name));
}

/** True when the tags keep a node from ever leading. */
export function isNoFailover(tags: JsonObject, release: Release): boolean {
  if (isTruthy(tags["nofailover"])) return true;
  if (!release.knowsFailoverPriority || tags["nofailover"] !== undefined) return false;
  return isNotPositive(tags["failover_priority"]);
}

function eligibleStandbys(snapshot: ClusterSnapshot, release: Release): readonly MemberRecord[] {
  const byName = new Map(snapshot.members.map((member) => [member.name, member]));
  return snapshot.members
    .filter(
      (member) =>
        member.name !== snapshot.leader &&
        member.state === "running" &&
        member.isStreaming &&
        !isNoSync(member.tags, release) &&
        !streamsFromStandby(member, byName, snapshot.leader),
    )
    .toSorted((a, b) => rankOf(b, snapshot, release) - rankOf(a, snapshot, release));
}

/** Those with a higher priority first, then those that confirm already; who may not lead comes last. */
function rankOf(member: MemberRecord, snapshot: ClusterSnapshot, release: Release): number {
  const priority = release.knowsSyncPriority ? (readInteger(member.tags["sync_priority"]) ?? 1) : 1;
  const confirms = snapshot.syncMembers.has(member.name) ? 0.5 : 0;
  return (isNoFailover(member.tags, release) ? -1e9 : 0) + priority + confirms;
}

function isNoSync(tags: JsonObject, release: Release): boolean {
  if (isTruthy(tags["nosync"])) return true;
  return release.knowsSyncPriority && isNotPositive(tags["sync_priority"]);
}

function isNotPositive(value: JsonObject[string] | undefined): boolean {
  const number = readInteger(value);
  return number !== undefined && number <= 0;
}

function streamsFromStandby(
  member: MemberRecord,
  byName: ReadonlyMap<string, MemberRecord>,
  leader: string,
): boolean {
  const from = member.tags["replicatefrom"];
  if (typeof from !== "string" || from === member.name) return false;
  const source = byName.get(from);
  return source !== undefined && source.name !== leader && source.state === "running";
}

function syncNodeCount(document: JsonObject): number {
  const least = readBoolean(document["synchronous_mode_strict"]) === true ? 1 : 0;
  return Math.max(readInteger(document["synchronous_node_count"]) ?? 1, least);
}
