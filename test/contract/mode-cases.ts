import { expect } from "vitest";
import { compareText, type JsonObject } from "../../src/core/json.ts";
import {
  letLoopsPass,
  manyLoops,
  membersOf,
  objectOf,
  since,
  textOf,
  withChange,
  type ContractCase,
  type ContractClient,
} from "./contract-client.ts";

/** What the modes of the document make of the members: synchronous, quorum, paused. */
export const MODE_CASES: readonly ContractCase[] = [
  {
    title: "synchronous_mode on makes as many sync standbys as the document says",
    async run(client) {
      for (const [count, roles] of [
        [1, ["leader", "replica", "sync_standby"]],
        [2, ["leader", "sync_standby", "sync_standby"]],
      ] as const)
        await withChange(
          client,
          { synchronous_mode: true, synchronous_node_count: count },
          async () => {
            await expectRoles(client, roles);
            await expectChecks(client, "sync_standby", "/sync", "sync_standby");
          },
        );
      await expectRoles(client, ["leader", "replica", "replica"]);
    },
  },
  {
    title: "the text on switches synchronous_mode on, as true does",
    async run(client) {
      await withChange(client, { synchronous_mode: "on", synchronous_node_count: 1 }, () =>
        expectRoles(client, ["leader", "replica", "sync_standby"]),
      );
      await expectRoles(client, ["leader", "replica", "replica"]);
    },
  },
  {
    title: "synchronous_mode quorum makes every standby a voter from 4.0 on",
    applies: (client) => since(client, 4, 0),
    async run(client) {
      await withChange(client, { synchronous_mode: "quorum" }, async () => {
        await expectRoles(client, ["leader", "quorum_standby", "quorum_standby"]);
        await expectChecks(client, "quorum_standby", "/quorum", "quorum_standby");
      });
      await expectRoles(client, ["leader", "replica", "replica"]);
    },
  },
  {
    title: "synchronous_mode quorum is taken and makes nobody synchronous before 4.0",
    applies: (client) => !since(client, 4, 0),
    async run(client) {
      await withChange(client, { synchronous_mode: "quorum" }, async () => {
        await letLoopsPass(client);
        await expectRoles(client, ["leader", "replica", "replica"]);
      });
    },
  },
  {
    title: "pause shows in GET /cluster at once and in GET /patroni of every node within two loops",
    async run(client) {
      await withChange(client, { pause: true }, () => expectPause(client, true));
      await expectPause(client, undefined);
    },
  },
];

async function expectRoles(client: ContractClient, roles: readonly string[]): Promise<void> {
  await client.eventually(manyLoops(client), async () => {
    const shown = (await clusterMembers(client)).map(({ role }) => textOf(role));
    expect(shown.toSorted(compareText)).toEqual(roles);
  });
}

/** The nodes with that role, and only those, answer the check with 200 and say so themselves. */
async function expectChecks(
  client: ContractClient,
  role: string,
  path: string,
  flag: string,
): Promise<void> {
  await client.eventually(manyLoops(client), async () => {
    for (const member of await clusterMembers(client)) {
      const node = textOf(member["name"]);
      const answer = await client.request(node, "GET", path);
      const fits = member["role"] === role;
      expect({ node, status: answer.status, flag: objectOf(answer)[flag] }).toEqual({
        node,
        status: fits ? 200 : 503,
        flag: fits ? true : undefined,
      });
    }
  });
}

async function expectPause(client: ContractClient, pause: true | undefined): Promise<void> {
  const cluster = await client.request(client.nodes[0] ?? "", "GET", "/cluster");
  expect(objectOf(cluster)["pause"]).toBe(pause);
  await client.eventually(manyLoops(client), async () => {
    for (const node of client.nodes) {
      const status = objectOf(await client.request(node, "GET", "/patroni"));
      expect({ node, pause: status["pause"] }).toEqual({ node, pause });
    }
  });
}

async function clusterMembers(client: ContractClient): Promise<readonly JsonObject[]> {
  return membersOf(await client.request(client.nodes[0] ?? "", "GET", "/cluster"));
}
