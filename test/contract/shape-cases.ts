import { expect } from "vitest";
import { compareText, isJsonObject, type JsonObject } from "../../src/core/json.ts";
import {
  aReplica,
  manyLoops,
  membersOf,
  objectOf,
  since,
  textOf,
  twoLoops,
  type ContractCase,
  type ContractClient,
} from "./contract-client.ts";

/** What `GET /cluster`, `GET /patroni`, `GET /config` and the health checks look like. */
export const SHAPE_CASES: readonly ContractCase[] = [
  {
    title: "GET /cluster lists the members by name, one of them the leader",
    async run(client) {
      const answer = await client.request(first(client), "GET", "/cluster");
      expect(answer.status).toBe(200);
      expect(answer.headers["content-type"]).toBe("application/json");
      const members = membersOf(answer);
      expect(members.map(({ name }) => name)).toEqual(client.nodes.toSorted(compareText));
      expect(members.map(({ role }) => textOf(role)).toSorted(compareText)).toEqual([
        "leader",
        "replica",
        "replica",
      ]);
      const names = since(client, 3, 2) ? ["members", "scope"] : ["members"];
      expect(Object.keys(objectOf(answer)).toSorted()).toEqual(names);
      for (const member of members) expectMember(client, member);
    },
  },
  {
    title: "GET /patroni says what a node is",
    async run(client) {
      const leader = await client.leader();
      for (const node of client.nodes) {
        const answer = await client.request(node, "GET", "/patroni");
        expect(answer.status).toBe(200);
        expect(answer.headers["content-type"]).toBe("application/json");
        expectStatus(client, objectOf(answer), node === leader);
      }
    },
  },
  {
    title: "all members of a cluster have one system identifier and one timeline",
    async run(client) {
      const statuses = await statusesOf(client);
      const identifiers = statuses.map((status) => status["database_system_identifier"]);
      expect(new Set(identifiers).size).toBe(1);
      expect(identifiers[0]).toMatch(/^\d{19}$/);
      expect(new Set(statuses.map(({ timeline }) => timeline)).size).toBe(1);
    },
  },
  {
    title: "dcs_last_seen is a time of day that moves with every loop",
    async run(client) {
      const before = await Promise.all(client.nodes.map((node) => dcsLastSeen(client, node)));
      for (const time of before) expect(time).toBeGreaterThan(1_700_000_000);
      await client.eventually(twoLoops(client) + 1, async () => {
        for (const [index, node] of client.nodes.entries())
          expect(await dcsLastSeen(client, node)).toBeGreaterThan(before[index] ?? 0);
      });
    },
  },
  {
    title: "GET /config is a JSON object, the same on every node once nothing changes",
    async run(client) {
      await client.eventually(manyLoops(client), async () => {
        const answers = await Promise.all(
          client.nodes.map((node) => client.request(node, "GET", "/config")),
        );
        for (const answer of answers) {
          expect(answer.status).toBe(200);
          expect(answer.headers["content-type"]).toBe("application/json");
          expect(objectOf(answer)).toEqual(answers[0]?.json);
        }
      });
    },
  },
  {
    title: "a health check answers 200 or 503 with the node's status, by role",
    async run(client) {
      const leader = await client.leader();
      const replica = await aReplica(client);
      for (const [path, ofLeader, ofReplica] of HEALTH_CHECKS) {
        for (const [node, status] of [
          [leader, ofLeader],
          [replica, ofReplica],
        ] as const) {
          const answer = await client.request(node, "GET", path);
          expect({ path, node, status: answer.status }).toEqual({ path, node, status });
          expect(objectOf(answer)).toHaveProperty("patroni.version");
        }
      }
    },
  },
  {
    title: "liveness and readiness, HEAD and OPTIONS are a status line alone",
    async run(client) {
      for (const [method, path] of [
        ["GET", "/liveness"],
        ["GET", "/readiness"],
        ["HEAD", "/health"],
        ["OPTIONS", "/health"],
      ] as const) {
        const answer = await client.request(await client.leader(), method, path);
        const { status, text } = answer;
        const type = answer.headers["content-type"];
        const bare = { method, path, status: 200, text: "", type: undefined };
        expect({ method, path, status, text, type }).toEqual(bare);
      }
    },
  },
];

