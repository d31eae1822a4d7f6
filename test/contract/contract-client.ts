import { expect } from "vitest";
import { isJsonObject, type JsonObject } from "../../src/core/json.ts";
import { isAtLeast, type PatroniVersion } from "../../src/patroni/version.ts";
import type { RestAnswer, RestCall, RestClient } from "../support/rest-client.ts";

/** What is known of a cluster before it answers anything. */
export interface ContractFacts {
  readonly version: PatroniVersion;
  readonly verifyClient: "none" | "optional" | "required";
  readonly nodes: readonly string[];
  /** The pace of the nodes' HA loops. */
  readonly loopSeconds: number;
  /** How long a loop may run over that pace; with a reload of PostgreSQL it does by more than a second. */
  readonly slackSeconds: number;
}

/** A cluster of three nodes as the cases see it, real or not. */
export interface ContractClient extends ContractFacts {
  request(node: string, method: string, path: string, call?: RestCall): Promise<RestAnswer>;
  leader(): Promise<string>;
  /** Repeats a check until it no longer throws, and throws its last complaint after that time. */
  eventually(seconds: number, check: () => Promise<void>): Promise<void>;
}

/** One fact about Patroni's REST API. It leaves the document as it found it. */
export interface ContractCase {
  readonly title: string;
  /** True where the case makes sense; everywhere when absent. */
  readonly applies?: (this: void, facts: ContractFacts) => boolean;
  run(client: ContractClient): Promise<void>;
}

/** The key below which the cases write what no Patroni reads. */
export const SCRATCH = "quorate_contract";

/** Removes a key that does not exist: reads the document from the DCS and writes nothing. */
export const NO_CHANGE: JsonObject = { __quorate_read__: null };

/** Makes a client of a cluster. */
export function createContractClient(rest: RestClient, facts: ContractFacts): ContractClient {
  const pollMs = Math.min(500, Math.max(20, facts.loopSeconds * 100));
  return {
    ...facts,
    request: (node, method, path, call) => rest.request(node, method, path, call),
    async leader() {
      const answer = await rest.request(facts.nodes[0] ?? "", "GET", "/cluster");
      const leader = membersOf(answer).find((member) => member["role"] === "leader");
      return textOf(leader?.["name"]);
    },
    async eventually(seconds, check) {
      const end = Date.now() + seconds * 1000;
      for (;;) {
        try {
          return await check();
        } catch (complaint) {
          if (Date.now() > end) throw complaint;
        }
        await new Promise((resolve) => {
          setTimeout(resolve, pollMs);
        });
      }
    },
  };
}

/** How long every node may take to notice a change of the document. */
export function twoLoops(client: ContractClient): number {
  return 2 * (client.loopSeconds + client.slackSeconds);
}

/** Long enough for a change to pass through the leader and back to everyone. */
export function manyLoops(client: ContractClient): number {
  return 6 * client.loopSeconds + 10;
}

/** Lets every node run a few loops, before a case expects that nothing has happened. */
export async function letLoopsPass(client: ContractClient): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, twoLoops(client) * 1000);
  });
}

/** A field of an answer that has to be text. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  throw new Error(`${JSON.stringify(value)} is no text`);
}

/** True when the cluster runs that release or a newer one. */
export function since(facts: ContractFacts, major: number, minor: number): boolean {
  return isAtLeast(facts.version, { major, minor, patch: 0 });
}

/** The first node that does not lead. */
export async function aReplica(client: ContractClient): Promise<string> {
  const leader = await client.leader();
  return client.nodes.find((node) => node !== leader) ?? "";
}

/** `PATCH /config` until nobody else is in the way; gives the document after it. */
export async function patch(
  client: ContractClient,
  change: JsonObject,
  node = client.nodes[0] ?? "",
): Promise<JsonObject> {
  const answer = await patchUntilAccepted(client, change, node);
  expect(answer).toMatchObject({ status: 200 });
  return objectOf(answer);
}

/** The document as the DCS has it. */
export function readDocument(client: ContractClient): Promise<JsonObject> {
  return patch(client, NO_CHANGE);
}

/** Runs with a change in the document and takes it back afterwards, whatever happens. */
export async function withChange(
  client: ContractClient,
  change: JsonObject,
  run: (document: JsonObject) => Promise<void>,
): Promise<void> {
  const before = await readDocument(client);
  try {
    await run(await patch(client, change));
  } finally {
    await patch(client, inverse(before, change));
  }
  expect(await readDocument(client)).toEqual(before);
}

/**
 * Removes what the cases wrote and waits until every node's cache of the DCS agrees. A PATCH reads that
 * cache: on a node that lags behind a write of another one, removing a key that it has not seen yet, or
 * setting a value that is gone already, is answered with 200 and changes nothing.
 *
 * @see patroni/dcs/etcd3.py:KVCache
 */
export async function clearScratch(client: ContractClient): Promise<void> {
  await client.eventually(manyLoops(client), async () => {
    for (const node of client.nodes) await patch(client, { [SCRATCH]: null }, node);
    for (const node of client.nodes)
      expect(await patch(client, NO_CHANGE, node)).not.toHaveProperty(SCRATCH);
  });
}

/** The patch that puts back what stood where a change writes. */
export function inverse(before: JsonObject, change: JsonObject): JsonObject {
  const entries = Object.entries(change).map(([key, value]): [string, JsonObject[string]] => {
    const stood = before[key];
    if (stood === undefined) return [key, null];
    return [key, isJsonObject(value) && isJsonObject(stood) ? inverse(stood, value) : stood];
  });
  return Object.fromEntries(entries);
}

/** The body as a JSON object; the case fails when it is none. */
export function objectOf(answer: RestAnswer): JsonObject {
  if (isJsonObject(answer.json)) return answer.json;
  throw new Error(`${answer.status} is no JSON object: ${answer.text.slice(0, 200)}`);
}

/** The members in an answer to `GET /cluster`. */
export function membersOf(answer: RestAnswer): readonly JsonObject[] {
  const members = objectOf(answer)["members"];
  return Array.isArray(members) ? members.filter((member) => isJsonObject(member)) : [];
}

async function patchUntilAccepted(
  client: ContractClient,
  change: JsonObject,
  node: string,
): Promise<RestAnswer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await client.request(node, "PATCH", "/config", { body: change });
    if (answer.status !== 409 || attempt === 30) return answer;
    await new Promise((resolve) => {
      setTimeout(resolve, 20 + Math.random() * 100);
    });
  }
}
