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
const PAUSE =
  "maintenance: { pause: { owner: dba, reason: storage move, until: 2026-12-01T06:00Z } }\n";
/** Before the end of the pause, and after it. */
const DURING = "2026-11-30T06:00Z";
const AFTER = "2026-12-01T06:00Z";

/** Only the last look before the write finds it paused. */
const pauseLate: Meddle = ({ body, answer, reply }) => {
  const isLastLook = body.includes("__quorate_read__");
  const text = isLastLook ? answer.body.replace("{", '{"pause": "on", ') : answer.body;
  reply.writeHead(answer.status, { "content-type": "application/json" }).end(text);
};

describe("a pause", () => {
  const project = copyProject(["orders"]);
  let sandbox: SandboxProcess;
  let memory = 8;

  beforeAll(async () => {
    sandbox = await startSandboxProcess(project, PASSWORD, 0.3);
  });
  afterAll(async () => {
    await sandbox.stop();
    project.remove();
  });

  function quorate(now: string, ...args: readonly string[]): Promise<Ended> {
    const words = ["--project", project.root, "--now", now, ...args];
    return run(process.execPath, [BUNDLE, ...words], { QUORATE_REST_PASSWORD: PASSWORD });
  }
  const plan = (now = DURING): Promise<Ended> =>
    quorate(now, "plan", "--endpoints", sandbox.endpoints);
  const apply = (now = DURING): Promise<Ended> =>
    quorate(now, "apply", "--endpoints", sandbox.endpoints);

  function declare(): void {
    project.edit(FILE, "fencing:", `${PAUSE}fencing:`);
  }

  function withdraw(): void {
    project.edit(FILE, PAUSE, "");
  }

  function changeMemory(): void {
    project.edit(FILE, `work_mem: ${memory}MB`, `work_mem: ${memory + 1}MB`);
    memory += 1;
  }

  /** The live document, as the node that leads shows it. */
  async function live(): Promise<unknown> {
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
    return (await rest.request("orders-bj-1", "GET", "/config")).json;
  }

  test("that the intent declares is planned with what it means, and applied", async () => {
    declare();
    const planned = await plan();
    expect(planned.code).toBe(2);
    expect(planned.stdout).toContain("pause  (not set) -> true");
    expect(planned.stdout).toContain(
      "note: this pauses the cluster (maintenance.pause: dba, storage move, until 2026-12-01T06:00Z): from the next loop on nobody fails over",
    );
    expect(planned.stdout).not.toContain("apply would refuse");
    expect(await apply()).toMatchObject({ code: 0 });
    expect(await live()).toMatchObject({ pause: true });
  });

  test("that goes on does not keep other changes back", async () => {
    changeMemory();
    const planned = await plan();
    expect(planned.stdout).toContain("note: the cluster is paused (maintenance.pause: dba");
    expect(await apply()).toMatchObject({ code: 0 });
    expect(await live()).toMatchObject({
      pause: true,
      postgresql: { parameters: { work_mem: `${memory}MB` } },
    });
  });

  test("that has ended stops every command, and stays where it is until somebody says what is meant", async () => {
    for (const command of [["check"], ["compile"], ["plan"], ["apply"]]) {
      const ended = await quorate(AFTER, ...command);
      expect(ended.code).toBe(4);
      expect(ended.stdout + ended.stderr).toContain(
        `QUO057: the pause of orders ended 2026-12-01 06:00 UTC, now it is 2026-12-01 06:00 UTC (owner: dba; reason: storage move)
    remove maintenance.pause and apply, so that the cluster fails over again, or write a later until`,
      );
    }
    expect(await live()).toMatchObject({ pause: true });
    expect(await quorate("2026-12-01T05:59:59Z", "check")).toMatchObject({ code: 0 });
  });

  test("does not end because nothing declares it any more, when nothing shows that it was declared", async () => {
    withdraw();
    const planned = await plan();
    expect(planned.stdout).toContain("pause  true -> (not set)");
    expect(planned.stdout).toContain("note: apply would refuse: the cluster is paused");
    const ended = await apply();
    expect(ended.code).toBe(5);
    expect(ended.stdout).toContain(
      "refused, nothing was written\n  the cluster is paused, and no intent says so; resume it first (patronictl resume)",
    );
    expect(await live()).toMatchObject({ pause: true });
  });

  test("ends when the intent that declared it no longer does", async () => {
    declare();
    expect(await quorate(DURING, "compile")).toMatchObject({ code: 0 });
    const rendered = join(project.root, "rendered/orders/dcs.yaml");
    expect(readFileSync(rendered, "utf8")).toContain("\npause: true\n");
    withdraw();
    const planned = await plan(AFTER);
    expect(planned.stdout).toContain("note: this ends the declared pause");
    expect(planned.stdout).not.toContain("apply would refuse");
    expect(await apply(AFTER)).toMatchObject({ code: 0 });
    expect(await live()).not.toHaveProperty("pause");
  });

  test("that somebody begins while apply looks is not taken back", async () => {
    // What is rendered no longer declares it.
    expect(await quorate(DURING, "compile")).toMatchObject({ code: 0 });
    const before = memory;
    changeMemory();
    const meddlers = await Promise.all(
      [...sandbox.urls].map(async ([node, url]) => ({
        node,
        ...(await startMeddler(url, sandbox.ca, pauseLate)),
      })),
    );
    const file = join(project.root, "late.json");
    const nodes = Object.fromEntries(meddlers.map(({ node, url }) => [node, url]));
    writeFileSync(file, JSON.stringify({ formatVersion: 1, ca: "endpoints.json.ca.pem", nodes }));
    const ended = await quorate(DURING, "apply", "--endpoints", file);
    for (const { server } of meddlers) server.close();
    expect(ended.code).toBe(5);
    expect(ended.stdout).toContain("refused, nothing was written\n  the cluster is paused");
    expect(await live()).toMatchObject({
      postgresql: { parameters: { work_mem: `${before}MB` } },
    });
  });
});
