import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { isTruthy, readInt, readQuantity } from "./python-value.ts";
import { findSetting } from "./setting.ts";
import { isAtLeast, type PatroniVersion } from "./version.ts";

const TIMEOUTS: ReadonlySet<string> = new Set(["ttl", "loop_wait", "retry_timeout"]);

/** Further keys of which Patroni up to 3.0.2 makes whole numbers. */
const WHOLE_IN_3_0: ReadonlySet<string> = new Set([
  "check_timeline",
  "maximum_lag_on_failover",
  "maximum_lag_on_syncnode",
  "primary_start_timeout",
  "primary_stop_timeout",
  "synchronous_node_count",
]);
const SECTIONS: ReadonlySet<string> = new Set(["postgresql", "standby_cluster"]);

/** The releases from which on other keys are read one by one, and from which on `watchdog` is not read. */
const ONE_BY_ONE: PatroniVersion = { major: 3, minor: 0, patch: 3 };
const NO_WATCHDOG: PatroniVersion = { major: 3, minor: 3, patch: 0 };

/**
 * The keys on which Patroni throws an exception when it reads a dynamic configuration. With one of them it
 * keeps the timeouts and everything under `postgresql` from the document before, or from its defaults after a
 * start, while `synchronous_mode`, `failsafe_mode` and their like take effect all the same. Empty when the
 * document is taken.
 *
 * @see patroni/config.py:set_dynamic_configuration at 3.0.2, 4.0.7 and 4.1.5; between them, where it matters,
 *   the development branch before 3.0.3 and a fork of 3.3.5.
 */
export function refusedKeys(
  document: JsonObject,
  version: PatroniVersion,
): readonly (readonly string[])[] {
  const top = Object.entries(document).flatMap(([key, value]): string[][] =>
    isRefused(key, value, document, version) ? [[key]] : [],
  );
  const { postgresql } = document;
  const parameters = isJsonObject(postgresql) ? postgresql["parameters"] : undefined;
  if (!isTruthy(parameters)) return top;
  if (!isJsonObject(parameters)) return [...top, ["postgresql", "parameters"]];
  if (isAtLeast(version, ONE_BY_ONE)) return top;
  const inside = Object.entries(parameters).filter(([name, value]) =>
    isRefusedParameter(name, value),
  );
  return [...top, ...inside.map(([name]) => ["postgresql", "parameters", name])];
}

function isRefused(
  key: string,
  value: Json,
  document: JsonObject,
  version: PatroniVersion,
): boolean {
  if (SECTIONS.has(key)) return isTruthy(value) && !isJsonObject(value);
  if (TIMEOUTS.has(key)) return readInt(value) === undefined;
  if (key === "watchdog") return !isAtLeast(version, NO_WATCHDOG) && readInt(value) === undefined;
  if (isAtLeast(version, ONE_BY_ONE)) return false;
  const alias = /^master_(?:start|stop)_timeout$/.test(key)
    ? key.replace("master", "primary")
    : key;
  // The old name counts only where the new one is absent.
  const isRead = alias === key || !Object.hasOwn(document, alias);
  return WHOLE_IN_3_0.has(alias) && isRead && readInt(value) === undefined;
}

/** Up to 3.0.2 the check of a parameter of the command line throws on what it cannot read. */
function isRefusedParameter(name: string, value: Json): boolean {
  const setting = findSetting(["postgresql", "parameters", name.toLowerCase()]);
  if (setting === undefined || setting.scope !== "dynamic") return false;
  if (setting.kind === "enum") return typeof value !== "string";
  if (setting.kind === "size") return readQuantity(value, "MB") === undefined;
  return setting.kind === "int" && readInt(value) === undefined;
}
