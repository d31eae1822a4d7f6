import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  findPostgresParameter,
  NEWEST_POSTGRES,
  OLDEST_POSTGRES,
  postgresParameterNames,
  postgresParameterRows,
  type PostgresParameter,
} from "../../src/postgres/parameter.ts";
import { POSTGRES_PARAMETERS } from "../../src/postgres/parameters-table.ts";
import { checkParameterValue } from "../../src/postgres/parameter-value.ts";
import { quantityOf } from "../../src/postgres/quantity.ts";
import { POSTGRES_UNITS } from "../../src/postgres/unit.ts";
import { PARAMETER_ROWS } from "../support/parameter-rows.ts";

const MAJORS = [13, 14, 15, 16, 17, 18];

test("the table spans the versions that Quorate knows", () => {
  expect([OLDEST_POSTGRES, NEWEST_POSTGRES]).toEqual([MAJORS[0], MAJORS.at(-1)]);
  expect(PARAMETER_ROWS).toHaveLength(POSTGRES_PARAMETERS.trim().split("\n").length);
  expect(MAJORS.map((major) => postgresParameterNames(major).length)).toEqual([
    311, 327, 332, 343, 358, 376,
  ]);
});

test("the document names the servers that the table was read from", () => {
  const table = readFileSync("src/postgres/parameters-table.ts", "utf8");
  const document = readFileSync("docs/postgres-parameters.md", "utf8");
  const read = [...table.matchAll(/^\/\/ (\d+): PostgreSQL (\S+), /gm)];
  const named = [...document.matchAll(/^\| (\d+) +\| (\S+) +\|/gm)];
  expect(read.map(([, major]) => Number(major))).toEqual(MAJORS);
  expect(named.map((match) => match.slice(1))).toEqual(read.map((match) => match.slice(1)));
});

