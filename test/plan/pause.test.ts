import { describe, expect, test } from "vitest";
import { preflight } from "../../src/apply/preflight.ts";
import type { CompiledCluster } from "../../src/compiler/compiled-cluster.ts";
import type { ClusterView, NodeStatus } from "../../src/core/ports.ts";
import { ok } from "../../src/core/result.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import type { Observation } from "../../src/plan/observe-cluster.ts";
import { planCluster } from "../../src/plan/plan-cluster.ts";
import { CLUSTER, projectWith } from "../support/memory-project.ts";

const MANUAL = `${CLUSTER}failover: { scope: manual }\n`;

async function compiled(text: string): Promise<CompiledCluster> {
  const [cluster] = (await compileProject(projectWith(text))).clusters;
  if (cluster === undefined) throw new Error("the cluster does not compile");
  return cluster;
}

function status(node: string): NodeStatus {
  return {
    state: "running",
    role: node === "pay-1" ? "primary" : "replica",
    patroniVersion: "4.1.5",
    scope: "pay",
    name: node,
    serverVersion: 150_020,
    tags: {},
    paused: true,
    failsafeActive: false,
    pendingRestart: false,
    pendingRestartReasons: [],
    dcsLastSeen: 1,
    replicationState: undefined,
  };
}

const NODES = ["pay-1", "pay-2", "pay-3"];
const VIEW: ClusterView = { members: [], paused: true };

/** A live cluster that is as compiled, and paused. */
function observed(cluster: CompiledCluster): Observation {
  return {
    statuses: new Map(NODES.map((node) => [node, ok(status(node))])),
    source: undefined,
    config: ok({ ...cluster.dcs, pause: true }),
    view: ok(VIEW),
  };
}

/** What a plan says of a paused cluster, and what it would write. */
function planned(cluster: CompiledCluster, live: CompiledCluster["dcs"]): readonly string[] {
  const plan = planCluster(cluster, { config: live, view: VIEW, statuses: new Map() }, undefined);
  return plan.steps.flatMap((step) =>
    step.kind !== "patch-config"
      ? step.text.includes("paused")
        ? [step.text]
        : []
      : step.changes.map(({ path, after }) => `${path.join(".")} -> ${JSON.stringify(after)}`),
  );
}

describe("a paused cluster", () => {
  test("is refused, but not where its intent has it paused", async () => {
    const usual = await compiled(CLUSTER);
    expect(preflight(usual, [], observed(usual), undefined)).toEqual({
      kind: "refused",
      reasons: [expect.stringContaining("resume it first (patronictl resume)")],
    });
    const manual = await compiled(MANUAL);
    expect(preflight(manual, [], observed(manual), undefined)).toBe(undefined);
  });

  test("is worth a note, which says why where its intent has it paused", async () => {
    const usual = await compiled(CLUSTER);
    expect(planned(usual, { ...usual.dcs, pause: true })).toEqual([
      "pause -> undefined",
      "the cluster is paused: nobody fails over until it is resumed",
    ]);
    const manual = await compiled(MANUAL);
    expect(planned(manual, manual.dcs)).toEqual([
      "the cluster is paused (failover.scope): nobody fails over and nothing fences",
    ]);
  });

  test("that somebody resumed is paused again where its intent has it so", async () => {
    const manual = await compiled(MANUAL);
    const { pause: _pause, ...resumed } = manual.dcs;
    expect(planned(manual, resumed)).toContain("pause -> true");
  });
});
