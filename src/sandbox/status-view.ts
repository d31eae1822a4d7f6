import { digestOfText } from "../core/digest.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { isPaused, syncModeOf } from "./cluster-mode.ts";
import { WAL_POSITION } from "./cluster-store.ts";
import { pendingView, type ViewContext } from "./cluster-view.ts";
import { shownTags } from "./shown-tags.ts";
import type { StandIn, StandInState } from "./stand-in.ts";

/** What `GET /patroni` needs to know besides the node. */
export interface StatusContext extends ViewContext {
  readonly postgresMajor: number;
  /** The cluster that the data began in: its own, or the one that it follows. */
  readonly dataOf: string;
}

/**
 * The body of `GET /patroni`, and of every health check.
 *
 * @see patroni/api.py:RestApiHandler.get_postgresql_status and _write_status_response
 */
export function statusView(standIn: StandIn, context: StatusContext): JsonObject {
  const state = standIn.state();
  const { release } = context;
  const tags = shownTags(standIn.node.tags, release);
  return {
    state: state.state,
    ...postgresView(standIn, state, context),
    ...(isPaused(state.view.document) ? { pause: true } : {}),
    dcs_last_seen: state.dcsLastSeen,
    ...(tags === undefined ? {} : { tags }),
    database_system_identifier: systemIdentifier(context.dataOf),
    ...pendingView(standIn.pending(), release),
    patroni: {
      version: release.text,
      scope: context.scope,
      ...(release.showsScopeAndName ? { name: standIn.node.name } : {}),
    },
  };
}

/** The role as `GET /patroni` and the filters of `POST /restart` say it. */
export function statusRole(state: StandInState, context: ViewContext): string {
  return state.role === "primary" ? context.release.primaryRole : state.role;
}

/** PostgreSQL's version as one number: the stand-in runs the fifth minor release. */
export function serverVersion(postgresMajor: number): number {
  return postgresMajor * 10_000 + 5;
}

function postgresView(standIn: StandIn, state: StandInState, context: StatusContext): JsonObject {
  const { release } = context;
  const isPrimary = state.role === "primary";
  const isStreaming = !isPrimary && standIn.node.tags["nostream"] !== true;
  const replication = replicationOf(standIn, state, context);
  return {
    postmaster_start_time: pythonTime(state.postmasterStart),
    role: statusRole(state, context),
    server_version: serverVersion(context.postgresMajor),
    xlog: isPrimary
      ? { location: WAL_POSITION }
      : {
          received_location: WAL_POSITION,
          replayed_location: WAL_POSITION,
          replayed_timestamp: null,
          paused: false,
        },
    ...syncView(standIn, state, context),
    timeline: state.timeline,
    ...(release.showsReplicationState && isStreaming ? { replication_state: "streaming" } : {}),
    ...(replication.length === 0 ? {} : { replication }),
  };
}

function syncView(standIn: StandIn, state: StandInState, context: ViewContext): JsonObject {
  const mode = syncModeOf(state.view.document, context.release);
  const confirms = state.role === "replica" && state.view.syncMembers.has(standIn.node.name);
  if (mode === "off" || !confirms) return {};
  return mode === "quorum" ? { quorum_standby: true } : { sync_standby: true };
}

/** Who streams from a leader: every other member, cascading ones included. */
function replicationOf(
  standIn: StandIn,
  { view }: StandInState,
  { release }: ViewContext,
): readonly Json[] {
  if (!standIn.isLeader()) return [];
  const isQuorum = syncModeOf(view.document, release) === "quorum";
  return view.members
    .filter((member) => member.name !== standIn.node.name && member.isStreaming)
    .map((member) => {
      const isSync = view.syncMembers.has(member.name);
      const syncState = isQuorum ? "quorum" : "sync";
      return {
        usename: "replicator",
        application_name: member.name,
        client_addr: member.address,
        state: "streaming",
        sync_state: isSync ? syncState : "async",
        sync_priority: isSync ? 1 : 0,
      };
    });
}

/** A time as Python's `str(datetime)` writes it. */
function pythonTime(time: Date): string {
  return `${time.toISOString().replace("T", " ").replace("Z", "")}000+00:00`;
}

/** The same for all members of a cluster and of those that follow it, and on every start. */
function systemIdentifier(cluster: string): string {
  return `7${(BigInt(`0x${digestOfText(cluster).slice(0, 16)}`) % 10n ** 18n).toString().padStart(18, "0")}`;
}
