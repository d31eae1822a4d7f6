import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import type {
  ClusterMember,
  ClusterView,
  Endpoint,
  NodeStatus,
  PatroniApi,
  PendingRestartReason,
  RestFailure,
} from "../core/ports.ts";
import { err, ok, type Result } from "../core/result.ts";
import { restClient, type RestAnswer, type RestCredentials } from "./rest-client.ts";

/** A key that no document has: removing it reads the document afresh and writes nothing. */
const READ_PROBE = "__quorate_read__";

/** Deeper than any document of Patroni, and shallow enough for every walk over one. */
const MAX_DEPTH = 64;

/** Patroni's REST API over HTTP or HTTPS. */
export function patroniApi(credentials: RestCredentials): PatroniApi {
  const call = restClient(credentials);
  const get = async (endpoint: Endpoint, path: string): Promise<Result<JsonObject, RestFailure>> =>
    read(await call(endpoint, { method: "GET", path }));
  const patch = async (
    endpoint: Endpoint,
    body: JsonObject,
  ): Promise<Result<JsonObject, RestFailure>> =>
    read(await call(endpoint, { method: "PATCH", path: "/config", body: JSON.stringify(body) }));
  return {
    readConfig: (endpoint) => get(endpoint, "/config"),
    readConfigAfresh: (endpoint) => patch(endpoint, { [READ_PROBE]: null }),
    patchConfig: (endpoint, body) => patch(endpoint, body),
    readCluster: async (endpoint) => {
      const answer = await get(endpoint, "/cluster");
      return answer.ok ? ok(clusterView(answer.value)) : answer;
    },
    readStatus: async (endpoint) => {
      const answer = await get(endpoint, "/patroni");
      return answer.ok ? ok(nodeStatus(answer.value)) : answer;
    },
  };
}

function read(answer: Result<RestAnswer, RestFailure>): Result<JsonObject, RestFailure> {
  if (!answer.ok) return answer;
  const { status, body } = answer.value;
  if (status === 401 || status === 403)
    return err({ kind: "unauthorized", status, detail: knownRefusal(body) });
  if (status === 409) return err({ kind: "conflict" });
  if (status === 502 || status === 503) return err({ kind: "no-config" });
  if (status !== 200) return err({ kind: "bad-answer", status, detail: "expected 200" });
  const parsed = parseJson(body);
  if (parsed === undefined)
    return err({ kind: "bad-answer", status, detail: "the body is not a JSON object" });
  if (!isShallow(parsed, MAX_DEPTH))
    return err({
      kind: "bad-answer",
      status,
      detail: `the body is nested deeper than ${MAX_DEPTH} levels`,
    });
  return ok(parsed);
}

function parseJson(body: string): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isJsonObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function clusterView(body: JsonObject): ClusterView {
  const members = body["members"];
  return {
    members: Array.isArray(members)
      ? members.filter((member: Json) => isJsonObject(member)).map(clusterMember)
      : [],
    paused: body["pause"] === true,
  };
}

function clusterMember(member: JsonObject): ClusterMember {
  return {
    name: text(member["name"]),
    role: text(member["role"]),
    state: text(member["state"]),
    timeline: number(member["timeline"]),
    tags: object(member["tags"]),
    pendingRestart: member["pending_restart"] === true,
  };
}

function nodeStatus(body: JsonObject): NodeStatus {
  const patroni = object(body["patroni"]);
  return {
    state: text(body["state"]),
    role: text(body["role"]),
    patroniVersion: text(patroni["version"]),
    scope: text(patroni["scope"]),
    name: patroni["name"] === undefined ? undefined : text(patroni["name"]),
    serverVersion: number(body["server_version"]),
    tags: object(body["tags"]),
    replicationState:
      body["replication_state"] === undefined ? undefined : text(body["replication_state"]),
    paused: body["pause"] === true,
    failsafeActive: body["failsafe_mode_is_active"] === true,
    pendingRestart: body["pending_restart"] === true,
    pendingRestartReasons: reasons(object(body["pending_restart_reason"])),
    dcsLastSeen: number(body["dcs_last_seen"]),
  };
}

function reasons(body: JsonObject): readonly PendingRestartReason[] {
  return Object.entries(body).map(([parameter, reason]) => ({
    parameter,
    oldValue: text(object(reason)["old_value"]),
    newValue: text(object(reason)["new_value"]),
  }));
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

function number(value: Json | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function object(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** True when a value nests no deeper than so many levels: then no walk over it runs out of stack. */
function isShallow(value: Json, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (levels === 0) return false;
  return Object.values(value).every((part: Json) => isShallow(part, levels - 1));
}

/**
 * What Patroni says when it refuses a call.
 *
 * @see patroni/api.py, `RestApiServer.check_access`, at v4.1
 */
const REFUSALS: ReadonlySet<string> = new Set([
  "no auth header received",
  "not authenticated",
  "client certificate required",
  "Access is denied",
  "access denied",
]);

/** The body of a refusal is never repeated, as it could hold our credentials: only what is known is. */
function knownRefusal(body: string): string {
  const said = body.trim();
  return REFUSALS.has(said) ? said : "";
}
