import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

/** Commits and digests differ from run to run. */
function settle(text: string): string {
  return text
    .replaceAll(/drift: (?:commit \w+|rendered\/)/g, "drift: X")
    .replaceAll(/from (?:commit \w+|rendered\/)\./g, "from X.")
    .replaceAll(/Plan \w+\./g, "Plan X.");
}

describe("what the documents say", () => {
  test("the demo prints what the README shows", () => {
    const shown =
      /```\n(\$ quorate plan[^]*?)```/.exec(readFileSync("README.md", "utf8"))?.[1] ?? "";
    const demo = spawnSync("scripts/demo.sh", { encoding: "utf8" });
    expect(demo.status, demo.stderr).toBe(0);
    expect(shown.split("\n").length).toBeGreaterThan(8);
    expect(settle(demo.stdout)).toContain(settle(shown).trimEnd());
  });

  test("every code of a finding stands in docs/diagnostics.md, and no other", () => {
    const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".ts"),
    );
    const used = new Set(
      sources.flatMap((file) => readFileSync(`src/${file}`, "utf8").match(/QUO\d{3}/g) ?? []),
    );
    const listed = new Set(readFileSync("docs/diagnostics.md", "utf8").match(/QUO\d{3}/g));
    expect([...listed].toSorted()).toEqual([...used].toSorted());
    expect(used.size).toBeGreaterThan(10);
  });

  test("every tier of this repository is explained in docs/intent.md", () => {
    const text = readFileSync("docs/intent.md", "utf8");
    for (const file of readdirSync("policies/tiers"))
      expect(text).toMatch(new RegExp(`^\\| \`${file.replace(".yaml", "")}\` +\\|`, "m"));
  });
});
