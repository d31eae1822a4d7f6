import { systemClock } from "../../src/adapters/system-clock.ts";
import { expect, test } from "vitest";
import { applyCluster } from "../../src/apply/apply-cluster.ts";
import type { CompiledCluster } from "../../src/compiler/compiled-cluster.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { NodeStatus, PatroniApi } from "../../src/core/ports.ts";
import { ok } from "../../src/core/result.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { drProject } from "../intent/bad-dr-table.ts";

/** What was sent, by a cluster whose nodes answer as told. */
interface Fake {
  readonly api: PatroniApi;
  readonly sent: JsonObject[];
}

/** A cluster that its nodes show as `seen`, while the DCS has `stored`. */
function fakeApi(
  { nodes, resolved }: CompiledCluster,
  leaderRole: string,
  { seen, stored }: { readonly seen: JsonObject; readonly stored: JsonObject },
): Fake {
  const sent: JsonObject[] = [];
  const statusOf = (node: string): NodeStatus => ({
    state: "running",
    role: node === nodes[0]?.name ? leaderRole : "replica",
    patroniVersion: "4.1.5",
    scope: resolved.name,
    name: node,
    serverVersion: 150_005,
    tags: {},
    replicationState: "streaming",
    paused: false,
    failsafeActive: false,
    pendingRestart: false,
    pendingRestartReasons: [],
    dcsLastSeen: 1,
  });
  const api: PatroniApi = {
    readConfig: async () => ok(seen),
    readConfigAfresh: async () => ok(stored),
    patchConfig: async (_endpoint, patch) => {
      sent.push(patch);
      return ok(stored);
    },
    readCluster: async () => ok({ members: [], paused: false }),
    readStatus: async ({ node }) => ok(statusOf(node)),
  };
  return { api, sent };
}

async function verdictOf(
  name: string,
  leaderRole: string,
  documents: (dcs: JsonObject) => { readonly seen: JsonObject; readonly stored: JsonObject },
): Promise<{ readonly verdict: unknown; readonly sent: readonly JsonObject[] }> {
  const { clusters } = await compileProject(drProject());
  const compiled = clusters.find(({ resolved }) => resolved.name === name);
  if (compiled === undefined) throw new Error(`${name} does not compile`);
  const { api, sent } = fakeApi(compiled, leaderRole, documents(compiled.dcs));
  const endpoints = compiled.nodes.map(({ name: node, address }) => ({
    cluster: name,
    node,
    url: `https://${address}:8008`,
    certificateName: address,
  }));
  let seconds = 0;
  const clock = {
    now: () => systemClock.now(),
    monotonicSeconds: () => seconds,
    sleep: async (duration: number) => {
      seconds += duration;
    },
  };
  const verdict = await applyCluster(
    { api, clock, progress: () => undefined },
    { compiled, endpoints, plan: undefined, baseline: undefined, deadlineSeconds: 5 },
  );
  return { verdict, sent };
}

const without = ({ standby_cluster: _section, ...rest }: JsonObject): JsonObject => rest;

test("a follower that was promoted between the look and the write is not demoted", async () => {
  const { verdict, sent } = await verdictOf("pay-dr", "standby_leader", (dcs) => ({
    seen: dcs,
    stored: without({ ...dcs, ttl: 99 }),
  }));
  expect(sent).toEqual([]);
  expect(verdict).toMatchObject({
    kind: "refused",
    reasons: [expect.stringContaining("pay-dr leads by itself")],
  });
});

test("a cluster that was made to follow between the look and the write is not promoted", async () => {
  const { verdict, sent } = await verdictOf("pay", "primary", (dcs) => ({
    seen: dcs,
    stored: { ...dcs, ttl: 99, standby_cluster: { host: "10.2.1.8" } },
  }));
  expect(sent).toEqual([]);
  expect(verdict).toMatchObject({
    kind: "refused",
    reasons: [expect.stringContaining("pay follows another cluster")],
  });
});

test.each([
  ["pay-dr", "primary", "pay-8 leads and takes writes, and the intent says that it follows pay"],
  [
    "pay",
    "standby_leader",
    "pay-1 is the leader of a standby cluster, which the intent does not say",
  ],
])(
  "%s is refused while its leader still is a %s, whatever the document says",
  async (name, role, reason) => {
    const { verdict, sent } = await verdictOf(name, role, (dcs) => ({
      seen: dcs,
      stored: { ...dcs, ttl: 99 },
    }));
    expect(sent).toEqual([]);
    expect(verdict).toMatchObject({ kind: "refused", reasons: [reason] });
  },
);

test("a cluster whose slots would be hidden by an old key is not written to", async () => {
  const { verdict, sent } = await verdictOf("pay", "primary", (dcs) => {
    const live = { ...dcs, ttl: 99, permanent_slots: { barman: { type: "physical" } } };
    return { seen: live, stored: live };
  });
  expect(sent).toEqual([]);
  expect(verdict).toMatchObject({
    kind: "refused",
    reasons: [
      "permanent_slots in the live document hides slots, so that Patroni would not keep pay_dr: move what stands there to slots",
    ],
  });
});

test("a follower that follows is written to like any other", async () => {
  const { sent } = await verdictOf("pay-dr", "standby_leader", (dcs) => ({
    seen: dcs,
    stored: { ...dcs, ttl: 99 },
  }));
  expect(sent).toEqual([{ ttl: 30 }]);
});
