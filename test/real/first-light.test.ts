import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bootRealLab, openTunnel, type RealLab } from "../support/real-lab.ts";
import { copyProject } from "../support/real-project.ts";
import { run, type Ended } from "../support/run.ts";

const NODES = ["orders-bj-1", "orders-bj-2", "orders-bj-3"] as const;
const FILE = "clusters/orders.yaml";

/** A request from the lab's client to a node's REST API, as a person would make it by hand. */
const BY_HAND = `
import json, os, ssl, sys, urllib.request, base64
node, method, path, body = sys.argv[1:5]
tls = ssl.create_default_context(cafile="/etc/quorate/ca.crt")
if os.path.exists("/etc/quorate/client.crt"):
    tls.load_cert_chain("/etc/quorate/client.crt", "/etc/quorate/client.key")
request = urllib.request.Request(f"https://{node}:8008{path}", method=method, data=body.encode() or None)
key = base64.b64encode(("quorate:" + os.environ["QUORATE_REST_PASSWORD"]).encode()).decode()
request.add_header("Authorization", "Basic " + key)
print(urllib.request.urlopen(request, context=tls, timeout=10).read().decode())
`;

/** Each release with another way to authenticate: a password alone, and with a client certificate. */
const RELEASES = [
  { version: "3.0", verifyClient: "optional" },
  { version: "4.0", verifyClient: "required" },
  { version: "4.1", verifyClient: "none" },
] as const;

const CLIENT_CERTIFICATE = `
  clientCertificate: file:/etc/quorate/client.crt
  clientKey: file:/etc/quorate/client.key
  verifyClient: `;

