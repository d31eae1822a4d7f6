import { spawnSync } from "node:child_process";
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
import { dirname, join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const FOLDER = "test/scenario";
const BUNDLE = resolve("build/quorate.js");
const scratch = mkdtempSync(join(tmpdir(), "quorate-scenario-"));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

interface Run {
  readonly command: string;
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Scenario {
  readonly documents: ReadonlyMap<string, string>;
  readonly runs: readonly Run[];
}

/** Sections begin with `==== document PATH`, `==== run COMMAND`, `==== exit N`, `==== stdout`, `==== stderr`. */
function readScenario(text: string): Scenario {
  const documents = new Map<string, string>();
  const runs: { command: string; exit: number; stdout: string; stderr: string }[] = [];
  for (const section of text.split(/^==== /m).slice(1)) {
    const end = section.indexOf("\n");
    const [kind, ...words] = section.slice(0, end).split(" ");
    const body = section.slice(end + 1);
    const run = runs.at(-1);
    if (kind === "document") documents.set(words.join(" "), body);
    else if (kind === "run")
      runs.push({ command: words.join(" "), exit: 0, stdout: "", stderr: "" });
    else if (run !== undefined && kind === "exit") run.exit = Number(words[0]);
    else if (run !== undefined && kind === "stdout") run.stdout = body;
    else if (run !== undefined && kind === "stderr") run.stderr = body;
    else throw new Error(`unknown section ${kind ?? ""}`);
  }
  return { documents, runs };
}

const names = readdirSync(FOLDER).filter((name) => name.endsWith(".scenario"));

test("there are scenarios and a bundle to run them on", () => {
  expect(names.length).toBeGreaterThanOrEqual(6);
  expect(existsSync(BUNDLE), "run npm run build first").toBe(true);
});

describe.each(names)("%s", (name) => {
  const { documents, runs } = readScenario(readFileSync(join(FOLDER, name), "utf8"));
  const root = join(scratch, name);
  mkdirSync(root);
  cpSync("policies", join(root, "policies"), { recursive: true });
  for (const [path, text] of documents) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }

  test.each(runs)("$command", ({ command, exit, stdout, stderr }) => {
    const run = spawnSync(process.execPath, [BUNDLE, ...command.split(" ").slice(1)], {
      cwd: root,
      encoding: "utf8",
      env: { PATH: process.env["PATH"] ?? "", NO_COLOR: "1" },
    });
    expect({ exit: run.status, stdout: run.stdout, stderr: run.stderr }).toEqual({
      exit,
      stdout,
      stderr,
    });
  });
});
