import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { edit } from "../support/memory-project.ts";
import { BUNDLE } from "../support/real-project.ts";
import { run, type Ended } from "../support/run.ts";

const CLUSTERS = 30;
const scratch = mkdtempSync(join(tmpdir(), "quorate-remembering-"));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

let project = "";
let home = "";
let file = "";
beforeEach(async () => {
  project = mkdtempSync(join(scratch, "project-"));
  home = mkdtempSync(join(scratch, "home-"));
  const made = await run(process.execPath, [
    "bench/generate-project.mjs",
    project,
    String(CLUSTERS),
  ]);
  if (made.code !== 0) throw new Error(made.stderr);
  const folder = join(project, "clusters");
  const files = readdirSync(folder).map((name) => join(folder, name));
  file =
    files.find((path) => /^(?!.*observer).*durability: sync/s.test(readFileSync(path, "utf8"))) ??
    "";
});

async function quorate(...args: readonly string[]): Promise<Ended> {
  return run(process.execPath, [BUNDLE, "--project", project, ...args], {
    HOME: home,
    XDG_CACHE_HOME: "",
    XDG_STATE_HOME: "",
  });
}

function rendered(): Readonly<Record<string, string>> {
  const folder = join(project, "rendered");
  if (!existsSync(folder)) return {};
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]),
  );
}

function cacheFile(): string {
  const folder = join(home, ".cache/quorate");
  return join(folder, readdirSync(folder)[0] ?? "");
}

function change(from: string, to: string): void {
  writeFileSync(file, edit(readFileSync(file, "utf8"), from, to));
}

/** Runs a command with and without what is remembered, on copies of one state, and wants the same of both. */
async function same(...args: readonly string[]): Promise<Ended> {
  const copy = mkdtempSync(join(scratch, "copy-"));
  cpSync(project, copy, { recursive: true });
  const cold = await quorate(...args, "--no-cache");
  const without = rendered();
  rmSync(project, { recursive: true });
  cpSync(copy, project, { recursive: true });
  const warm = await quorate(...args);
  expect(warm).toEqual(cold);
  expect(rendered()).toEqual(without);
  return warm;
}

test("a fleet without findings compiles alike with and without what is remembered", async () => {
  expect(await quorate("compile")).toMatchObject({ code: 0, stderr: "" });
  expect(readFileSync(cacheFile()).length).toBeGreaterThan(1000);
  const files = Object.keys(rendered()).length;
  const current = `rendered is current (${files} files of ${CLUSTERS} clusters)\n`;
  expect(await same("compile", "--check")).toEqual({ code: 0, stdout: current, stderr: "" });
  change("quorum: auto", "quorum: 1 # said");
  expect(await same("compile", "--check")).toMatchObject({ code: 2 });
  expect((await same("compile")).stdout).toContain(`${CLUSTERS} clusters, `);
  expect(await same("compile", "--check")).toMatchObject({ code: 0 });
});

test("what was risky before is said again, and what is wrong is said before anything is written", async () => {
  const intent = readFileSync(file, "utf8");
  const mayNotLead = "$&, promotable: false, confirms: true";
  writeFileSync(file, intent.replace(/-3, address: [\d.]+/, mayNotLead));
  const voters = join(project, "quorate.yaml");
  const text = readFileSync(voters, "utf8");
  writeFileSync(voters, text.replace(/ {6}- \{ name: etcd1-\w+-2.*\n/, ""));
  const risky = await quorate("check");
  expect(risky.code).toBe(0);
  expect(risky.stdout).toContain("QUO017");
  expect(risky.stdout).toContain("QUO010");
  expect(await same("check")).toEqual(risky);
  expect(await same("check", "--format", "json")).toMatchObject({ code: 0 });
  expect(await quorate("compile")).toMatchObject({ code: 0 });
  expect((await same("compile")).stderr).toContain("QUO017");
  const before = rendered();
  change("version: 1", "version: 1\nowners: me");
  expect(await same("compile")).toMatchObject({ code: 4, stdout: "" });
  expect(rendered()).toEqual(before);
});

test("what somebody did to the output is seen and put right", async () => {
  await quorate("compile");
  await quorate("compile");
  const before = rendered();
  const [path = ""] = Object.keys(before);
  writeFileSync(join(project, "rendered", path), "ttl: 1\n");
  expect(await same("compile", "--check")).toMatchObject({
    code: 2,
    stdout: expect.stringContaining(`different: rendered/${path}\n`),
  });
  expect(await same("compile")).toMatchObject({ code: 0 });
  expect(rendered()).toEqual(before);
  rmSync(join(project, "rendered"), { recursive: true });
  expect(await same("compile")).toMatchObject({ code: 0 });
  expect(rendered()).toEqual(before);
});

test("two clusters that claim the same are found when one of them is remembered", async () => {
  await quorate("compile");
  const name = /cluster: (\S+)/.exec(readFileSync(file, "utf8"))?.[1] ?? "";
  const text = readFileSync(file, "utf8").replaceAll(name, `${name}x`);
  writeFileSync(join(project, "clusters/another.yaml"), text);
  const ended = await same("compile");
  expect(ended.code).toBe(4);
  expect(ended.stderr).toContain("is used twice");
});

test("nothing that is broken or forged counts, and every run puts it right", async () => {
  const good = await quorate("compile");
  const before = rendered();
  const bytes = readFileSync(cacheFile());
  for (const broken of [bytes.subarray(0, 500), Buffer.concat([bytes, bytes])]) {
    writeFileSync(cacheFile(), broken);
    expect(await same("compile")).toMatchObject({ code: 0, stderr: good.stderr });
    expect(rendered()).toEqual(before);
  }
  // Forged so that a wrong output would pass for the right one; only the seal is not right.
  const [path = ""] = Object.keys(before).filter((name) => name.endsWith("manifest.json"));
  writeFileSync(
    join(project, "rendered", path),
    (before[path] ?? "").replace(/"files"/, '"fi1es"'),
  );
  writeFileSync(cacheFile(), bytes);
  expect(await same("compile", "--check")).toMatchObject({ code: 2 });
});

test("a home in the project's work tree keeps nothing", async () => {
  mkdirSync(join(project, ".git"));
  home = join(project, "home");
  mkdirSync(home);
  expect(await quorate("compile")).toMatchObject({ code: 0 });
  expect(readdirSync(home)).toEqual([]);
});

test("two runs at once into a new folder both end well, with the same output", async () => {
  const ended = await Promise.all([quorate("compile"), quorate("compile")]);
  expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
    { code: 0, stderr: "" },
    { code: 0, stderr: "" },
  ]);
  expect((await quorate("compile", "--check", "--no-cache")).code).toBe(0);
  expect(readdirSync(join(project, "rendered")).filter((name) => /tmp/.test(name))).toEqual([]);
});

test("--no-cache neither reads nor writes what is remembered", async () => {
  await quorate("compile", "--no-cache");
  await quorate("check", "--no-cache");
  expect(readdirSync(home)).toEqual([]);
});

test("a small project is not remembered", async () => {
  for (const name of readdirSync(join(project, "clusters")).slice(5))
    rmSync(join(project, "clusters", name));
  await quorate("compile");
  expect(readdirSync(home)).toEqual([]);
});
