import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BUNDLE, copyProject } from "../support/real-project.ts";
import { run, type Ended } from "../support/run.ts";
import { startSandboxProcess, type SandboxProcess } from "../support/sandbox-process.ts";

/** A password that must never be seen again. */
const CANARY = "canary-7f3a9c";
const FILE = "clusters/orders.yaml";

describe("plan and apply against the sandbox", () => {
  const project = copyProject(["orders", "core"]);
  let sandbox: SandboxProcess;
  const said: string[] = [];
  const endpoints = join(project.root, "endpoints.json");

  beforeAll(async () => {
    sandbox = await startSandboxProcess(project, CANARY, 0.2);
  });
  afterAll(async () => {
    const leftNothing = await sandbox.stop();
    project.remove();
    if (!leftNothing) throw new Error("the sandbox left its endpoints file behind");
  });

  async function quorate(args: readonly string[], password = CANARY): Promise<Ended> {
    const ended = await run(process.execPath, [BUNDLE, "--project", project.root, ...args], {
      QUORATE_REST_PASSWORD: password,
    });
    said.push(ended.stdout, ended.stderr);
    return ended;
  }
  const live = ["--endpoints", endpoints];

  test("a fresh cluster plans to nothing, without a password", async () => {
    expect(await quorate(["plan", ...live], "")).toMatchObject({ code: 0 });
  });

  test("the approval of a digest applies that plan and no other", async () => {
    project.edit(FILE, "work_mem: 8MB", "work_mem: 9MB");
    const planned = await quorate(["plan", "orders", ...live, "--format", "json"]);
    expect(planned.code).toBe(2);
    const digest = /"digest": "([0-9a-f]{64})"/.exec(planned.stdout)?.[1] ?? "";
    expect(await quorate(["apply", "orders", ...live, "--plan", "0".repeat(64)])).toMatchObject({
      code: 6,
    });
    expect(await quorate(["apply", "orders", ...live, "--plan", digest])).toMatchObject({
      code: 0,
    });
    expect(await quorate(["plan", ...live])).toMatchObject({ code: 0 });
  });

  test("a plan is refused when the intent changed since", async () => {
    const plan = join(project.root, "plan.json");
    project.edit(FILE, "work_mem: 9MB", "work_mem: 10MB");
    expect(await quorate(["plan", ...live, "--out", plan])).toMatchObject({ code: 2 });
    project.edit(FILE, "work_mem: 10MB", "work_mem: 11MB");
    const refused = await quorate(["apply", ...live, "--plan", plan]);
    expect(refused.code).toBe(6);
    expect(refused.stdout).toContain(
      "orders: the plan is stale, nothing was written: the intent was changed after the plan was made",
    );
  });

  test("ten applies at the same time all end, and the document is the compiled one", async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => quorate(["apply", ...live])));
    expect(all.map(({ code }) => code)).toEqual(Array(10).fill(0));
    expect(await quorate(["plan", ...live])).toMatchObject({ code: 0 });
  });

  test("a node that hangs is named by plan and apply, and nothing is written", async () => {
    project.edit(FILE, "work_mem: 11MB", "work_mem: 12MB");
    project.edit("quorate.yaml", "  scheme: https", "  scheme: https\n  timeout: 1s");
    const hung = createServer(() => undefined);
    await new Promise<void>((resolve) => hung.listen(0, "127.0.0.1", resolve));
    const address = hung.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const text = readFileSync(endpoints, "utf8").replace(
      /("orders-bj-2": )"[^"]*"/,
      `$1"https://127.0.0.1:${port}"`,
    );
    const file = join(project.root, "hung.json");
    writeFileSync(file, text);
    for (const command of ["plan", "apply"]) {
      const ended = await quorate([command, "orders", "--endpoints", file]);
      expect(ended.code, command).toBe(5);
      expect(ended.stdout + ended.stderr).toContain(
        "orders-bj-2: GET /patroni: no answer within 1 s",
      );
      const told =
        command === "plan" ? "as far as it was read: orders-bj-2" : "nothing was written";
      expect(ended.stdout).toContain(told);
    }
    hung.close();
    expect((await quorate(["plan", "orders", ...live])).stdout).toContain("11MB -> 12MB");
  });

  test("a wrong password is refused by name of the node, and nothing is written", async () => {
    const wrong = await quorate(["apply", "orders", ...live], "wrong-canary-1b2c");
    expect(wrong.code).toBe(5);
    expect(wrong.stdout).toMatch(
      /orders-bj-\d: PATCH \/config: refused our credentials \(401: not authenticated\)/,
    );
    expect((await quorate(["plan", "orders", ...live])).stdout).toContain("11MB -> 12MB");
  });

  test("what a cluster that fails leaves behind is said: the next ones are not touched", async () => {
    const broken = readFileSync(endpoints, "utf8").replace(
      /("core-hz-1": )"[^"]*"/,
      '$1"https://127.0.0.1:9"',
    );
    const file = join(project.root, "broken.json");
    writeFileSync(file, broken);
    const ended = await quorate(["apply", "--endpoints", file]);
    expect(ended.code).toBe(5);
    expect(ended.stderr).toContain("not looked at any more: orders");
  });

  test("no password is in anything that was said or written", async () => {
    expect(await quorate(["compile"])).toMatchObject({ code: 0 });
    expect(
      await quorate(["plan", ...live, "--out", join(project.root, "last.json")]),
    ).toMatchObject({ code: 2 });
    const files = readdirSync(project.root, {
      recursive: true,
      encoding: "utf8",
      withFileTypes: true,
    })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
    expect(files.length).toBeGreaterThan(20);
    const everything = [...files, ...said, ...sandbox.said].join("\n");
    expect(everything).toContain("orders: no changes");
    expect(everything).not.toContain("canary");
    expect(everything).not.toContain(Buffer.from(`quorate:${CANARY}`).toString("base64"));
  });
});