const HEALTH_CHECKS: readonly (readonly [path: string, ofLeader: number, ofReplica: number])[] = [
  ["/", 200, 503],
  ["/primary", 200, 503],
  ["/master", 200, 503],
  ["/read-write", 200, 503],
  ["/leader", 200, 503],
  ["/standby-leader", 503, 503],
  ["/replica", 503, 200],
  ["/replica?tag_no_such_tag=1", 503, 503],
  ["/read-only", 200, 200],
  ["/health", 200, 200],
  ["/sync", 503, 503],
  ["/async", 503, 200],
  ["/nothing-here", 503, 503],
];

const MEMBER_KEYS = ["api_url", "host", "name", "port", "role", "state", "timeline"];
const LSN_KEYS = ["lsn", "receive_lag", "receive_lsn", "replay_lag", "replay_lsn"];
const STATUS_KEYS = [
  "database_system_identifier",
  "dcs_last_seen",
  "patroni",
  "postmaster_start_time",
  "role",
  "server_version",
  "state",
  "timeline",
  "xlog",
];

function expectMember(client: ContractClient, member: JsonObject): void {
  const isLeader = member["role"] === "leader";
  const lag = isLeader ? [] : ["lag", ...(since(client, 4, 1) ? LSN_KEYS : [])];
  expect(keysBesides(member, ["tags"])).toEqual([...MEMBER_KEYS, ...lag].toSorted());
  expect(member).toMatchObject({
    api_url: expect.stringMatching(/^https?:\/\/.+:\d+\/patroni$/),
    host: expect.any(String),
    port: expect.any(Number),
    timeline: expect.any(Number),
  });
  const ofReplica = since(client, 3, 1) ? "streaming" : "running";
  expect(member["state"]).toBe(isLeader ? "running" : ofReplica);
  if (!isLeader) expect(member["lag"]).toBeTypeOf("number");
}

function expectStatus(client: ContractClient, status: JsonObject, isLeader: boolean): void {
  const state = since(client, 3, 1) && !isLeader ? ["replication_state"] : [];
  const replication = isLeader ? ["replication"] : [];
  expect(keysBesides(status, ["tags"])).toEqual(
    [...STATUS_KEYS, ...state, ...replication].toSorted(),
  );
  const leaderRole = since(client, 4, 0) ? "primary" : "master";
  expect(status).toMatchObject({
    state: "running",
    role: isLeader ? leaderRole : "replica",
    postmaster_start_time: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}\+00:00$/),
    server_version: expect.any(Number),
    timeline: expect.any(Number),
    dcs_last_seen: expect.any(Number),
  });
  const xlog = isLeader
    ? ["location"]
    : ["paused", "received_location", "replayed_location", "replayed_timestamp"];
  expect(keysBesides(status["xlog"], [])).toEqual(xlog);
  expectPatroniSection(client, status["patroni"]);
  if (isLeader) expectReplication(status["replication"]);
}

function expectPatroniSection(client: ContractClient, section: unknown): void {
  const names = since(client, 3, 2) ? ["name", "scope", "version"] : ["scope", "version"];
  expect(keysBesides(section, [])).toEqual(names);
  const { major, minor } = client.version;
  expect(section).toMatchObject({
    version: expect.stringMatching(new RegExp(`^${major}\\.${minor}\\.\\d+$`)),
  });
}

function expectReplication(rows: unknown): void {
  expect(rows).toHaveLength(2);
  for (const row of Array.isArray(rows) ? rows : [])
    expect(row).toMatchObject({
      application_name: expect.any(String),
      client_addr: expect.any(String),
      state: "streaming",
      sync_state: "async",
      sync_priority: 0,
      usename: expect.any(String),
    });
}

function keysBesides(value: unknown, optional: readonly string[]): readonly string[] {
  const keys = isJsonObject(value) ? Object.keys(value) : [];
  return keys.filter((key) => !optional.includes(key)).toSorted();
}

async function statusesOf(client: ContractClient): Promise<readonly JsonObject[]> {
  const answers = client.nodes.map((node) => client.request(node, "GET", "/patroni"));
  return (await Promise.all(answers)).map((answer) => objectOf(answer));
}

async function dcsLastSeen(client: ContractClient, node: string): Promise<number> {
  return Number(objectOf(await client.request(node, "GET", "/patroni"))["dcs_last_seen"]);
}

function first(client: ContractClient): string {
  return client.nodes[0] ?? "";
}
