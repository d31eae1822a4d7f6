import type { Diagnostic } from "../core/diagnostic.ts";
import { unknownPostgres } from "../patroni/postgres-support.ts";
import { formatPatroniVersion, isAtLeast } from "../patroni/version.ts";
import { writtenValue } from "./written-value.ts";
import type { ResolvedCluster } from "./resolve-cluster.ts";

/** Checks what the cluster's Patroni is known to do wrong, or not to know yet. Empty when nothing is wrong. */
export function checkRelease(cluster: ResolvedCluster): readonly Diagnostic[] {
  return [...checkPostgres(cluster), ...checkFailsafe(cluster)];
}

/** Patroni drops parameters that it does not know, and may wait for processes that it does not know. */
function checkPostgres({ patroni, postgres, source }: ResolvedCluster): readonly Diagnostic[] {
  const row = unknownPostgres(patroni, postgres);
  if (row === undefined) return [];
  const since = formatPatroniVersion(row.since);
  return [
    {
      rule: "QUO013",
      severity: "warn",
      message: `Patroni ${formatPatroniVersion(patroni)} does not know PostgreSQL ${postgres} (release notes of ${row.source})`,
      at: source.at(["postgres"]),
      hint: `write patroni: "${since}" or newer once every member runs it`,
    },
  ];
}

/** The first release in which failsafe mode begins whatever etcd does not answer with. */
const FAILSAFE_MENDED = { major: 4, minor: 0, patch: 7 } as const;

/**
 * Measured: where all of etcd hangs with its connections open, a leader on 3.0.2 stops, and one on 4.0.7 goes on.
 *
 * @see patroni docs/releases.rst, 4.0.7: "Fix the issue of failsafe mode not being triggered in case of Etcd
 * unavailability"
 */
function checkFailsafe({
  dcs,
  failover,
  onOutage,
  patroni,
  source,
}: ResolvedCluster): readonly Diagnostic[] {
  if (dcs.kind !== "etcd3" || onOutage !== "keep-leading" || failover.scope === "manual") return [];
  if (isAtLeast(patroni, FAILSAFE_MENDED)) return [];
  // Who did not write it was promised nothing; docs/intent.md says it of the default.
  const word = ["dcs", "onOutage"];
  if (writtenValue(source.value, word) === undefined) return [];
  return [
    {
      rule: "QUO028",
      severity: "warn",
      message: `Patroni ${formatPatroniVersion(patroni)} does not always see that etcd is away: where etcd hangs rather than refuses, a leader with onOutage: keep-leading may stop all the same`,
      at: source.at(word),
      hint: 'write patroni: "4.0.7" or newer once every member runs it, or onOutage: read-only',
    },
  ];
}
