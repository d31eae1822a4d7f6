import { expect, test } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { startDatabaseServer } from "../../src/sandbox/database-server.ts";
import { postmasterDefaults } from "../../src/sandbox/postmaster-defaults.ts";
import { releaseOf } from "../../src/sandbox/release.ts";
import { settingsOfDocument, type ServerSettings } from "../../src/sandbox/server-settings.ts";

const NEW = releaseOf("4.1");
const OLD = releaseOf("3.0");

test("a parameter removed after it was set waits with equal values, until a restart", () => {
  const server = startDatabaseServer(settings({}), NEW, 16);
  server.reload(settings({ huge_pages: "off" }));
  expect(pendingOf(server)).toEqual({ huge_pages: "try -> off" });
  server.reload(settings({}));
  expect(pendingOf(server)).toEqual({ huge_pages: "try -> try" });
  server.restart(undefined);
  expect(pendingOf(server)).toEqual({});
  server.reload(settings({ work_mem: "8MB" }));
  expect(pendingOf(server)).toEqual({});
});

test("a parameter that was there at the start and is removed waits, even where nothing would change", () => {
  const server = startDatabaseServer(settings({ huge_pages: "try" }), NEW, 16);
  server.reload(settings({}));
  expect(pendingOf(server)).toEqual({ huge_pages: "try -> try" });
});

test("shared_buffers falls back to what initdb wrote, so that its removal waits only where that differs", () => {
  const small = startDatabaseServer(settings({ shared_buffers: "64MB" }), NEW, 16);
  small.reload(settings({}));
  expect(pendingOf(small)).toEqual({ shared_buffers: "64MB -> 128MB" });
  const same = startDatabaseServer(settings({ shared_buffers: "128MB" }), NEW, 16);
  same.reload(settings({}));
  expect(pendingOf(same)).toEqual({});
});

test("a document that changes nothing in the file hides what PostgreSQL still waits for", () => {
  const server = startDatabaseServer(settings({}), NEW, 16);
  server.reload(settings({ huge_pages: "off" }));
  server.reload(settings({}));
  server.reload(settings({}));
  expect(pendingOf(server)).toEqual({});
  server.reloadAgain();
  expect(pendingOf(server)).toEqual({ huge_pages: "try -> try" });
});

test("a value that is set back is written to the file, but not by 3.0", () => {
  for (const [release, pending] of [
    [NEW, {}],
    [OLD, { max_connections: "100 -> 200" }],
  ] as const) {
    const server = startDatabaseServer(settings({}), release, 16);
    server.reload(settings({ max_connections: 200 }));
    server.reload(settings({ max_connections: 100 }));
    expect(pendingOf(server)).toEqual({});
    server.reloadAgain();
    expect(pendingOf(server)).toEqual(pending);
  }
});

test("a parameter set back to what runs may be removed without a trace, but not on 3.0", () => {
  for (const [release, pending] of [
    [NEW, {}],
    [OLD, { huge_pages: "try -> try" }],
  ] as const) {
    const server = startDatabaseServer(settings({}), release, 16);
    for (const huge_pages of ["off", "try"]) server.reload(settings({ huge_pages }));
    server.reload(settings({}));
    expect(pendingOf(server)).toEqual(pending);
  }
});

test("a reload that somebody asked for writes the running value out and ends the wait, but not on 3.0", () => {
  for (const [release, pending] of [
    [NEW, {}],
    [OLD, { huge_pages: "try -> try" }],
  ] as const) {
    const server = startDatabaseServer(settings({}), release, 16);
    server.reload(settings({ huge_pages: "off" }));
    server.reload(settings({}));
    server.reload(settings({ huge_pages: "try" }));
    expect(pendingOf(server)).toEqual({});
    server.reloadAgain();
    expect(pendingOf(server)).toEqual(pending);
  }
});

