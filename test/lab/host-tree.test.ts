import { expect, test } from "vitest";
import { planBindMounts } from "../../src/lab/bind-mounts.ts";
import { planNodeTree } from "../../src/lab/host-tree.ts";
import { type NodeFiles, readNodeFiles } from "../../src/lab/node-files.ts";
import { environmentOf, secretNames } from "../../src/lab/rendered-cluster.ts";

const config = {
  scope: "orders",
  namespace: "/pg/",
  bootstrap: {
    dcs: { postgresql: { parameters: { unix_socket_directories: "/run/pg, @abstract" } } },
  },
  etcd3: {
    protocol: "https",
    cacert: "/etc/etcd/ca.crt",
    cert: "/etc/etcd/c.crt",
    key: "/etc/etcd/c.key",
  },
  postgresql: {
    data_dir: "/var/lib/postgresql/15/orders",
    bin_dir: "/usr/lib/postgresql/15/bin",
    pgpass: "/var/lib/postgresql/.pgpass-orders",
    authentication: { superuser: { username: "admin" } },
  },
  restapi: { certfile: "/etc/patroni/tls/server.crt", keyfile: "/etc/patroni/tls/server.key" },
  watchdog: { mode: "required" },
  log: { dir: "/var/log/patroni" },
};
const pems = {
  ca: "CA",
  certificate: "CERT",
  key: "KEY",
  dcsCertificate: "NAMELESS",
  dcsKey: "ITS KEY",
};

test("everything that patroni.yml names is found", () => {
  expect(readNodeFiles(config)).toMatchObject({
    binDir: "/usr/lib/postgresql/15/bin",
    superuser: "admin",
    directories: ["/var/log/patroni", "/run/postgresql", "/run/pg"],
    etcd: { tls: true, clientCertificate: true, user: undefined, prefix: "/pg/orders/" },
    watchdogRequired: true,
    mayLead: true,
    synchronousMode: "off",
  });
});

test("a node without etcd3 or with a relative data directory is refused", () => {
  expect(readNodeFiles({ ...config, etcd3: "x" })).toContain("no etcd3 section");
  expect(readNodeFiles({ ...config, postgresql: { data_dir: "data" } })).toContain("data_dir");
});

test("a node's mounts are the directories around its files, none inside another", () => {
  const tree = planNodeTree(
    { name: "a", patroniYml: "scope: a\n", files: read(), secretNames: [], environment: {} },
    pems,
  );
  expect(tree.mounts).toEqual(
    [
      "/etc/etcd",
      "/etc/patroni",
      "/run/pg",
      "/run/postgresql",
      "/var/lib/postgresql",
      "/var/log/patroni",
    ].map((target) => ({ kind: "directory", target })),
  );
  expect(tree.owned.get("/var/lib/postgresql/15")).toBe(0o755);
  expect(tree.files).toContainEqual({
    path: "/etc/patroni/patroni.yml",
    text: "scope: a\n",
    secret: false,
  });
  expect(tree.files).toContainEqual({
    path: "/etc/patroni/tls/server.key",
    text: "KEY",
    secret: true,
  });
  // etcd with users refuses a certificate with a common name.
  expect(tree.files).toContainEqual({ path: "/etc/etcd/c.crt", text: "NAMELESS", secret: false });
  expect(tree.files).toContainEqual({ path: "/etc/etcd/c.key", text: "ITS KEY", secret: true });
  expect(tree.files).toContainEqual({
    path: "/etc/patroni/lab/10-patroni.yml",
    linkTo: "/etc/patroni/patroni.yml",
  });
});

test("what stands in a directory of the system is mounted by itself", () => {
  const files = [
    { kind: "file", target: "/etc/ssl/certs/own.crt" },
    { kind: "directory", target: "/pgdata" },
  ] as const;
  expect(planBindMounts(files, ["/tmp", "/var/log"])).toEqual([
    { kind: "file", target: "/etc/ssl/certs/own.crt" },
    { kind: "directory", target: "/pgdata" },
    { kind: "directory", target: "/tmp" },
  ]);
});

test("a name without a value is a secret, one with a value is none", () => {
  const text = "# A=1\nPATRONI_X_PASSWORD=\n\nexport B=\nPATRONI_X_PASSWORD=\nPROTOCOL=https\n";
  expect(secretNames(text)).toEqual(["PATRONI_X_PASSWORD", "B"]);
  expect(environmentOf(text)).toEqual({ PROTOCOL: "https" });
});

function read(): NodeFiles {
  const files = readNodeFiles(config);
  if (typeof files === "string") throw new Error(files);
  return files;
}
