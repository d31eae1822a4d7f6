import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { labPaths } from "../../src/lab/lab-paths.ts";
import { readService, recordService } from "../../src/lab/service-record.ts";

const RECORD = {
  cluster: "pay",
  host: "pay-1",
  role: "patroni",
  argv: ["/usr/bin/patroni", "/etc/patroni/patroni.yml"],
  environment: { PATRONI_SUPERUSER_PASSWORD: "secret" },
} as const;
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quorate-record-"));
  process.env["QUORATE_LAB_STATE"] = folder;
});
afterEach(() => {
  delete process.env["QUORATE_LAB_STATE"];
  rmSync(folder, { recursive: true, force: true });
});

test("a service is found again as it was started, by its own host and role only", async () => {
  await recordService(RECORD);
  expect(await readService("pay", "pay-1", "patroni")).toEqual(RECORD);
  expect(await readService("pay", "pay-1", "etcd")).toBeUndefined();
  expect(await readService("pay", "pay-2", "patroni")).toBeUndefined();
});

test("nobody but root reads the passwords in it", async () => {
  await recordService(RECORD);
  expect(statSync(labPaths("pay").service("pay-1", "patroni")).mode & 0o777).toBe(0o600);
});

test("a record that was cut short counts as none", async () => {
  await recordService(RECORD);
  writeFileSync(labPaths("pay").service("pay-1", "patroni"), '{"cluster":');
  expect(await readService("pay", "pay-1", "patroni")).toBeUndefined();
});
