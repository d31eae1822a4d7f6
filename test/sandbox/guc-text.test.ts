import { expect, test } from "vitest";
import type { Json } from "../../src/core/json.ts";
import { Bug } from "../../src/core/bug.ts";
import { findPostgresParameter } from "../../src/postgres/parameter.ts";
import { gucText } from "../../src/sandbox/guc-text.ts";

test.each<[parameter: string, value: Json, shown: string | undefined]>([
  ["max_connections", 100, "100"],
  ["max_connections", "100", "100"],
  ["max_connections", "many", undefined],
  ["max_connections", 1e9, "262143"],
  ["shared_buffers", 16384, "128MB"],
  ["shared_buffers", "128MB", "128MB"],
  ["shared_buffers", "131072kB", "128MB"],
  ["shared_buffers", "1.5GB", "1536MB"],
  ["shared_buffers", "4 GB", "4GB"],
  ["shared_buffers", 1, "128kB"],
  ["wal_buffers", -1, "-1"],
  ["track_activity_query_size", 1024, "1kB"],
  ["track_activity_query_size", 1025, "1025B"],
  ["old_snapshot_threshold", 90, "90min"],
  ["old_snapshot_threshold", "2h", "2h"],
  ["old_snapshot_threshold", 1440, "1d"],
  ["autovacuum_freeze_max_age", 200_000_000, "200000000"],
  ["huge_pages", "TRY", "try"],
  ["huge_pages", true, "on"],
  ["huge_pages", "sometimes", undefined],
  ["wal_log_hints", "yes", "on"],
  ["wal_log_hints", 0, "off"],
  ["wal_log_hints", "maybe", undefined],
  ["archive_mode", "ALWAYS", "always"],
  ["shared_preload_libraries", "pg_stat_statements", "pg_stat_statements"],
  ["ssl_min_protocol_version", "tlsv1.3", "TLSv1.3"],
  ["unix_socket_permissions", "0750", "0750"],
  ["shared_buffers", "1.1GB", "1126MB"],
  ["vacuum_cost_delay", 0.5, "500us"],
  ["vacuum_cost_delay", "2ms", "2ms"],
  ["log_destination", "stderr, csvlog", "stderr, csvlog"],
  ["max_connections", null, undefined],
  ["max_connections", [100], undefined],
])("%s of %j is shown as %j", (name, value, shown) => {
  const parameter = findPostgresParameter(name, 15);
  if (parameter === undefined) throw new Bug(`${name} is no parameter`);
  expect(gucText(parameter, value)).toBe(shown);
});
