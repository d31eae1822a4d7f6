import { BlockList, isIPv4 } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { compileHba, compileIdent } from "../../src/compiler/compile-hba.ts";
import { renderCluster } from "../../src/compiler/render-cluster.ts";
import type { CompiledCluster } from "../../src/compiler/compiled-cluster.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { readHbaLine, type HbaLine } from "../../src/postgres/hba-line.ts";
import { CLUSTER, edit, memoryProject, PROJECT, projectWith } from "../support/memory-project.ts";

async function compiled(cluster: string, project = PROJECT): Promise<CompiledCluster> {
  const files = memoryProject({ "quorate.yaml": project, "clusters/1.yaml": cluster });
  const { clusters, found } = await compileProject(files);
  expect(found.filter(({ severity }) => severity === "error")).toEqual([]);
  const [only] = clusters;
  if (only === undefined) throw new Error("nothing was compiled");
  return only;
}

const withAccess = (access: object): string => `${CLUSTER}access: ${JSON.stringify(access)}\n`;

/** Somebody who knocks at a node's PostgreSQL. */
interface Knock {
  readonly user: string;
  readonly database: string;
  /** Undefined: by the socket file. */
  readonly address: string | undefined;
  readonly hasTls: boolean;
}

/** What PostgreSQL makes of it: the method of the first line that matches, or none. */
function decide(lines: readonly string[], knock: Knock): string {
  for (const text of lines) {
    const line = readHbaLine(text, 15);
    if (!line.ok) throw new Error(`${text}: ${line.error.message}`);
    if (matches(line.value, knock)) return line.value.method;
  }
  return "none";
}

function matches(line: HbaLine, { user, database, address, hasTls }: Knock): boolean {
  const isPlace =
    line.address === undefined || address === undefined
      ? line.address === address
      : holds(line.address, address);
  const isKind = line.type !== "hostssl" || hasTls;
  const isUser = isForAll(line.users) || line.users.some(({ text }) => text === user);
  // `all` is every database, and replication is none of them.
  const isDatabase =
    line.databases.some(({ text }) => text === database) ||
    (database !== "replication" && isForAll(line.databases));
  return isPlace && isKind && isUser && isDatabase;
}

function isForAll(names: HbaLine["users"]): boolean {
  return names.some(({ text }) => text === "all");
}

function holds(network: string, address: string): boolean {
  if (network === "all") return true;
  const [base = "", bits] = network.split("/");
  if (isIPv4(base) !== isIPv4(address)) return false;
  const list = new BlockList();
  list.addSubnet(base, Number(bits), isIPv4(base) ? "ipv4" : "ipv6");
  return list.check(address, isIPv4(address) ? "ipv4" : "ipv6");
}

const MEMBERS = ["10.1.1.1", "10.1.1.2", "10.1.1.3"];
const ELSEWHERE = ["10.1.1.4", "10.9.0.1", "192.0.2.1", "fd00::1"];
const someone = fc.constantFrom("postgres", "replicator", "rewinder", "app", "all_of_us");
const place = fc.constantFrom(undefined, "127.0.0.1", "::1", ...MEMBERS, ...ELSEWHERE);
const anyDatabase = fc.constantFrom("replication", "postgres", "app");
/** Lines that a person could add, the widest among them; a user of Patroni's is refused before. */
const added = fc.constantFrom(
  "host all all all scram-sha-256",
  "host all,replication all 0.0.0.0/0 scram-sha-256",
  "local all,replication all scram-sha-256",
  "hostssl all +everyone ::/0 cert",
  "host replication barman 10.9.0.0/24 scram-sha-256",
);

const PATRONI: ReadonlySet<string> = new Set(["postgres", "replicator", "rewinder"]);

/** What a user of Patroni's must meet, and where that one works: everywhere else it is refused. */
function wantedFor(
  knock: Knock,
  access: { readonly authentication: string; readonly admins: readonly string[] },
): string {
  const { user, database: wanted, address = "socket", hasTls } = knock;
  const member = access.authentication === "scram" ? "scram-sha-256" : "cert";
  const rights: Readonly<
    Record<string, readonly [database: RegExp, from: RegExp, method: string][]>
  > = {
    postgres: [
      [/^(?!replication)/, /^socket/, "peer"],
      [/^(?!replication)/, /^(?:127\.0\.0\.1|::1) /, "scram-sha-256"],
      [
        /^(?!replication)/,
        access.admins.length > 0 ? /^10\.9\.0\.1 tls/ : /^none/,
        "scram-sha-256",
      ],
    ],
    replicator: [
      [
        /^replication/,
        member === "cert" ? /^(?:127\.0\.0\.1|::1) tls/ : /^(?:127\.0\.0\.1|::1) /,
        member,
      ],
      [/^replication/, /^10\.1\.1\.[123] tls/, member],
    ],
    rewinder: [[/^(?!replication)/, /^10\.1\.1\.[123] tls/, member]],
  };
  const from = `${address} ${hasTls ? "tls" : "plain"}`;
  const right = rights[user]?.find(
    ([databases, places]) => databases.test(wanted) && places.test(from),
  );
  return right?.[2] ?? "reject";
}

