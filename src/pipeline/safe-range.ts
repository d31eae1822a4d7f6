import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import { formatBytes } from "../core/units.ts";
import { findSetting, type Setting } from "../patroni/setting.ts";
import { findPostgresParameter } from "../postgres/parameter.ts";

/**
 * The values of a setting that are safe in this cluster, in words: the limits of Patroni or PostgreSQL,
 * and what the cluster's other values leave. Undefined when nothing is known.
 */
export function safeRange(path: readonly string[], cluster: CompiledCluster): string | undefined {
  const here = RANGES.get(path.join("."))?.(cluster);
  const parameter = parameterNameOf(path);
  const general =
    parameter === undefined ? settingRange(findSetting(path)) : parameterRange(parameter, cluster);
  return here === undefined ? general : `${here}${general === undefined ? "" : ` (${general})`}`;
}

/** The name of the PostgreSQL parameter that a path of the DCS document sets; undefined for other paths. */
export function parameterNameOf(path: readonly string[]): string | undefined {
  return path.length === 3 && path[0] === "postgresql" && path[1] === "parameters"
    ? path[2]
    : undefined;
}

/**
 * What a cluster's other values leave of a setting's range.
 *
 * @see patroni/config.py:_validate_and_adjust_timeouts at v4.1.4 and docs/adr/0010
 */
const RANGES = new Map<string, (cluster: CompiledCluster) => string>([
  [
    "ttl",
    ({ resolved: { timing } }) =>
      `at least ${timing.loopWait + 2 * timing.retryTimeout} s here: loop_wait + 2 x retry_timeout`,
  ],
  [
    "loop_wait",
    ({ resolved: { timing } }) =>
      `at most ${timing.ttl - 2 * timing.retryTimeout} s here: ttl - 2 x retry_timeout`,
  ],
  [
    "retry_timeout",
    ({ resolved: { timing } }) =>
      `at most ${Math.floor((timing.ttl - timing.loopWait) / 2)} s here: (ttl - loop_wait) / 2`,
  ],
  [
    "synchronous_node_count",
    ({ topology }) =>
      `1 to ${topology.confirmingStandbys} here: the standbys that may confirm whoever leads`,
  ],
  [
    "maximum_lag_on_failover",
    () =>
      `at least ${formatBytes(16 * 1024 ** 2)}, one WAL segment: less leaves no standby that may lead`,
  ],
]);

function settingRange(setting: Setting | undefined): string | undefined {
  if (setting === undefined) return undefined;
  const { kind, values, min, max, unit } = setting;
  if (kind === "bool") return "true or false";
  if (values !== undefined)
    return [...(kind === "bool_or_enum" ? ["true", "false"] : []), ...values].join(", ");
  return limits(kind, { min, max, unit });
}

function parameterRange(name: string, { resolved }: CompiledCluster): string | undefined {
  const parameter = findPostgresParameter(name, resolved.postgres);
  if (parameter === undefined) return undefined;
  // Where Patroni passes a parameter on the command line, it has a narrower mind than PostgreSQL.
  const patroni = findSetting(["postgresql", "parameters", parameter.name]);
  const { type, max, unit } = parameter;
  const values = patroni?.values ?? parameter.values;
  const min = patroni?.kind === "int" ? (patroni.min ?? parameter.min) : parameter.min;
  if (type === "bool") return "on or off";
  if (values !== undefined)
    return [...(type.endsWith("bool") ? ["on", "off"] : []), ...values].join(", ");
  return limits(type, { min, max, unit });
}

interface Limits {
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly unit: string | undefined;
}

function limits(kind: string, { min, max, unit }: Limits): string | undefined {
  const suffix = (last: number): string => (unit === undefined ? "" : ` ${unitOf(last, unit)}`);
  if (min !== undefined && max !== undefined) return `${min} to ${max}${suffix(max)}`;
  if (min !== undefined) return `at least ${min}${suffix(min)}`;
  if (max !== undefined) return `at most ${max}${suffix(max)}`;
  return kind === "any" ? undefined : kind.replaceAll("_", " ");
}

/** A unit as it stands behind a number: `1 node`, `2 nodes`, `1 s`. */
export function unitOf(amount: number, unit: string): string {
  return amount === 1 && unit.length > 2 ? unit.replace(/s$/, "") : unit;
}
