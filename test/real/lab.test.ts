import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cutSite, healSite } from "../../src/lab/network.ts";
import { BUNDLE, copyProject } from "../support/real-project.ts";
import { run, type Ended } from "../support/run.ts";

/** Namespaces and processes of labs of this cluster, as the machine knows them. */
function tracesOf(cluster: string): readonly string[] {
  const namespaces = spawnSync("ip", ["netns", "list"], { encoding: "utf8" }).stdout.split("\n");
  const processes = spawnSync("pgrep", ["-af", `/${cluster}/`], { encoding: "utf8" }).stdout.split(
    "\n",
  );
  return [...namespaces, ...processes].filter((line) => line.includes(cluster));
}

describe("quorate lab", () => {
  const project = copyProject(["orders"]);
  const quorate = (...args: readonly string[]): Promise<Ended> =>
    run(process.execPath, [BUNDLE, "--project", project.root, ...args]);

  const plan = (): Promise<Ended> =>
    quorate(
      "lab",
      "exec",
      "orders",
      "--",
      process.execPath,
      BUNDLE,
      "--project",
      project.root,
      "plan",
    );

  beforeAll(async () => {
    await quorate("lab", "down", "orders");
    const compiled = await quorate("compile");
    if (compiled.code !== 0) throw new Error(compiled.stderr);
  });
  afterAll(async () => {
    await quorate("lab", "down", "orders");
    project.remove();
  });

  test("ends what is not there without complaint, and says how to start what is not up", async () => {
    expect(await quorate("lab", "down", "orders")).toMatchObject({ code: 0 });
    const exec = await quorate("lab", "exec", "orders", "--", "true");
    expect(exec.code).toBe(5);
    expect(exec.stderr).toContain("quorate lab up orders");
    expect(await quorate("lab", "up", "nobody")).toMatchObject({ code: 4 });
  });

  test("boots after it was killed in the middle of booting", async () => {
    const child = spawn(
      process.execPath,
      [BUNDLE, "--project", project.root, "lab", "up", "orders"],
      { stdio: "ignore" },
    );
    await wait(1500);
    child.kill("SIGKILL");
    expect(tracesOf("orders").length).toBeGreaterThan(0);
    expect(await quorate("lab", "up", "orders", "--time-limit", "10m")).toMatchObject({ code: 0 });
    const status = await quorate("lab", "status", "orders");
    expect(status.code).toBe(0);
    expect(status.stdout.match(/orders-bj-\d +bj +10\.10\.1\.1\d +runs +runs/g)).toHaveLength(3);
  });

  test("stays as it is when it is already up, and boots anew when the rendered files changed", async () => {
    const started = async (): Promise<string> =>
      (
        await quorate(
          "lab",
          "exec",
          "orders",
          "--",
          "psql",
          "-XAtc",
          "select pg_postmaster_start_time()",
        )
      ).stdout;
    const before = await started();
    expect(before).toMatch(/^\d{4}-/);
    expect(await quorate("lab", "up", "orders")).toMatchObject({ code: 0 });
    expect(await started()).toBe(before);
    project.edit("clusters/orders.yaml", "work_mem: 8MB", "work_mem: 9MB");
    expect(await quorate("compile")).toMatchObject({ code: 0 });
    expect(await quorate("lab", "up", "orders")).toMatchObject({ code: 0 });
    const memory = await quorate(
      "lab",
      "exec",
      "orders",
      "--on",
      "orders-bj-2",
      "--",
      "psql",
      "-XAtc",
      "show work_mem",
    );
    expect(memory.stdout).toBe("9MB\n");
  });

  test("runs the rendered files unmodified, at the addresses that the intent names", async () => {
    const installed = await quorate(
      "lab",
      "exec",
      "orders",
      "--on",
      "orders-bj-3",
      "--",
      "cat",
      "/etc/patroni/patroni.yml",
    );
    const rendered = spawnSync(
      "cat",
      [join(project.root, "rendered/orders/nodes/orders-bj-3/patroni.yml")],
      { encoding: "utf8" },
    );
    expect(installed.stdout).toBe(rendered.stdout);
    const address = await quorate(
      "lab",
      "exec",
      "orders",
      "--on",
      "orders-bj-3",
      "--",
      "ip",
      "-4",
      "-br",
      "address",
    );
    expect(address.stdout).toContain("10.10.1.13");
    // The machine itself has no way into the lab.
    expect(
      spawnSync("ip", ["route", "get", "10.10.1.13"], { encoding: "utf8" }).stdout,
    ).not.toContain("qlab");
  });

  test("loses a site when its link is cut, without a word, and has it back when it is healed", async () => {
    expect(await plan()).toMatchObject({ code: 0, stderr: "" });
    await cutSite("orders", "bj");
    const cut = await plan();
    await healSite("orders", "bj");
    expect(cut.code).toBe(5);
    expect(cut.stderr).toContain("orders-bj-1: GET /patroni: no answer within 5 s");
    expect(await plan()).toMatchObject({ code: 0, stderr: "" });
  });

  test("kills hosts, cuts them off and kills the DCS when told to, and takes all of it back", async () => {
    const hosts = async (): Promise<string> => (await quorate("lab", "status", "orders")).stdout;
    const killed = await quorate("lab", "kill", "orders", "orders-bj-3", "--silently");
    expect(killed).toMatchObject({ code: 0, stdout: "orders: killed orders-bj-3\n" });
    expect(await hosts()).toMatch(/orders-bj-3 .* dead +dead/);
    expect((await plan()).stderr).toContain("orders-bj-3: GET /patroni: no answer within 5 s");
    expect(await quorate("lab", "start", "orders", "orders-bj-3")).toMatchObject({ code: 0 });
    expect(await hosts()).toMatch(/orders-bj-3 .* runs +runs/);
    expect(await quorate("lab", "heal", "orders")).toMatchObject({ code: 0 });
    expect(await quorate("lab", "cut", "orders", "orders-bj-2")).toMatchObject({ code: 0 });
    expect((await plan()).stderr).toContain("orders-bj-2: GET /patroni: no answer within 5 s");
    expect(await quorate("lab", "heal", "orders")).toMatchObject({ code: 0 });
    expect(await quorate("lab", "dcs", "kill", "orders")).toMatchObject({
      code: 0,
      stdout: "orders: etcd killed on orders-bj-1, orders-bj-2, orders-bj-3\n",
    });
    expect((await hosts()).match(/ dead +runs /g)).toHaveLength(3);
    expect(await quorate("lab", "dcs", "start", "orders")).toMatchObject({ code: 0 });
    await expect.poll(plan, { timeout: 90_000 }).toMatchObject({ code: 0 });
    const nobody = await quorate("lab", "kill", "orders", "orders-bj-4");
    expect(nobody.code).toBe(4);
    expect(nobody.stderr).toContain("hosts: orders-bj-1, orders-bj-2, orders-bj-3; sites: bj");
  });

  test("passes on the exit code of what it runs", async () => {
    expect(await quorate("lab", "exec", "orders", "--", "sh", "-c", "exit 7")).toMatchObject({
      code: 7,
    });
  });

  test("leaves nothing behind when it is ended", async () => {
    expect(await quorate("lab", "down", "orders")).toMatchObject({ code: 0 });
    expect(tracesOf("orders")).toEqual([]);
  });

  test("ends by itself when its time is over, though nobody is there any more", async () => {
    expect(await quorate("lab", "up", "orders", "--time-limit", "30s")).toMatchObject({ code: 0 });
    await expect.poll(() => tracesOf("orders"), { timeout: 60_000, interval: 1000 }).toEqual([]);
  });

  test("refuses to boot what was never compiled", async () => {
    const other = copyProject(["core"]);
    const up = await run(process.execPath, [BUNDLE, "--project", other.root, "lab", "up", "core"]);
    other.remove();
    expect(up.code).toBe(4);
    expect(up.stderr).toContain("quorate compile");
  });
});
