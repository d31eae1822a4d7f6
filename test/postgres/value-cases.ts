/**
 * What becomes of a value: `taken` by Quorate and PostgreSQL alike, `refused` by both, or `strict` where
 * only Quorate refuses, because PostgreSQL reads something else than most people would.
 */
export type Verdict = "taken" | "refused" | "strict";

/** A value of a parameter, and what is to become of it on every major version, or from one to another. */
export interface ValueCase {
  readonly name: string;
  readonly value: boolean | number | string;
  readonly verdict: Verdict;
  readonly from: number;
  readonly to: number;
}

type Values = readonly (boolean | number | string)[];

function cases(name: string, verdicts: Partial<Record<Verdict, Values>>, from = 13, to = 18) {
  const { taken = [], refused = [], strict = [] } = verdicts;
  const make = (verdict: Verdict) => (value: ValueCase["value"]) => ({
    name,
    value,
    verdict,
    from,
    to,
  });
  return [
    ...taken.map(make("taken")),
    ...refused.map(make("refused")),
    ...strict.map(make("strict")),
  ];
}

/**
 * Quick tests hold Quorate to these, the real suite the servers. The verdicts were written down from
 * PostgreSQL's documentation first.
 *
 * @see https://www.postgresql.org/docs/current/config-setting.html
 */
