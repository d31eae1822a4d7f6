import { expect } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import {
  aReplica,
  manyLoops,
  membersOf,
  objectOf,
  since,
  withChange,
  type ContractCase,
  type ContractClient,
} from "./contract-client.ts";
import { expectPending, maxConnections, parameters } from "./setting-cases.ts";

/** `POST /restart`: its filters, its refusals, and what a restart changes. */
export const RESTART_CASES: readonly ContractCase[] = [
  {
    title: "POST /restart refuses a filter that it does not know",
    async run(client) {
      expect(await restart(client, await aReplica(client), { bogus: 1 })).toMatchObject({
        status: 400,
        text: "Unknown filter for the scheduled restart: bogus",
      });
    },
  },
  {
    title: "POST /restart refuses filters with values that make no sense",
    async run(client) {
      const replica = await aReplica(client);
      for (const filter of [
        { role: "nobody" },
        { timeout: 0 },
        { timeout: "soon" },
        { postgres_version: "new" },
        { postgres_version: "15" },
      ])
        expect({ filter, ...(await restart(client, replica, filter)) }).toMatchObject({
          filter,
          status: 400,
        });
    },
  },
  {
    title: "POST /restart refuses a body that is no JSON object",
    async run(client) {
      const replica = await aReplica(client);
      for (const rawBody of ["[]", "{", '"role"']) {
        const answer = await client.request(replica, "POST", "/restart", { rawBody });
        expect({ rawBody, status: answer.status }).toEqual({ rawBody, status: 400 });
      }
    },
  },
  {
    title: "POST /restart with restart_pending gets 503 where nothing waits, even if it says false",
    async run(client) {
      for (const node of client.nodes)
        for (const value of [true, false])
          expect(await restart(client, node, { restart_pending: value })).toMatchObject(UNMET);
    },
  },
  {
    title: "POST /restart gets 503 where the node has another role or no older PostgreSQL",
    async run(client) {
      const leader = await client.leader();
      const replica = await aReplica(client);
      expect(await restart(client, leader, { role: "replica" })).toMatchObject(UNMET);
      expect(await restart(client, replica, { role: primaryRole(client) })).toMatchObject(UNMET);
      expect(await restart(client, leader, { postgres_version: "10.1" })).toMatchObject(UNMET);
    },
  },
  {
    title: "the word for the leader in a filter is master before 4.0 and primary from then on",
    async run(client) {
      const leader = await client.leader();
      const other = since(client, 4, 0) ? "master" : "primary";
      const answer = await restart(client, leader, { role: other, restart_pending: true });
      expect(answer.status).toBe(since(client, 4, 0) ? 400 : 503);
      const own = { role: primaryRole(client), restart_pending: true };
      expect(await restart(client, leader, own)).toMatchObject(UNMET);
    },
  },
  {
    title: "a replica restarted after a raise runs with the new value, and only that one",
    async run(client) {
      const runs = await maxConnections(client);
      const replica = await aReplica(client);
      const others = client.nodes.filter((node) => node !== replica);
      const raised = runs + 10;
      const up = { max_connections: { old_value: String(runs), new_value: String(raised) } };
      const back = { max_connections: { old_value: String(raised), new_value: String(runs) } };
      const before = await startTime(client, replica);
      await withChange(client, parameters({ max_connections: raised }), async () => {
        await expectPending(client, up);
        await restartPending(client, replica);
        await expectPending(client, {}, [replica]);
        await expectPending(client, up, others);
        expect(await startTime(client, replica)).not.toBe(before);
        expect(await restart(client, replica, { restart_pending: true })).toMatchObject(UNMET);
      });
      await expectPending(client, {}, others);
      await expectPending(client, back, [replica]);
      await restartPending(client, replica);
      await expectPending(client, {});
      await expectHealthy(client);
    },
  },
  {
    title:
      "a replica restarted before the leader after a cut keeps the larger value and still waits",
    async run(client) {
      const runs = await maxConnections(client);
      const replica = await aReplica(client);
      const down = { max_connections: { old_value: String(runs), new_value: String(runs - 10) } };
      await withChange(client, parameters({ max_connections: runs - 10 }), async () => {
        await expectPending(client, down);
        await restartPending(client, replica);
        await expectPending(client, down);
      });
      await expectPending(client, {});
      await expectHealthy(client);
    },
  },
];

const UNMET = { status: 503, text: "restart conditions are not satisfied" };

function restart(
  client: ContractClient,
  node: string,
  body: JsonObject,
): ReturnType<ContractClient["request"]> {
  return client.request(node, "POST", "/restart", { body });
}

async function restartPending(client: ContractClient, replica: string): Promise<void> {
  const answer = await restart(client, replica, { restart_pending: true, role: "replica" });
  expect(answer).toMatchObject({ status: 200, text: "restarted successfully" });
}

function primaryRole(client: ContractClient): string {
  return since(client, 4, 0) ? "primary" : "master";
}

async function startTime(client: ContractClient, node: string): Promise<unknown> {
  const status = objectOf(await client.request(node, "GET", "/patroni"));
  return status["postmaster_start_time"];
}

/** Waits until every node runs again and the replicas have caught up, so that the next case may start. */
async function expectHealthy(client: ContractClient): Promise<void> {
  await client.eventually(manyLoops(client), async () => {
    const members = membersOf(await client.request(client.nodes[0] ?? "", "GET", "/cluster"));
    for (const { state } of members) expect(["running", "streaming"]).toContain(state);
    expect(members.map((member) => member["lag"] ?? 0)).toEqual(client.nodes.map(() => 0));
  });
}
