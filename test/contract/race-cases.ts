import { expect } from "vitest";
import { isJsonObject } from "../../src/core/json.ts";
import {
  clearScratch,
  NO_CHANGE,
  objectOf,
  patch,
  readDocument,
  SCRATCH,
  twoLoops,
  type ContractCase,
  type ContractClient,
} from "./contract-client.ts";

const WRITERS = 10;

/** Who sees a PATCH when, and what many at once make of each other. */
export const RACE_CASES: readonly ContractCase[] = [
  {
    title: "every node shows a PATCH within two loops",
    async run(client) {
      try {
        await patch(client, { [SCRATCH]: "seen" });
        await client.eventually(twoLoops(client), async () => {
          for (const node of client.nodes)
            expect(await shownBy(client, node)).toEqual({ node, scratch: "seen" });
        });
      } finally {
        await clearScratch(client);
      }
      await client.eventually(twoLoops(client), async () => {
        for (const node of client.nodes)
          expect(await shownBy(client, node)).toEqual({ node, scratch: undefined });
      });
    },
  },
  {
    title: "of many PATCHes at once each gets 200 or 409, and every 200 is in the document",
    async run(client) {
      try {
        const answers = await Promise.all(writers().map((key) => write(client, key)));
        for (const { status } of answers) expect([200, 409]).toContain(status);
        const accepted = answers.filter(({ status }) => status === 200).map(({ key }) => key);
        expect(accepted.length).toBeGreaterThan(0);
        await expectStored(client, accepted);
      } finally {
        await clearScratch(client);
      }
    },
  },
  {
    title: "many PATCHes at once all arrive when 409 is tried again",
    async run(client) {
      try {
        await Promise.all(
          writers().map((key, index) =>
            patch(client, { [SCRATCH]: { [key]: index } }, nodeFor(client, index)),
          ),
        );
        await expectStored(client, writers());
      } finally {
        await clearScratch(client);
      }
    },
  },
  {
    title: "many PATCHes at once that change nothing all get 200, as nothing is written",
    async run(client) {
      const document = await readDocument(client);
      const same = { ttl: document["ttl"] ?? null, ...NO_CHANGE };
      const answers = await Promise.all(
        writers().map((_, index) =>
          client.request(nodeFor(client, index), "PATCH", "/config", { body: same }),
        ),
      );
      for (const { status, json } of answers) {
        expect(status).toBe(200);
        expect(json).toEqual(document);
      }
    },
  },
];

function writers(): readonly string[] {
  return Array.from({ length: WRITERS }, (_, index) => `writer_${index}`);
}

async function write(
  client: ContractClient,
  key: string,
): Promise<{ readonly key: string; readonly status: number }> {
  const index = writers().indexOf(key);
  const body = { [SCRATCH]: { [key]: index } };
  const answer = await client.request(nodeFor(client, index), "PATCH", "/config", { body });
  return { key, status: answer.status };
}

function nodeFor(client: ContractClient, index: number): string {
  return client.nodes[index % client.nodes.length] ?? "";
}

async function shownBy(client: ContractClient, node: string): Promise<object> {
  const document = objectOf(await client.request(node, "GET", "/config"));
  return { node, scratch: document[SCRATCH] };
}

/** Every node finds these writers in the document, and no others, once its cache of the DCS is up to date. */
async function expectStored(client: ContractClient, keys: readonly string[]): Promise<void> {
  for (const node of client.nodes)
    await client.eventually(1, async () => {
      const scratch = (await patch(client, NO_CHANGE, node))[SCRATCH];
      const stored = isJsonObject(scratch) ? Object.keys(scratch) : [];
      expect({ node, stored: stored.toSorted() }).toEqual({ node, stored: keys.toSorted() });
    });
}
