import { CLUSTER, edit, projectWith } from "../support/memory-project.ts";
import type { BadInput } from "./bad-input-table.ts";

/** A parameter on a PostgreSQL major version and a Patroni release; `at` is where the finding points. */
function on(
  postgres: number,
  patroni: string,
  line: string,
  at: string,
  found: string,
  hint: string,
): BadInput {
  const cluster = edit(edit(CLUSTER, "postgres: 15", `postgres: ${postgres}`), "4.1", patroni);
  return {
    name: `${line} on PostgreSQL ${postgres} and Patroni ${patroni}`,
    files: projectWith(`${cluster}postgresql: { parameters: { ${line} } }\n`),
    want: [`clusters/1.yaml ^${at.slice(0, 14)}^ ${found}`],
    hint,
  };
}

/** What a configuration for another version, or for another Patroni, gets to hear. */
export const PARAMETER_INPUT: readonly BadInput[] = [
  on(
    16,
    "4.1",
    "summarize_wal: on",
    "summarize_wal: on",
    "QUO014: PostgreSQL 16 has no parameter summarize_wal: it came with 17",
    "leave it out until the cluster runs PostgreSQL 17",
  ),
  on(
    16,
    "4.1",
    "vacuum_defer_cleanup_age: 10000",
    "vacuum_defer_cleanup_age",
    "QUO014: PostgreSQL 16 has no parameter vacuum_defer_cleanup_age: it was removed in 16",
    "leave it out: replication slots and hot_standby_feedback do its work",
  ),
  on(
    17,
    "4.1",
    "promote_trigger_file: /tmp/x",
    "promote_trigger_file",
    "QUO014: PostgreSQL 17 has no parameter promote_trigger_file: it was removed in 16",
    "leave it out: Patroni promotes without it",
  ),
  on(
    15,
    "4.1",
    "Promote_Trigger_File: /tmp/x",
    "Promote_Trigger_File",
    "QUO014: promote_trigger_file is a recovery setting, which does not belong among the parameters",
    "leave it out: Patroni would move it to recovery_conf, in place of all that is there; this version of the intent has no key for it",
  ),
  on(
    18,
    "4.1",
    "force_parallel_mode: off",
    "force_parallel_mode",
    "QUO014: PostgreSQL 18 has no parameter force_parallel_mode: it was removed in 16",
    "write debug_parallel_query instead",
  ),
  on(
    13,
    "4.1",
    "wal_keep_segments: 8",
    "wal_keep_segments",
    "QUO014: PostgreSQL 13 has no parameter wal_keep_segments: it was removed in 13",
    "write wal_keep_size, 16MB for each segment, instead",
  ),
  on(
    15,
    "4.1",
    "block_size: 8192",
    "block_size: 8192",
    "QUO014: block_size cannot be set in a configuration",
    "PostgreSQL only shows it; leave it out",
  ),
  on(
    15,
    "4.1",
    "transaction_isolation: serializable",
    "transaction_isolation",
    "QUO014: transaction_isolation cannot be set in a configuration",
    "it is of one transaction: set default_transaction_isolation",
  ),
  on(
    14,
    "4.1",
    "wal_compression: lz4",
    "lz4 } }",
    'QUO014: wal_compression is "lz4", expected on or off',
    "write it like wal_compression: on",
  ),
  on(
    17,
    "4.1",
    "log_connections: receipt",
    "receipt } }",
    'QUO014: log_connections is "receipt", expected on or off',
    "write it like log_connections: on",
  ),
  on(
    16,
    "4.1",
    "maintenance_work_mem: 512kB",
    "512kB } }",
    "QUO014: maintenance_work_mem is 512kB, which is outside 1024 to 2147483647 (counted in kB)",
    "Patroni would silently use 1024 instead",
  ),
  on(
    17,
    "4.1",
    "maintenance_work_mem: 512kB",
    "512kB } }",
    "QUO110: maintenance_work_mem is 512kB, Patroni 4.1 takes no less than 1024 kB",
    "it would silently use 1024 kB instead",
  ),
  {
    ...on(
      17,
      "3.0",
      "summarize_wal: on",
      "summarize_wal: on",
      "QUO110: Patroni 3.0 drops summarize_wal, though PostgreSQL has it: it would never take effect",
      'write patroni: "4.0" or newer once every member runs it',
    ),
    want: [
      "clusters/1.yaml ^17^ QUO013: Patroni 3.0 does not know PostgreSQL 17 (release notes of 4.0.0: Compatibility with PostgreSQL 17 beta3)",
      "clusters/1.yaml ^summarize_wal:^ QUO110: Patroni 3.0 drops summarize_wal, though PostgreSQL has it: it would never take effect",
    ],
  },
  on(
    15,
    "4.1",
    "composite_type_mismatch: warn",
    "composite_type_mismatch",
    "QUO110: Patroni 4.1 drops composite_type_mismatch, though PostgreSQL has it: it would never take effect",
    "leave it out, and use ALTER DATABASE ... SET composite_type_mismatch",
  ),
  {
    ...on(
      18,
      "4.0.6",
      'log_connections: "receipt, all"',
      '"receipt, all"',
      "QUO110: log_connections is receipt, all, which Patroni 4.0.6 drops, though PostgreSQL takes it",
      'write patroni: "4.0.7" or newer once every member runs it',
    ),
    want: [
      "clusters/1.yaml ^18^ QUO013: Patroni 4.0.6 does not know PostgreSQL 18 (release notes of 4.0.7: Add support for PostgreSQL 18 RC1)",
      'clusters/1.yaml ^"receipt, all"^ QUO110: log_connections is receipt, all, which Patroni 4.0.6 drops, though PostgreSQL takes it',
    ],
  },
  on(
    14,
    "4.1",
    "compute_query_id: regress",
    "regress } }",
    "QUO110: compute_query_id is regress, which Patroni 4.1 drops, though PostgreSQL takes it",
    "write one of auto, on, off, true, false, yes, no, 1, 0",
  ),
  on(
    15,
    "4.1",
    'work_mem: "0100MB"',
    '"0100MB" } }',
    'QUO014: work_mem is "0100MB", which PostgreSQL reads as 64MB',
    "write a decimal number without a leading 0",
  ),
];
