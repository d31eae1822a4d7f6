import type { JsonObject } from "../core/json.ts";
import { isTruthy } from "../patroni/python-value.ts";
import type { Release } from "./release.ts";

const FLAGS: ReadonlySet<string> = new Set([
  "clonefrom",
  "nofailover",
  "noloadbalance",
  "nosync",
  "nostream",
]);

/**
 * A node's tags as Patroni shows them: flags that are off are left out, all else stays as written.
 * Undefined when none is left, as Patroni then leaves out the key.
 *
 * @see patroni/tags.py:Tags._filter_tags
 */
export function shownTags(tags: JsonObject, release: Release): JsonObject | undefined {
  const kept = Object.entries(tags).filter(
    ([name, value]) =>
      !FLAGS.has(name) ||
      (name === "nostream" && !release.knowsNoStream) ||
      isTruthy(value) ||
      (name === "nofailover" && release.knowsFailoverPriority && "failover_priority" in tags) ||
      (name === "nosync" && release.knowsSyncPriority && "sync_priority" in tags),
  );
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
