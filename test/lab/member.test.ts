import { expect, test } from "vitest";
import type { LabCluster } from "../../src/lab/lab-cluster.ts";
import { markOf, parseMark } from "../../src/lab/lab-processes.ts";
import { clientEnvironment, etcdEnvironment, nodeEnvironment } from "../../src/lab/lab-secrets.ts";
import { formatRefusal, formatSeconds } from "../../src/lab/lab-text.ts";
import { areReady, formatServerVersion, readMembers } from "../../src/lab/member.ts";

const ports = { restPort: 8008, postgresPort: 5432 };
const cluster: LabCluster = {
  name: "orders",
  renderedDir: "/x",
  patroni: "3.0",
  postgresMajor: 15,
  nodes: [
    { name: "a", site: "bj", address: "10.0.0.1", ...ports },
    { name: "b", site: "bj", address: "10.0.0.2", ...ports },
  ],
  voters: [],
  clients: [],
  rest: {
    scheme: "http",
    password: { kind: "env", name: "REST" },
    ca: { kind: "file", path: "/ca" },
  },
};
const patroni = { version: "3.0.2", scope: "orders" };
const leader = { state: "running", role: "master", server_version: 150020, timeline: 1, patroni };
const replica = {
  state: "running",
  role: "replica",
  server_version: 150020,
  timeline: null,
  patroni,
};

function look(replication: readonly object[], second: object): ReturnType<typeof readMembers> {
  const round = new Map([
    [
      "http://10.0.0.1:8008/patroni",
      { body: JSON.parse(JSON.stringify({ ...leader, replication })) },
    ],
    ["http://10.0.0.2:8008/patroni", { body: JSON.parse(JSON.stringify(second)) }],
    ["http://10.0.0.2:8008/cluster", { body: { members: [{ name: "b", lag: 0 }] } }],
  ]);
  return readMembers(cluster, round);
}

test("a cluster is ready when one leads and another member says that it streams to the rest", () => {
  const streaming = [{ application_name: "b", state: "streaming" }];
  expect(areReady(look(streaming, replica), false)).toBe(true);
  expect(areReady(look([{ application_name: "b", state: "catchup" }], replica), false)).toBe(false);
  expect(areReady(look([], replica), false)).toBe(false);
  expect(areReady(look([], { ...replica, tags: { nostream: true } }), false)).toBe(true);
  expect(areReady(look(streaming, { ...replica, state: "starting" }), false)).toBe(false);
});

test("a synchronous cluster is ready when Patroni has chosen who confirms", () => {
  const streaming = [{ application_name: "b", state: "streaming" }];
  expect(areReady(look(streaming, replica), true)).toBe(false);
  expect(areReady(look(streaming, { ...replica, sync_standby: true }), true)).toBe(true);
  expect(areReady(look(streaming, { ...replica, quorum_standby: true }), true)).toBe(true);
});

test("clusters that follow are ready when each is led and its leader streams too", () => {
  const nodes = [
    ...cluster.nodes,
    { name: "c", cluster: "orders-dr", site: "dr", address: "10.0.1.1", ...ports },
    { name: "d", cluster: "orders-dr", site: "dr", address: "10.0.1.2", ...ports },
  ];
  const members = (
    streaming: readonly string[],
    roles: readonly string[],
    unlocked = false,
  ): ReturnType<typeof readMembers> => {
    const replication = streaming.map((name) => ({ application_name: name, state: "streaming" }));
    const bodies = roles.map((role, index) => ({
      ...replica,
      role,
      ...(index === 0 ? { replication, cluster_unlocked: unlocked } : {}),
      ...(index === 1 ? { sync_standby: true } : {}),
    }));
    const round = nodes.map(({ address }, index) => {
      const body = JSON.parse(JSON.stringify(bodies[index]));
      return [`http://${address}:8008/patroni`, { body }] as const;
    });
    return readMembers({ ...cluster, nodes }, new Map(round));
  };
  const all = ["master", "replica", "standby_leader", "replica"];
  expect(areReady(members(["b", "c", "d"], all), true)).toBe(true);
  expect(areReady(members(["b", "d"], all), true)).toBe(false);
  expect(
    areReady(members(["b", "c", "d"], ["master", "replica", "replica", "replica"]), true),
  ).toBe(false);
  expect(areReady(members(["b", "c", "d"], all, true), true)).toBe(false);
});

