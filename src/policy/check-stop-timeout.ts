import type { Diagnostic } from "../core/diagnostic.ts";
import { watchdogTimeout } from "../intent/fencing-intent.ts";
import type { Json } from "../core/json.ts";
import { formatPatroniVersion, isAtLeast } from "../patroni/version.ts";
import type { SectionCase } from "./check-sections.ts";
import { modeOf, setterOf } from "./setting-value.ts";

/**
 * Checks a limit on stopping the leader's PostgreSQL. Empty when nothing is wrong, or there is no limit.
 *
 * @see patroni/ha.py:primary_stop_timeout at v4.1.5: it counts in synchronous mode only; and patroni#3639: before
 * 4.1.4 the watchdog was disarmed after the limit although client backends were still there
 */
export function checkStopTimeout({ cluster, settings }: SectionCase): readonly Diagnostic[] {
  const stop = setterOf(settings, "primary_stop_timeout");
  // What the intent says under failover.shutdown is judged there.
  if (stop === undefined || stop.rank === "intent" || !isLimit(stop.value)) return [];
  const warn = (message: string, hint: string): readonly Diagnostic[] => [
    { rule: "QUO050", severity: "warn", message, at: stop.at, hint },
  ];
  // Where a cluster follows another one the mode may be off until it is promoted.
  if (modeOf(settings) === "off" && cluster.standbyOf !== undefined) return [];
  if (modeOf(settings) === "off")
    return warn(
      "primary_stop_timeout counts in synchronous mode only: here a stop takes as long as it takes",
      "remove it, or choose a tier whose commits wait for standbys",
    );
  const { fencing, patroni, timing } = cluster;
  const timeout = watchdogTimeout(fencing, timing);
  const isFixed = isAtLeast(patroni, { major: 4, minor: 1, patch: 4 });
  if (fencing.watchdog === "off" || isFixed || stop.value >= timeout) return [];
  return warn(
    `primary_stop_timeout is ${stop.value} s, less than the ${timeout} s of the watchdog: Patroni ${formatPatroniVersion(patroni)} disarms it then, while clients may still be writing`,
    `write at least ${timeout}, or patroni: "4.1.4" once every member runs it`,
  );
}

function isLimit(value: Json): value is number {
  return typeof value === "number" && value > 0;
}
