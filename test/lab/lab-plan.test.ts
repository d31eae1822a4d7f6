import { expect, test } from "vitest";
import { chooseClientAddress } from "../../src/lab/client-address.ts";
import { etcdCommand } from "../../src/lab/etcd.ts";
import type { LabCluster } from "../../src/lab/lab-cluster.ts";
import { type LabPlan, planLab } from "../../src/lab/lab-plan.ts";
import type { LabPrograms } from "../../src/lab/lab-programs.ts";
import { planNetwork } from "../../src/lab/network.ts";

const ports = { restPort: 8008, postgresPort: 5432 };
const orders: LabCluster = {
  name: "orders",
  renderedDir: "/project/rendered/orders",
  patroni: "4.1",
  postgresMajor: 15,
  nodes: [
    { name: "bj-1", site: "bj", address: "10.1.0.11", ...ports },
    { name: "sh-1", site: "sh", address: "10.2.0.11", ...ports },
  ],
  voters: [
    { name: "etcd-bj", site: "bj", address: "10.1.0.11", clientPort: 2379 },
    { name: "etcd-gz", site: "gz", address: "10.3.0.5", clientPort: 2379 },
  ],
  clients: ["10.9.0.0/24"],
  rest: { scheme: "https" },
};

function planned(cluster: LabCluster): LabPlan {
  const plan = planLab(cluster);
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  return plan.value;
}

test("a voter at a node's address runs on that node's host, any other on its own", () => {
  const { hosts, sites, clientAddress } = planned(orders);
  expect(hosts.map(({ name, node, voter }) => [name, node?.name, voter?.name])).toEqual([
    ["bj-1", "bj-1", "etcd-bj"],
    ["sh-1", "sh-1", undefined],
    ["etcd-gz", undefined, "etcd-gz"],
  ]);
  expect(sites).toEqual(["bj", "gz", "sh"]);
  expect(clientAddress).toBe("10.9.0.254");
});

test.each([
  ["a name that could be more than a name", { nodes: [named("a;b")] }, '"a;b" is not a name'],
  ["a host name for an address", { nodes: [at("db1.example")] }, "needs an IPv4 address"],
  ["one address twice", { nodes: [named("a"), named("b")] }, "two nodes have the address"],
  ["no voters", { voters: [] }, "no etcd voter"],
])("%s is refused", (_what, change, message) => {
  const plan = planLab({ ...orders, ...change });
  expect(plan).toMatchObject({ ok: false, error: { kind: "bad-input" } });
  expect(JSON.stringify(plan)).toContain(JSON.stringify(message).slice(1, -1));
});

test("two etcd clusters may have voters of one name, and each voter knows only its own", () => {
  const voters = ["bj", "dr"].flatMap((dcs, site) =>
    [1, 2].map((number) => ({
      name: `etcd-${number}`,
      dcs,
      site: dcs,
      address: `10.${8 + site}.0.${number}`,
      clientPort: 2379,
    })),
  );
  const cluster = { ...orders, voters };
  const hosts = planned(cluster).hosts.map(({ name }) => name);
  expect(hosts).toEqual(["bj-1", "sh-1", "etcd-1", "etcd-2", "etcd-1_dr", "etcd-2_dr"]);
  const programs: LabPrograms = {
    patroni: "",
    etcd: "etcd",
    etcdSkipsFsync: false,
    environment: { PATH: "", PYTHONPATH: "", LANG: "" },
    user: { uid: 0, gid: 0, home: "" },
  };
  const access = { tls: false, clientCertificate: false, user: undefined, prefix: "/service/" };
  const settings = voters.map((voter) =>
    etcdCommand(voter, cluster, { programs, access, folder: "/x" }).filter((part) =>
      part.startsWith("--initial-cluster="),
    ),
  );
  const ofBj = ["--initial-cluster=etcd-1=http://10.8.0.1:2380,etcd-2=http://10.8.0.2:2380"];
  const ofDr = ["--initial-cluster=etcd-1=http://10.9.0.1:2380,etcd-2=http://10.9.0.2:2380"];
  expect(settings).toEqual([ofBj, ofBj, ofDr, ofDr]);
});

