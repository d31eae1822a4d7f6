import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";

const BELOW_PLAN = ["core", "patroni", "postgres", "intent", "topology", "policy", "compiler"];

/** Who may import whom, by folder under src/. Read top to bottom: nothing imports upwards. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  patroni: ["core"],
  postgres: ["core"],
  intent: ["core", "patroni", "postgres"],
  topology: ["core", "patroni", "intent"],
  policy: ["core", "patroni", "postgres", "intent", "topology"],
  compiler: ["core", "patroni", "postgres", "intent", "topology", "policy"],
  plan: ["core", "patroni", "postgres", "compiler"],
  apply: ["core", "patroni", "plan", "compiler"],
  pipeline: [...BELOW_PLAN, "plan", "apply"],
  report: ["core", "topology", "pipeline", "plan", "apply"],
  adapters: ["core", "patroni"],
  sandbox: ["core", "patroni", "postgres"],
  lab: ["core", "adapters", "compiler"],
  cli: [...BELOW_PLAN, "plan", "apply", "pipeline", "report", "adapters", "sandbox", "lab"],
};
/** Folders that may name a Node built-in, and the one file elsewhere: a digest has no side effect. */
const MAY_TOUCH_NODE: readonly string[] = ["adapters", "sandbox", "lab", "cli", "core/digest.ts"];

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.split(sep).join("/"));

test("the walk saw the source tree", () => {
  expect(files.length).toBeGreaterThan(100);
  expect(new Set(files.map((file) => file.split("/")[0]))).toEqual(
    new Set(Object.keys(MAY_IMPORT)),
  );
});

test.each(files)("src/%s imports only what its folder may", (file) => {
  const folder = file.split("/")[0] ?? "";
  const text = readFileSync(join("src", file), "utf8");
  const { module } = parseSync(file, text);
  const specifiers = [
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) =>
      text.slice(start + 1, end - 1),
    ),
    ...module.staticImports.map((item) => item.moduleRequest.value),
    ...module.staticExports.flatMap((item) =>
      item.entries.flatMap((entry) => entry.moduleRequest?.value ?? []),
    ),
  ];
  const wrong = specifiers.filter((specifier) => {
    if (specifier.startsWith("node:"))
      return !MAY_TOUCH_NODE.some((place) => place === folder || place === file);
    if (!specifier.startsWith(".")) return false;
    const target = relative("src", posix.join("src", dirname(file), specifier)).split(sep)[0] ?? "";
    return target !== folder && !(MAY_IMPORT[folder] ?? []).includes(target);
  });
  expect(wrong).toEqual([]);
});
