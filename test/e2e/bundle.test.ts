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
  for (const { moduleRequest } of parseSync(file, text).module.staticImports)
    if (moduleRequest.value.startsWith("."))
      loadedWith(join(dirname(file), moduleRequest.value), seen);
  return seen;
}

test("version loads the command line, and no command", () => {
  const loaded = [...loadedWith(BUNDLE).values()];
  expect(loaded.join("").length).toBeLessThan(150_000);
  expect(loaded.some((text) => text.includes("class Command"))).toBe(true);
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
