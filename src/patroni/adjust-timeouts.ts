import type { Json, JsonObject } from "../core/json.ts";
import { readInt } from "./python-value.ts";

/** The timeouts that depend on each other. */
export const TIMEOUTS = ["ttl", "loop_wait", "retry_timeout"] as const;

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
  return readInt(document[key]) ?? (key === "ttl" ? 30 : 10);
}

/** Writes only those timeouts that are below their minimum; the others stay as they were written. */
function withRaised(document: JsonObject, minima: Readonly<Record<string, number>>): JsonObject {
  const result: Record<string, Json> = { ...document };
  for (const [key, value] of Object.entries(minima)) {
    const written = readInt(document[key]);
    if (written !== undefined && written < value) result[key] = value;
  }
  return result;
}
