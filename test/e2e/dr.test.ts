import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isJsonObject, type JsonObject } from "../../src/core/json.ts";
import { BUNDLE, copyProject } from "../support/real-project.ts";
import { createRestClient, type RestClient } from "../support/rest-client.ts";
import { run, type Ended } from "../support/run.ts";
import { startSandboxProcess, type SandboxProcess } from "../support/sandbox-process.ts";

const PASSWORD = "secret-9d2e";
const FILE = "clusters/crm.yaml";
const SECTION = "standby_cluster";

describe("plan and apply of a cluster and the one that follows it, against the sandbox", () => {
  const project = copyProject(["crm"]);
  let sandbox: SandboxProcess;
  let rest: RestClient;

  beforeAll(async () => {
    sandbox = await startSandboxProcess(project, PASSWORD, 0.2);
    const targets = [...sandbox.urls].map(
      ([node, url]) => [node, { url, certificateName: addressOf(node) }] as const,
    );
    rest = createRestClient({
      targets: new Map(targets),
      caPem: sandbox.ca,
      username: "quorate",
      password: PASSWORD,
      certificates: {},
    });
  });
  afterAll(async () => {
    await sandbox.stop();
    project.remove();
  });

  const quorate = (...args: readonly string[]): Promise<Ended> =>
    run(
      process.execPath,
      [BUNDLE, "--project", project.root, ...args, "--endpoints", sandbox.endpoints],
      { QUORATE_REST_PASSWORD: PASSWORD },
    );

  async function patch(node: string, change: JsonObject): Promise<void> {
    expect(await rest.request(node, "PATCH", "/config", { body: change })).toMatchObject({
      status: 200,
    });
  }

  /** The document of a node, read afresh. */
  async function documentOf(node: string): Promise<JsonObject> {
    const answer = await rest.request(node, "PATCH", "/config", { body: { probe: null } });
    return isJsonObject(answer.json) ? answer.json : {};
  }

  async function hasRole(node: string, role: string): Promise<void> {
    await expect
      .poll(async () => (await rest.request(node, "GET", "/patroni")).json, { timeout: 10_000 })
      .toMatchObject({ role });
  }

  test("both are planned by default, each by its own name, and a near one is suggested", async () => {
    expect(await quorate("plan")).toMatchObject({
      code: 0,
      stdout: "crm: no changes\n\ncrm-dr: no changes\n\nNo changes in 2 clusters.\n",
      stderr: "",
    });
    const source = await quorate("plan", "crm");
    expect(source.stdout).toBe("crm: no changes\n\nNo changes in 1 cluster.\n");
    expect((await quorate("plan", "crm-dr")).stdout).toContain("crm-dr: no changes");
    expect(await quorate("plan", "crm-rd")).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("there is no cluster crm-rd; did you mean crm-dr?"),
    });
  });

  test("the lab boots both together, and says so to who asks for the follower alone", async () => {
    const up = await run(process.execPath, [
      BUNDLE,
      "--project",
      project.root,
      "lab",
      "up",
      "crm-dr",
    ]);
    expect(up.code).toBe(4);
    expect(up.stderr).toContain("crm-dr follows crm and cannot be booted alone");
    expect(up.stderr).toContain("`quorate lab up crm`");
  });

  test("what the section says is kept as compiled, down to keys that nobody may add", async () => {
    await patch("crm-dr-2", {
      [SECTION]: { host: "10.50.1.13", restore_command: "fetch --key s3cret %f %p" },
    });
    const planned = await quorate("plan", "--out", join(project.root, "plan.json"));
    expect(planned.code).toBe(2);
    expect(planned.stdout).toContain(
      "standby_cluster.host             10.50.1.13 -> 10.50.1.11,10.50.1.12,10.50.1.13  next loop",
    );
    expect(planned.stdout).not.toContain("demotes");
    expect(planned.stdout).not.toContain("s3cret");
    expect(await quorate("apply")).toMatchObject({ code: 0 });
    expect((await documentOf("crm-dr-1"))[SECTION]).toEqual({
      create_replica_methods: ["basebackup"],
      host: "10.50.1.11,10.50.1.12,10.50.1.13",
      port: 5432,
      primary_slot_name: "crm_dr",
    });
    expect(await quorate("plan")).toMatchObject({ code: 0 });
  });

  test("a follower that was promoted by hand is not demoted: plan says what it would do, apply refuses", async () => {
    const section = (await documentOf("crm-dr-1"))[SECTION] ?? null;
    await patch("crm-dr-1", { [SECTION]: null });
    await hasRole("crm-dr-1", "primary");
    const plan = join(project.root, "promoted.json");
    const planned = await quorate("plan", "--out", plan);
    expect(planned.code).toBe(2);
    expect(planned.stdout).toContain("crm-dr: nothing can be applied, 4 keys to write");
    expect(planned.stdout).toContain("apply refuses this: crm-dr leads by itself");
    expect(planned.stdout.match(/standby_cluster\.\S+ .* demotes the whole cluster/g)).toHaveLength(
      4,
    );
    expect(planned.stdout).toContain("1 cluster on the wrong side");
    for (const args of [[], ["--plan", plan], ["crm-dr"]]) {
      const refused = await quorate("apply", ...args);
      expect(refused.code, args.join(" ")).toBe(5);
      expect(refused.stdout).toContain("crm-dr: refused, nothing was written");
      expect(refused.stdout).toContain("what only it holds would be lost");
    }
    expect(await documentOf("crm-dr-1")).not.toHaveProperty(SECTION);
    await patch("crm-dr-1", { [SECTION]: section });
    await hasRole("crm-dr-1", "standby_leader");
    expect(await quorate("plan")).toMatchObject({ code: 0 });
  });

  test("a cluster that was made to follow by hand is not promoted", async () => {
    const section = { host: "10.60.1.11", port: 5432 };
    await patch("crm-bj-1", { [SECTION]: section });
    await hasRole("crm-bj-1", "standby_leader");
    const planned = await quorate("plan");
    expect(planned.code).toBe(2);
    expect(planned.stdout).toContain("apply refuses this: crm follows another cluster");
    const json = await quorate("plan", "--format", "json");
    expect(json.stdout).not.toMatch(/"standby_cluster": null/);
    const refused = await quorate("apply");
    expect(refused.code).toBe(5);
    expect(refused.stdout).toContain("crm: refused, nothing was written");
    expect(refused.stdout).toContain("this would promote the whole cluster");
    expect((await documentOf("crm-bj-1"))[SECTION]).toEqual(section);
    await patch("crm-bj-1", { [SECTION]: null });
    await hasRole("crm-bj-1", "primary");
    expect(await quorate("plan")).toMatchObject({ code: 0 });
  });

  test("a dr site that leaves the intent is left alone: it goes on following", async () => {
    const before = await documentOf("crm-dr-1");
    const whole = readFileSync(join(project.root, FILE), "utf8");
    const without = whole.replace(/ {2}- name: dr\n[^]*?\n\n/, "\n");
    writeFileSync(join(project.root, FILE), without);
    const endpoints = readFileSync(sandbox.endpoints, "utf8");
    writeFileSync(
      sandbox.endpoints,
      endpoints.replaceAll(/^ *"crm-dr-\d": .*\n/gm, "").replace(/,\n( *})/, "\n$1"),
    );
    const planned = await quorate("plan");
    expect(planned).toMatchObject({ code: 2 });
    expect(planned.stdout).not.toContain("crm-dr:");
    expect(planned.stdout).not.toContain(SECTION);
    expect(await quorate("apply")).toMatchObject({ code: 0 });
    expect(await documentOf("crm-dr-1")).toEqual(before);
    await hasRole("crm-dr-1", "standby_leader");
    writeFileSync(join(project.root, FILE), whole);
    writeFileSync(sandbox.endpoints, endpoints);
    expect(await quorate("apply")).toMatchObject({ code: 0 });
  });

  test("roles that are exchanged in the intent change nothing: each node belongs to another cluster", async () => {
    const whole = readFileSync(join(project.root, FILE), "utf8");
    project.edit(FILE, "role: dr\n    dcs: { use: crm-dr }", "role: primary # was dr");
    project.edit(FILE, "role: primary\n", "role: dr\n    dcs: { use: crm }\n");
    project.edit(FILE, "  use: crm\n  onOutage", "  use: crm-dr\n  onOutage");
    for (const [name, said] of [
      ["crm", "crm-dr-1 belongs to the cluster crm-dr, not to crm"],
      ["crm-bj", "crm-bj-1 belongs to the cluster crm, not to crm-bj"],
    ] as const) {
      const before = await documentOf(name === "crm" ? "crm-dr-1" : "crm-bj-1");
      const refused = await quorate("apply", name);
      expect(refused.code, name).toBe(5);
      expect(refused.stdout).toContain(said);
      expect(await documentOf(name === "crm" ? "crm-dr-1" : "crm-bj-1")).toEqual(before);
    }
    writeFileSync(join(project.root, FILE), whole);
  });

  test("a section that makes nobody follow is left alone as any key that is not managed", async () => {
    await patch("crm-bj-1", { [SECTION]: { create_replica_methods: ["basebackup"] } });
    const planned = await quorate("plan", "crm");
    expect(planned).toMatchObject({ code: 0 });
    expect(planned.stdout).toContain("unmanaged, left alone: standby_cluster");
    await patch("crm-bj-1", { [SECTION]: null });
  });
});

/** As the intent says it: the stand-ins' certificates are made for these. */
function addressOf(node: string): string {
  const [, number = ""] = /-(\d)$/.exec(node) ?? [];
  return `${node.startsWith("crm-dr") ? "10.60.1" : "10.50.1"}.1${number}`;
}