test.each([
  ["max_connections", 24, "100"],
  ["max_connections", 25, "25"],
  ["max_locks_per_transaction", 31, "64"],
  ["max_worker_processes", 1, "8"],
  ["max_wal_senders", 2, "10"],
  ["max_replication_slots", 3, "10"],
  ["max_prepared_transactions", -1, "0"],
  ["max_connections", "many", "100"],
  ["wal_level", "minimal", "replica"],
  ["wal_level", "hot_standby", "replica"],
  ["wal_level", "logical", "logical"],
  ["track_commit_timestamp", "maybe", "off"],
  ["hot_standby", "off", undefined],
  ["port", 5433, undefined],
])("%s: %j becomes %j", (name, value, text) => {
  expect(settings({ [name]: value }).get(name)?.text).toBe(text);
});

test("wal_log_hints can be switched off from 4.0 on", () => {
  const document = { postgresql: { parameters: { wal_log_hints: false } } };
  expect(settingsOfDocument(document, NEW, 16).get("wal_log_hints")?.text).toBe("off");
  expect(settingsOfDocument(document, OLD, 16).get("wal_log_hints")?.text).toBe("on");
});

test("what PostgreSQL does not know in that version is left out", () => {
  const all = settings({ no_such_parameter: 1, old_snapshot_threshold: 60, "ext.setting": 1 });
  expect(all.has("no_such_parameter")).toBe(false);
  expect(all.has("old_snapshot_threshold")).toBe(true);
  expect(all.has("ext.setting")).toBe(true);
  const document = { postgresql: { parameters: { old_snapshot_threshold: 60 } } };
  expect(settingsOfDocument(document, NEW, 17).has("old_snapshot_threshold")).toBe(false);
});

test("what Patroni drops is left out, and so never waits for a restart", () => {
  const document = { postgresql: { parameters: { reserved_connections: 2 } } };
  expect(settingsOfDocument(document, NEW, 16).get("reserved_connections")?.text).toBe("2");
  expect(settingsOfDocument(document, OLD, 16).has("reserved_connections")).toBe(false);
  expect(settingsOfDocument(document, NEW, 15).has("reserved_connections")).toBe(false);
});

test("a parameter is what it is in that version of PostgreSQL", () => {
  const parameters = { autovacuum_max_workers: 5, maintenance_work_mem: "64kB" };
  const [older, newer] = [17, 18].map((major) =>
    settingsOfDocument({ postgresql: { parameters } }, NEW, major),
  );
  expect(older?.get("autovacuum_max_workers")).toEqual({ text: "5", needsRestart: true });
  expect(newer?.get("autovacuum_max_workers")).toEqual({ text: "5", needsRestart: false });
  expect(settings(parameters).get("maintenance_work_mem")?.text).toBe("1MB");
  expect(newer?.get("maintenance_work_mem")?.text).toBe("64kB");
});

/** Read with SHOW in new clusters of PostgreSQL 13 to 18; undefined where a reload is enough, or it is absent. */
test.each([
  [13, "autovacuum_max_workers", "3"],
  [13, "shared_buffers", "128MB"],
  [13, "huge_page_size", undefined],
  [15, "archive_mode", "off"],
  [15, "huge_pages", "try"],
  [15, "unix_socket_permissions", "0777"],
  [15, "track_activity_query_size", "1kB"],
  [15, "wal_buffers", "4MB"],
  [15, "wal_decode_buffer_size", "512kB"],
  [16, "old_snapshot_threshold", "-1"],
  [17, "old_snapshot_threshold", undefined],
  [17, "multixact_offset_buffers", "128kB"],
  [17, "transaction_buffers", "256kB"],
  [17, "autovacuum_worker_slots", undefined],
  [18, "autovacuum_worker_slots", "16"],
  [18, "autovacuum_max_workers", undefined],
  [18, "io_max_concurrency", "64"],
  [18, "shared_preload_libraries", ""],
])("PostgreSQL %i starts with %s %j", (major, name, text) => {
  expect(postmasterDefaults(major).get(name)).toBe(text);
});

function settings(parameters: JsonObject): ServerSettings {
  return settingsOfDocument({ postgresql: { parameters } }, NEW, 16);
}

function pendingOf(server: ReturnType<typeof startDatabaseServer>): object {
  const pending = [...server.pending()].map(([name, { oldValue, newValue }]) => [
    name,
    `${oldValue} -> ${newValue}`,
  ]);
  return Object.fromEntries(pending);
}