test("every link has both ends inside the lab, and every address is reached through its site", () => {
  const { links, namespaces } = planNetwork(planned(orders));
  expect(links).toHaveLength(7); // the client, three sites, three hosts
  for (const link of links)
    expect(link).toMatch(
      /^link add \S{1,15} netns qlab\.\S+ type veth peer name \S+ netns qlab\.\S+$/,
    );
  const core = namespaces.find(({ name }) => name === "qlab.orders.core");
  expect(core?.forwards).toBe(true);
  expect(core?.commands).toContain("route add 10.3.0.5/32 via 169.254.0.1 dev site1 onlink");
  const host = namespaces.find(({ name }) => name === "qlab.orders.host.sh-1");
  expect(host).toMatchObject({ forwards: false });
  expect(host?.commands).toContain("address add 10.2.0.11/32 dev eth0");
});

test.each([
  [["10.9.0.0/24"], ["10.9.0.254", "10.9.0.253"], "10.9.0.252"],
  [["10.9.0.7/32"], [], "10.9.0.7"],
  [["10.9.0.7/32"], ["10.9.0.7"], "10.255.255.254"],
  [["127.0.0.1/32", "samenet", "::/0", "10.8.0.0/30"], [], "10.8.0.2"],
  [["0.0.0.0/0"], [], "10.255.255.254"],
  [[], ["10.255.255.254"], "10.255.255.253"],
])("a client of %j beside %j stands at %s", (cidrs, taken, address) => {
  expect(chooseClientAddress({ allowlist: [], clients: cidrs }, new Set(taken))).toBe(address);
});

test.each([
  ["where both let it in", ["10.7.0.0/24", "10.9.1.0/24"], ["10.9.0.0/16"], "10.9.1.254"],
  ["in the allowlist rather than among the clients", ["10.7.0.0/30"], ["10.9.0.0/16"], "10.7.0.2"],
  [
    "among the clients where all the allowlist is taken",
    ["10.7.0.1/32"],
    ["10.9.0.0/30"],
    "10.9.0.2",
  ],
])("the client stands %s", (_where, allowlist, clients, address) => {
  expect(chooseClientAddress({ allowlist, clients }, new Set(["10.7.0.1"]))).toBe(address);
});

test.each([
  [
    true,
    true,
    ["--cert-file=/e/server.crt", "--client-cert-auth=true", "--trusted-ca-file=/e/ca.crt"],
  ],
  // A CA to verify clients by would make etcd ask for certificates that nobody has.
  [true, false, ["--cert-file=/e/server.crt"]],
  [false, false, []],
])("etcd with TLS %j and client certificates %j is told so", (tls, clientCertificate, wanted) => {
  const [voter] = orders.voters;
  if (voter === undefined) throw new Error("there is no voter");
  const access = { tls, clientCertificate, user: undefined, prefix: "/service/orders/" };
  const programs = {
    patroni: "",
    etcd: "etcd",
    etcdSkipsFsync: true,
    environment: { PATH: "", PYTHONPATH: "", LANG: "" },
    user: { uid: 1, gid: 1, home: "" },
  };
  const command = etcdCommand(voter, orders, { programs, access, folder: "/e" });
  const about = command.filter((flag) => /cert-file|client-cert|trusted-ca/.test(flag));
  expect(about.toSorted()).toEqual(wanted);
  expect(command).toContain(`--advertise-client-urls=${tls ? "https" : "http"}://10.1.0.11:2379`);
});

function named(name: string): LabCluster["nodes"][number] {
  return { name, site: "bj", address: "10.1.0.11", ...ports };
}

function at(address: string): LabCluster["nodes"][number] {
  return { name: "a", site: "bj", address, ...ports };
}
