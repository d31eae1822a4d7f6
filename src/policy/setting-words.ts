/**
 * The words of the intent that a key of the DCS document, or a section of it, comes from: those that set it first,
 * then those that it follows from. What stands in `quorate.yaml` begins with `nodes.`.
 */
const WORDS: readonly (readonly [path: string, words: readonly string[]])[] = [
  ["ttl", ["failover.speed"]],
  ["loop_wait", ["failover.speed"]],
  ["retry_timeout", ["failover.speed"]],
  ["failsafe_mode", ["dcs.onOutage"]],
  ["maximum_lag_on_failover", ["failover.maxLoss", "durability"]],
  ["primary_start_timeout", ["failover.crashRecovery.wait", "durability"]],
  ["primary_stop_timeout", ["failover.shutdown.wait", "durability"]],
  ["synchronous_mode", ["durability", "failover.order"]],
  ["synchronous_mode_strict", ["durability.onStandbyLoss", "durability"]],
  ["synchronous_node_count", ["quorum", "durability", "failover.allowance"]],
  ["pause", ["maintenance.pause", "failover.scope"]],
  ["slots", ["slots", "sites.role"]],
  ["ignore_slots", ["ignoreSlots"]],
  ["standby_cluster", ["sites.role"]],
  ["member_slots_ttl", ["rejoin.slotRetention"]],
  ["postgresql.use_pg_rewind", ["rejoin.rewind"]],
  ["postgresql.remove_data_directory_on_rewind_failure", ["rejoin.onRewindFailure"]],
  ["postgresql.remove_data_directory_on_diverged_timelines", ["rejoin.onRewindFailure"]],
  ["postgresql.parameters.synchronous_commit", ["durability.ack"]],
  [
    "postgresql.parameters.max_slot_wal_keep_size",
    ["rejoin.walCap", "postgresql.parameters.max_slot_wal_keep_size"],
  ],
  [
    "postgresql.parameters.wal_sender_timeout",
    ["postgresql.parameters.wal_sender_timeout", "durability", "links"],
  ],
  ["postgresql.parameters.wal_level", ["postgresql.parameters.wal_level", "slots"]],
  ...["ssl", "ssl_cert_file", "ssl_key_file", "ssl_ca_file"].map(
    (name): readonly [string, readonly string[]] => [
      `postgresql.parameters.${name}`,
      ["access.postgres.tls", "nodes.tls"],
    ],
  ),
  ["postgresql.parameters.ssl_min_protocol_version", ["access.postgres.tls.minVersion"]],
  [
    "postgresql.pg_hba",
    [
      "access.postgres.hba",
      "access.postgres.clients",
      "access.postgres.admins",
      "access.postgres.users",
      "access.postgres.authentication",
      "access.postgres.tls",
      "nodes.clients",
      "nodes.users",
      "nodes.tls",
      "sites.nodes.address",
    ],
  ],
  ["postgresql.pg_ident", ["access.postgres.ident", "access.postgres.authentication"]],
];

/** The words that set a key of the DCS document; empty when no word of the intent is made for it. */
export function settingWords(path: readonly string[]): readonly string[] {
  const name = path.join(".").toLowerCase();
  return WORDS.find(([key]) => name === key || name.startsWith(`${key}.`))?.[1] ?? [];
}

/** The keys, or sections, of the DCS document that come from words. */
export function settingsOfWords(wanted: (word: string) => boolean): readonly string[] {
  return WORDS.flatMap(([key, words]) => (words.some(wanted) ? [key] : []));
}
