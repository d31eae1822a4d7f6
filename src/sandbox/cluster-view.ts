import { compareText, type Json, type JsonObject } from "../core/json.ts";
import { isStandbyCluster } from "../patroni/standby-cluster.ts";
import { isPaused, syncModeOf } from "./cluster-mode.ts";
import type { ClusterSnapshot, MemberRecord } from "./cluster-store.ts";
import type { Release } from "./release.ts";
import type { PendingChange } from "./database-server.ts";
import { shownTags } from "./shown-tags.ts";

/** What `GET /cluster` needs to know besides the DCS. */
export interface ViewContext {
  readonly scope: string;
  readonly release: Release;
  readonly scheme: "http" | "https";
}

/**
 * The body of `GET /cluster`.
 *
 * @see patroni/utils.py:cluster_as_json
 */
export function clusterView(snapshot: ClusterSnapshot, context: ViewContext): JsonObject {
  const members = snapshot.members
    .toSorted((a, b) => compareText(a.name, b.name))
    .map((member) => memberView(member, snapshot, context));
  return {
    members,
    ...(isPaused(snapshot.document) ? { pause: true } : {}),
    ...(context.release.showsScopeAndName ? { scope: context.scope } : {}),
  };
}

/** `pending_restart` and, where the release has it, `pending_restart_reason`; empty when nothing waits. */
export function pendingView(
  pending: ReadonlyMap<string, PendingChange>,
  release: Release,
): JsonObject {
  if (pending.size === 0) return {};
  if (!release.showsPendingRestartReason) return { pending_restart: true };
  const reasons = [...pending].map(([name, change]): [string, Json] => [
    name,
    { old_value: change.oldValue, new_value: change.newValue },
  ]);
  return { pending_restart: true, pending_restart_reason: Object.fromEntries(reasons) };
}

function memberView(
  member: MemberRecord,
  snapshot: ClusterSnapshot,
  { release, scheme }: ViewContext,
): JsonObject {
  const role = roleOf(member, snapshot, release);
  const isStreaming = release.showsReplicationState && role !== "leader" && member.isStreaming;
  const tags = shownTags(member.tags, release);
  const host = member.address.includes(":") ? `[${member.address}]` : member.address;
  return {
    name: member.name,
    role,
    state: isStreaming && member.state === "running" ? "streaming" : member.state,
    api_url: `${scheme}://${host}:${member.restPort}/patroni`,
    host: member.address,
    port: member.postgresPort,
    timeline: member.timeline,
    ...pendingView(member.pending, release),
    ...(tags === undefined ? {} : { tags }),
    ...(member.name === snapshot.leader ? {} : lagView(member, snapshot, release)),
  };
}

function roleOf(member: MemberRecord, snapshot: ClusterSnapshot, release: Release): string {
  const mode = syncModeOf(snapshot.document, release);
  if (member.name === snapshot.leader)
    return isStandbyCluster(snapshot.document) ? "standby_leader" : "leader";
  if (mode === "off" || !snapshot.syncMembers.has(member.name)) return "replica";
  return mode === "quorum" ? "quorum_standby" : "sync_standby";
}

function lagView(member: MemberRecord, snapshot: ClusterSnapshot, release: Release): JsonObject {
  const lag = Math.max(0, snapshot.leaderPosition - member.position);
  if (!release.showsLsnDetails) return { lag };
  const lsn = `${Math.floor(member.position / 2 ** 32).toString(16)}/${(member.position % 2 ** 32).toString(16)}`;
  const shown = lsn.toUpperCase();
  return {
    receive_lag: lag,
    receive_lsn: shown,
    replay_lag: lag,
    replay_lsn: shown,
    lag,
    lsn: shown,
  };
}
