import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { renderCluster } from "../../src/compiler/render-cluster.ts";
import { yamlText } from "../../src/compiler/yaml-text.ts";
import { ClusterIntent } from "../../src/intent/cluster-intent.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { changed } from "../support/changed-intent.ts";
import { memoryProject } from "../support/memory-project.ts";

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

/** What was compiled, and the text that it became, document by document. */
async function documentsOf(
  cluster: string,
): Promise<readonly { readonly meant: unknown; readonly written: string }[]> {
  const project = readFileSync("quorate.yaml", "utf8");
  const files = memoryProject({ "quorate.yaml": project, "clusters/1.yaml": cluster });
  const { clusters } = await compileProject(files);
  return clusters.flatMap((compiled) => {
    const meant = [compiled.dcs, ...compiled.nodes.map(({ config }) => config)];
    const texts = renderCluster(compiled, "1.2.3").filter(({ path }) => /\.ya?ml$/.test(path));
    expect(texts).toHaveLength(meant.length);
    return meant.map((document, index) => ({ meant: document, written: texts[index]?.text ?? "" }));
  });
}

test("PyYAML reads what is compiled from changed intents to exactly what was compiled", async () => {
  const intents = readdirSync("clusters").map((file) => readFileSync(`clusters/${file}`, "utf8"));
  const changes = fc
    .constantFrom(...intents)
    .chain((intent) => changed(parse(intent), ClusterIntent))
    .chain((once) => fc.oneof(fc.constant(once), changed(once, ClusterIntent)));
  const clusters = fc.sample(changes, { numRuns: 1500, seed: 7 });
  const documents: { readonly meant: unknown; readonly written: string }[] = [];
  for (const cluster of clusters) documents.push(...(await documentsOf(stringify(cluster))));
  expect(documents.length).toBeGreaterThan(500);
  expect(readAsPatroni(documents.map(({ written }) => written))).toEqual(
    documents.map(({ meant }): unknown => JSON.parse(JSON.stringify(meant))),
  );
});
