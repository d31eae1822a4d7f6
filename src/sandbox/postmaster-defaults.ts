import type { ServerSetting } from "./server-settings.ts";

/**
 * What PostgreSQL runs with when nobody sets the parameter, as `SHOW` prints it, for the parameters
 * that need a restart. They are the defaults of a server that `initdb` made on Linux; a parameter that
 * is missing here shows an empty text as its old value.
 *
 * @see https://www.postgresql.org/docs/current/runtime-config.html
 */
export const POSTMASTER_DEFAULTS: ReadonlyMap<string, string> = new Map([
  ["archive_mode", "off"],
  ["autovacuum_freeze_max_age", "200000000"],
  ["autovacuum_max_workers", "3"],
  ["autovacuum_multixact_freeze_max_age", "400000000"],
  ["bonjour", "off"],
  ["data_sync_retry", "off"],
  ["dynamic_shared_memory_type", "posix"],
  ["event_source", "PostgreSQL"],
  ["huge_page_size", "0"],
  ["huge_pages", "try"],
  ["jit_provider", "llvmjit"],
  ["logging_collector", "off"],
  ["max_files_per_process", "1000"],
  ["max_logical_replication_workers", "4"],
  ["max_pred_locks_per_transaction", "64"],
  ["min_dynamic_shared_memory", "0"],
  ["old_snapshot_threshold", "-1"],
  ["shared_buffers", "128MB"],
  ["shared_memory_type", "mmap"],
  ["shared_preload_libraries", ""],
  ["superuser_reserved_connections", "3"],
  ["track_activity_query_size", "1kB"],
  ["unix_socket_directories", "/var/run/postgresql"],
  ["unix_socket_group", ""],
  ["unix_socket_permissions", "0777"],
  ["wal_buffers", "4MB"],
  ["wal_decode_buffer_size", "512kB"],
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
