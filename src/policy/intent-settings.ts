import type { Json } from "../core/json.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import type { SourcePath } from "../intent/source-offset.ts";
import { writtenValue } from "../intent/written-value.ts";
import { findPostgresParameter } from "../postgres/parameter.ts";
import type { SettingValue } from "./setting-value.ts";

/**
 * The settings that the intent itself says. What it leaves open of them has the rank of a default, and yet no
 * tier may set it: see {@link INTENT_KEYS}.
 */
export function intentSettings(cluster: ResolvedCluster): readonly SettingValue[] {
  const { source, timing } = cluster;
  const make = (path: readonly string[], value: Json, written: SourcePath): SettingValue => {
    const isWritten = writtenValue(source.value, written) !== undefined;
    return {
      path,
      value,
      rank: isWritten ? "intent" : "default",
      at: source.at(written),
      keyAt: source.atKey(written),
      because: `${written.join(".")}${isWritten ? "" : ", which is not written"}`,
    };
  };
  const settings: SettingValue[] = Object.entries(cluster.parameters).map(([name, value]) =>
    make(
      ["postgresql", "parameters", findPostgresParameter(name, cluster.postgres)?.name ?? name],
      value,
      ["postgresql", "parameters", name],
    ),
  );
  const speed = ["failover", "speed"];
  settings.push(
    make(["ttl"], timing.ttl, speed),
    make(["loop_wait"], timing.loopWait, speed),
    make(["retry_timeout"], timing.retryTimeout, speed),
    make(["failsafe_mode"], cluster.onOutage === "keep-leading", ["dcs", "onOutage"]),
  );
  if (cluster.maxLossBytes !== undefined && cluster.maxLossBytes > 0)
    settings.push(make(["maximum_lag_on_failover"], cluster.maxLossBytes, ["failover", "maxLoss"]));
  for (const { path, value, written } of durabilitySettings(cluster))
    settings.push(make(path, value, written));
  return settings;
}

interface WrittenSetting {
  readonly path: readonly string[];
  readonly value: Json;
  readonly written: SourcePath;
}

/** @see https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-SYNCHRONOUS-COMMIT */
const COMMIT_LEVELS = { write: "remote_write", flush: "on", apply: "remote_apply" } as const;

function durabilitySettings({ durability, failover }: ResolvedCluster): readonly WrittenSetting[] {
  const { ack } = durability;
  const { crashWait, shutdownWait, scope } = failover;
  const settings: WrittenSetting[] = [];
  if (ack !== undefined)
    settings.push({
      path: ["postgresql", "parameters", "synchronous_commit"],
      value: COMMIT_LEVELS[ack],
      written: ["durability", "ack"],
    });
  if (crashWait !== undefined)
    settings.push({
      path: ["primary_start_timeout"],
      value: crashWait,
      written: ["failover", "crashRecovery", "wait"],
    });
  if (shutdownWait !== undefined)
    settings.push({
      path: ["primary_stop_timeout"],
      value: shutdownWait,
      written: ["failover", "shutdown", "wait"],
    });
  if (scope === "manual")
    settings.push({ path: ["pause"], value: true, written: ["failover", "scope"] });
  return settings;
}

/** Keys of the DCS document that belong to the intent alone, and the word in it that sets each. */
export const INTENT_KEYS: ReadonlyMap<string, string> = new Map([
  ["ttl", "failover.speed"],
  ["loop_wait", "failover.speed"],
  ["retry_timeout", "failover.speed"],
  ["failsafe_mode", "dcs.onOutage"],
]);
