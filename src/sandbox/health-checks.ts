import type { JsonObject } from "../core/json.ts";
import { isTruthy } from "../patroni/python-value.ts";
import { isStandbyCluster } from "../patroni/standby-cluster.ts";
import { syncModeOf, type SyncMode } from "./cluster-mode.ts";
import type { Release } from "./release.ts";
import type { RestRequest } from "./rest-message.ts";
import type { StandIn } from "./stand-in.ts";

/**
 * The status of a health check: 200 when the node is what the path asks for, else 503; an unknown path
 * asks for nothing that a node can be. Nobody lags in the sandbox, so `lag` always holds.
 *
 * @see patroni/api.py:RestApiHandler.do_GET
 */
export function healthStatus(request: RestRequest, standIn: StandIn, release: Release): 200 | 503 {
  const path = request.path === "/" ? "/primary" : request.path;
  const roles = rolesOf(standIn, release);
  const byRole = roles.find(([pattern]) => pattern.test(path));
  if (byRole === undefined || !byRole[1]) return 503;
  const ignoresTags = /leader|master|primary|read-write/.test(path);
  return ignoresTags || hasTags(request.query, standIn.node.tags) ? 200 : 503;
}

/** Path patterns and whether this node fits, in the order in which Patroni tries them. */
function rolesOf(standIn: StandIn, release: Release): readonly (readonly [RegExp, boolean])[] {
  const isLeader = standIn.isLeader();
  const isFollowing = isStandbyCluster(standIn.state().view.document);
  const isReplica = canServeReads(standIn);
  const isSync = confirmsIn("on", standIn, release);
  const isQuorum = confirmsIn("quorum", standIn, release);
  return [
    [/standby[_-]leader/, isLeader && isFollowing],
    [/leader/, isLeader],
    [/master|primary|read-write/, isLeader && !isFollowing],
    [/replica/, isReplica],
    [/^(?!.*(sync|quorum)).*read-only/, isLeader || isReplica],
    [/health/, standIn.state().state === "running"],
    [/^\/sync(hronous)?$/, isSync],
    [/^\/quorum$/, isQuorum],
    [/^\/async(hronous)?$/, isReplica && !isSync && !isQuorum],
    [/^\/read-only-quorum$/, release.knowsQuorumCommit && (isLeader || isQuorum)],
    [/^\/read-only-sync(hronous)?$/, isLeader || isSync],
  ];
}

function canServeReads({ node, state }: StandIn): boolean {
  const { role, state: server } = state();
  return role === "replica" && server === "running" && !isTruthy(node.tags["noloadbalance"]);
}

function confirmsIn(mode: SyncMode, standIn: StandIn, release: Release): boolean {
  const { view } = standIn.state();
  if (syncModeOf(view.document, release) !== mode) return false;
  return canServeReads(standIn) && view.syncMembers.has(standIn.node.name);
}

/** True when the node has every `tag_<name>=<value>` of the query. */
function hasTags(query: URLSearchParams, tags: JsonObject): boolean {
  for (const [key, value] of query) {
    if (!key.startsWith("tag_") || value === "") continue;
    const tag = tags[key.slice("tag_".length)];
    if (tag === undefined || tag === null) return false;
    if ((typeof tag === "string" ? tag : JSON.stringify(tag)) !== value) return false;
  }
  return true;
}
