import { expect } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import {
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
        await patch(client, { [SCRATCH]: null });
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
        const stored = scratchOf(await readDocument(client));
        const accepted = answers.filter(({ status }) => status === 200).map(({ key }) => key);
        expect(accepted.length).toBeGreaterThan(0);
        expect(Object.keys(stored).toSorted()).toEqual(accepted.toSorted());
      } finally {
        await patch(client, { [SCRATCH]: null });
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
        const stored = scratchOf(await readDocument(client));
        expect(Object.keys(stored).toSorted()).toEqual(writers().toSorted());
      } finally {
        await patch(client, { [SCRATCH]: null });
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

function scratchOf(document: JsonObject): object {
  const scratch = document[SCRATCH];
  return typeof scratch === "object" && scratch !== null ? scratch : {};
}