export const VALUE_CASES: readonly ValueCase[] = [
  // Memory: units are case-sensitive, a fraction is fine, a bare number means something else for each.
  ...cases("work_mem", {
    taken: ["64kB", "4MB", "1.5GB", ".5GB", "65536B", "4 MB", "+4MB", "1e3kB", "2147483647kB"],
    refused: ["63kB", "4mb", "4M", "4 Mb", "4KB", "2TB", "-1", 0, "4ms", "", "many", true],
    strict: [64, "65536", "0100MB", "0x100"],
  }),
  ...cases("work_mem", { taken: ["63.6kB"], refused: ["63.4kB", "63.5B"] }),
  ...cases("shared_buffers", {
    taken: ["128kB", "128MB", "8GB", "131072B"],
    refused: ["120kB", "0", "16TB"],
    strict: [16384],
  }),
  ...cases("temp_file_limit", { taken: [-1, "-1", "1GB", 0], refused: ["-2", "-1MB"] }),
  ...cases("wal_buffers", { taken: [-1, "16MB", "32kB"], refused: ["-2", "3GB"] }),
  ...cases("min_wal_size", { taken: ["80MB", "2MB"], refused: ["1MB"] }),
  ...cases("max_slot_wal_keep_size", { taken: [-1, "10GB"], refused: [-2] }),
  ...cases("track_activity_query_size", { taken: ["100B", "1MB"], refused: ["99B", "2MB"] }),
  ...cases("maintenance_work_mem", { taken: ["1MB"], refused: ["1023kB", "64kB"] }, 13, 16),
  ...cases("maintenance_work_mem", { taken: ["64kB", "1023kB"], refused: ["63kB"] }, 17),
  ...cases("log_rotation_size", { taken: ["2097151kB"], refused: ["2GB"] }, 13, 17),
  ...cases("log_rotation_size", { taken: ["2GB"], refused: ["2TB"] }, 18),
  ...cases("io_combine_limit", { taken: ["8kB", "256kB"], refused: ["264kB", "7B"] }, 17, 17),
  ...cases("io_combine_limit", { taken: ["1MB"], refused: ["1032kB"] }, 18),
  ...cases("vacuum_buffer_usage_limit", { taken: [0, "128kB", "16GB"], refused: ["17GB"] }, 16),
  // Time
  ...cases("checkpoint_timeout", {
    taken: ["30s", "1d", "5min", "1.5h", "30000ms", "30000000us", "29999ms"],
    refused: ["29s", "25h", "5m", "1 day", "5MB", "29499ms", "30S"],
    strict: [300, "300"],
  }),
  ...cases("statement_timeout", { taken: [0, "0", "250ms", "1min"], refused: ["-1"], strict: [1] }),
  ...cases("autovacuum_vacuum_cost_delay", {
    taken: ["2ms", "0.5ms", "500us", -1, "100ms"],
    refused: ["101ms", "-2"],
    strict: [2],
  }),
  ...cases("log_min_duration_statement", { taken: [-1, 0, "1s"], refused: ["-2"] }),
  ...cases("archive_timeout", { taken: [0, "60s"], refused: ["-1s"] }),
  ...cases("old_snapshot_threshold", { taken: ["90min", -1, "0"], refused: ["61d"] }, 13, 16),
  ...cases("idle_replication_slot_timeout", { taken: ["1d", 0], refused: [-1] }, 18),
  ...cases("wal_summary_keep_time", { taken: ["10d"], refused: ["-1"], strict: [14400] }, 17),
  // Numbers without a unit
  ...cases("max_connections", {
    taken: [100, "100", "1e2", 1, 262000],
    refused: [0, 262144, "100 connections", "100MB", "x", "", "08", true],
    strict: ["100.4", "0100", "0x64"],
  }),
  ...cases("random_page_cost", {
    taken: [4, "1.1", 0, "1e0", ".5"],
    refused: [-1, "1.1x", "", "on"],
  }),
  ...cases("checkpoint_completion_target", { taken: [0, 0.9, 1], refused: [1.1, -0.1] }),
  ...cases("recursive_worktable_factor", { taken: [0.001], refused: [0] }, 15),
  ...cases("vacuum_max_eager_freeze_failure_rate", { taken: [0.03], refused: [2] }, 18),
  ...cases("debug_discard_caches", { taken: [0], refused: [1] }, 14),
  ...cases("seq_page_cost", { taken: ["01.5"] }),
  // File modes
  ...cases("log_file_mode", { taken: ["0600", "0640"], refused: ["640", "0888"], strict: [384] }),
  ...cases("unix_socket_permissions", { taken: ["0777"], refused: [777, "01000"] }),
  // Booleans
  ...cases("fsync", {
    taken: ["on", "off", true, false, "TRUE", "Yes", "no", 1, 0],
    refused: [2, "2", "enable", "o", "", "onn"],
    strict: ["t", "of"],
  }),
  ...cases("summarize_wal", { taken: ["on"], refused: ["local"] }, 17),
  // Words
  ...cases("wal_level", {
    taken: ["replica", "LOGICAL", "minimal"],
    refused: ["full", true, "", "replica,logical"],
    strict: ["hot_standby", "archive"],
  }),
  ...cases("synchronous_commit", {
    taken: ["on", "remote_apply", "Local", false, "remote_write"],
    refused: ["remote", "apply", 2],
  }),
  ...cases("huge_pages", { taken: ["try", "on", true, "TRY"], refused: ["auto"] }),
  ...cases("archive_mode", { taken: ["always", "on", 0], refused: ["never"] }),
  ...cases("wal_compression", { taken: ["on", true], refused: ["lz4", "pglz"] }, 13, 14),
  ...cases("wal_compression", { taken: ["on", "pglz"], refused: ["gzip", "lz5"] }, 15),
  ...cases("ssl_min_protocol_version", {
    taken: ["TLSv1.2", "tlsv1.3"],
    refused: ["TLS1.2", "", "SSLv3"],
  }),
  ...cases("client_min_messages", { taken: ["notice"], refused: ["fatal"], strict: ["debug"] }),
  ...cases("default_toast_compression", { taken: ["pglz"], refused: ["zstd", true] }, 14),
  ...cases("io_method", { taken: ["worker", "sync"], refused: ["posix", true] }, 18),
  ...cases("debug_parallel_query", { taken: ["regress", "off"], refused: ["force"] }, 16),
  ...cases("transaction_timeout", { taken: ["1h"], refused: ["-1ms"], strict: [1000] }, 17),
  // Lists of words
  ...cases("log_destination", {
    taken: ["stderr", "csvlog, Syslog", ""],
    refused: ["file", "stderr csvlog", "stderr,,csvlog"],
  }),
  ...cases("log_destination", { refused: ["jsonlog"] }, 13, 14),
  ...cases("log_destination", { taken: ["stderr, jsonlog"] }, 15),
  ...cases("log_connections", { taken: ["on"], refused: ["receipt", "all"] }, 13, 17),
  ...cases(
    "log_connections",
    {
      taken: ["on", false, "receipt, authorization", "ALL", ""],
      refused: ["on, receipt", "none", "receipt setup_durations"],
    },
    18,
  ),
  ...cases("createrole_self_grant", { taken: ["set, inherit", ""], refused: ["admin"] }, 16),
  ...cases("restrict_nonsystem_relation_kind", { taken: ["view"], refused: ["table"] }),
  ...cases("debug_io_direct", { taken: ["data, wal"], refused: ["on"] }, 16),
  // Texts
  ...cases("archive_command", { taken: ["", "test ! -f /a/%f && cp %p /a/%f"] }),
  ...cases("application_name", { taken: ["orders"] }),
];

/** The cases that speak of a major version. */
export function valueCasesOf(major: number): readonly ValueCase[] {
  return VALUE_CASES.filter(({ from, to }) => from <= major && major <= to);
}
