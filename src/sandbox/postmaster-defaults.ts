import { findPostgresParameter, postgresParameterNames } from "../postgres/parameter.ts";
import { gucText } from "./guc-text.ts";
import type { ServerSetting } from "./server-settings.ts";

/**
 * What PostgreSQL runs with when nobody sets the parameter, as `SHOW` prints it, for the parameters of a
 * major version that need a restart: the compiled-in values, and those of {@link CHOSEN_AT_START}.
 */
export function postmasterDefaults(postgresMajor: number): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const name of postgresParameterNames(postgresMajor)) {
    const parameter = findPostgresParameter(name, postgresMajor);
    if (parameter?.context !== "postmaster") continue;
    const text = CHOSEN_AT_START.get(name) ?? gucText(parameter, parameter.byDefault ?? "");
    if (text !== undefined) found.set(name, text);
  }
  return found;
}

/**
 * What `initdb` on Linux, Debian's packages or the starting server itself choose: the server computes most
 * of them from its shared buffers. Read in new clusters of PostgreSQL 13 to 18 with `SHOW`.
 */
const CHOSEN_AT_START: ReadonlyMap<string, string> = new Map([
  ["commit_timestamp_buffers", "256kB"],
  ["io_max_concurrency", "64"],
  ["shared_buffers", "128MB"],
  ["subtransaction_buffers", "256kB"],
  ["transaction_buffers", "256kB"],
  ["unix_socket_directories", "/var/run/postgresql"],
  ["wal_buffers", "4MB"],
]);

/** The parameters that Patroni passes on the command line, with its defaults and its lower limits. */
export interface CommandLineParameter {
  readonly name: string;
  readonly byDefault: string;
  readonly min?: number;
}

/**
 * Those of Patroni's command line parameters that need a restart and that the document may set. A
 * value that fails here is replaced by the default, not by the value before.
 *
 * @see patroni/postgresql/config.py:ConfigHandler.CMDLINE_OPTIONS
 */
export const COMMAND_LINE_PARAMETERS: readonly CommandLineParameter[] = [
  { name: "max_connections", byDefault: "100", min: 25 },
  { name: "max_locks_per_transaction", byDefault: "64", min: 32 },
  { name: "max_prepared_transactions", byDefault: "0", min: 0 },
  { name: "max_replication_slots", byDefault: "10", min: 4 },
  { name: "max_wal_senders", byDefault: "10", min: 3 },
  { name: "max_worker_processes", byDefault: "8", min: 2 },
  { name: "track_commit_timestamp", byDefault: "off" },
  { name: "wal_level", byDefault: "replica" },
  { name: "wal_log_hints", byDefault: "on" },
];

/** What the document cannot set at all: Patroni takes these from elsewhere. */
export const NEVER_FROM_DOCUMENT: ReadonlySet<string> = new Set([
  "listen_addresses",
  "port",
  "cluster_name",
  "hot_standby",
]);

/** On a standby these never run below what the primary runs with, whatever the document says. */
export const KEPT_FROM_CONTROL_DATA: readonly string[] = [
  "max_connections",
  "max_locks_per_transaction",
  "max_prepared_transactions",
  "max_wal_senders",
  "max_worker_processes",
];

/** What `initdb` writes into the file that Patroni's own includes, of the parameters that need a restart. */
export const BASE_FILE: ReadonlyMap<string, ServerSetting> = new Map([
  ["dynamic_shared_memory_type", { text: "posix", needsRestart: true }],
  ["shared_buffers", { text: "128MB", needsRestart: true }],
]);
