import { expect, test } from "vitest";
import type { NodeStatus } from "../../src/core/ports.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { planCluster } from "../../src/plan/plan-cluster.ts";
import { readPlan, sealPlan, writePlan } from "../../src/plan/plan-document.ts";
import type { ClusterPlan } from "../../src/plan/plan.ts";
import { drProject } from "../intent/bad-dr-table.ts";

/** The plan of the follower or of its source, whose nodes say this of themselves. */
async function planOf(
  name: string,
  leader: Partial<NodeStatus>,
  { paused, config }: { readonly paused?: boolean; readonly config?: object } = {},
): Promise<ClusterPlan> {
  const { clusters } = await compileProject(drProject());
  const compiled = clusters.find(({ resolved }) => resolved.name === name);
  if (compiled === undefined) throw new Error(`${name} does not compile`);
  const status: NodeStatus = {
    state: "running",
    role: "standby_leader",
    patroniVersion: "4.1.5",
    scope: name,
    name: undefined,
    serverVersion: 150_005,
    tags: {},
    replicationState: "streaming",
    paused: false,
    failsafeActive: false,
    pendingRestart: false,
    pendingRestartReasons: [],
    dcsLastSeen: 1,
    ...leader,
  };
  const statuses = new Map(
    compiled.nodes.map((node) => [node.name, { ...status, role: "replica" }]),
  );
  const first = compiled.nodes[0]?.name ?? "";
  statuses.set(first, status);
  const members = compiled.nodes.map((node) => ({
    name: node.name,
    role: "replica",
    state: "streaming",
    timeline: 1,
    tags: { quorate_rev: node.revision },
    pendingRestart: false,
  }));
  const view = { members, paused: paused ?? false };
  return planCluster(
    compiled,
    { config: { ...compiled.dcs, ...config }, view, statuses },
    undefined,
  );
}

const textsOf = ({ steps }: ClusterPlan): readonly string[] =>
  steps.flatMap((step) => (step.kind === "note" ? [step.text] : []));

test("a follower that follows has nothing to say", async () => {
  expect((await planOf("pay-dr", {})).steps).toEqual([]);
});

test.each([
  ["4.1.5", undefined],
  ["4.1.5", "in archive recovery"],
  ["3.1.0", undefined],
])(
  "a standby leader of %s whose replication state is %s does not stream",
  async (patroniVersion, replicationState) => {
    const plan = await planOf("pay-dr", { patroniVersion, replicationState });
    expect(textsOf(plan)).toEqual(["pay-8 leads pay-dr and does not stream from pay"]);
  },
);

test("before 3.0.4 Patroni does not say whether it streams, and so does the plan", async () => {
  const plan = await planOf("pay-dr", { patroniVersion: "3.0.2", replicationState: undefined });
  expect(plan.steps).toEqual([]);
});

test("a leader of its own need not stream from anyone", async () => {
  const plan = await planOf("pay", { role: "primary", replicationState: undefined });
  expect(plan.steps).toEqual([]);
});

test("a pause of a follower is worse than one of its source", async () => {
  expect(textsOf(await planOf("pay-dr", {}, { paused: true }))).toContain(
    "without its leader nobody of pay-dr follows pay while it is paused: resume it soon",
  );
  expect(textsOf(await planOf("pay", { role: "primary" }, { paused: true }))).toHaveLength(1);
});

test("a plan that would change sides says so as a step of its own, and is read back", async () => {
  const plan = await planOf("pay-dr", { role: "primary" }, { config: { standby_cluster: {} } });
  expect(plan.steps.map(({ kind }) => kind)).toEqual(["blocked", "patch-config"]);
  const [, patch] = plan.steps;
  expect(patch).toMatchObject({ risk: "demotion" });
  expect(readPlan(writePlan(sealPlan([plan])))).toMatchObject({ ok: true });
});
