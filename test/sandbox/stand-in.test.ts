import { afterEach, expect, test } from "vitest";
import { isJsonObject, type JsonObject } from "../../src/core/json.ts";
import type { SandboxCluster, SandboxNode } from "../../src/sandbox/sandbox-cluster.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/start-sandbox.ts";

const LOOP_SECONDS = 0.1;

let sandbox: Sandbox | undefined;

afterEach(async () => {
  await sandbox?.stop();
  sandbox = undefined;
});

test("two PATCHes at once collide, on one node and across nodes", async () => {
  await start({});
  for (const nodes of [
    ["a", "a", "a", "a"],
    ["a", "b", "c", "a"],
  ]) {
    const statuses = await Promise.all(
      nodes.map((name, index) => patch(name, { [`key_${index}`]: Math.random() })),
    );
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 409, 409, 409]);
  }
});

test("a node that did not serve the PATCH shows it only after its own next loop", async () => {
  await start({ loopSeconds: 0.5 });
  await patch("b", { ttl: 60 });
  expect(await get("a", "/config")).toMatchObject({ ttl: 30 });
  await eventually(async () => {
    expect(await get("a", "/config")).toMatchObject({ ttl: 60 });
  });
});

test("the node that served a PATCH runs its loop at once", async () => {
  await start({ loopSeconds: 60 });
  await patch("b", { postgresql: { parameters: { max_connections: 200 } } });
  await eventually(async () => {
    expect(await get("b", "/config")).toHaveProperty("postgresql");
    expect(await get("b", "/patroni")).toMatchObject({ pending_restart: true });
  });
  expect(await get("c", "/patroni")).not.toHaveProperty("pending_restart");
});

test.each([
  ["4.1", { ttl: 20, loop_wait: 1, retry_timeout: 9 }],
  ["3.2", { ttl: 20, loop_wait: 1, retry_timeout: 9 }],
  ["3.0", { ttl: 20, loop_wait: 10, retry_timeout: 10 }],
])(
  "Patroni %s shows adjusted timeouts for one loop, and never stores them",
  async (version, seen) => {
    await start({ loopSeconds: 0.5, cluster: { patroniVersion: version } });
    await patch("a", { ttl: 20 });
    await eventually(async () => {
      expect(await get("a", "/config")).toEqual(seen);
    });
    await eventually(async () => {
      expect(await get("a", "/config")).toEqual({ ttl: 20, loop_wait: 10, retry_timeout: 10 });
    });
  },
);

test("a standby cluster's leader leads no writes, and starts a timeline when it is promoted", async () => {
  const standby_cluster = { host: "10.9.0.1", port: 5432 };
  await start({ cluster: { config: { standby_cluster } } });
  expect(await memberOf("a")).toMatchObject({ role: "standby_leader", timeline: 1 });
  expect(await get("a", "/patroni")).toMatchObject({ role: "standby_leader" });
  expect(await statusOf("a", "/standby-leader")).toBe(200);
  expect(await statusOf("a", "/primary")).toBe(503);
  await patch("b", { standby_cluster: null });
  await eventually(async () => {
    expect(await memberOf("a")).toMatchObject({ role: "leader", timeline: 2 });
    expect(await memberOf("b")).toMatchObject({ role: "replica", timeline: 2 });
    expect(await get("a", "/patroni")).toMatchObject({ role: "primary" });
  });
});

test("tags decide who may confirm: nosync and a node that cascades never do", async () => {
  await start({
    cluster: {
      config: { synchronous_mode: "quorum", synchronous_node_count: 2 },
      nodes: [
        node("a"),
        node("b", { nosync: true }),
        node("c", { replicatefrom: "d" }),
        node("d", { nofailover: true }),
        node("e"),
      ],
    },
  });
  expect(await rolesOf()).toEqual({
    a: "leader",
    b: "replica",
    c: "replica",
    d: "quorum_standby",
    e: "quorum_standby",
  });
});

test("a higher sync_priority is chosen first, from 4.1 on", async () => {
  const nodes = [node("a"), node("b"), node("c", { sync_priority: 5 })];
  const config = { synchronous_mode: true };
  await start({ cluster: { config, nodes } });
  expect(await rolesOf()).toEqual({ a: "leader", b: "replica", c: "sync_standby" });
  await sandbox?.stop();
  await start({ cluster: { patroniVersion: "4.0", config, nodes } });
  expect(await rolesOf()).toEqual({ a: "leader", b: "sync_standby", c: "replica" });
});

test("the leader is the one that is named, else the first that may lead", async () => {
  const nodes = [node("a", { nofailover: true }), node("b"), node("c")];
  await start({ cluster: { nodes } });
  expect(await rolesOf()).toMatchObject({ b: "leader" });
  await sandbox?.stop();
  await start({ cluster: { nodes, leader: "c" } });
  expect(await rolesOf()).toMatchObject({ c: "leader" });
});

