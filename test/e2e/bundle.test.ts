import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";
import { BUNDLE } from "../support/real-project.ts";
import { run } from "../support/run.ts";

/** A file of the bundle and everything that it imports before it runs. */
function loadedWith(file: string, seen = new Map<string, string>()): ReadonlyMap<string, string> {
  if (seen.has(file)) return seen;
  const text = readFileSync(file, "utf8");
  seen.set(file, text);
  const { staticImports, staticExports } = parseSync(file, text).module;
  const passedOn = staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest }) => moduleRequest ?? []),
  );
  for (const { value } of [...staticImports.map(({ moduleRequest }) => moduleRequest), ...passedOn])
    if (value.startsWith(".")) loadedWith(join(dirname(file), value), seen);
  return seen;
}

test("version is answered before the command line or any command is loaded", () => {
  const loaded = [...loadedWith(BUNDLE).values()];
  expect(loaded.length).toBeGreaterThan(1);
  expect(loaded.join("").length).toBeLessThan(30_000);
  expect(loaded.some((text) => text.includes("class Command"))).toBe(false);
});

test("check and compile begin without the compiler, and without what reads YAML", () => {
  const folder = join(dirname(BUNDLE), "chunks");
  const command = readdirSync(folder).find((name) => name.startsWith("compile-command-")) ?? "";
  const loaded = [...loadedWith(join(folder, command)).values()].join("");
  expect(loaded).toContain("runRemembering");
  expect(loaded).not.toMatch(/parseAllDocuments|ZodObject|class Environment/);
  const compiler = readdirSync(folder).find((name) => name.startsWith("load-compiler-")) ?? "";
  const whole = [...loadedWith(join(folder, compiler)).values()].join("");
  for (const part of ["parseAllDocuments", "ZodObject", "class Environment"])
    expect(whole).toContain(part);
});

test("the checks of Patroni's documents are in the bundle, and what compiles them is not", () => {
  const texts = readdirSync(join(dirname(BUNDLE), "chunks")).map((name) =>
    readFileSync(join(dirname(BUNDLE), "chunks", name), "utf8"),
  );
  expect(texts.filter((text) => text.includes("node_4_1_1"))).toHaveLength(1);
  expect(texts.filter((text) => /\bAjv\b|ajv\/dist/.test(text))).toEqual([]);
});

test.each([
  { args: ["cluster"], file: "cluster" },
  { args: ["project"], file: "project" },
  { args: ["tier"], file: "tier" },
  { args: ["dcs"], file: "patroni/dcs-4.1" },
  { args: ["node", "--patroni", "3.3.1"], file: "patroni/node-3.3" },
  { args: ["node"], file: "patroni/node-4.1.1" },
])("schema $args prints the committed $file", async ({ args, file }) => {
  expect(await run(process.execPath, [BUNDLE, "schema", ...args], {})).toMatchObject({
    code: 0,
    stdout: readFileSync(`schema/${file}.schema.json`, "utf8"),
    stderr: "",
  });
});