describe("pg_hba", () => {
  test("lets Patroni's users in from where they work and nowhere else, whatever a person adds", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          hba: fc.array(added, { maxLength: 4 }),
          clients: fc.subarray(["10.0.0.0/8", "0.0.0.0/0", "::/0"]),
          admins: fc.subarray(["10.9.0.0/24"]),
          authentication: fc.constantFrom("scram", "certificate"),
        }),
        fc.array(
          fc.record({ user: someone, database: anyDatabase, address: place, hasTls: fc.boolean() }),
          {
            minLength: 20,
            maxLength: 40,
          },
        ),
        async (postgres, knocks) => {
          const { resolved } = await compiled(withAccess({ postgres }));
          const lines = compileHba(resolved);
          const ours = knocks.filter((knock) => PATRONI.has(knock.user));
          const decided = ours.map((knock) => ({ ...knock, method: decide(lines, knock) }));
          const wanted = ours.map((knock) => ({ ...knock, method: wantedFor(knock, postgres) }));
          expect(decided).toEqual(wanted);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("lets nobody but Patroni in where no network is named, and applications where one is", async () => {
    const bare = compileHba((await compiled(CLUSTER)).resolved);
    const app = { user: "app", database: "app", hasTls: true };
    for (const address of [...MEMBERS, ...ELSEWHERE])
      expect(decide(bare, { ...app, address })).toBe("none");
    for (const address of [undefined, "127.0.0.1", "::1"])
      expect(decide(bare, { ...app, address })).toBe("scram-sha-256");
    const clients = withAccess({ postgres: { clients: ["10.9.0.0/16"] } });
    const open = compileHba((await compiled(clients)).resolved);
    expect(decide(open, { ...app, address: "10.9.0.1" })).toBe("scram-sha-256");
    expect(decide(open, { ...app, address: "10.9.0.1", hasTls: false })).toBe("none");
    expect(decide(open, { ...app, address: "10.8.0.1" })).toBe("none");
    expect(decide(open, { ...app, address: "10.9.0.1", database: "replication" })).toBe("none");
  });

  test("a person's line comes before the general ones, so that it can say something else", async () => {
    const hba = ["hostssl all app 10.9.0.7/32 cert"];
    const access = { postgres: { clients: ["10.9.0.0/16"], hba } };
    const lines = compileHba((await compiled(withAccess(access))).resolved);
    const app = { user: "app", database: "app", hasTls: true };
    expect(decide(lines, { ...app, address: "10.9.0.7" })).toBe("cert");
    expect(decide(lines, { ...app, address: "10.9.0.8" })).toBe("scram-sha-256");
  });

  test("nodes of another cluster that follow this one may do what members may", async () => {
    const peers = [
      { name: "dr-1", address: "10.9.0.1" },
      { name: "dr-2", address: "fd00::1" },
    ];
    const { resolved } = await compiled(
      withAccess({ postgres: { authentication: "certificate" } }),
    );
    const lines = compileHba(resolved, peers);
    for (const { address } of peers) {
      const follower = { user: "replicator", database: "replication", address, hasTls: true };
      expect(decide(lines, follower)).toBe("cert");
      expect(decide(lines, { ...follower, user: "rewinder", database: "postgres" })).toBe("cert");
      expect(decide(compileHba(resolved), follower)).toBe("reject");
    }
    expect(compileIdent(resolved, peers)).toContain("quorate dr-2 rewinder");
  });

  test("without TLS files, and where TLS is switched off, connections need none", async () => {
    const off = await compiled(withAccess({ postgres: { tls: false, clients: ["10.9.0.0/16"] } }));
    expect(compileHba(off.resolved).join("\n")).not.toContain("hostssl");
    expect(off.dcs).not.toHaveProperty("postgresql.parameters.ssl");
    expect(off.nodes[0]?.config).not.toHaveProperty(
      "postgresql.authentication.replication.sslmode",
    );
  });
});

