import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import type { ClusterView, NodeStatus } from "../../src/core/ports.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { changeEffect, restartOrder } from "../../src/plan/change-effect.ts";
import { hasChanges, planCluster, wantedOf } from "../../src/plan/plan-cluster.ts";
import { readPlan, sealPlan, writePlan } from "../../src/plan/plan-document.ts";
import type { Change, ClusterPlan } from "../../src/plan/plan.ts";
import { planText } from "../../src/report/plan-report.ts";
import { mergePatch } from "../../src/patroni/merge.ts";
import { CLUSTER, projectWith } from "../support/memory-project.ts";

const VIEW: ClusterView = { members: [], paused: false };
const NOBODY: ReadonlyMap<string, NodeStatus> = new Map();

async function compiled(text = CLUSTER) {
  const [cluster] = (await compileProject(projectWith(text))).clusters;
  if (cluster === undefined) throw new Error("the cluster does not compile");
  return cluster;
}

function member(name: string, tags: JsonObject): ClusterView["members"][number] {
  return { name, role: "replica", state: "streaming", timeline: 1, tags, pendingRestart: false };
}

/** The plan for a live document that is the compiled one with this patch. */
async function planOf(patch: JsonObject, text = CLUSTER, before = CLUSTER): Promise<ClusterPlan> {
  const [now, then] = [await compiled(text), await compiled(before)];
  const config = mergePatch(then.dcs, patch).document;
  return planCluster(now, { config, view: VIEW, statuses: NOBODY }, wantedOf(then));
}

function changesOf(plan: ClusterPlan): readonly Change[] {
  return plan.steps.flatMap((step) => (step.kind === "patch-config" ? step.changes : []));
}

describe("a plan", () => {
  test("for a document that is as compiled has nothing to write", async () => {
    const plan = await planOf({});
    expect(changesOf(plan)).toEqual([]);
    expect(plan.unmanaged).toEqual([]);
  });

  test("tells what the intent changed from what somebody else did", async () => {
    const after = `${CLUSTER}failover: { speed: fast }\n`;
    const changes = changesOf(await planOf({ check_timeline: false }, after));
    expect(changes.map(({ path, origin }) => `${path.join(".")} ${origin}`)).toEqual([
      "check_timeline drift",
      "loop_wait change",
      "retry_timeout change",
      "ttl change",
    ]);
  });

  test("removes what voids the compiled document, and leaves alone what is nobody's business", async () => {
    const plan = await planOf({
      master_start_timeout: 5,
      mine: { a: 1 },
      postgresql: {
        parameters: { Synchronous_Commit: "off", log_statement: "all" },
        callbacks: { on_stop: "x" },
      },
    });
    expect(changesOf(plan).map(({ path }) => path.join("."))).toEqual([
      "master_start_timeout",
      "postgresql.parameters.Synchronous_Commit",
    ]);
    expect(plan.unmanaged.map((path) => path.join("."))).toEqual([
      "postgresql.parameters.log_statement",
      "postgresql.callbacks",
      "mine",
    ]);
  });

  test("names the nodes whose running file is another one, and asks for something to be done", async () => {
    const cluster = await compiled();
    const [first, second, third] = cluster.nodes;
    const members = [
      member("pay-1", { quorate_rev: first?.revision ?? "" }),
      member("pay-2", { quorate_rev: "old" }),
      member("pay-3", {}),
    ];
    const view: ClusterView = { members, paused: false };
    const plan = planCluster(
      cluster,
      { config: cluster.dcs, view, statuses: NOBODY },
      wantedOf(cluster),
    );
    expect(plan.nodes).toEqual([
      { node: "pay-2", running: "old", wanted: second?.revision },
      { node: "pay-3", running: undefined, wanted: third?.revision },
    ]);
    expect(hasChanges(plan)).toBe(true);
    expect(planText(sealPlan([plan]), { baseline: undefined })).toContain(
      `node file: pay-2 runs revision old, compiled is ${second?.revision ?? ""}; run quorate compile and install rendered/pay/nodes/pay-2/patroni.yml`,
    );
  });

  test("says how to restart when one parameter goes up and another down", async () => {
    const text = `${CLUSTER}postgresql: { parameters: { max_connections: 200, max_worker_processes: 4 } }\n`;
    const plan = await planOf({}, text);
    expect(planText(sealPlan([plan]), { baseline: undefined })).toContain(
      "note: one parameter goes up and another down: restart the standbys, then the leader, then the standbys again",
    );
  });

  test("shows a list by the lines that come and go", async () => {
    const plan = await planOf({
      postgresql: { pg_hba: ["local all postgres peer", "host all all 0.0.0.0/0 trust"] },
    });
    const text = planText(sealPlan([plan]), { baseline: "commit 1" });
    expect(text).toContain("postgresql.pg_hba  list changes  reload");
    expect(text).toContain("      - host all all 0.0.0.0/0 trust\n");
    expect(text).toContain("      + hostssl replication replicator 10.1.1.1/32 scram-sha-256\n");
    expect(text).not.toContain("- local all postgres peer");
  });

  test("shows the lines of pg_ident, and never a secret in a line of pg_hba", async () => {
    const live = {
      pg_ident: ["ops carol carol"],
      pg_hba: ["host all all 10.9.0.0/16 ldap ldapserver=l ldapbindpasswd=hunter2"],
    };
    const text = `${CLUSTER}access: { postgres: { ident: ["ops alice alice"] } }\n`;
    const plan = await planOf({ postgresql: live }, text);
    const shown = planText(sealPlan([plan]), { baseline: undefined });
    expect(shown).toContain("      - ops carol carol\n      + ops alice alice\n");
    expect(shown + writePlan(sealPlan([plan]))).not.toContain("hunter2");
  });

  test.each([
    { key: "archive_command", value: "aws --secret-key x" },
    { key: "archive_command", value: "cp anything anywhere" },
    { key: "primary_conninfo", value: "host=a" },
    { key: "my_extension.url", value: "plain" },
  ])("never holds the live value of $key: $value", async ({ key, value }) => {
    const text = `${CLUSTER}postgresql: { parameters: { archive_command: "true", ${key.includes(".") ? key : "jit"}: off } }\n`;
    const plan = await planOf({ postgresql: { parameters: { [key]: value } } }, text);
    const stored = writePlan(sealPlan([plan]));
    expect(stored).not.toContain(value);
    expect(planText(sealPlan([plan]), { baseline: undefined })).not.toContain(value);
  });

  test("cannot be made to forge lines of its own report", async () => {
    const plan = await planOf({ "x\n\npay: no changes\u202E": 1 });
    expect(planText(sealPlan([plan]), { baseline: undefined })).toContain(
      "unmanaged, left alone: x??pay: no changes?",
    );
  });

  test("is read back as it was written, and refused when it was changed or is none", async () => {
    const text = writePlan(sealPlan([await planOf({ ttl: 40 })]));
    expect(readPlan(text)).toMatchObject({ ok: true });
    expect(readPlan(text.replace('"ttl": 30', '"ttl": 31'))).toMatchObject({ ok: false });
    for (const bad of [
      "",
      "[]",
      "null",
      "{}",
      '{"formatVersion":2}',
      text.replace('"risk"', '"rsk"'),
    ])
      expect(readPlan(bad), bad.slice(0, 20)).toMatchObject({ ok: false });
  });
});

