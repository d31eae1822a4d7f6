import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { yamlText } from "../../src/compiler/yaml-text.ts";

/** Patroni reads its files with PyYAML, which speaks YAML 1.1: so the same reader reads ours. */
const READ =
  "import json, sys, yaml; json.dump([yaml.safe_load(t) for t in json.load(sys.stdin)], sys.stdout)";

function readAsPatroni(texts: readonly string[]): readonly unknown[] {
  const run = spawnSync("/usr/bin/python3", ["-c", READ], {
    input: JSON.stringify(texts),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(run.stderr).toBe("");
  const read: unknown = JSON.parse(run.stdout);
  return Array.isArray(read) ? read : [];
}

const treacherous = fc.constantFrom(
  ..."on off yes no y n true false null ~ On OFF 0o17 017 0x1f 1e3 1_000 12:30:45 190:20:30 2026-11-22".split(
    " ",
  ),
  ..."2026-11-22T10:00:00Z .inf .nan - -- --- ... ? : # & * ! | > ' % @ ` { } [ ] , = << 0b1 +1 1. .5".split(
    " ",
  ),
  "",
  " a",
  "a ",
  "a: b",
  "a #b",
  "# a",
  "line\nline",
  "tab\there",
  '"',
  "\\",
  "é",
  "\u0085",
  "\u2028",
  "\uFEFF",
  "123456789012",
  "12e45678",
);
const text = fc.oneof(
  treacherous,
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 12 }),
);
const value = fc.oneof(
  text,
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
  fc.array(text, { maxLength: 3 }),
  fc.dictionary(text, text, { maxKeys: 3 }),
);

test("PyYAML reads every emitted text to exactly the value that was meant", () => {
  const documents = fc.sample(fc.dictionary(text, value, { maxKeys: 6 }), {
    numRuns: 3000,
    seed: 11,
  });
  expect(readAsPatroni(documents.map((document) => yamlText(document)))).toEqual(
    documents.map((document): unknown => JSON.parse(JSON.stringify(document))),
  );
});

test("PyYAML and YAML 1.2 read the rendered files of this repository alike", () => {
  const files = readdirSync("rendered", { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.ya?ml$/.test(file),
  );
  expect(files.length).toBeGreaterThanOrEqual(10);
  const texts = files.map((file) => readFileSync(`rendered/${file}`, "utf8"));
  expect(readAsPatroni(texts)).toEqual(texts.map((written): unknown => parse(written)));
});
