import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { patroniApi } from "../../src/adapters/patroni-api.ts";
import { readEndpointsFile } from "../../src/cli/endpoints-file.ts";
import { sandboxCommand, type SandboxProject } from "../../src/cli/sandbox-command.ts";
import type { Endpoint, PatroniApi } from "../../src/core/ports.ts";
import { ok } from "../../src/core/result.ts";
import type { SandboxCluster } from "../../src/sandbox/sandbox-cluster.ts";

let folder = "";
let file = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "quorate-sandbox-"));
  file = join(folder, "endpoints.json");
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("Quorate's own client reads and changes a cluster through the endpoints file", async () => {
  const run = start(project({ clusters: [cluster("orders", ["orders-1", "orders-2"])] }));
  const endpoints = await endpointsOnceWritten();
  const api = apiTrusting(endpoints.ca);
  const [first, second] = ["orders-1", "orders-2"].map((node, index) =>
    endpoint(node, endpoints.nodes.get(node), index),
  );
  if (first === undefined || second === undefined) throw new Error("an endpoint is missing");
  expect(await api.readConfig(first)).toEqual(ok({ ttl: 30, loop_wait: 10 }));
  expect(await api.patchConfig(second, { ttl: 40 })).toEqual(ok({ ttl: 40, loop_wait: 10 }));
  expect(await api.readConfigAfresh(first)).toEqual(ok({ ttl: 40, loop_wait: 10 }));
  expect(await api.readCluster(first)).toMatchObject({
    ok: true,
    value: {
      paused: false,
      members: [
        { name: "orders-1", role: "leader", state: "running", pendingRestart: false },
        { name: "orders-2", role: "replica", state: "streaming", tags: { quorate_site: "bj" } },
      ],
    },
  });
  expect(await api.readStatus(second)).toMatchObject({
    ok: true,
    value: { role: "replica", state: "running", patroniVersion: "4.1.5", name: "orders-2" },
  });
  await run.end();
});

test("a certificate vouches for its own node's address and no other", async () => {
  const run = start(project({ clusters: [cluster("orders", ["orders-1"])] }));
  const { ca, nodes } = await endpointsOnceWritten();
  const node = endpoint("orders-1", nodes.get("orders-1"), 0);
  const refused = { ok: false, error: { kind: "tls" } };
  const other = { ...node, certificateName: "10.10.1.12" };
  expect(await apiTrusting(ca).readConfig(other)).toMatchObject(refused);
  expect(await apiTrusting(undefined).readConfig(node)).toMatchObject(refused);
  expect(await apiTrusting(ca).readConfig(node)).toMatchObject({ ok: true });
  await run.end();
});

test("the endpoints file is its owner's alone, and nothing stays behind", async () => {
  const run = start(project({ clusters: [cluster("orders", ["orders-1"])] }));
  await endpointsOnceWritten();
  const names = ["endpoints.json", "endpoints.json.ca.pem"];
  expect((await readdir(folder)).toSorted()).toEqual(names);
  for (const name of names) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  expect(run.results).toEqual(["orders: 1 node, Patroni 4.1, PostgreSQL 16"]);
  await run.end();
  expect(await readdir(folder)).toEqual([]);
  expect(run.exitCodes).toEqual([]);
});

test("an endpoints file that someone else has written since stays", async () => {
  const run = start(project({ clusters: [cluster("orders", ["orders-1"])] }));
  await endpointsOnceWritten();
  await writeFile(file, "{}");
  await run.end();
  expect(await readFile(file, "utf8")).toBe("{}");
});

test("the sandbox ends by itself when its time is over", async () => {
  const run = start(project({ clusters: [cluster("orders", ["orders-1"])] }), "--time-limit", "1s");
  await run.over;
  expect(run.progress.at(-1)).toBe("its time is over: the sandbox ends");
  expect(await readdir(folder)).toEqual([]);
});