test("a member without an answer is shown with the reason", () => {
  const members = readMembers(
    cluster,
    new Map([["http://10.0.0.1:8008/patroni", { error: "refused" }]]),
  );
  expect(members[0]).toMatchObject({ state: "no answer: refused", role: "-", ready: false });
  expect(look([], replica)[1]).toMatchObject({ lag: 0, postgres: "15.20", timeline: null });
});

test("a lab's mark survives the environment of a process", () => {
  const mark = { cluster: "orders", host: "a", role: "patroni" } as const;
  const environment = Object.entries({ PATH: "/bin", ...markOf(mark) }).map((pair) =>
    pair.join("="),
  );
  expect(parseMark(environment.join("\0"))).toEqual(mark);
  expect(parseMark("PATH=/bin\0QUORATE_LAB_PROCESS=orders/a/other\0")).toBeUndefined();
});

test("a command on the client is an ordinary user of the leader, one on a node its superuser", () => {
  const state = {
    formatVersion: 1,
    digest: "",
    cluster,
    superuser: "admin",
    endsAtUptime: 0,
  } as const;
  const secrets = {
    patroni: { PATRONI_RESTAPI_PASSWORD: "r", PATRONI_SUPERUSER_PASSWORD: "s" },
    caPem: "CA",
    certificatePem: "",
    keyPem: "",
    rolePassword: "o",
  };
  expect(clientEnvironment(state, secrets)).toMatchObject({
    REST: "r",
    PGHOST: "10.0.0.1,10.0.0.2",
    PGPORT: "5432,5432",
    PGUSER: "quorate_lab",
    PGPASSWORD: "o",
    PGTARGETSESSIONATTRS: "read-write",
  });
  const follower = { name: "c", cluster: "x", site: "dr", address: "10.0.1.1", ...ports };
  const both = { ...state, cluster: { ...cluster, nodes: [...cluster.nodes, follower] } };
  expect(clientEnvironment(both, secrets)).toMatchObject({ PGHOST: "10.0.0.1,10.0.0.2" });
  expect(clientEnvironment(both, secrets, "c")).toMatchObject({ PGHOST: "10.0.1.1" });
  const toNode = clientEnvironment(state, secrets, "b");
  expect(toNode).toMatchObject({ PGHOST: "10.0.0.2", PGUSER: "quorate_lab" });
  expect(toNode).not.toHaveProperty("PGTARGETSESSIONATTRS");
  // pg_hba lets the superuser in over loopback alone.
  expect(nodeEnvironment(state, secrets, "b")).toMatchObject({
    PGHOST: "127.0.0.1",
    PGPORT: "5432",
    PGUSER: "admin",
    PGPASSWORD: "s",
    PATRONI_RESTAPI_PASSWORD: "r",
  });
});

test("etcdctl speaks TLS and has a password only where etcd does", () => {
  const state = {
    formatVersion: 1,
    digest: "",
    cluster: {
      ...cluster,
      voters: [{ name: "e", site: "a", address: "10.0.0.9", clientPort: 2379 }],
    },
    superuser: "postgres",
    endsAtUptime: 0,
  } as const;
  const secrets = { patroni: {}, caPem: "", certificatePem: "", keyPem: "", etcdRootPassword: "x" };
  expect(etcdEnvironment(state, secrets)).toEqual({
    ETCDCTL_API: "3",
    ETCDCTL_ENDPOINTS: "http://10.0.0.9:2379",
  });
  const etcd = { tlsFolder: "/lab/etcd", hasUsers: true };
  expect(etcdEnvironment({ ...state, etcd }, secrets)).toEqual({
    ETCDCTL_API: "3",
    ETCDCTL_ENDPOINTS: "https://10.0.0.9:2379",
    ETCDCTL_CACERT: "/lab/etcd/ca.crt",
    ETCDCTL_CERT: "/lab/etcd/server.crt",
    ETCDCTL_KEY: "/lab/etcd/server.key",
    ETCDCTL_USER: "root",
    ETCDCTL_PASSWORD: "x",
  });
});

test("a refusal shows the end of the log, where it is, and the way out", () => {
  const log = { path: "/logs/a.log", tail: "one\ntwo" };
  expect(formatRefusal({ kind: "refused", message: "a ended", hint: "look", log })).toBe(
    "lab: a ended\n  | one\n  | two\nlog: /logs/a.log\nhint: look",
  );
  expect([formatSeconds(59), formatSeconds(90), formatSeconds(-3)]).toEqual([
    "59s",
    "1m 30s",
    "0s",
  ]);
  expect(formatServerVersion(150020)).toBe("15.20");
});
