// Measures `quorate compile` against two scripts that render the same files, and says what is reached.
// Needs python3, which measures the processes. See docs/performance.md.
//   npm run bench                                    100, 1,000 and 5,000 clusters, 5 runs each
//   npm run bench -- --clusters 100 --runs 3         less
//   npm run bench -- --folder DIR                    where the files go; default: memory, if there is any
//   npm run bench -- --no-install                    never install python3-jinja2 and python3-yaml
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { generateProject } from "./generate-project.mjs";
import { judge, ratiosTable, runsTable } from "./report.mjs";
import { contentDifferences } from "./same-content.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const QUORATE = join(HERE, "../build/quorate.js");
/** Clusters whose content is compared file by file: the fewest that show every shape, tier and speed, and the most. */
const COMPARED = { least: 60, most: 300 };
/** Starts take a fraction of a second and scatter: more runs of them. */
const STARTS_PER_RUN = 5;
/** Says where the interpreter itself is: a wrapper in front of it would be measured, too. */
const PROBE = "import jinja2, sys, yaml; yaml.CSafeLoader; print(sys.executable)";

const { values: given } = parseArgs({
  options: {
    clusters: { type: "string", default: "100,1000,5000" },
    runs: { type: "string", default: "5" },
    folder: { type: "string" },
    install: { type: "boolean", default: true },
  },
  allowNegative: true,
});
const sizes = given.clusters.split(",").map(Number);
const runs = Number(given.runs);
if (![...sizes, runs].every((number) => Number.isSafeInteger(number) && number > 0)) {
  console.error("--clusters takes numbers with commas between them, --runs takes a number");
  process.exit(64);
}

