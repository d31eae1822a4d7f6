import type { Diagnostic } from "../core/diagnostic.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import { formatBytes } from "../core/units.ts";
import type { SourcePath } from "../intent/source-offset.ts";
import { parameterMistake } from "./check-parameters.ts";
import type { SectionCase } from "./check-sections.ts";
import { exactSetterOf } from "./setting-value.ts";

/**
 * The smallest lag limit that does not strand a healthy standby: one WAL segment.
 *
 * @see https://github.com/patroni/patroni/issues/3703
 */
const SMALLEST_LAG = 16 * 1024 ** 2;

/** Checks what a tier or overrides make of the lag limit, and what overrides make of PostgreSQL parameters on single nodes. */
export function checkOverriddenSettings(given: SectionCase): readonly Diagnostic[] {
  const { overrides } = given.cluster;
  return [
    ...checkLag(given),
    ...checkLocal(given, overrides.node, ["overrides", "node"]),
    ...[...overrides.nodes].flatMap(([name, tree]) =>
      checkLocal(given, tree, ["overrides", "nodes", name]),
    ),
  ];
}

/** Whoever sets it: a tier's own, or an override. What an intent says is judged where it is read. */
function checkLag({ settings }: SectionCase): readonly Diagnostic[] {
  const lag = exactSetterOf(settings, "maximum_lag_on_failover");
  if (lag === undefined || lag.rank === "intent") return [];
  if (typeof lag.value !== "number" || lag.value >= SMALLEST_LAG) return [];
  return [
    {
      rule: lag.rank === "overrides" ? "QUO058" : "QUO011",
      severity: "error",
      message: `maximum_lag_on_failover is ${formatBytes(lag.value)}; less than one WAL segment (16 MiB) leaves no standby that may lead`,
      at: lag.at,
      hint: "write at least 16777216",
    },
  ];
}

/** PostgreSQL's own table speaks of parameters wherever they stand. */
function checkLocal(
  { cluster }: SectionCase,
  tree: JsonObject,
  place: SourcePath,
): readonly Diagnostic[] {
  const server = tree["postgresql"];
  const parameters = isJsonObject(server) ? server["parameters"] : undefined;
  if (!isJsonObject(parameters)) return [];
  return Object.entries(parameters).flatMap(([name, value]): readonly Diagnostic[] => {
    const mistake = parameterMistake(name, value, cluster);
    if (mistake === undefined) return [];
    const { about, ...said } = mistake;
    const path = [...place, "postgresql", "parameters", name];
    const at = about === "name" ? cluster.source.atKey(path) : cluster.source.at(path);
    return [{ severity: "error", at, ...said }];
  });
}
