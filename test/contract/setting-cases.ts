import { expect } from "vitest";
import { isJsonObject, type Json, type JsonObject } from "../../src/core/json.ts";
import {
  letLoopsPass,
  manyLoops,
  membersOf,
  objectOf,
  patch,
  readDocument,
  since,
  withChange,
  type ContractCase,
  type ContractClient,
} from "./contract-client.ts";

/** What a change of PostgreSQL's parameters does: take effect, wait for a restart, or nothing. */
export const SETTING_CASES: readonly ContractCase[] = [
  {
    title: "a raised max_connections waits for a restart on every node, and a revert ends the wait",
    async run(client) {
      const runs = await maxConnections(client);
      await withChange(client, parameters({ max_connections: runs + 10 }), async () => {
        const reason = { old_value: String(runs), new_value: String(runs + 10) };
        await expectPending(client, { max_connections: reason });
      });
      await expectPending(client, {});
    },
  },
  {
    title: "a lowered max_connections waits for a restart on every node too",
    async run(client) {
      const runs = await maxConnections(client);
      await withChange(client, parameters({ max_connections: runs - 10 }), async () => {
        const reason = { old_value: String(runs), new_value: String(runs - 10) };
        await expectPending(client, { max_connections: reason });
      });
      await expectPending(client, {});
    },
  },
  {
    title: "a max_connections below 25 counts as the default of 100, not as the value before",
    async run(client) {
      const runs = await maxConnections(client);
      await withChange(client, parameters({ max_connections: 10 }), async () => {
        const reason = { old_value: String(runs), new_value: "100" };
        await letLoopsPass(client);
        await expectPending(client, runs === 100 ? {} : { max_connections: reason });
      });
      await expectPending(client, {});
    },
  },
  {
    title: "several parameters wait together, each with both values as PostgreSQL prints them",
    async run(client) {
      const runs = await maxConnections(client);
      const change = {
        max_connections: String(runs + 5),
        track_activity_query_size: 2048,
        data_sync_retry: "TRUE",
        work_mem: "5MB",
      };
      await withChange(client, parameters(change), async () => {
        await expectPending(client, {
          max_connections: { old_value: String(runs), new_value: String(runs + 5) },
          track_activity_query_size: { old_value: "1kB", new_value: "2kB" },
          data_sync_retry: { old_value: "off", new_value: "on" },
        });
        await setBack(client, {
          max_connections: runs,
          track_activity_query_size: "1kB",
          data_sync_retry: false,
        });
      });
      await expectPending(client, {});
    },
  },
  {
    title: "a parameter that is set and removed again waits on, with equal values",
    async run(client) {
      const size = "track_activity_query_size";
      await withChange(client, parameters({ [size]: "2kB", work_mem: "5MB" }), async () => {
        await expectPending(client, { [size]: { old_value: "1kB", new_value: "2kB" } });
        await patch(client, parameters({ [size]: null }));
        await expectPending(client, { [size]: { old_value: "1kB", new_value: "1kB" } });
        await setBack(client, { [size]: "1kB" });
      });
      await expectPending(client, {});
    },
  },
  {
    title: "after a revert POST /reload finds nothing to wait for, but on 3.0 the flag comes back",
    async run(client) {
      const runs = await maxConnections(client);
      const back = parameters({ max_connections: runs });
      await withChange(
        client,
        parameters({ max_connections: runs + 10, work_mem: "5MB" }),
        async () => {
          const reason = { old_value: String(runs), new_value: String(runs + 10) };
          await expectPending(client, { max_connections: reason });
          await patch(client, back);
          await expectPending(client, {});
          for (const node of client.nodes) await client.request(node, "POST", "/reload");
          await letLoopsPass(client);
          await expectPending(client, since(client, 3, 3) ? {} : { max_connections: reason });
          await setBack(client, { max_connections: runs });
        },
      );
      await expectPending(client, {});
    },
  },
  {
    title: "the running value in another spelling waits for nothing",
    async run(client) {
      const change = parameters({ track_activity_query_size: "1kB", data_sync_retry: "OFF" });
      await withChange(client, change, () => expectNothingPending(client));
    },
  },
  {
    title: "work_mem takes effect without a restart",
    async run(client) {
      await withChange(client, parameters({ work_mem: "7MB" }), () => expectNothingPending(client));
    },
  },
  {
    title: "a parameter that PostgreSQL does not know waits for nothing",
    async run(client) {
      const change = parameters({ no_such_parameter: 1 });
      await withChange(client, change, () => expectNothingPending(client));
    },
  },
  {
    title: "a ttl that is no number keeps the settings of its document from taking effect",
    async run(client) {
      const runs = await maxConnections(client);
      const change = { ttl: "abc", ...parameters({ max_connections: runs + 10 }) };
      await withChange(client, change, () => expectNothingPending(client));
      await expectPending(client, {});
    },
  },
  {
    title: "POST /reload is answered with 202 at once",
    async run(client) {
      for (const node of client.nodes)
        expect(await client.request(node, "POST", "/reload")).toMatchObject({
          status: 202,
          text: "reload scheduled",
        });
    },
  },
];

/** A patch of PostgreSQL's parameters. */
export function parameters(values: Readonly<Record<string, Json>>): JsonObject {
  return { postgresql: { parameters: values } };
}

/** What max_connections the cluster runs with, while nothing waits for a restart. */
export async function maxConnections(client: ContractClient): Promise<number> {
  const { postgresql } = await readDocument(client);
  const set = isJsonObject(postgresql) ? postgresql["parameters"] : undefined;
  return Number((isJsonObject(set) ? set["max_connections"] : undefined) ?? 100);
}

/** Waits until exactly these wait for a restart, in `/patroni` and in `/cluster`, on every node. */
export async function expectPending(
  client: ContractClient,
  reasons: JsonObject,
  nodes = client.nodes,
): Promise<void> {
  await client.eventually(manyLoops(client), async () => {
    const members = membersOf(await client.request(nodes[0] ?? "", "GET", "/cluster"));
    for (const node of nodes) {
      const status = objectOf(await client.request(node, "GET", "/patroni"));
      const member = members.find(({ name }) => name === node);
      const expected = expectedPending(client, reasons);
      expect({ node, patroni: pendingOf(status), cluster: pendingOf(member ?? {}) }).toEqual({
        node,
        patroni: expected,
        cluster: expected,
      });
    }
  });
}

/**
 * Writes the running values out, together with a change that makes Patroni write PostgreSQL's file: only
 * then does PostgreSQL forget that they waited.
 */
async function setBack(
  client: ContractClient,
  runs: Readonly<Record<string, Json>>,
): Promise<void> {
  await patch(client, parameters({ ...runs, work_mem: "6MB" }));
  await expectPending(client, {});
}

/** Gives every node the time to notice the change, and then expects that nothing waits. */
async function expectNothingPending(client: ContractClient): Promise<void> {
  await letLoopsPass(client);
  await expectPending(client, {});
}

function pendingOf(shown: JsonObject): JsonObject {
  const keys = ["pending_restart", "pending_restart_reason"];
  return Object.fromEntries(Object.entries(shown).filter(([key]) => keys.includes(key)));
}

function expectedPending(client: ContractClient, reasons: JsonObject): JsonObject {
  if (Object.keys(reasons).length === 0) return {};
  if (!since(client, 3, 3)) return { pending_restart: true };
  return { pending_restart: true, pending_restart_reason: reasons };
}
