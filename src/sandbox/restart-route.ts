import { isPaused, readInteger } from "./cluster-mode.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Release } from "./release.ts";
import { readJsonBody, textReply, type RestReply, type RestRequest } from "./rest-message.ts";
import type { StandIn } from "./stand-in.ts";
import { serverVersion, statusRole, type StatusContext } from "./status-view.ts";

/** Under which conditions a restart is wanted. */
interface RestartConditions {
  readonly role?: string;
  readonly belowVersion?: number;
  readonly onlyPending: boolean;
}

/**
 * `POST /restart`: answers when PostgreSQL is up again. A key it does not know gets 400, conditions
 * that are not met get 503. Scheduled restarts are not part of the sandbox and get 503 too.
 *
 * @see patroni/api.py:RestApiHandler.do_POST_restart, patroni/ha.py:Ha.restart_matches
 */
export async function postRestart(
  request: RestRequest,
  standIn: StandIn,
  context: StatusContext,
): Promise<RestReply> {
  const body = await readJsonBody(request, { isOptional: true });
  if (!body.ok) return body.error;
  const { document } = await standIn.refresh();
  if (isPaused(document) && "schedule" in body.value)
    return textReply(500, "Can't schedule restart in the paused state");
  const conditions = readConditions(body.value, context);
  if (!conditions.ok) return conditions.error;
  if ("schedule" in body.value) return textReply(503, "the sandbox schedules no restarts");
  if (!areMet(conditions.value, standIn, context))
    return textReply(503, "restart conditions are not satisfied");
  if (!(await standIn.restart())) return textReply(503, "restart already in progress");
  return textReply(200, "restarted successfully");
}

function readConditions(
  body: JsonObject,
  context: StatusContext,
): Result<RestartConditions, RestReply> {
  for (const [key, value] of Object.entries(body)) {
    const complaint = complaintAbout(key, value, context);
    if (complaint !== undefined) return err(textReply(400, complaint));
  }
  const role = body["role"];
  const version = body["postgres_version"];
  return ok({
    ...(typeof role === "string" && role !== "" ? { role } : {}),
    ...(typeof version === "string" && version !== ""
      ? { belowVersion: versionNumber(version) ?? 0 }
      : {}),
    onlyPending: "restart_pending" in body,
  });
}

/** What is wrong with one key of the body; the first complaint is the answer. */
function complaintAbout(key: string, value: Json, { release }: StatusContext): string | undefined {
  switch (key) {
    case "schedule":
    case "restart_pending":
      return undefined;
    case "role":
      return complaintAboutRole(value, release);
    case "postgres_version":
      return complaintAboutVersion(value);
    case "timeout":
      if ((secondsOf(value) ?? 0) > 0) return undefined;
      return "Timeout should be a positive number of seconds";
    default:
      return `Unknown filter for the scheduled restart: ${key}`;
  }
}

function complaintAboutRole(value: Json, release: Release): string | undefined {
  if (typeof value === "string" && release.restartRoles.includes(value)) return undefined;
  return release.hasTolerantParser
    ? "PostgreSQL role should be either primary, standby_leader, or replica"
    : "PostgreSQL role should be either primary or replica";
}

function complaintAboutVersion(value: Json): string | undefined {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return versionNumber(text) === undefined ? `Invalid PostgreSQL version: ${text}` : undefined;
}

function areMet(conditions: RestartConditions, standIn: StandIn, context: StatusContext): boolean {
  const state = standIn.state();
  if (conditions.role !== undefined && conditions.role !== statusRole(state, context)) return false;
  const running = serverVersion(context.postgresMajor);
  if (conditions.belowVersion !== undefined && conditions.belowVersion <= running) return false;
  return !conditions.onlyPending || standIn.pending().size > 0;
}

/** `16.2` as 160002; undefined for what is no version with at least two parts. */
function versionNumber(text: string): number | undefined {
  const match = /^(\d+)\.(\d+)$/.exec(text);
  if (match === null || Number(match[1]) < 10) return undefined;
  return Number(match[1]) * 10_000 + Number(match[2]);
}

function secondsOf(value: Json): number | undefined {
  if (typeof value !== "string") return readInteger(value);
  const match = /^\s*(\d+)\s*(s|min|h|d)?\s*$/.exec(value);
  return match === null ? undefined : Number(match[1]);
}
