import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { ClusterIntent } from "../../src/intent/cluster-intent.ts";
import { layerSource } from "../../src/intent/layered-source.ts";
import { ProjectIntent } from "../../src/intent/project-intent.ts";
import { readAs } from "../../src/intent/read-as.ts";
import { readSource, type Source } from "../../src/intent/source.ts";
import type { SourcePath } from "../../src/intent/source-offset.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { memoryProject } from "../support/memory-project.ts";
import { WITHOUT_MISTAKES } from "./independent-mistakes-table.ts";

/** Files that compile: in each of them one value after the other is spoilt. */
const PROJECTS = [
  [WITHOUT_MISTAKES.project, WITHOUT_MISTAKES.cluster],
  ...["crm", "ledger"].map((name) => [
    readFileSync("quorate.yaml", "utf8"),
    readFileSync(`clusters/${name}.yaml`, "utf8"),
  ]),
].map(([project = "", cluster = ""]) => ({ project, cluster }));

/** Every way in which one value of a document can have a wrong form. */
function spoilt(document: unknown): readonly { readonly how: string; readonly value: unknown }[] {
  return pathsOf(document, []).flatMap((path) => {
    const name = path.join(".");
    const last = String(path.at(-1));
    return [
      { how: `${name} is a map`, value: changed(document, path, () => [[last, { zzz: 1 }]]) },
      { how: `${name} is a list`, value: changed(document, path, () => [[last, [[]]]]) },
      { how: `${name} is missing`, value: changed(document, path, () => []) },
      { how: `${name} is misspelt`, value: changed(document, path, (old) => [[`${last}x`, old]]) },
      {
        how: `${name} has an unknown key beside it`,
        value: changed(document, path, (old) => [
          [last, old],
          ["zzz", 1],
        ]),
      },
    ];
  });
}

function pathsOf(value: unknown, path: SourcePath): readonly SourcePath[] {
  if (typeof value !== "object" || value === null) return [path];
  const entries = Array.isArray(value)
    ? value.map((item: unknown, index) => [index, item] as const)
    : Object.entries(value);
  const below = entries.flatMap(([key, item]) => pathsOf(item, [...path, key]));
  return path.length === 0 ? below : [path, ...below];
}

type Fields = (old: unknown) => readonly (readonly [string, unknown])[];

function changed(value: unknown, path: SourcePath, make: Fields): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => {
      if (index !== step) return item;
      return rest.length === 0 ? make(item)[0]?.[1] : changed(item, rest, make);
    });
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      if (key !== step) return [[key, item] as const];
      return rest.length === 0 ? make(item) : [[key, changed(item, rest, make)] as const];
    }),
  );
}

function sourceOf(file: string, text: string): Source {
  const source = readSource(file, text);
  if (!source.ok) throw new Error(`${file} is no YAML`);
  return source.value;
}

interface Text {
  readonly project: string;
  readonly cluster: string;
}

/**
 * What is found besides that values do not fit; undefined when every value does. A map that does not say what it
 * is may lack more.
 */
async function besides({ project, cluster }: Text): Promise<readonly string[] | undefined> {
  const own = sourceOf("quorate.yaml", project);
  const read = readAs(ProjectIntent, own);
  const source = layerSource(sourceOf("clusters/1.yaml", cluster), own, ["defaults"]);
  const misfits = read.ok ? readAs(ClusterIntent, source) : read;
  if (misfits.ok) return undefined;
  const known = new Set(misfits.error.map((one) => JSON.stringify(one)));
  const files = memoryProject({ "quorate.yaml": project, "clusters/1.yaml": cluster });
  const { found } = await compileProject(files);
  const others = found.filter((one) => !known.has(JSON.stringify(one)) && one.rule !== "QUO004");
  return others.map(
    ({ rule, message, at }) => `${at.file}:${at.line}:${at.col} ${rule} ${message}`,
  );
}

describe("a value of a wrong form is all that is found", { timeout: 300_000 }, () => {
  test.each(["cluster", "project"] as const)("in the file of a %s", async (kind) => {
    const wrong: object[] = [];
    let spoilers = 0;
    for (const texts of PROJECTS)
      for (const { how, value } of spoilt(parse(texts[kind]))) {
        const others = await besides({ ...texts, [kind]: stringify(value) });
        if (others === undefined) continue;
        spoilers += 1;
        if (others.length > 0) wrong.push({ how, others });
      }
    expect(wrong).toEqual([]);
    expect(spoilers).toBeGreaterThan(300);
  });
});