test("tags are shown as written, without the flags that are off", async () => {
  const tags = {
    quorate_rev: "abc",
    weight: 1.5,
    nofailover: false,
    nosync: true,
    clonefrom: null,
  };
  await start({ cluster: { nodes: [node("a"), node("b", tags)] } });
  const shown = { quorate_rev: "abc", weight: 1.5, nosync: true };
  expect((await memberOf("b"))["tags"]).toEqual(shown);
  expect(await get("b", "/patroni")).toMatchObject({ tags: shown });
  expect(await memberOf("a")).not.toHaveProperty("tags");
});

test("a leader restarted after a cut lets its standbys follow", async () => {
  await start({});
  await patch("a", { postgresql: { parameters: { max_connections: 50 } } });
  const cut = { max_connections: { old_value: "100", new_value: "50" } };
  await expectReasons({ a: cut, b: cut, c: cut });
  expect(await restart("b")).toBe(200);
  await expectReasons({ a: cut, b: cut, c: cut });
  expect(await restart("a")).toBe(200);
  expect(await restart("b")).toBe(200);
  await expectReasons({ a: undefined, b: undefined, c: cut });
});

test("a restart under way refuses another, and shows in the state", async () => {
  await start({ loopSeconds: 1 });
  const first = restart("b");
  await eventually(async () => {
    expect(await get("b", "/patroni")).toMatchObject({ state: "restarting" });
  });
  expect(await restart("b")).toBe(503);
  expect(await statusOf("b", "/replica")).toBe(503);
  expect(await first).toBe(200);
  expect(await statusOf("b", "/replica")).toBe(200);
});

test("what the sandbox does not play is refused by name, not answered as if it were done", async () => {
  await start({});
  const answer = await fetch(urlOf("a", "/switchover"), { method: "POST", body: "{}" });
  expect(answer.status).toBe(503);
  expect(await answer.text()).toBe("the sandbox does not play POST /switchover");
});

test("the document at the start is already running: nothing waits", async () => {
  const parameters = { max_connections: 500, shared_buffers: "4GB", wal_level: "logical" };
  await start({ cluster: { config: { postgresql: { parameters } } } });
  await patch("a", { loop_wait: 5 });
  await eventually(async () => {
    expect(await get("b", "/config")).toMatchObject({ loop_wait: 5 });
  });
  for (const name of ["a", "b", "c"])
    expect(await get(name, "/patroni")).not.toHaveProperty("pending_restart");
});

interface StartOptions {
  readonly loopSeconds?: number;
  readonly cluster?: Partial<SandboxCluster>;
}

async function start({ loopSeconds = LOOP_SECONDS, cluster = {} }: StartOptions): Promise<void> {
  sandbox = await startSandbox({
    clusters: [
      {
        name: "orders",
        patroniVersion: "4.1",
        postgresMajor: 16,
        config: { ttl: 30, loop_wait: 10, retry_timeout: 10 },
        nodes: [node("a"), node("b"), node("c")],
        ...cluster,
      },
    ],
    now: () => new Date(),
    loopSeconds,
  });
}

function node(name: string, tags: JsonObject = {}): SandboxNode {
  return { name, address: "10.1.0.1", site: "bj", tags, restPort: 8008, postgresPort: 5432 };
}

function urlOf(name: string, path: string): string {
  const endpoint = sandbox?.endpoints.find((each) => each.node === name);
  return `${endpoint?.url ?? ""}${path}`;
}

async function get(name: string, path: string): Promise<JsonObject> {
  const answer: unknown = await (await fetch(urlOf(name, path))).json();
  return isJsonObject(answer) ? answer : {};
}

async function statusOf(name: string, path: string): Promise<number> {
  return (await fetch(urlOf(name, path))).status;
}

async function patch(name: string, body: JsonObject): Promise<number> {
  const request = { method: "PATCH", body: JSON.stringify(body) };
  return (await fetch(urlOf(name, "/config"), request)).status;
}

async function restart(name: string): Promise<number> {
  return (await fetch(urlOf(name, "/restart"), { method: "POST", body: "{}" })).status;
}

async function membersOf(): Promise<readonly JsonObject[]> {
  const members = (await get("a", "/cluster"))["members"];
  return Array.isArray(members) ? members.filter((member) => isJsonObject(member)) : [];
}

async function memberOf(name: string): Promise<JsonObject> {
  return (await membersOf()).find((member) => member["name"] === name) ?? {};
}

async function rolesOf(): Promise<object> {
  return Object.fromEntries((await membersOf()).map(({ name, role }) => [name, role]));
}

async function expectReasons(
  reasons: Readonly<Record<string, JsonObject | undefined>>,
): Promise<void> {
  await eventually(async () => {
    const members = await membersOf();
    const shown = members.map((member) => [member["name"], member["pending_restart_reason"]]);
    expect(Object.fromEntries(shown)).toEqual(reasons);
    for (const name of Object.keys(reasons))
      expect((await get(name, "/patroni"))["pending_restart_reason"]).toEqual(reasons[name]);
  });
}

async function eventually(check: () => Promise<void>): Promise<void> {
  await expect.poll(async () => complaintOf(check), { timeout: 4000, interval: 20 }).toBe("");
}

async function complaintOf(check: () => Promise<void>): Promise<string> {
  try {
    await check();
    return "";
  } catch (complaint) {
    return complaint instanceof Error ? complaint.message : "it failed";
  }
}