const scratch = mkdtempSync(join(given.folder ?? memoryFolder() ?? tmpdir(), "quorate-bench-"));
const environment = {
  PATH: process.env.PATH,
  XDG_CACHE_HOME: join(scratch, "cache"),
  XDG_STATE_HOME: join(scratch, "state"),
};
try {
  main();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function main() {
  const python = findPython();
  if (spawnSync("python3", ["--version"]).status !== 0)
    throw new Error("python3 is needed to measure: apt-get install python3");
  console.log(
    `node ${process.version}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}, files in ${isInMemory(scratch) ? "memory" : "a folder on disk"}`,
  );
  if (python.missing !== undefined) console.log(`skipped: (b), because ${python.missing}`);
  checkContent(python.path);
  const verdicts = [judge("start", measureStarts())];
  for (const clusters of sizes)
    verdicts.push(judge(`${clusters} clusters`, measureProject(clusters, python.path)));
  const missed = verdicts.flat().filter(({ verdict }) => verdict.includes("missed"));
  const all = verdicts.flat().filter(({ verdict }) => verdict !== "");
  console.log(`\n${all.length - missed.length} of ${all.length} reached`);
  for (const { where, what, verdict } of missed) console.log(`  ${where}: ${what}: ${verdict}`);
}

/** Runs a command and gives what the whole process took; anything but the expected end is an error. */
function measure(command, expected = 0) {
  const { stdout, stderr } = spawnSync("python3", [join(HERE, "measure.py"), ...command], {
    encoding: "utf8",
    env: environment,
  });
  const taken = stdout === "" ? undefined : JSON.parse(stdout);
  if (taken?.exit !== expected)
    throw new Error(`${command.join(" ")} ended with ${taken?.exit}: ${stderr}`);
  return taken;
}

function quorate(project, ...args) {
  return [process.execPath, QUORATE, "--project", project, ...args];
}

function measureStarts() {
  const project = join(scratch, "empty");
  generateProject(project, 1);
  rmSync(join(project, "clusters"), { recursive: true });
  writeFileSync(join(scratch, "bare.mjs"), "console.log(1);\n");
  const rounds = Array.from({ length: runs * STARTS_PER_RUN }, () => ({
    node: measure([process.execPath, join(scratch, "bare.mjs")]),
    version: measure([process.execPath, QUORATE, "version"]),
    // A project without clusters is bad input: nothing is compiled, and everything was loaded.
    empty: measure(quorate(project, "compile", "--no-cache"), 4),
  }));
  console.log(`\n## Start, ${rounds.length} runs\n\n${runsTable(rounds)}`);
  const table = ratiosTable(rounds, [
    { what: "`version` to bare node, CPU", of: "version", to: "node", by: "cpu", floor: 1.3 },
    { what: "`version` to bare node, wall", of: "version", to: "node", by: "wall" },
    { what: "a compile of no clusters to bare node, CPU", of: "empty", to: "node", by: "cpu" },
  ]);
  console.log(`\n${table.text}`);
  return table.rows;
}

function measureProject(clusters, python) {
  const project = join(scratch, `project-${clusters}`);
  const [first] = generateProject(project, clusters);
  const rounds = Array.from({ length: runs }, () => measureRound(project, first, python));
  console.log(
    `\n## ${clusters} clusters, ${runs === 1 ? "1 run" : `${runs} runs`}\n\n${runsTable(rounds)}`,
  );
  const table = ratiosTable(rounds, [
    { what: "cold to (a), CPU", of: "cold", to: "a", by: "cpu", floor: 1.5 },
    { what: "cold to (b), wall", of: "cold", to: "b", by: "wall", goal: 1 },
    { what: "cold to (b), CPU", of: "cold", to: "b", by: "cpu" },
    { what: "cold, memory in MiB", of: "cold", by: "memory", floor: 250 },
    { what: "nothing changed to cold, CPU", of: "warm", to: "cold", by: "cpu", floor: 0.1 },
    { what: "one file changed to cold, CPU", of: "changed", to: "cold", by: "cpu", floor: 0.1 },
    {
      what: "`--check`, nothing changed, to cold, CPU",
      of: "check",
      to: "cold",
      by: "cpu",
      floor: 0.1,
    },
    { what: "nothing changed to (a), CPU", of: "warm", to: "a", by: "cpu" },
  ]);
  console.log(`\n${table.text}`);
  rmSync(project, { recursive: true });
  return table.rows;
}

/** Everything once, one after the other, so that what else the machine does meets all alike. */
function measureRound(project, file, python) {
  const out = join(scratch, "out");
  const round = {};
  empty(out);
  round.a = measure([process.execPath, join(HERE, "baseline/render.mjs"), project, out]);
  empty(out);
  if (python !== undefined)
    round.b = measure([python, join(HERE, "baseline/render.py"), project, out]);
  empty(out);
  empty(join(project, "rendered"));
  for (const folder of ["cache", "state"]) empty(join(scratch, folder));
  round.cold = measure(quorate(project, "compile"));
  round.warm = measure(quorate(project, "compile"));
  round.check = measure(quorate(project, "compile", "--check"));
  const text = readFileSync(join(project, file), "utf8");
  writeFileSync(join(project, file), text.replace(/max_connections: \d+/, "max_connections: 123"));
  round.changed = measure(quorate(project, "compile"));
  writeFileSync(join(project, file), text);
  return round;
}

function empty(folder) {
  rmSync(folder, { recursive: true, force: true });
  // What the last program left to the disk is not to be counted to the next one.
  if (!isInMemory(scratch)) spawnSync("sync");
}

/** The scripts are worth comparing with only when they write the same. */
function checkContent(python) {
  const project = join(scratch, "compared");
  const clusters = Math.max(COMPARED.least, Math.min(COMPARED.most, Math.max(...sizes)));
  generateProject(project, clusters);
  measure(quorate(project, "compile"));
  const scripts = [[process.execPath, "baseline/render.mjs"]];
  if (python !== undefined) scripts.push([python, "baseline/render.py"]);
  for (const [program, script] of scripts) {
    const out = join(scratch, "compared-out");
    mkdirSync(out);
    measure([program, join(HERE, script), project, out]);
    const differences = contentDifferences(join(project, "rendered"), out);
    if (differences.length > 0)
      throw new Error(`bench/${script} does not write the same: ${differences.join(", ")}`);
    rmSync(out, { recursive: true });
  }
  rmSync(project, { recursive: true });
  console.log(
    `the ${scripts.length} scripts to compare with write the same content as Quorate for ${clusters} clusters`,
  );
}

/** A Python that can run (b), installed if need be and allowed; or why there is none. */
function findPython() {
  const found = usablePython();
  if (found !== undefined) return { path: found };
  const packages = ["python3-jinja2", "python3-yaml"];
  if (!given.install || process.getuid?.() !== 0)
    return { missing: `${packages.join(" and ")} are not installed` };
  console.log(`installing ${packages.join(" and ")}`);
  const options = ["install", "--yes", "--no-install-recommends", ...packages];
  const installed = spawnSync("apt-get", options, { stdio: "ignore" });
  const path = usablePython();
  return path === undefined
    ? { missing: `apt-get install ${packages.join(" ")} ended with ${installed.status}` }
    : { path };
}

function usablePython() {
  return ["/usr/bin/python3", "python3"]
    .map((name) => spawnSync(name, ["-c", PROBE], { encoding: "utf8" }))
    .find(({ status }) => status === 0)
    ?.stdout.trim();
}

function memoryFolder() {
  try {
    const { bavail, bsize } = statfsSync("/dev/shm");
    return isInMemory("/dev/shm") && bavail * bsize > 1024 ** 3 ? "/dev/shm" : undefined;
  } catch {
    return undefined;
  }
}

function isInMemory(folder) {
  return statfsSync(folder).type === 0x01021994;
}
