import { describe, expect, test } from "vitest";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { CLUSTER, edit, memoryProject, PROJECT, projectWith } from "../support/memory-project.ts";
import { ACCESS_BAD_INPUT } from "./access-bad-input-table.ts";
import { BAD_DR_SITES } from "./bad-dr-table.ts";
import { findingsOf } from "../support/findings.ts";
import { BAD_INPUT } from "./bad-input-table.ts";
import { SECTION_BAD_INPUT } from "./section-bad-input-table.ts";

describe("bad input", () => {
  test.each([...BAD_INPUT, ...BAD_DR_SITES, ...SECTION_BAD_INPUT, ...ACCESS_BAD_INPUT])(
    "$name is refused with its place and a way out",
    async ({ files, want, hint }) => {
      expect(await findingsOf(files)).toEqual({ lines: want, hint });
    },
  );

  test("says everything that is wrong in all files at once, sorted by place", async () => {
    const first = edit(
      edit(CLUSTER, "durability: sync", "durability: 7"),
      "postgres: 15",
      "postgres: 12",
    );
    const second = edit(CLUSTER, "10.1.1.2", "nowhere!")
      .replaceAll("pay", "cash")
      .replaceAll("10.1.1.", "10.1.2.");
    const { found } = await compileProject(projectWith(first, second));
    expect(found.map(({ at }) => `${at.file}:${at.line}:${at.col}`)).toEqual([
      "clusters/1.yaml:4:11",
      "clusters/1.yaml:12:13",
      "clusters/2.yaml:10:34",
    ]);
  });

  test("a literal secret is never repeated", async () => {
    const literalSecret = edit(PROJECT, "env:REST_PASSWORD", "hunter2");
    const { found } = await compileProject(
      memoryProject({ "quorate.yaml": literalSecret, "clusters/1.yaml": CLUSTER }),
    );
    expect(found).toHaveLength(1);
    expect(JSON.stringify(found)).not.toContain("hunter2");
  });
});