describe.each(RELEASES)(
  "orders on a real Patroni $version, verify_client $verifyClient",
  ({ version, verifyClient }) => {
    const project = copyProject(["orders"]);
    let lab: RealLab;

    beforeAll(async () => {
      project.edit(FILE, 'patroni: "4.1"', `patroni: "${version}"`);
      if (verifyClient !== "none")
        project.edit(
          "quorate.yaml",
          "  user: quorate",
          `  user: quorate${CLIENT_CERTIFICATE}${verifyClient}`,
        );
      lab = await bootRealLab(project, "orders");
    });
    afterAll(async () => {
      await lab?.down();
      project.remove();
    });

    async function byHand(
      method: string,
      path: string,
      body: object | undefined,
    ): Promise<unknown> {
      const text = body === undefined ? "" : JSON.stringify(body);
      const answer = await lab.exec(
        "client",
        "/usr/bin/python3",
        "-c",
        BY_HAND,
        "10.10.1.11",
        method,
        path,
        text,
      );
      if (answer.code !== 0) throw new Error(answer.stderr);
      return JSON.parse(answer.stdout);
    }

    test("runs that Patroni, and every other node streams from the leader", async () => {
      const status = await byHand("GET", "/patroni", undefined);
      expect(status).toMatchObject({
        patroni: { scope: "orders", version: expect.stringMatching(`^${version}\\.`) },
      });
      const recovering = await Promise.all(
        NODES.map((node) => lab.sql(node, "select pg_is_in_recovery()")),
      );
      const leader = NODES[recovering.indexOf("f")] ?? "";
      expect(recovering.filter((answer) => answer === "t")).toHaveLength(2);
      expect(
        await lab.sql(leader, "select count(*) from pg_stat_replication where state = 'streaming'"),
      ).toBe("2");
    });

    test("waits for standbys as its tier says", async () => {
      const leader = await leaderOf(lab);
      // Before 4.0 Patroni names the one standby that it picked; in quorum mode it names all.
      const wanted =
        version === "3.0" ? /^"orders-bj-\d"$/ : /^ANY 1 \("orders-bj-\d","orders-bj-\d"\)$/;
      await expect
        .poll(() => lab.sql(leader, "show synchronous_standby_names"), {
          timeout: 40_000,
          interval: 1000,
        })
        .toMatch(wanted);
    });

    test("plans to nothing right after it was booted from compiled files", async () => {
      expect(await lab.quorate("plan")).toMatchObject({
        code: 0,
        stdout: "orders: no changes\n\nNo changes in 1 cluster.\n",
      });
    });

    test("a changed intent is planned key by key with its effects, applied, run by every node, and then done", async () => {
      project.edit(FILE, "speed: standard", "speed: fast");
      project.edit(FILE, "work_mem: 8MB", "work_mem: 16MB");
      project.edit(FILE, "max_connections: 100", "max_connections: 150");
      const planned = await lab.quorate("plan");
      expect(planned.code).toBe(2);
      expect(keyLines(planned.stdout)).toEqual([
        "loop_wait 10 -> 5 next loop",
        "postgresql.parameters.max_connections 100 -> 150 restart (standbys first, then the leader)",
        "postgresql.parameters.work_mem 8MB -> 16MB reload",
        "retry_timeout 10 -> 5 next loop",
        "ttl 30 -> 20 next loop",
      ]);
      expect(planned.stdout).toContain("changes by the intent");

      const applied = await lab.quorate("apply");
      expect(applied).toMatchObject({ code: 0 });
      for (const node of NODES) {
        expect(await lab.sql(node, "show work_mem"), node).toBe("16MB");
        expect(await lab.sql(node, "show max_connections"), node).toBe("100");
        expect(applied.stdout).toContain(
          `waits for a restart: ${node} (max_connections 100 -> 150)`,
        );
      }
      expect(await byHand("GET", "/config", undefined)).toMatchObject({
        ttl: 20,
        loop_wait: 5,
        retry_timeout: 5,
      });
      expect(await lab.quorate("plan")).toMatchObject({ code: 0 });
      expect(await lab.quorate("apply")).toMatchObject({ code: 0 });
    });

    test("a value changed by hand is shown as drift and repaired; a key of somebody else is left alone", async () => {
      expect(await lab.quorate("compile")).toMatchObject({ code: 0 });
      await byHand("PATCH", "/config", {
        maximum_lag_on_failover: 1,
        postgresql: { parameters: { log_statement: "ddl" } },
      });
      const planned = await lab.quorate("plan");
      expect(planned.code).toBe(2);
      expect(planned.stdout).toContain(
        "drift: rendered/ wants this too, so it was changed by hand or never applied",
      );
      expect(keyLines(planned.stdout)).toEqual([
        "maximum_lag_on_failover 1 -> 1073741824 next loop",
      ]);
      expect(planned.stdout.split("log_statement")).toHaveLength(2);
      expect(planned.stdout).toContain(
        "unmanaged, left alone: postgresql.parameters.log_statement",
      );

      expect(await lab.quorate("apply")).toMatchObject({ code: 0 });
      expect(await byHand("GET", "/config", undefined)).toMatchObject({
        maximum_lag_on_failover: 1_073_741_824,
        postgresql: { parameters: { log_statement: "ddl" } },
      });
      expect(await lab.quorate("plan")).toMatchObject({ code: 0 });
      await byHand("PATCH", "/config", { postgresql: { parameters: { log_statement: null } } });
    });

    test("a plan is refused when somebody changed the same key since, and applied when they changed another", async () => {
      const plan = join(project.root, "plan.json");
      project.edit(FILE, "work_mem: 16MB", "work_mem: 24MB");
      expect(await lab.quorate("plan", "--out", plan)).toMatchObject({ code: 2 });
      await byHand("PATCH", "/config", { postgresql: { parameters: { work_mem: "99MB" } } });
      const refused = await lab.quorate("apply", "--plan", plan);
      expect(refused.code).toBe(6);
      expect(refused.stdout).toContain("nothing was written");
      expect(refused.stdout).toContain(
        "postgresql.parameters.work_mem: the plan saw 16MB, now it is 99MB, wanted is 24MB",
      );
      expect(await byHand("GET", "/config", undefined)).toMatchObject({
        postgresql: { parameters: { work_mem: "99MB" } },
      });

      await byHand("PATCH", "/config", {
        postgresql: { parameters: { work_mem: "16MB", log_statement: "ddl" } },
      });
      expect(await lab.quorate("apply", "--plan", plan)).toMatchObject({ code: 0 });
      await byHand("PATCH", "/config", { postgresql: { parameters: { log_statement: null } } });
      // Once more: what is already done is not stale.
      expect(await lab.quorate("apply", "--plan", plan)).toMatchObject({ code: 0 });
      writeFileSync(plan, readFileSync(plan, "utf8").replace("24MB", "25MB"));
      expect(await lab.quorate("apply", "--plan", plan)).toMatchObject({ code: 4 });
    });

    test("two applies at the same time both end, and the document is the compiled one", async () => {
      project.edit(FILE, "work_mem: 24MB", "work_mem: 32MB");
      project.edit(FILE, "max_connections: 150", "max_connections: 160");
      const both = await Promise.all([lab.quorate("apply"), lab.quorate("apply")]);
      expect(both.map(({ code }) => code)).toEqual([0, 0]);
      expect(await lab.quorate("plan")).toMatchObject({ code: 0 });
      expect(await byHand("GET", "/config", undefined)).toMatchObject({
        postgresql: { parameters: { work_mem: "32MB", max_connections: 160 } },
      });
    });

    test("a wrong password is refused by name of the node, and nothing is written", async () => {
      project.edit(FILE, "work_mem: 32MB", "work_mem: 40MB");
      const before = await byHand("GET", "/config", undefined);
      const wrong = await lab.exec(
        "client",
        "env",
        "QUORATE_REST_PASSWORD=not-the-password",
        process.execPath,
        "build/quorate.js",
        "--project",
        project.root,
        "apply",
      );
      expect(wrong.code).toBe(5);
      expect(wrong.stdout).toMatch(
        /orders-bj-\d: PATCH \/config: refused our credentials \(401: not authenticated\)/,
      );
      expect(wrong.stdout + wrong.stderr).not.toContain("not-the-password");
      expect(await byHand("GET", "/config", undefined)).toEqual(before);
    });

    test("an unknown CA is refused by name of the node, and nothing is written", async () => {
      const before = await byHand("GET", "/config", undefined);
      const endpoints = join(project.root, "endpoints.json");
      const own = Object.fromEntries(
        NODES.map((name, index) => [name, `https://10.10.1.1${index + 1}:8008`]),
      );
      writeFileSync(join(project.root, "other-ca.pem"), readFileSync("test/real/other-ca.pem"));
      writeFileSync(
        endpoints,
        JSON.stringify({ formatVersion: 1, ca: "other-ca.pem", nodes: own }),
      );
      for (const command of ["plan", "apply"]) {
        const wrong = await lab.quorate(command, "--endpoints", endpoints);
        expect(wrong.code, command).toBe(5);
        expect(wrong.stdout + wrong.stderr).toContain(
          "orders-bj-1: GET /patroni: TLS: its certificate is not signed by the CA that the project names",
        );
      }
      expect(await byHand("GET", "/config", undefined)).toEqual(before);
    });

    test("a node that hangs is named within the deadline, and nothing is written", async () => {
      const before = await byHand("GET", "/config", undefined);
      const node = (await leaderOf(lab)) === "orders-bj-3" ? "orders-bj-2" : "orders-bj-3";
      const signal = (name: string) =>
        lab.exec({ on: node }, "pkill", `-${name}`, "-f", "patroni.yml");
      expect(await signal("STOP")).toMatchObject({ code: 0 });
      try {
        for (const command of ["plan", "apply"]) {
          const started = performance.now();
          const hung = await lab.quorate(command);
          expect(hung.code, command).toBe(5);
          expect(hung.stdout + hung.stderr).toContain(
            `${node}: GET /patroni: no answer within 5 s`,
          );
          // The deadline of one call and the start of the program; not a measure of speed.
          expect(performance.now() - started).toBeLessThan(15_000);
        }
        expect(await byHand("GET", "/config", undefined)).toEqual(before);
      } finally {
        await signal("CONT");
      }
    });

    test("works the same through a tunnel, with the certificate still checked against the node's address", async () => {
      const addresses = NODES.map((name, index) => ({ name, address: `10.10.1.1${index + 1}` }));
      const tunnel = await openTunnel("orders", project, addresses);
      const endpoints = join(project.root, "tunnel.json");
      const [first = "", second = ""] = tunnel.urls.values();
      // The lab's files are not here: who works through the tunnel has copies of their own.
      for (const name of verifyClient === "none"
        ? ["ca.crt"]
        : ["ca.crt", "client.crt", "client.key"]) {
        const { stdout } = await lab.exec("client", "cat", `/etc/quorate/${name}`);
        writeFileSync(join(project.root, name), stdout);
        project.edit("quorate.yaml", `file:/etc/quorate/${name}`, `file:${name}`);
      }
      const write = (nodes: Record<string, string>): void =>
        writeFileSync(endpoints, JSON.stringify({ formatVersion: 1, nodes }));
      try {
        write(Object.fromEntries(tunnel.urls));
        const plan = (): Promise<Ended> =>
          run(process.execPath, [
            "build/quorate.js",
            "--project",
            project.root,
            "plan",
            "--endpoints",
            endpoints,
          ]);
        expect(await plan()).toMatchObject({ code: 2 });
        // Two nodes exchanged: the tunnel leads to another node than its name says.
        write({ ...Object.fromEntries(tunnel.urls), "orders-bj-1": second, "orders-bj-2": first });
        const exchanged = await plan();
        expect(exchanged.code).toBe(5);
        expect(exchanged.stderr).toContain(
          "orders-bj-1: GET /patroni: TLS: its certificate does not name the node's address",
        );
      } finally {
        await tunnel.close();
      }
    });
  },
);

async function leaderOf(lab: RealLab): Promise<string> {
  for (const node of NODES)
    if ((await lab.sql(node, "select pg_is_in_recovery()")) === "f") return node;
  throw new Error("nobody leads");
}

/** The keys of a plan with values and effect, without columns and reasons. */
function keyLines(stdout: string): readonly string[] {
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("    "))
    .map((line) =>
      line
        .trim()
        .replace(/ {2}\[.*\]$/, "")
        .replaceAll(/ {2,}/g, " "),
    );
}