describe.each(MAJORS)("PostgreSQL %i", (major) => {
  const rows = PARAMETER_ROWS.filter(({ from, to }) => from <= major && major <= to);

  test("has one row for each parameter, found by its name in any case", () => {
    const names = rows.map(({ name }) => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
    for (const row of rows) expect(findPostgresParameter(row.name.toUpperCase(), major)).toBe(row);
  });

  test("has limits, units, words and defaults that fit", () => {
    expect(rows.length).toBeGreaterThan(330);
    expect(rows.filter(({ min, max }) => (min ?? 0) > (max ?? Infinity))).toEqual([]);
    expect(rows.filter(({ unit }) => unit !== undefined && !POSTGRES_UNITS.has(unit))).toEqual([]);
    expect(rows.filter((row) => !hasItsFieldsOnly(row))).toEqual([]);
    expect(rows.filter((row) => row.context !== "internal" && !hasFittingDefault(row))).toEqual([]);
  });
});

/** Limits and units belong to numbers, words to enums and lists, and nobody sets an internal parameter. */
function hasItsFieldsOnly({ type, context, min, max, unit, values }: PostgresParameter): boolean {
  const isSettable = context !== "internal";
  const isNumber = type === "integer" || type === "real";
  const hasLimits = min !== undefined && [min, max ?? 0].every(Number.isFinite);
  const hasNoNumbers = min === undefined && max === undefined && unit === undefined;
  const isOfWords = type.startsWith("enum") || type.startsWith("list");
  return (
    (isNumber && isSettable ? hasLimits : hasNoNumbers) &&
    (values !== undefined) === (isOfWords && isSettable)
  );
}

function hasFittingDefault(row: PostgresParameter): boolean {
  const { byDefault, min = 0, max = Infinity } = row;
  if (byDefault === undefined) return UNKNOWN_DEFAULT.has(row.name);
  if (row.type !== "integer" && row.type !== "real") return checkParameterValue(row, byDefault).ok;
  const amount = quantityOf(row, byDefault);
  return amount !== undefined && amount >= min && amount <= max;
}

/** Every packager chooses these. */
const UNKNOWN_DEFAULT = new Set(["krb_server_keyfile", "unix_socket_directories"]);

/**
 * What the documentation and the release notes of the versions say, for parameters that changed.
 *
 * @see https://www.postgresql.org/docs/13/runtime-config.html to .../18/runtime-config.html, appendix E
 */
test.each<[name: string, stretches: Readonly<Record<string, string>>]>([
  ["allow_alter_system", { "17-18": "sighup bool = on" }],
  ["archive_library", { "15-18": "sighup string = " }],
  [
    "autovacuum_max_workers",
    {
      "13-17": "postmaster integer 1..262143 = 3",
      "18-18": "sighup integer 1..262143 = 3",
    },
  ],
  ["autovacuum_worker_slots", { "18-18": "postmaster integer 1..262143 = 16" }],
  ["block_size", { "13-18": "internal integer = " }],
  [
    "checkpoint_completion_target",
    {
      "13-13": "sighup real 0..1 = 0.5",
      "14-18": "sighup real 0..1 = 0.9",
    },
  ],
  ["compute_query_id", { "14-18": "superuser enumbool auto,regress = auto" }],
  ["db_user_namespace", { "13-16": "sighup bool = off" }],
  ["debug_parallel_query", { "16-18": "user enumbool regress = off" }],
  ["default_toast_compression", { "14-18": "user enum pglz,lz4 = pglz" }],
  [
    "effective_io_concurrency",
    {
      "13-17": "user integer 0..1000 = 1",
      "18-18": "user integer 0..1000 = 16",
    },
  ],
  ["force_parallel_mode", { "13-15": "user enumbool regress = off" }],
  [
    "hash_mem_multiplier",
    {
      "13-14": "user real 1..1000 = 1",
      "15-18": "user real 1..1000 = 2",
    },
  ],
  ["huge_page_size", { "14-18": "postmaster integer kB 0..2147483647 = 0" }],
  ["idle_replication_slot_timeout", { "18-18": "sighup integer s 0..2147483647 = 0" }],
  [
    "io_combine_limit",
    {
      "17-17": "user integer 8kB 1..32 = 16",
      "18-18": "user integer 8kB 1..128 = 16",
    },
  ],
  ["io_method", { "18-18": "postmaster enum sync,worker,io_uring = worker" }],
  ["log_checkpoints", { "13-14": "sighup bool = off", "15-18": "sighup bool = on" }],
  [
    "log_connections",
    {
      "13-17": "superuser-backend bool = off",
      "18-18":
        "superuser-backend listbool receipt,authentication,authorization,setup_durations,all = ",
    },
  ],
  [
    "log_destination",
    {
      "13-14": "sighup list stderr,csvlog,syslog = stderr",
      "15-18": "sighup list stderr,csvlog,jsonlog,syslog = stderr",
    },
  ],
  [
    "maintenance_work_mem",
    {
      "13-16": "user integer kB 1024..2147483647 = 65536",
      "17-18": "user integer kB 64..2147483647 = 65536",
    },
  ],
  ["old_snapshot_threshold", { "13-16": "postmaster integer min -1..86400 = -1" }],
  ["operator_precedence_warning", { "13-13": "user bool = off" }],
  ["output_plugin_libraries", { "14-18": "superuser string = pgoutput, test_decoding" }],
  [
    "password_encryption",
    {
      "13-13": "user enum md5,scram-sha-256 = md5",
      "14-18": "user enum md5,scram-sha-256 = scram-sha-256",
    },
  ],
  ["promote_trigger_file", { "13-15": "sighup string = " }],
  ["random_page_cost", { "13-18": "user real 0.. = 4" }],
  ["recovery_prefetch", { "15-18": "sighup enumbool try = try" }],
  ["reserved_connections", { "16-18": "postmaster integer 0..262143 = 0" }],
  ["restore_command", { "13-13": "postmaster string = ", "14-18": "sighup string = " }],
  ["scram_iterations", { "16-18": "user integer 1..2147483647 = 4096" }],
  ["ssl_ecdh_curve", { "13-17": "sighup string = prime256v1" }],
  ["ssl_groups", { "18-18": "sighup string = X25519:prime256v1" }],
  ["stats_temp_directory", { "13-14": "sighup string = pg_stat_tmp" }],
  ["summarize_wal", { "17-18": "sighup bool = off" }],
  ["sync_replication_slots", { "17-18": "sighup bool = off" }],
  ["synchronized_standby_slots", { "17-18": "sighup string = " }],
  ["transaction_isolation", { "13-18": "internal enum = " }],
  ["transaction_timeout", { "17-18": "user integer ms 0..2147483647 = 0" }],
  ["unix_socket_directories", { "13-18": "postmaster string = ?" }],
  [
    "vacuum_buffer_usage_limit",
    {
      "16-16": "user integer kB 0..16777216 = 256",
      "17-18": "user integer kB 0..16777216 = 2048",
    },
  ],
  [
    "vacuum_cost_page_miss",
    {
      "13-13": "user integer 0..10000 = 10",
      "14-18": "user integer 0..10000 = 2",
    },
  ],
  ["vacuum_defer_cleanup_age", { "13-15": "sighup integer 0..1000000 = 0" }],
  [
    "wal_compression",
    {
      "13-14": "superuser bool = off",
      "15-18": "superuser enumbool pglz,lz4,zstd = off",
    },
  ],
  ["wal_keep_size", { "13-18": "sighup integer MB 0..2147483647 = 0" }],
  ["wal_summary_keep_time", { "17-18": "sighup integer min 0..35791394 = 14400" }],
])("%s is what its documentation says, version by version", (name, stretches) => {
  const shown = postgresParameterRows(name).map((row) => [`${row.from}-${row.to}`, show(row)]);
  expect(Object.fromEntries(shown)).toEqual(stretches);
});

test("the five parameters of hot standby need a restart in every version", () => {
  for (const name of ["connections", "locks_per_transaction", "prepared_transactions"])
    for (const major of MAJORS)
      expect(findPostgresParameter(`max_${name}`, major)?.context).toBe("postmaster");
  for (const name of ["max_wal_senders", "max_worker_processes"])
    for (const major of MAJORS)
      expect(findPostgresParameter(name, major)?.context).toBe("postmaster");
});

test("what a version does not have is not found there", () => {
  expect(findPostgresParameter("summarize_wal", 16)).toBeUndefined();
  expect(findPostgresParameter("vacuum_defer_cleanup_age", 16)).toBeUndefined();
  expect(findPostgresParameter("wal_keep_segments", 13)).toBeUndefined();
  expect(postgresParameterRows("max_conections")).toEqual([]);
  expect(postgresParameterNames(15)).not.toContain("block_size");
});

function show({ context, type, unit, min, max, values, byDefault }: PostgresParameter): string {
  const limits = min === undefined ? [] : [`${min}..${max ?? ""}`];
  return [context, type, ...(unit ? [unit] : []), ...limits, ...(values ? [values.join(",")] : [])]
    .concat("=", byDefault ?? (context === "internal" ? "" : "?"))
    .join(" ");
}
