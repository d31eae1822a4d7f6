import { expect } from "vitest";
import { compareText } from "../../src/core/json.ts";
import {
  membersOf,
  objectOf,
  since,
  textOf,
  type ContractCase,
  type ContractClient,
} from "./contract-client.ts";

/** The section of a standby cluster, as the cases' cluster has it. */
export const STANDBY_SECTION = "standby_cluster";

/**
 * What the REST API of a standby cluster of two nodes says, whose document asks for synchronous standbys. The
 * cases only read. Real clusters and stand-ins are held to the same.
 */
export const STANDBY_CASES: readonly ContractCase[] = [
  {
    title: "GET /cluster names a standby_leader that streams, and no synchronous standby",
    async run(client) {
      const answer = await client.request(client.nodes[1] ?? "", "GET", "/cluster");
      expect(answer.status).toBe(200);
      const members = membersOf(answer);
      expect(members.map(({ name }) => name)).toEqual(client.nodes.toSorted(compareText));
      expect(members.map(({ role }) => textOf(role)).toSorted(compareText)).toEqual([
        "replica",
        "standby_leader",
      ]);
      const state = since(client, 3, 1) ? "streaming" : "running";
      for (const member of members) {
        expect(member).toMatchObject({ state, timeline: expect.any(Number) });
        expect("lag" in member).toBe(member["role"] === "replica");
      }
    },
  },
  {
    title: "GET /patroni of every node tells received from replayed WAL, and nobody confirms",
    async run(client) {
      const leader = await standbyLeader(client);
      for (const node of client.nodes) {
        const status = objectOf(await client.request(node, "GET", "/patroni"));
        expect(status).toMatchObject({
          state: "running",
          role: node === leader ? "standby_leader" : "replica",
          xlog: { received_location: expect.any(Number), paused: false },
        });
        expect(status["replication_state"]).toBe(since(client, 3, 1) ? "streaming" : undefined);
        expect(status).not.toHaveProperty("sync_standby");
        expect(status).not.toHaveProperty("quorum_standby");
        expect("replication" in status).toBe(node === leader);
      }
    },
  },
  {
    title: "GET /config has the section and the synchronous mode that is ignored",
    async run(client) {
      for (const node of client.nodes) {
        const document = objectOf(await client.request(node, "GET", "/config"));
        expect(document[STANDBY_SECTION]).toMatchObject({
          host: expect.stringContaining(","),
          port: expect.any(Number),
          primary_slot_name: expect.any(String),
        });
        expect(document).toHaveProperty("synchronous_mode");
      }
    },
  },
  {
    title: "a health check finds a leader and no primary",
    async run(client) {
      const leader = await standbyLeader(client);
      for (const [path, ofLeader, ofReplica] of HEALTH_CHECKS)
        for (const node of client.nodes) {
          const { status } = await client.request(node, "GET", path);
          const wanted = node === leader ? ofLeader : ofReplica;
          expect({ path, node, status }).toEqual({ path, node, status: wanted });
        }
    },
  },
];

const HEALTH_CHECKS: readonly (readonly [path: string, ofLeader: number, ofReplica: number])[] = [
  ["/", 503, 503],
  ["/primary", 503, 503],
  ["/master", 503, 503],
  ["/read-write", 503, 503],
  ["/leader", 200, 503],
  ["/standby-leader", 200, 503],
  ["/standby_leader", 200, 503],
  ["/replica", 503, 200],
  ["/read-only", 200, 200],
  ["/read-only-sync", 200, 503],
  ["/sync", 503, 503],
  ["/async", 503, 200],
  ["/health", 200, 200],
  ["/liveness", 200, 200],
  ["/readiness", 200, 200],
];

async function standbyLeader(client: ContractClient): Promise<string> {
  const answer = await client.request(client.nodes[0] ?? "", "GET", "/cluster");
  const leader = membersOf(answer).find((member) => member["role"] === "standby_leader");
  return textOf(leader?.["name"]);
}
