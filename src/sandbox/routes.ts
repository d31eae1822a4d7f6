import { refuseAccess, type AccessRules } from "./access.ts";
import type { ClusterStore } from "./cluster-store.ts";
import { clusterView } from "./cluster-view.ts";
import { patchConfig, putConfig } from "./config-routes.ts";
import { healthStatus } from "./health-checks.ts";
import {
  errorPage,
  jsonReply,
  statusOnly,
  textReply,
  type RestReply,
  type RestRequest,
} from "./rest-message.ts";
import { postRestart } from "./restart-route.ts";
import type { StandIn } from "./stand-in.ts";
import { statusView, type StatusContext } from "./status-view.ts";

/** Everything that answers for one node. */
export interface RouteContext extends StatusContext, AccessRules {
  readonly standIn: StandIn;
  readonly store: ClusterStore;
  /** The authority of the clients' certificates, where it is not that of {@link SandboxTls}. */
  readonly clientCaPem: string | undefined;
}

type Route = (request: RestRequest, context: RouteContext) => RestReply | Promise<RestReply>;

/** Patroni's other unsafe methods, which the sandbox guards but does not play. */
const NOT_PLAYED = [
  "DELETE restart",
  "POST switchover",
  "DELETE switchover",
  "POST failover",
  "POST reinitialize",
  "POST failsafe",
  "POST sigterm",
  "POST citus",
];

/** The unsafe methods, by method and first path segment; each is guarded by {@link refuseAccess}. */
const GUARDED: ReadonlyMap<string, Route> = new Map<string, Route>([
  ["PATCH config", (request, { standIn, store }) => patchConfig(request, standIn, store)],
  ["PUT config", (request, { standIn, store }) => putConfig(request, standIn, store)],
  ["POST reload", (_request, { standIn }) => reload(standIn)],
  ["POST restart", (request, context) => postRestart(request, context.standIn, context)],
  ...NOT_PLAYED.map((key): [string, Route] => [key, notPlayed]),
]);

const OPEN: ReadonlyMap<string, Route> = new Map<string, Route>([
  ["config", (_request, { standIn }) => jsonReply(200, standIn.state().view.document)],
  [
    "cluster",
    async (_request, context) => {
      const snapshot = await context.standIn.refresh();
      return jsonReply(200, clusterView(snapshot, context));
    },
  ],
  ["patroni", (_request, context) => jsonReply(200, statusView(context.standIn, context))],
  ["history", () => jsonReply(200, [])],
  ["failsafe", () => errorPage(502, "Bad Gateway")],
  ["metrics", notPlayed],
  ["liveness", () => statusOnly(200)],
  ["readiness", (_request, { standIn }) => statusOnly(isReady(standIn) ? 200 : 503)],
]);

/** Answers one request as Patroni would on that node. */
export async function answer(request: RestRequest, context: RouteContext): Promise<RestReply> {
  const segment = request.path.replace(/^\/+/, "").split("/")[0] ?? "";
  if (request.method === "GET") return (OPEN.get(segment) ?? healthCheck)(request, context);
  if (request.method === "OPTIONS" || request.method === "HEAD")
    return statusOnly(healthStatus(request, context.standIn, context.release));
  const route = GUARDED.get(`${request.method} ${segment}`);
  if (route === undefined) return errorPage(501, `Unsupported method ('${request.method}')`);
  return refuseAccess(request, context) ?? route(request, context);
}

function healthCheck(request: RestRequest, context: RouteContext): RestReply {
  const status = healthStatus(request, context.standIn, context.release);
  return jsonReply(status, statusView(context.standIn, context));
}

/** The node's file stays what the sandbox was started with: only PostgreSQL reads its file again. */
function reload(standIn: StandIn): RestReply {
  standIn.reload();
  return textReply(202, "reload scheduled");
}

function notPlayed(request: RestRequest): RestReply {
  return textReply(503, `the sandbox does not play ${request.method} ${request.path}`);
}

function isReady(standIn: StandIn): boolean {
  return standIn.isLeader() || standIn.state().state === "running";
}