test("drift is in the document before anyone asks", async () => {
  const drift = join(folder, "drift.json");
  await writeFile(drift, JSON.stringify({ orders: { ttl: 99, loop_wait: null } }));
  const clusters = [cluster("orders", ["orders-1"]), cluster("pay", ["pay-1"])];
  const run = start(project({ clusters, scheme: "http" }), "--drift", drift);
  const { nodes, ca } = await endpointsOnceWritten();
  expect(ca).toBeUndefined();
  expect(await configAt(nodes.get("orders-1"))).toEqual({ ttl: 99 });
  expect(await configAt(nodes.get("pay-1"))).toEqual({ ttl: 30, loop_wait: 10 });
  await run.end();
});

test("drift of a cluster that is not there is refused", async () => {
  const drift = join(folder, "drift.json");
  await writeFile(drift, JSON.stringify({ ordres: {} }));
  const run = start(project({ clusters: [cluster("orders", ["orders-1"])] }), "--drift", drift);
  await run.over;
  expect(run.progress).toEqual([`${drift}: the sandbox has no cluster ordres`]);
  expect(run.exitCodes).toEqual([4]);
});

test("two clusters with a node of one name are refused, as the file goes by node", async () => {
  const clusters = [cluster("orders", ["a", "b"]), cluster("pay", ["b"])];
  const run = start(project({ clusters }));
  await run.over;
  expect(run.progress[0]).toBe("two clusters have a node b, and the endpoints file goes by node");
  expect(run.exitCodes).toEqual([4]);
});

test("an endpoints file that cannot be written ends the sandbox", async () => {
  file = join(folder, "no", "such", "folder.json");
  const run = start(project({ clusters: [cluster("orders", ["orders-1"])] }));
  await run.over;
  expect(run.progress).toEqual([`${file} cannot be written (ENOENT)`]);
  expect(run.exitCodes).toEqual([4]);
});

interface Run {
  readonly results: string[];
  readonly progress: string[];
  readonly exitCodes: number[];
  readonly over: Promise<unknown>;
  /** Ends it as Ctrl-C would. */
  end(): Promise<void>;
}

function start(loaded: SandboxProject, ...flags: readonly string[]): Run {
  const run = { results: [] as string[], progress: [] as string[], exitCodes: [] as number[] };
  const command = sandboxCommand({
    loadSandbox: () => Promise.resolve(ok(loaded)),
    out: {
      result: (text) => run.results.push(text),
      progress: (text) => run.progress.push(text),
    },
    setExitCode: (code) => run.exitCodes.push(code),
  });
  const args = ["--endpoints", file, "--loop", "0.1", ...flags];
  const over = command.exitOverride().parseAsync(args, { from: "user" });
  return {
    ...run,
    over,
    async end() {
      process.emit("SIGINT", "SIGINT");
      await over;
    },
  };
}

async function endpointsOnceWritten(): Promise<{
  readonly nodes: ReadonlyMap<string, string>;
  readonly ca: string | undefined;
}> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const read = await readEndpointsFile(file);
    if (read.ok) return read.value;
    await new Promise((resolve) => {
      setTimeout(resolve, 25);
    });
  }
  throw new Error("the endpoints file was not written");
}

async function configAt(url: string | undefined): Promise<unknown> {
  const answer = await fetch(`${url ?? ""}/config`);
  return answer.json();
}

function apiTrusting(ca: string | undefined): PatroniApi {
  return patroniApi({
    ca,
    clientCertificate: undefined,
    clientKey: undefined,
    user: "patroni",
    password: "secret",
    timeoutSeconds: 5,
    allowPlainHttp: false,
  });
}

function endpoint(node: string, url: string | undefined, index: number): Endpoint {
  return { cluster: "orders", node, url: url ?? "", certificateName: `10.10.1.${11 + index}` };
}

function project(
  parts: Pick<SandboxProject, "clusters"> & Partial<SandboxProject>,
): SandboxProject {
  return {
    scheme: "https",
    verifyClient: "none",
    authentication: { username: "patroni", password: "secret" },
    ...parts,
  };
}

function cluster(name: string, nodes: readonly string[]): SandboxCluster {
  return {
    name,
    patroniVersion: "4.1",
    postgresMajor: 16,
    config: { ttl: 30, loop_wait: 10 },
    nodes: nodes.map((node, index) => ({
      name: node,
      address: `10.10.1.${11 + index}`,
      site: "bj",
      tags: { quorate_site: "bj" },
      restPort: 8008,
      postgresPort: 5432,
    })),
  };
}
