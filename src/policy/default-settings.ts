import type { Span } from "../core/diagnostic.ts";
import type { Json } from "../core/json.ts";
import { formatPatroniVersion } from "../patroni/version.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import { accessSettings } from "./access-settings.ts";
import { connectionsByDefault, consumersText } from "./connection-budget.ts";
import type { SettingValue } from "./setting-value.ts";

/** The settings that every cluster gets unless its tier or its intent says otherwise. */
export function defaultSettings(cluster: ResolvedCluster): readonly SettingValue[] {
  const top = cluster.source.at([]);
  const make = (path: string, value: Json, because: string, at: Span = top): SettingValue => ({
    path: path.split("."),
    value,
    rank: "default",
    at,
    keyAt: at,
    because,
  });
  const connections = connectionsByDefault(cluster);
  const members = `${consumersText(cluster)} on Patroni ${formatPatroniVersion(cluster.patroni)}`;
  return [
    make("check_timeline", true, "a node on an old timeline must not lead"),
    make(
      "postgresql.use_slots",
      true,
      "a standby that is away for a while must find its WAL again",
    ),
    make("postgresql.use_pg_rewind", true, "a former leader rejoins without a new base backup"),
    make("postgresql.parameters.max_wal_senders", connections, members),
    make("postgresql.parameters.max_replication_slots", connections, members),
    ...(cluster.postgres < 14
      ? [make("postgresql.parameters.password_encryption", "scram-sha-256", SCRAM)]
      : []),
    ...accessSettings(cluster),
  ];
}

/** PostgreSQL 13 would store MD5 hashes by default, with which nobody could log in. */
const SCRAM = "the compiled pg_hba admits SCRAM only";
