import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRestClient } from "../support/rest-client.ts";
import { BUNDLE, copyProject } from "../support/real-project.ts";
import { run, type Ended } from "../support/run.ts";
import {
  startMeddler,
  startSandboxProcess,
  type Meddle,
  type SandboxProcess,
} from "../support/sandbox-process.ts";

const PASSWORD = "sandbox-password";
const FILE = "clusters/orders.yaml";
const NODES = ["orders-bj-1", "orders-bj-2", "orders-bj-3"] as const;

/** Changes nothing. */
const pass: Meddle = ({ answer, reply }) => {
  reply.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
};

describe("when the world is not as planned, apply", () => {
  const project = copyProject(["orders"]);
  let sandbox: SandboxProcess;
  let memory = 8;

  beforeAll(async () => {
    project.edit("quorate.yaml", "  scheme: https", "  scheme: https\n  timeout: 2s");
    sandbox = await startSandboxProcess(project, PASSWORD, 0.3);
  });
  afterAll(async () => {
    await sandbox.stop();
    project.remove();
  });

  /** Changes work_mem in the intent, so that there is one key to write. */
  function changeIntent(): void {
    project.edit(FILE, `work_mem: ${memory}MB`, `work_mem: ${memory + 1}MB`);
    memory += 1;
  }

  function quorate(...args: readonly string[]): Promise<Ended> {
    return run(process.execPath, [BUNDLE, "--project", project.root, ...args], {
      QUORATE_REST_PASSWORD: PASSWORD,
    });
  }

  async function byHand(patch: object): Promise<void> {
    const targets = new Map(
      [...sandbox.urls].map(([node, url]) => [node, { url, certificateName: "127.0.0.1" }]),
    );
    const rest = createRestClient({
      targets,
      caPem: sandbox.ca,
      username: "quorate",
      password: PASSWORD,
      certificates: {},
    });
    const answer = await rest.request("orders-bj-1", "PATCH", "/config", {
      body: JSON.parse(JSON.stringify(patch)),
    });
    expect(answer.status).toBe(200);
  }

  /** An endpoints file in which the way to every node leads through `meddle`. */
  async function through(meddle: Meddle): Promise<{ readonly file: string; close(): void }> {
    const meddlers = await Promise.all(
      NODES.map((node) => startMeddler(sandbox.urls.get(node) ?? "", sandbox.ca, meddle)),
    );
    const file = join(project.root, "through.json");
    const nodes = Object.fromEntries(
      NODES.map((node, index) => [node, meddlers[index]?.url ?? ""]),
    );
    writeFileSync(file, JSON.stringify({ formatVersion: 1, ca: "endpoints.json.ca.pem", nodes }));
    return { file, close: () => meddlers.forEach(({ server }) => server.close()) };
  }

  test("looks again when the answer to its PATCH got lost, and finds its own write", async () => {
    changeIntent();
    let lost = 0;
    const network = await through((exchange) => {
      if (exchange.method !== "PATCH" || exchange.body.includes("__quorate_read__") || lost > 0)
        return pass(exchange);
      lost += 1;
      return exchange.reply.destroy();
    });
    const ended = await quorate("apply", "--endpoints", network.file);
    network.close();
    expect(lost).toBe(1);
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toContain("orders: applied 1 key, every node runs them");
  });

  test("tries again after a lost race, with a fresh read", async () => {
    changeIntent();
    const methods: string[] = [];
    const network = await through((exchange) => {
      if (exchange.method === "PATCH")
        methods.push(exchange.body.includes("__quorate_read__") ? "read" : "write");
      if (exchange.method === "PATCH" && methods.length === 2)
        return exchange.reply.writeHead(409).end();
      return pass(exchange);
    });
    const ended = await quorate("apply", "--endpoints", network.file);
    network.close();
    // The meddler let the write through before it said 409, so the second read finds it done.
    expect(methods).toEqual(["read", "write", "read"]);
    expect(ended).toMatchObject({ code: 0 });
  });

  test("stops when the answer is not the document that was predicted", async () => {
    changeIntent();
    const network = await through((exchange) => {
      if (exchange.method !== "PATCH" || exchange.body.includes("__quorate_read__"))
        return pass(exchange);
      const body = exchange.answer.body.replace(`"work_mem":"${memory}MB"`, '"work_mem":"1MB"');
      return exchange.reply.writeHead(200).end(body);
    });
    const ended = await quorate("apply", "--endpoints", network.file);
    network.close();
    expect(ended.code).toBe(7);
    expect(ended.stdout).toContain("Patroni's answer is not the document that was predicted");
    expect(ended.stdout).toContain("now it is 1MB");
    expect(await quorate("apply", "--endpoints", sandbox.endpoints)).toMatchObject({ code: 0 });
  });

  test("is warned of by plan where a live key does not do what it seems to do, and nothing else changes", async () => {
    await byHand({ tll: 60, failsafe_mode: "banana", postgresql: { parameters: { work_mm: 1 } } });
    const planned = await quorate("plan", "--endpoints", sandbox.endpoints);
    expect(planned.code).toBe(2);
    expect(planned.stdout.split("\n").filter((line) => line.includes("warning"))).toEqual([
      "  warning: failsafe_mode is banana: Patroni 4.1 takes it for false; replaced",
      "  warning: tll is 60: Patroni 4.1 does not know it and ignores it (did you mean ttl?); left alone",
      "  warning: postgresql.parameters.work_mm is 1: Patroni 4.1 drops it: PostgreSQL 15 has no such parameter (did you mean work_mem?); left alone",
    ]);
    expect(await quorate("apply", "--endpoints", sandbox.endpoints)).toMatchObject({ code: 0 });
    const after = await quorate("plan", "--endpoints", sandbox.endpoints);
    expect(after.code).toBe(0);
    expect(after.stdout).toContain("  warning: tll is 60");
    await byHand({ slots: "none", standby_cluster: "elsewhere" });
    const refused = await quorate("apply", "--endpoints", sandbox.endpoints);
    const said = await quorate("plan", "--endpoints", sandbox.endpoints);
    expect(said.stdout).toContain(
      "warning: standby_cluster is elsewhere: Patroni 4.1 cannot read it, and keeps the timeouts and everything under postgresql as they were before; left alone, and apply refuses while it is there",
    );
    expect(refused.code).toBe(5);
    expect(refused.stdout).toContain("standby_cluster in the live document cannot be read");
    await byHand({
      slots: null,
      standby_cluster: null,
      tll: null,
      postgresql: { parameters: { work_mm: null } },
    });
    expect(await quorate("apply", "--endpoints", sandbox.endpoints)).toMatchObject({ code: 0 });
  });

  test("refuses a cluster that is paused", async () => {
    changeIntent();
    await byHand({ pause: true });
    const ended = await quorate("apply", "--endpoints", sandbox.endpoints);
    expect(ended.code).toBe(5);
    expect(ended.stdout).toContain("refused, nothing was written\n  the cluster is paused");
    expect((await quorate("plan", "--endpoints", sandbox.endpoints)).stdout).toContain(
      "note: the cluster is paused",
    );
    await byHand({ pause: null });
    expect(await quorate("apply", "--endpoints", sandbox.endpoints)).toMatchObject({ code: 0 });
  });

  test("refuses a node that runs an older Patroni than the intent says", async () => {
    project.edit(FILE, 'patroni: "4.1"', 'patroni: "4.1.99"');
    const ended = await quorate("apply", "--endpoints", sandbox.endpoints);
    expect(ended.code).toBe(5);
    expect(ended.stdout).toMatch(
      /orders-bj-1 runs Patroni 4\.1\.?\d*, the intent says at least 4\.1\.99/,
    );
    expect((await quorate("plan", "--endpoints", sandbox.endpoints)).stdout).toContain(
      "note: apply would refuse: orders-bj-1 runs Patroni",
    );
    project.edit(FILE, 'patroni: "4.1.99"', 'patroni: "4.1"');
  });

  test("refuses nodes that belong to another cluster", async () => {
    project.edit(FILE, "cluster: orders", "cluster: other");
    const ended = await quorate("apply", "--endpoints", sandbox.endpoints);
    expect(ended.code).toBe(5);
    expect(ended.stdout).toContain("orders-bj-1 belongs to the cluster orders, not to other");
    project.edit(FILE, "cluster: other", "cluster: orders");
  });

  test("says which node does not run the change when the time is over", async () => {
    changeIntent();
    // To whoever asks this node, its own view of the configuration never changes.
    const network = await startMeddler(
      sandbox.urls.get("orders-bj-3") ?? "",
      sandbox.ca,
      (exchange) => {
        const body = exchange.answer.body.replace(/"work_mem":"\d+MB"/, '"work_mem":"7MB"');
        pass({ ...exchange, answer: { ...exchange.answer, body } });
      },
    );
    const file = join(project.root, "old.json");
    const text = readFileSync(sandbox.endpoints, "utf8").replace(
      /("orders-bj-3": )"[^"]*"/,
      `$1"${network.url}"`,
    );
    writeFileSync(file, text);
    const ended = await quorate("apply", "--endpoints", file, "--timeout", "2s");
    network.server.close();
    expect(ended.code).toBe(8);
    expect(ended.stdout).toContain("orders-bj-3 still waits for the new configuration");
    expect(await quorate("apply", "--endpoints", sandbox.endpoints)).toMatchObject({ code: 0 });
  });

  test.each([
    {
      name: "PostgreSQL does not run on a node",
      path: "/patroni",
      from: '"state":"running"',
      to: '"state":"starting"',
      said: "PostgreSQL on orders-bj-2 is starting, not running",
    },
    {
      name: "two nodes lead",
      path: "/patroni",
      from: '"role":"replica"',
      to: '"role":"primary"',
      said: "both lead: fence one of them before anything else",
    },
    {
      name: "a node runs another PostgreSQL",
      path: "/patroni",
      from: '"server_version":15',
      to: '"server_version":16',
      said: "orders-bj-2 runs PostgreSQL 16, the intent says 15",
    },
    {
      name: "a node is in failsafe mode",
      path: "/patroni",
      from: '"timeline":',
      to: '"failsafe_mode_is_active":true,"timeline":',
      said: "orders-bj-2 runs in failsafe mode",
    },
    {
      name: "there is a member that the intent does not name",
      path: "/cluster",
      from: '"name":"orders-bj-3"',
      to: '"name":"orders-bj-9"',
      said: "orders-bj-9 is a member that the intent does not name",
    },
    {
      name: "the cluster follows another one",
      path: "/config",
      from: '"ttl":',
      to: '"standby_cluster":{"host":"a"},"ttl":',
      said: "orders follows another cluster (standby_cluster), and its intent says that it leads",
    },
  ])("refuses when $name, and writes nothing", async ({ path, from, to, said }) => {
    changeIntent();
    let writes = 0;
    const network = await through((exchange) => {
      if (exchange.method === "PATCH") writes += 1;
      const isMeant = exchange.path === path && exchange.answer.body.includes(from);
      const isNode = path !== "/patroni" || exchange.answer.body.includes('"orders-bj-2"');
      const text = exchange.answer.body;
      const body = isMeant && isNode ? text.replace(from, to) : text;
      pass({ ...exchange, answer: { ...exchange.answer, body } });
    });
    const refused = await quorate("apply", "--endpoints", network.file);
    network.close();
    expect(refused.code).toBe(5);
    expect(refused.stdout).toContain(said);
    expect(writes).toBe(0);
  });

  test("refuses a plan when somebody has since added another spelling of a planned parameter", async () => {
    changeIntent();
    const plan = join(project.root, "plan.json");
    expect(await quorate("plan", "--endpoints", sandbox.endpoints, "--out", plan)).toMatchObject({
      code: 2,
    });
    await byHand({ postgresql: { parameters: { Work_Mem: "1MB" } } });
    const ended = await quorate("apply", "--endpoints", sandbox.endpoints, "--plan", plan);
    expect(ended.code).toBe(6);
    expect(ended.stdout).toContain("postgresql.parameters.Work_Mem");
    await byHand({ postgresql: { parameters: { Work_Mem: null } } });
  });

  test("says that it does not know when every answer to its PATCH got lost", async () => {
    changeIntent();
    let isDown = false;
    const network = await through((exchange) => {
      if (exchange.method === "PATCH" && !exchange.body.includes("__quorate_read__")) isDown = true;
      if (isDown && exchange.method === "PATCH") return exchange.reply.destroy();
      return pass(exchange);
    });
    const ended = await quorate("apply", "--endpoints", network.file);
    network.close();
    expect(ended.code).toBe(7);
    expect(ended.stdout).toContain("the change was sent, and may have been written");
  });
});