describe("access to the DCS", () => {
  const tls =
    '    tls: { ca: /a/ca.crt }\n    auth: { user: "patroni-{cluster}", password: env:ETCD }\n';
  const project = edit(PROJECT, "    kind: etcd3\n", `    kind: etcd3\n${tls}`);

  test("stands in the node's file but for the password, which has its place in the environment", async () => {
    const [node] = (await compiled(CLUSTER, project)).nodes;
    expect(node?.config["etcd3"]).toEqual({
      hosts: ["10.1.0.1:2379", "10.1.0.2:2379", "10.1.0.3:2379"],
      protocol: "https",
      cacert: "/a/ca.crt",
      username: "patroni-pay",
    });
    expect(node?.secretNames).toContain("PATRONI_ETCD3_PASSWORD");
    expect(node?.secretNames).not.toContain("PATRONI_ETCD3_USERNAME");
  });

  test("comes with a variable without which Patroni would not look for the password", async () => {
    const cluster = await compiled(CLUSTER, project);
    const text = renderCluster(cluster, "0.0.0").find(({ path }) =>
      path.endsWith("env.example"),
    )?.text;
    expect(text?.split("\n").slice(3)).toEqual([
      "PATRONI_SUPERUSER_PASSWORD=",
      "PATRONI_REPLICATION_PASSWORD=",
      "PATRONI_REWIND_PASSWORD=",
      "PATRONI_RESTAPI_PASSWORD=",
      "PATRONI_ETCD3_PASSWORD=",
      "PATRONI_ETCD3_PROTOCOL=https",
      "",
    ]);
    expect((await compiled(CLUSTER)).nodes[0]?.environment).toEqual({});
  });

  test("of a cluster overrides the project's key by key", async () => {
    const [user, password] = [{ user: "env:WHO" }, { password: "env:OTHER" }];
    const own = (await compiled(withAccess({ dcs: user }), project)).nodes[0];
    expect(own?.config["etcd3"]).toMatchObject({ protocol: "https", cacert: "/a/ca.crt" });
    expect(own?.config["etcd3"]).not.toHaveProperty("username");
    expect(own?.secretNames).toContain("PATRONI_ETCD3_USERNAME");
    expect(
      (await compiled(withAccess({ dcs: password }), project)).resolved.dcs.access.auth,
    ).toEqual({
      user: { kind: "literal", name: "patroni-{cluster}" },
      password: { kind: "env", name: "OTHER" },
    });
  });
});

describe("access to the REST API", () => {
  test("an allowlist holds every member, or one of them could not vouch for the leader", async () => {
    const project = `${PROJECT}  allowlist: [10.200.0.0/24, 10.1.1.2/32]\n`;
    for (const { config } of (await compiled(CLUSTER, project)).nodes)
      expect(config).toMatchObject({
        restapi: { allowlist: ["10.1.1.1/32", "10.1.1.2/32", "10.1.1.3/32", "10.200.0.0/24"] },
      });
    expect((await compiled(CLUSTER)).nodes[0]?.config).not.toHaveProperty("restapi.allowlist");
  });

  test("with TLS every member has a certificate for its calls to the others, whatever they ask for", async () => {
    for (const verifyClient of ["none", "optional", "required"]) {
      const rest = { verifyClient, clientCertificate: "env:C", clientKey: "env:K" };
      for (const { config } of (await compiled(withAccess({ rest }))).nodes)
        expect(config).toMatchObject({
          restapi: { verify_client: verifyClient, cafile: "/etc/patroni/ca.crt" },
          ctl: {
            cacert: "/etc/patroni/ca.crt",
            certfile: "/etc/patroni/server.crt",
            keyfile: "/etc/patroni/server.key",
          },
        });
    }
  });

  test("of a cluster overrides the project's key by key", async () => {
    const { resolved } = await compiled(withAccess({ rest: { user: "pay", timeout: "9s" } }));
    expect(resolved.project.rest).toMatchObject({
      user: { kind: "literal", name: "pay" },
      password: { kind: "env", name: "REST_PASSWORD" },
      ca: { kind: "file", path: "/etc/quorate/ca.crt" },
      scheme: "https",
      timeoutSeconds: 9,
    });
  });

  test("a name that reads as a number stays text for Patroni", async () => {
    const cluster = await compiled(withAccess({ rest: { user: "0123" } }));
    const text = renderCluster(cluster, "0.0.0").find(({ path }) =>
      path.endsWith("patroni.yml"),
    )?.text;
    expect(parse(text ?? "", { version: "1.1" })).toMatchObject({
      restapi: { authentication: { username: "0123" } },
    });
  });
});

test("no reference to a secret reaches what is rendered", async () => {
  const rest = { user: "env:CANARY_1", password: "file:/canary_2" };
  const dcs = { user: "file:/canary_3", password: "env:CANARY_4", tls: { ca: "/a/ca.crt" } };
  const cluster = await compiled(withAccess({ rest, dcs }));
  const text = renderCluster(cluster, "0.0.0")
    .map((file) => file.text)
    .join("\n");
  expect(text).not.toMatch(/canary/i);
  expect(text).toContain("PATRONI_ETCD3_USERNAME=\nPATRONI_ETCD3_PASSWORD=\n");
});

test("two clusters of one project may differ in every kind of access", async () => {
  const other = withAccess({
    postgres: { users: { superuser: "root_of_all" } },
    rest: { user: "x" },
  })
    .replaceAll("pay", "cap")
    .replaceAll("10.1.1", "10.1.2");
  const { clusters, found } = await compileProject(projectWith(CLUSTER, other));
  expect(found).toEqual([]);
  expect(clusters.map(({ resolved }) => resolved.project.nodes.users.superuser)).toEqual([
    "root_of_all",
    "postgres",
  ]);
});
