import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { copyProject, BUNDLE, type RealProject } from "../support/real-project.ts";
import { run, type Ended } from "../support/run.ts";
import { makeFifo, scratchFolder } from "./scratch.ts";

let project: RealProject;
beforeEach(() => {
  project = copyProject(["orders"]);
});
afterEach(() => {
  project.remove();
});

function quorate(...args: readonly string[]): Promise<Ended> {
  return run(process.execPath, [BUNDLE, "--project", project.root, ...args], {
    QUORATE_REST_PASSWORD: "password",
  });
}

function endpointsFile(url: string, extra: object = {}): string {
  const nodes = Object.fromEntries([1, 2, 3].map((index) => [`orders-bj-${index}`, url]));
  const file = join(project.root, "endpoints.json");
  writeFileSync(
    file,
    JSON.stringify({ formatVersion: 1, ca: "ca.pem", nodes: { ...nodes, ...extra } }),
  );
  writeFileSync(join(project.root, "ca.pem"), readFileSync("test/real/other-ca.pem"));
  return file;
}

test("compile refuses an output folder that is a link out of the project, unless it is named", async () => {
  const elsewhere = scratchFolder();
  symlinkSync(elsewhere, join(project.root, "rendered"));
  expect(await quorate("compile")).toMatchObject({
    code: 4,
    stderr:
      "rendered cannot hold what is compiled: it is a link that leads out of the project; name its target with --out\n",
  });
  expect(existsSync(join(elsewhere, "orders"))).toBe(false);
  expect(await quorate("compile", "--out", "rendered")).toMatchObject({ code: 0 });
  expect(existsSync(join(elsewhere, "orders/manifest.json"))).toBe(true);
});

test("compile says what is in the way before it writes anything", async () => {
  expect(await quorate("compile")).toMatchObject({ code: 0 });
  const place = join(project.root, "rendered/orders/dcs.yaml");
  rmSync(place);
  makeFifo(place);
  for (const args of [["compile"], ["compile", "--check"]]) {
    const ended = await quorate(...args);
    expect(ended).toMatchObject({ code: 4, stdout: "" });
    expect(ended.stderr).toContain("orders/dcs.yaml: it is no regular file");
  }
  expect((await quorate("compile")).stderr).toContain("nothing was changed");
});

test("a cluster that cannot be seen keeps its rendered files", async () => {
  expect(await quorate("compile")).toMatchObject({ code: 0 });
  const folder = join(project.root, "clusters");
  const elsewhere = scratchFolder({ "orders.yaml": readFileSync(join(folder, "orders.yaml")) });
  rmSync(join(folder, "orders.yaml"));
  symlinkSync(elsewhere, join(folder, "more"));
  const ended = await quorate("compile");
  expect(ended.code).toBe(4);
  expect(ended.stderr).toContain(
    "clusters/more:1:1: error QUO001: the folder cannot be read (it is a link)",
  );
  expect(existsSync(join(project.root, "rendered/orders/dcs.yaml"))).toBe(true);
});

test("the sandbox does not replace quorate.yaml", async () => {
  const file = join(project.root, "quorate.yaml");
  const before = readFileSync(file, "utf8");
  const ended = await quorate("sandbox", "--endpoints", file, "--time-limit", "2s");
  expect(ended).toMatchObject({
    code: 4,
    stderr: `${file} is not replaced: no sandbox wrote it\n`,
  });
  expect(readFileSync(file, "utf8")).toBe(before);
});

test("the approval of a digest while nodes cannot be read is no stale plan", async () => {
  const ended = await quorate(
    "apply",
    "--plan",
    "0".repeat(64),
    "--endpoints",
    endpointsFile("https://127.0.0.1:9"),
  );
  expect(ended.code).toBe(5);
  expect(ended.stderr).toContain(
    "orders: orders-bj-1: GET /patroni: cannot be reached (ECONNREFUSED)\n",
  );
  expect(ended.stderr).toContain("the plan cannot be made again, nothing was written");
});

test("a CA that cannot be used is bad input, not a refusal of the nodes", async () => {
  const file = endpointsFile("https://127.0.0.1:9");
  writeFileSync(join(project.root, "ca.pem"), "garbage");
  expect(await quorate("plan", "--endpoints", file)).toMatchObject({
    code: 4,
    stderr: `the CA that ${file} names cannot be used: it is no PEM certificate\n`,
  });
});

test("a foreign word cannot forge a line of progress", async () => {
  const file = endpointsFile("https://127.0.0.1:9", { "x\norders: applied\u{1B}[2K": "http://h" });
  const ended = await quorate("plan", "--endpoints", file);
  expect(ended).toMatchObject({
    code: 4,
    stderr: `${file}: the project has no node x?orders: applied?[2K\n`,
  });
});

test("an endpoints file needs the nodes of the plan at hand and no others", async () => {
  const file = endpointsFile("https://127.0.0.1:9");
  writeFileSync(join(project.root, "clusters/core.yaml"), readFileSync("clusters/core.yaml"));
  const whole = await quorate("plan", "--endpoints", file);
  expect(whole.code).toBe(4);
  expect(whole.stderr).toMatch(/there is no URL for core-hz-1, core-hz-2/);
  expect(await quorate("plan", "orders", "--endpoints", file)).toMatchObject({ code: 5 });
});

test("a plan that is no regular file is bad input", async () => {
  expect(await quorate("apply", "--plan", project.root)).toMatchObject({
    code: 4,
    stderr: `${project.root} cannot be read (it is no regular file)\n`,
  });
  const fifo = join(project.root, "fifo");
  makeFifo(fifo);
  expect(await quorate("apply", "--plan", fifo)).toMatchObject({ code: 4 });
});

test("only a revision that a person named must exist", async () => {
  const file = endpointsFile("https://127.0.0.1:9");
  expect(await quorate("plan", "--endpoints", file)).toMatchObject({ code: 5 });
  expect(await quorate("plan", "--endpoints", file, "--since", "HEAD")).toMatchObject({
    code: 4,
    stderr: "--since HEAD: the project is in no git repository\n",
  });
});