describe("the effect of a change", () => {
  test.each([
    { key: "ttl", effect: "next loop" },
    { key: "synchronous_node_count", effect: "next loop" },
    { key: "postgresql.use_pg_rewind", effect: "next use" },
    { key: "postgresql.pg_hba", effect: "reload" },
    { key: "postgresql.parameters.work_mem", effect: "reload" },
    { key: "postgresql.parameters.shared_buffers", effect: "restart" },
    { key: "postgresql.parameters.Max_Connections", effect: "restart" },
    { key: "postgresql.parameters.io_method", effect: "reload or restart", postgres: 17 },
    { key: "postgresql.parameters.io_method", effect: "restart", postgres: 18 },
    { key: "postgresql.parameters.autovacuum_max_workers", effect: "restart", postgres: 17 },
    { key: "postgresql.parameters.autovacuum_max_workers", effect: "reload", postgres: 18 },
    { key: "postgresql.parameters.log_connections", effect: "reload", postgres: 18 },
    { key: "postgresql.recovery_conf.restore_command", effect: "restart", postgres: 13 },
    { key: "postgresql.recovery_conf.restore_command", effect: "reload", postgres: 14 },
    { key: "postgresql.recovery_conf.recovery_target_time", effect: "restart", postgres: 18 },
  ])("of $key on PostgreSQL $postgres is $effect", ({ key, effect, postgres = 15 }) => {
    expect(changeEffect(key.split("."), postgres)).toBe(effect);
  });

  test("of an extension's parameter is not known", () => {
    expect(changeEffect(["postgresql", "parameters", "auto_explain.log_analyze"], 15)).toBe(
      "reload or restart",
    );
  });

  test("names the order of restarts only where it matters", () => {
    const path = ["postgresql", "parameters", "max_connections"];
    expect(restartOrder(path, 100, 200)).toBe("standbys first, then the leader");
    expect(restartOrder(path, 200, 100)).toBe("the leader first, then the standbys");
    expect(restartOrder(path, undefined, 50)).toBe("the leader first, then the standbys");
    expect(
      restartOrder(["postgresql", "parameters", "shared_buffers"], "1GB", "2GB"),
    ).toBeUndefined();
  });
});
