import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { isTruthy } from "../patroni/python-truth.ts";
import { readInteger } from "./cluster-mode.ts";
import type { Release } from "./release.ts";

const TIMEOUTS = ["ttl", "loop_wait", "retry_timeout"] as const;

/** Further top-level keys that Patroni 3.x makes whole numbers of, with one failing for all. */
const WHOLE_NUMBERS_BEFORE_4 = [
  "maximum_lag_on_failover",
  "maximum_lag_on_syncnode",
  "max_timelines_history",
  "primary_start_timeout",
  "primary_stop_timeout",
  "master_start_timeout",
  "master_stop_timeout",
  "synchronous_node_count",
];

/**
 * What a node makes of a document it has not seen before. `rejected`: Patroni logs an exception and
 * keeps the timeouts and `postgresql` of the document before, while the document stays in the DCS.
 * `adjusted` is the document as `GET /config` shows it until the node's next loop.
 *
 * @see patroni/config.py:Config.set_dynamic_configuration
 */
export type Acceptance =
  | { readonly kind: "rejected" }
  | { readonly kind: "accepted"; readonly adjusted: JsonObject };

/** Reads a document as Patroni does when it has changed. */
export function acceptDocument(document: JsonObject, release: Release): Acceptance {
  const whole = release.hasTolerantParser ? TIMEOUTS : [...TIMEOUTS, ...WHOLE_NUMBERS_BEFORE_4];
  for (const key of whole)
    if (key in document && readInteger(document[key]) === undefined) return { kind: "rejected" };
  if (!isSection(document["postgresql"])) return { kind: "rejected" };
  const postgresql = document["postgresql"];
  if (isJsonObject(postgresql) && !isSection(postgresql["parameters"])) return { kind: "rejected" };
  return {
    kind: "accepted",
    adjusted: release.adjustsTimeouts ? adjustTimeouts(document) : document,
  };
}

/**
 * Raises timeouts to their minimum and makes the loop fit into the lease, as Patroni does from 3.2.
 *
 * @see patroni/config.py:Config._validate_and_adjust_timeouts
 */
export function adjustTimeouts(document: JsonObject): JsonObject {
  const ttl = Math.max(timeoutOf(document, "ttl"), 20);
  const retryTimeout = Math.max(timeoutOf(document, "retry_timeout"), 3);
  const loopWait = Math.max(timeoutOf(document, "loop_wait"), 1);
  const raised = withRaised(document, { ttl, loop_wait: loopWait, retry_timeout: retryTimeout });
  if (1 + 2 * retryTimeout > ttl)
    return { ...raised, loop_wait: 1, retry_timeout: Math.floor((ttl - 1) / 2) };
  if (loopWait + 2 * retryTimeout > ttl) return { ...raised, loop_wait: ttl - 2 * retryTimeout };
  return raised;
}

/** A timeout in seconds, with Patroni's own where the document says none. */
export function timeoutOf(document: JsonObject, key: (typeof TIMEOUTS)[number]): number {
  return readInteger(document[key]) ?? (key === "ttl" ? 30 : 10);
}

/** Writes only those timeouts that are below their minimum; the others stay as they were written. */
function withRaised(document: JsonObject, minima: Readonly<Record<string, number>>): JsonObject {
  const result: Record<string, Json> = { ...document };
  for (const [key, value] of Object.entries(minima)) {
    const written = readInteger(document[key]);
    if (written !== undefined && written < value) result[key] = value;
  }
  return result;
}

function isSection(value: Json | undefined): boolean {
  return !isTruthy(value) || isJsonObject(value);
}
