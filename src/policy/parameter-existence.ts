import { nearest } from "../core/nearest.ts";
import {
  findPostgresParameter,
  OLDEST_POSTGRES,
  postgresParameterNames,
  postgresParameterRows,
} from "../postgres/parameter.ts";

/** Why a name is no parameter that a configuration of this PostgreSQL may set, and what to do instead. */
export interface MissingParameter {
  readonly message: string;
  readonly hint: string;
}

/** Says why a parameter cannot be set on this major version; undefined when it can. */
export function missingParameter(name: string, major: number): MissingParameter | undefined {
  const parameter = findPostgresParameter(name, major);
  if (parameter === undefined) return { message: absence(name, major), hint: wayOut(name, major) };
  if (parameter.context !== "internal") return undefined;
  return {
    message: `${name} cannot be set in a configuration`,
    hint: name.toLowerCase().startsWith("transaction_")
      ? `it is of one transaction: set default_${name.toLowerCase()}`
      : "PostgreSQL only shows it; leave it out",
  };
}

function absence(name: string, major: number): string {
  const rows = postgresParameterRows(name);
  const none = `PostgreSQL ${major} has no parameter ${name}`;
  const next = rows.find(({ from }) => from > major);
  if (next !== undefined) return `${none}: it came with ${next.from}`;
  const last = rows.at(-1);
  const gone = last === undefined ? OLD_NAMES.get(name.toLowerCase())?.gone : last.to + 1;
  return gone === undefined ? none : `${none}: it was removed in ${gone}`;
}

function wayOut(name: string, major: number): string {
  const removed = OLD_NAMES.get(name.toLowerCase());
  if (removed !== undefined && major >= removed.gone) return removed.hint;
  const next = postgresParameterRows(name).find(({ from }) => from > major);
  if (next !== undefined) return `leave it out until the cluster runs PostgreSQL ${next.from}`;
  const suggestion = nearest(name, postgresParameterNames(major));
  return suggestion === undefined
    ? "Patroni would drop it with a line in its log"
    : `did you mean ${suggestion}?`;
}

interface OldName {
  /** The first major version without it; below 10 the first two numbers, as PostgreSQL counted then. */
  readonly gone: number;
  readonly hint: string;
}

const renamed = (gone: number, to: string): OldName => ({ gone, hint: `write ${to} instead` });
const obsolete = (gone: number, why: string): OldName => ({ gone, hint: `leave it out: ${why}` });

/**
 * What became of the parameters that PostgreSQL removed, also of those that left before
 * {@link OLDEST_POSTGRES} and still stand in old configurations.
 *
 * @see https://www.postgresql.org/docs/release/ of the first version without each
 */
const OLD_NAMES: ReadonlyMap<string, OldName> = new Map([
  ["checkpoint_segments", renamed(9.5, "max_wal_size, a size,")],
  ["db_user_namespace", obsolete(17, "PostgreSQL has no users of one database any more")],
  ["force_parallel_mode", renamed(16, "debug_parallel_query")],
  ["lc_collate", obsolete(16, "every database has its own")],
  ["lc_ctype", obsolete(16, "every database has its own")],
  ["old_snapshot_threshold", obsolete(17, "transaction_timeout ends long transactions instead")],
  ["operator_precedence_warning", obsolete(14, "it only warned of a change in 9.5")],
  ["pause_at_recovery_target", renamed(9.5, "recovery_target_action")],
  ["promote_trigger_file", obsolete(16, "Patroni promotes without it")],
  ["ssl_ecdh_curve", renamed(18, "ssl_groups")],
  ["standby_mode", obsolete(12, "Patroni decides who is a standby")],
  ["stats_temp_directory", obsolete(15, "statistics are kept in shared memory")],
  ["trace_recovery_messages", obsolete(17, "it is no longer needed")],
  ["trigger_file", obsolete(12, "Patroni promotes without it")],
  ["unix_socket_directory", renamed(9.3, "unix_socket_directories")],
  ["vacuum_cleanup_index_scale_factor", obsolete(14, "it has had no effect since 13.3")],
  [
    "vacuum_defer_cleanup_age",
    obsolete(16, "replication slots and hot_standby_feedback do its work"),
  ],
  ["wal_keep_segments", renamed(OLDEST_POSTGRES, "wal_keep_size, 16MB for each segment,")],
]);
