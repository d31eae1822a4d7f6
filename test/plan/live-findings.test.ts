import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../src/core/json.ts";
import type { ClusterView, NodeStatus } from "../../src/core/ports.ts";
import { mergePatch } from "../../src/patroni/merge.ts";
import { readRunningVersion } from "../../src/patroni/version.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { misreadParameters } from "../../src/plan/misread-parameters.ts";
import { hasChanges, planCluster, wantedOf } from "../../src/plan/plan-cluster.ts";
import { readPlan, sealPlan, writePlan } from "../../src/plan/plan-document.ts";
import type { ClusterPlan } from "../../src/plan/plan.ts";
import { planText } from "../../src/report/plan-report.ts";
import { CLUSTER, edit, projectWith } from "../support/memory-project.ts";

const VIEW: ClusterView = { members: [], paused: false };
const NOBODY: ReadonlyMap<string, NodeStatus> = new Map();

async function planOf(patch: JsonObject, release = "4.1"): Promise<ClusterPlan> {
  const text = edit(CLUSTER, 'patroni: "4.1"', `patroni: "${release}"`);
  const [cluster] = (await compileProject(projectWith(text))).clusters;
  if (cluster === undefined) throw new Error("the cluster does not compile");
  const config = mergePatch(cluster.dcs, patch).document;
  return planCluster(cluster, { config, view: VIEW, statuses: NOBODY }, wantedOf(cluster));
}

function warningsOf(plan: ClusterPlan): readonly string[] {
  return planText(sealPlan([plan]), { baseline: "commit 1" })
    .split("\n")
    .filter((line) => line.startsWith("  warning: "))
    .map((line) => line.slice(11));
}

describe("a plan for a live document that does not do what it seems to do", () => {
  test("says what Patroni makes of each key, and what becomes of it", async () => {
    const plan = await planOf({
      ttl: "abc",
      tll: 60,
      master_start_timeout: "soon",
      slots: { keep: { type: "physical", plugn: "x" } },
      postgresql: { use_slots: "maybe", parameters: { work_mm: 8, max_connections: 10 } },
    });
    expect(warningsOf(plan)).toEqual([
      "ttl is abc: Patroni 4.1 cannot read it, and keeps the timeouts and everything under postgresql as they were before; replaced",
      "postgresql.use_slots is maybe: Patroni 4.1 takes it for false; replaced",
      "tll is 60: Patroni 4.1 does not know it and ignores it (did you mean ttl?); left alone",
      "master_start_timeout is soon: Patroni 4.1 uses its default 300 instead; removed",
      "slots.keep.plugn is x: Patroni 4.1 does not know it and ignores it (did you mean slots.keep.plugin?); left alone",
      "postgresql.parameters.work_mm is 8: Patroni 4.1 drops it: PostgreSQL 15 has no such parameter (did you mean work_mem?); left alone",
      "postgresql.parameters.max_connections is 10: Patroni 4.1 uses its default 100 instead; left alone",
    ]);
  });

  test("is no change for that alone, and is stored and read back with its findings", async () => {
    const plan = await planOf({ tll: 60 });
    expect(hasChanges(plan)).toBe(false);
    expect(plan.findings).toHaveLength(1);
    expect(readPlan(writePlan(sealPlan([plan])))).toEqual({ ok: true, value: sealPlan([plan]) });
  });

  test("says when apply would refuse, and of the release that the intent names", async () => {
    const old = await planOf(
      { synchronous_mode: "quorum", postgresql: { parameters: { max_connections: "many" } } },
      "3.0",
    );
    expect(warningsOf(old)).toEqual([
      "postgresql.parameters.max_connections is many: Patroni 3.0 cannot read it, and keeps the timeouts and everything under postgresql as they were before; left alone, and apply refuses while it is there",
      "synchronous_mode is quorum: Patroni 3.0 does not know this value, which came with 4.0, and takes it for off; replaced",
    ]);
    expect(warningsOf(await planOf({ primary_stop_timeout: "300" }, "3.0"))).toEqual([]);
  });

  test("shows no secret that somebody wrote there", async () => {
    const plan = await planOf({
      restapi: { authentication: { password: "hunter2" } },
      postgresql: { pg_ctl_timeout: "password=hunter2" },
      api_token: "hunter2",
    });
    expect(plan.findings).toHaveLength(3);
    expect(writePlan(sealPlan([plan])) + warningsOf(plan).join("")).not.toContain("hunter2");
  });
});

describe("a parameter of a live document", () => {
  const READINGS: readonly [name: string, value: Json, does?: string][] = [
    ["max_connections", "100"],
    ["Max_Connections", "200"],
    ["max_connections", "many", "uses its default 100 instead"],
    ["max_wal_senders", 2, "uses its default 10 instead"],
    ["wal_keep_size", "1GB"],
    ["wal_keep_size", "8MB", "uses its default 128MB instead"],
    ["wal_level", "Logical"],
    ["wal_level", "minimal", "uses its default hot_standby instead"],
    ["hot_standby", "on"],
    ["hot_standby", "off", "ignores it: it forces it on"],
    ["PORT", 5433, "ignores it: it sets it itself"],
    ["work_mem", "64MB"],
    ["work_mem", 65_536],
    ["work_mem", "64 MB"],
    ["work_mem", "64s", "drops it: PostgreSQL would not take the value"],
    ["work_mem", 1, "uses 64kB instead"],
    ["autovacuum", "yes"],
    ["autovacuum", "sometimes", "drops it: PostgreSQL would not take the value"],
    ["synchronous_commit", "REMOTE_APPLY"],
    ["synchronous_commit", "remotely", "drops it: PostgreSQL would not take the value"],
    ["checkpoint_completion_target", 0.9],
    ["checkpoint_completion_target", 7, "uses 1 instead"],
    ["archive_command", "anything"],
    ["restore_command", "anything"],
    ["pg_stat_statements.max", "anything"],
    ["work_mem", null],
    ["no_such_thing_at_all", 1, "drops it: PostgreSQL 15 has no such parameter"],
  ];

  test.each(READINGS)("%s: %j", (name: string, value, does) => {
    const version = readRunningVersion("4.1") ?? { major: 0, minor: 0, patch: 0 };
    const document = { postgresql: { parameters: { [name]: value } } };
    expect(misreadParameters(document, version, 15)).toEqual(
      does === undefined ? [] : [{ name, does }],
    );
  });

  test("is forced on before Patroni 4.0 if it is wal_log_hints", () => {
    const version = { major: 3, minor: 3, patch: 0 };
    const document = { postgresql: { parameters: { wal_log_hints: "off" } } };
    expect(misreadParameters(document, version, 15)).toEqual([
      { name: "wal_log_hints", does: "ignores it: it forces it on" },
    ]);
  });
});
