import type { Diagnostic } from "../core/diagnostic.ts";
import type { ClusterIntent } from "./cluster-intent.ts";
import { watchdogTimeout } from "./fencing-intent.ts";
import type { ResolvedCluster } from "./resolve-cluster.ts";
import type { SourcePath } from "./source-offset.ts";

/**
 * Linux takes watchdog timeouts below this, in seconds.
 *
 * @see patroni/watchdog/linux.py:LinuxWatchdogDevice.set_timeout at v4.1.4
 */
const LONGEST_DEVICE_TIMEOUT = 65_535;

/**
 * Checks that the watchdog can be armed, and that it fires only after the leader had its time to notice that
 * the DCS is gone and to stop by itself. Empty when nothing is wrong, or when there is no watchdog.
 *
 * @see patroni/watchdog/base.py:Watchdog._activate at v4.1.4
 */
export function checkFencing(
  intent: ClusterIntent,
  cluster: ResolvedCluster,
): readonly Diagnostic[] {
  const { fencing, source } = cluster;
  if (fencing.watchdog !== "off") return checkWatchdogTiming(intent, cluster);
  const idle = (["margin", "device"] as const).filter((key) => intent.fencing?.[key] !== undefined);
  return idle.map((key) => ({
    rule: "QUO050",
    severity: "error",
    message: `${key} has no effect: the watchdog is off`,
    at: source.atKey(["fencing", key]),
    hint: `remove ${key}, or write watchdog: best-effort or required`,
  }));
}

function checkWatchdogTiming(
  intent: ClusterIntent,
  { fencing, timing, source }: ResolvedCluster,
): readonly Diagnostic[] {
  const { ttl, loopWait, retryTimeout } = timing;
  // A lease that does not hold together has findings of its own; these would only repeat them.
  if (loopWait + 2 * retryTimeout > ttl) return [];
  const timeout = watchdogTimeout(fencing, timing);
  const told = `the watchdog fires ${timeout} s after its last keepalive (${reckoning(fencing.margin, ttl)})`;
  const problem = (message: string, hint: string): readonly Diagnostic[] => [
    { rule: "QUO012", severity: "error", message, at: source.at(placeOf(intent)), hint },
  ];
  if (fencing.margin === 0)
    return problem(
      "with a margin of 0 s the machine is reset only when another node may lead already",
      "write a margin of 1s or more; 5s is Patroni's own",
    );
  if (timeout <= 0)
    return problem(
      `the margin of ${fencing.margin} s is not shorter than ttl (${ttl} s)`,
      "write 5s, Patroni's own, or half-ttl",
    );
  if (timeout < loopWait)
    return problem(
      `${told}, which is sooner than a loop of ${loopWait} s: Patroni would not use it`,
      "lower loopWait or the margin",
    );
  if (timeout <= loopWait + retryTimeout)
    return problem(
      `${told}, but a leader whose DCS is slow needs loopWait + retryTimeout = ${loopWait + retryTimeout} s before it stops by itself: the machine would be reset first`,
      waysOut(fencing.margin, { ttl, needed: loopWait + retryTimeout }),
    );
  if (timeout >= LONGEST_DEVICE_TIMEOUT)
    return problem(
      `${told}; Linux arms a watchdog for less than ${LONGEST_DEVICE_TIMEOUT} s`,
      "lower ttl, or write watchdog: off",
    );
  return [];
}

function reckoning(margin: ResolvedCluster["fencing"]["margin"], ttl: number): string {
  return margin === "half-ttl" ? `half of ttl ${ttl} s` : `ttl ${ttl} s - margin ${margin} s`;
}

function waysOut(
  margin: ResolvedCluster["fencing"]["margin"],
  { ttl, needed }: { readonly ttl: number; readonly needed: number },
): string {
  if (margin === "half-ttl")
    return `raise ttl to ${2 * needed + 2}s, or write a margin of at most ${ttl - needed - 1}s`;
  const least = ttl - needed - 1;
  const raise = `raise ttl to ${needed + margin + 1}s`;
  return least < 1 ? raise : `${raise}, or lower fencing.margin to ${least}s`;
}

/** The margin where it is written, else the timing. */
function placeOf(intent: ClusterIntent): SourcePath {
  return intent.fencing?.margin === undefined ? ["failover", "speed"] : ["fencing", "margin"];
}
