import type { Diagnostic } from "../core/diagnostic.ts";
import type { SourcePath } from "../intent/source-offset.ts";
import { watchdogTimeout } from "../intent/fencing-intent.ts";
import { formatPatroniVersion, isAtLeast } from "../patroni/version.ts";
import { findPostgresParameter } from "../postgres/parameter.ts";
import { quantityOf } from "../postgres/quantity.ts";
import type { DurabilityCase } from "./check-durability.ts";
import { exactSetterOf } from "./setting-value.ts";

/**
 * Checks the waits that a cluster can be stuck in (a leader that starts again or stops, a standby that is
 * silent) against its lease and its tier. Empty when nothing is wrong.
 */
export function checkWaits(given: DurabilityCase): readonly Diagnostic[] {
  return [...checkCrash(given), ...checkShutdown(given), ...checkSilence(given)];
}

function finding(
  { cluster }: DurabilityCase,
  path: SourcePath,
  said: Pick<Diagnostic, "severity" | "message"> & { readonly hint: string },
): Diagnostic {
  return { rule: "QUO026", at: cluster.source.at(path), ...said };
}

/**
 * A crashed leader that is given up at once: the cluster's own word for it, as a tier does not know how many
 * nodes could take over. With nobody to take over Patroni then recovers it by way of single-user mode.
 *
 * @see patroni/ha.py:recover at v4.1.5, and https://github.com/patroni/patroni/issues/3121
 */
function checkCrash(given: DurabilityCase): readonly Diagnostic[] {
  const { topology, tier, settings } = given;
  const start = exactSetterOf(settings, "primary_start_timeout");
  if (start?.value !== 0) return [];
  const refused = (message: string, hint: string): readonly Diagnostic[] => [
    { rule: "QUO026", severity: "error", message, at: start.at, hint },
  ];
  const isOwn = start.rank === "intent";
  if (topology.leaders.length <= 2)
    return refused(
      `with ${isOwn ? "wait: 0s" : "primary_start_timeout 0"} a crashed leader is given up at once, but only ${topology.leaders.length} nodes may lead`,
      isOwn
        ? "let three nodes lead, or write a wait such as 1m"
        : "let three nodes lead, or write a timeout such as 60",
    );
  if (isOwn || tier.promise.loss !== "none") return [];
  return refused(
    `primary_start_timeout is 0 by ${start.because}: a crashed leader would be given up at once, although tier ${tier.name} waits so that no commit gets lost`,
    "leave it to the tier (300), and write failover.crashRecovery.wait: 0s in a cluster that wants it",
  );
}

/**
 * Before 4.1.4 Patroni put the watchdog to sleep when the wait was over, whether clients were gone or not:
 * the watchdog must have fired by then.
 *
 * @see patroni/ha.py:primary_stop_timeout and patroni/postgresql/__init__.py:_do_stop at v4.0.7 and v4.1.5;
 * https://github.com/patroni/patroni/issues/3639
 */
function checkShutdown(given: DurabilityCase): readonly Diagnostic[] {
  const { cluster, tier } = given;
  const { shutdownWait } = cluster.failover;
  const path = ["failover", "shutdown", "wait"];
  if (shutdownWait === undefined) return [];
  if (tier.promise.loss !== "none")
    return [
      finding(given, path, {
        severity: "error",
        message: `Patroni kills a leader that does not stop only where a standby has its commits, and tier ${tier.name} waits for none`,
        hint: "remove shutdown, or choose a tier that waits",
      }),
    ];
  const needed = watchdogTimeout(cluster.fencing, cluster.timing);
  const isMended = isAtLeast(cluster.patroni, { major: 4, minor: 1, patch: 4 });
  if (
    cluster.fencing.watchdog === "off" ||
    isMended ||
    shutdownWait >= needed ||
    shutdownWait === 0
  )
    return [];
  return [
    finding(given, path, {
      severity: "error",
      message: `after ${shutdownWait} s Patroni ${formatPatroniVersion(cluster.patroni)} puts the watchdog to sleep, even while clients still write; it fires only after ${needed} s`,
      hint: `write wait: ${needed}s or more, or raise patroni to 4.1.4 once every member runs it`,
    }),
  ];
}

/**
 * A standby that can no longer be reached but still renews its place in the DCS holds up commits until its
 * walsender gives up: measured, wal_sender_timeout and one loop.
 */
function checkSilence(given: DurabilityCase): readonly Diagnostic[] {
  const name = "wal_sender_timeout";
  const parameter = findPostgresParameter(name, given.cluster.postgres);
  const setting = exactSetterOf(given.settings, `postgresql.parameters.${name}`);
  const value = setting?.value;
  if (given.tier.promise.loss !== "none" || parameter === undefined || typeof value !== "string")
    return [];
  const milliseconds = quantityOf(parameter, value);
  const { ttl } = given.cluster.timing;
  if (setting === undefined || milliseconds === undefined || milliseconds <= ttl * 1000) return [];
  return [
    {
      rule: "QUO026",
      severity: "warn",
      message: `a standby that falls silent may hold up commits for ${name} (${value}), which is longer than ttl (${ttl} s), in which a dead leader is replaced`,
      at: setting.at,
      hint: `write ${name}: ${ttl}s or less`,
    },
  ];
}
