import { expect } from "vitest";
import type { Json } from "../../src/core/json.ts";
import {
  aReplica,
  clearScratch,
  NO_CHANGE,
  patch,
  readDocument,
  SCRATCH,
  withChange,
  type ContractCase,
  type ContractClient,
} from "./contract-client.ts";

/** What `PATCH /config` makes of a document: one line per rule, before, patch and after. */
const MERGES: readonly (readonly [fact: string, stored: Json, change: Json, after: Json])[] = [
  [
    "an object merges into an object",
    { a: { x: 1, y: 2 } },
    { a: { x: 3 } },
    { a: { x: 3, y: 2 } },
  ],
  ["a new key is added", { a: 1 }, { b: { c: [] } }, { a: 1, b: { c: [] } }],
  ["null removes a key", { a: 1, b: 2 }, { a: null }, { b: 2 }],
  ["null removes a subtree", { a: { x: { y: 1 } }, b: 2 }, { a: { x: null } }, { a: {}, b: 2 }],
  ["removing an absent key changes nothing", { a: 1 }, { b: null }, { a: 1 }],
  ["null inside a new subtree is stored", { a: 1 }, { b: { c: null } }, { a: 1, b: { c: null } }],
  ["text that reads like the stored number changes nothing", { n: 30 }, { n: "30" }, { n: 30 }],
  ["a number that reads like the stored text changes nothing", { n: "30" }, { n: 30 }, { n: "30" }],
  ["another number replaces", { n: 30 }, { n: 31 }, { n: 31 }],
  ["true and the text true differ", { b: true }, { b: "true" }, { b: "true" }],
  ["true and the text True are the same", { b: true }, { b: "True" }, { b: true }],
  ["a list replaces a list", { l: [1, 2, 3] }, { l: [3] }, { l: [3] }],
  ["a list of the same text changes nothing", { l: ["a", 1] }, { l: ["a", 1] }, { l: ["a", 1] }],
  ["an empty list replaces", { l: [1] }, { l: [] }, { l: [] }],
  ["a list over an object replaces it", { a: { x: 1 } }, { a: [1] }, { a: [1] }],
  ["a scalar over an object replaces it", { a: { x: 1 } }, { a: 5 }, { a: 5 }],
  ["an object over a scalar replaces it", { a: 5 }, { a: { x: 1 } }, { a: { x: 1 } }],
  ["an empty object over a scalar replaces it", { a: 5 }, { a: {} }, { a: {} }],
  ["an empty object over an object changes nothing", { a: { x: 1 } }, { a: {} }, { a: { x: 1 } }],
];

/** `PATCH` and `PUT /config`: what is refused, what is merged, what is answered. */
export const MERGE_CASES: readonly ContractCase[] = [
  ...MERGES.map(([fact, stored, change, after]): ContractCase => {
    const run: ContractCase["run"] = (client) => expectMerge(client, stored, change, after);
    return { title: `PATCH: ${fact}`, run };
  }),
  {
    title: "PATCH answers with the whole document",
    async run(client) {
      const before = await readDocument(client);
      await withChange(client, { [SCRATCH]: 1 }, async (document) => {
        expect(document).toEqual({ ...before, [SCRATCH]: 1 });
      });
    },
  },
  {
    title: "a PATCH that removes an absent key reads the document and writes nothing",
    async run(client) {
      const before = await readDocument(client);
      for (const each of client.nodes)
        await client.eventually(1, async () => {
          const answer = await client.request(each, "PATCH", "/config", { body: NO_CHANGE });
          expect(answer).toMatchObject({ status: 200, json: before });
        });
    },
  },
  {
    title: "a body that is no JSON object, or an empty one, gets 400",
    async run(client) {
      const before = await readDocument(client);
      for (const method of ["PATCH", "PUT"])
        for (const rawBody of ["{}", "[1]", '"ttl"', "30", "null", "{", "", "ttl: 30"]) {
          const answer = await client.request(node(client), method, "/config", { rawBody });
          expect({ method, rawBody, status: answer.status }).toEqual({
            method,
            rawBody,
            status: 400,
          });
        }
      expect(await readDocument(client)).toEqual(before);
    },
  },
  {
    title: "a body without a length gets 411",
    async run(client) {
      for (const method of ["PATCH", "PUT"]) {
        const answer = await client.request(node(client), method, "/config", {
          withoutLength: true,
        });
        expect({ method, status: answer.status }).toEqual({ method, status: 411 });
      }
    },
  },
  {
    title: "PATCH works on a replica as on the leader",
    async run(client) {
      const replica = await aReplica(client);
      try {
        expect(await patch(client, { [SCRATCH]: "replica" }, replica)).toHaveProperty(SCRATCH);
        await client.eventually(1, async () => {
          expect(await readDocument(client)).toHaveProperty(SCRATCH, "replica");
        });
      } finally {
        await clearScratch(client);
      }
    },
  },
  {
    title: "values that no Patroni understands are stored without a word",
    async run(client) {
      const change = {
        retry_timeout: 1,
        maximum_lag_on_failover: "10MB",
        failsafe_mode: "maybe",
        [SCRATCH]: { anything: [1, { goes: true }] },
        primary_start_timeout: "soon",
      };
      await withChange(client, change, async (document) => {
        expect(document).toMatchObject(change);
        expect(await readDocument(client)).toMatchObject(change);
      });
    },
  },
  {
    title: "PUT replaces the whole document and answers with it",
    async run(client) {
      const before = await readDocument(client);
      try {
        await patch(client, { [SCRATCH]: { a: 1, b: 2 } });
        const wanted = { ...before, [SCRATCH]: { b: 3 } };
        const answer = await client.request(node(client), "PUT", "/config", { body: wanted });
        expect(answer).toMatchObject({ status: 200, json: wanted });
        expect(await readDocument(client)).toEqual(wanted);
        await client.request(node(client), "PUT", "/config", { body: before });
        expect(await readDocument(client)).toEqual(before);
      } finally {
        await clearScratch(client);
      }
    },
  },
];

async function expectMerge(
  client: ContractClient,
  stored: Json,
  change: Json,
  after: Json,
): Promise<void> {
  await withChange(client, { [SCRATCH]: stored }, async () => {
    const answered = await patch(client, { [SCRATCH]: change });
    expect(answered[SCRATCH]).toEqual(after);
    expect((await readDocument(client))[SCRATCH]).toEqual(after);
  });
}

function node(client: ContractClient): string {
  return client.nodes[0] ?? "";
}
