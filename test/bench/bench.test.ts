import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { BUNDLE } from "../support/real-project.ts";
import { run } from "../support/run.ts";

const scratch = mkdtempSync(join(tmpdir(), "quorate-bench-test-"));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

async function generate(name: string, clusters: number): Promise<string> {
  const folder = join(scratch, name);
  const args = ["bench/generate-project.mjs", folder, String(clusters)];
  expect(await run(process.execPath, args)).toEqual({ code: 0, stdout: "", stderr: "" });
  return folder;
}

function filesBelow(folder: string): Readonly<Record<string, string>> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length), readFileSync(path, "utf8")]),
  );
}

test("a generated fleet is the same every time, and nothing is wrong or risky in it", async () => {
  const [first, second] = [await generate("first", 300), await generate("second", 300)];
  expect(filesBelow(first)).toEqual(filesBelow(second));
  const checked = await run(process.execPath, [BUNDLE, "--project", first, "check", "--no-cache"]);
  expect({ ...checked, stdout: checked.stdout.trimEnd().split("\n").at(-1) }).toEqual({
    code: 0,
    stdout: "0 errors, 0 warnings in 300 clusters",
    stderr: "",
  });
  const clusters = Object.entries(filesBelow(first)).filter(([path]) =>
    path.startsWith("/clusters"),
  );
  expect(clusters).toHaveLength(300);
  const nodes = clusters.map(([, text]) => text.match(/- \{ name: /g)?.length ?? 0);
  expect(new Set(nodes)).toEqual(new Set([3, 4, 5]));
  const tiers = clusters.map(([, text]) => /^durability: (\w+)$/m.exec(text)?.[1]);
  expect(new Set(tiers)).toEqual(new Set(["async", "sync", "majority"]));
});

test("one other line in a drop-in, one other value or one more file is another content", async () => {
  const project = await generate("compared", 1);
  const compile = await run(process.execPath, [
    BUNDLE,
    "--project",
    project,
    "compile",
    "--no-cache",
  ]);
  expect(compile.code).toBe(0);
  const [ours, theirs] = [join(project, "rendered"), join(project, "other")];
  cpSync(ours, theirs, { recursive: true });
  const script = `import { contentDifferences } from ${JSON.stringify(pathToFileURL(resolve("bench/same-content.mjs")).href)};
    console.log(contentDifferences(...process.argv.slice(1)).map((line) => line.replaceAll(/\\w+-\\d{4}/g, "X")).join("; "));`;
  const compare = () =>
    run(process.execPath, ["--input-type=module", "--eval", script, ours, theirs]);
  expect(await compare()).toEqual({ code: 0, stdout: "\n", stderr: "" });
  for (const path of Object.keys(filesBelow(theirs)).filter((name) => /-1\/|dcs/.test(name))) {
    const text = readFileSync(join(theirs, path), "utf8");
    writeFileSync(join(theirs, path), text.replace(/\d$/m, "7").replace(/(PASSWORD)=/, "$1=x"));
  }
  writeFileSync(join(theirs, "more.yaml"), "{}\n");
  expect(await compare()).toEqual({
    code: 0,
    stderr: "",
    stdout: [
      "also more.yaml",
      "another X/dcs.yaml",
      "another X/nodes/X-bj-1/patroni.service.d/quorate.conf",
      "another X/nodes/X-bj-1/patroni.yml",
      "another X/nodes/X-bj-1/secrets.env.example\n",
    ].join("; "),
  });
});

interface Row {
  readonly what: string;
  readonly median: number;
  /** What a floor or a goal allows. */
  readonly bound: number;
  readonly verdict: string;
}

/** The rows of the tables of ratios that are held to a floor or a goal. */
function judgedRows(output: string): readonly Row[] {
  return output.split("\n").flatMap((line) => {
    const [, what, median, , floor, goal, verdict] = line.split("|").map((cell) => cell.trim());
    const bound = /^<= ([\d.]+)$/.exec(floor === "" ? (goal ?? "") : (floor ?? ""))?.[1];
    if (what === undefined || verdict === undefined || bound === undefined) return [];
    return [{ what, median: Number(median), bound: Number(bound), verdict }];
  });
}

const canMeasure = spawnSync("python3", ["--version"]).status === 0;
const absence = canMeasure ? "" : " (skipped: no python3, which measures processes)";

test.runIf(canMeasure)(
  `the bench compares with scripts that render the same, and says what is reached and what is not${absence}`,
  async () => {
    const { code, stdout, stderr } = await run(
      process.execPath,
      `bench/run.mjs --clusters 5 --runs 1 --no-install --folder ${scratch}`.split(" "),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const hasPython = !stdout.includes("skipped: (b), because ");
    expect(stdout).toContain(`${hasPython ? 2 : 1} scripts to compare with write the same content`);
    const rows = judgedRows(stdout);
    expect(rows.map(({ what, bound }) => [what, bound])).toEqual([
      ["`version` to bare node, CPU", 1.3],
      ["cold to (a), CPU", 1.5],
      ...(hasPython ? [["cold to (b), wall", 1]] : []),
      ["cold, memory in MiB", 250],
      ["nothing changed to cold, CPU", 0.1],
      ["one file changed to cold, CPU", 0.1],
      ["`--check`, nothing changed, to cold, CPU", 0.1],
    ]);
    // A printed median is rounded: what lies that close to its bound may have either verdict.
    const clear = rows.filter(({ median, bound }) => Math.abs(median - bound) > 0.01 * bound);
    for (const { what, median, bound, verdict } of clear)
      expect(verdict.includes("missed"), what).toBe(median > bound);
    const missed = rows.filter(({ verdict }) => verdict.includes("missed"));
    expect(stdout).toContain(`\n${rows.length - missed.length} of ${rows.length} reached\n`);
    for (const { what, verdict } of missed) expect(stdout).toContain(`: ${what}: ${verdict}\n`);
    expect(readdirSync(scratch).filter((name) => name.startsWith("quorate-bench-"))).toEqual([]);
  },
  120_000,
);
