import type { Json } from "../core/json.ts";
import { findSetting } from "../patroni/setting.ts";
import { findPostgresParameter } from "../postgres/parameter.ts";
import type { Effect } from "./plan.ts";

/**
 * Parameters whose value on a standby must not be below the leader's: raise them on the standbys first,
 * lower them on the leader first.
 *
 * @see https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-ADMIN
 */
const ORDERED: ReadonlySet<string> = new Set([
  "max_connections",
  "max_locks_per_transaction",
  "max_prepared_transactions",
  "max_wal_senders",
  "max_worker_processes",
]);

/** When a change of a key of the DCS document takes effect on this PostgreSQL major version. */
export function changeEffect(path: readonly string[], postgres: number): Effect {
  const parameter = parameterOf(path) ?? recoverySettingOf(path);
  if (parameter !== undefined) return parameterEffect(parameter, postgres);
  const effect = findSetting(path)?.effect;
  switch (effect) {
    case "ha-loop":
      return "next loop";
    case "reload":
      return "reload";
    case "restart":
    case "patroni-restart":
      return "restart";
    case "reload-or-restart":
      return "reload or restart";
    case "next-use":
      return "next use";
    case "n/a":
    case undefined:
      return "no effect";
    default:
      return effect satisfies never;
  }
}

/** Which nodes restart first; undefined when the order does not matter or nothing restarts. */
export function restartOrder(
  path: readonly string[],
  before: Json | undefined,
  after: Json | undefined,
): string | undefined {
  const parameter = parameterOf(path)?.toLowerCase();
  if (parameter === undefined || !ORDERED.has(parameter)) return undefined;
  const defaults = Number(findSetting(["postgresql", "parameters", parameter])?.byDefault);
  const from = Number(before ?? defaults);
  const to = Number(after ?? defaults);
  if (!Number.isFinite(from) || !Number.isFinite(to) || from === to) return undefined;
  return to > from ? "standbys first, then the leader" : "the leader first, then the standbys";
}

function parameterOf(path: readonly string[]): string | undefined {
  return nameBelow("parameters", path);
}

/** Patroni writes them beside the parameters, on standbys only. */
function recoverySettingOf(path: readonly string[]): string | undefined {
  return nameBelow("recovery_conf", path);
}

function nameBelow(section: string, path: readonly string[]): string | undefined {
  return path.length === 3 && path[0] === "postgresql" && path[1] === section ? path[2] : undefined;
}

function parameterEffect(name: string, postgres: number): Effect {
  const context = findPostgresParameter(name, postgres)?.context;
  // An extension's, or one that this version does not have: who wrote it may know more.
  if (context === undefined) return "reload or restart";
  return context === "postmaster" ? "restart" : "reload";
}
