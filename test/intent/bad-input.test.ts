import { describe, expect, test } from "vitest";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import type { ProjectFiles } from "../../src/core/ports.ts";
import { CLUSTER, edit, memoryProject, PROJECT, projectWith } from "../support/memory-project.ts";
import { ACCESS_BAD_INPUT } from "./access-bad-input-table.ts";
import { BAD_INPUT } from "./bad-input-table.ts";

/** Each finding with the text that its place points at, and the way out of the first one. */
async function findingsOf(
  files: ProjectFiles,
): Promise<{ readonly lines: readonly string[]; readonly hint: string | undefined }> {
  const { found } = await compileProject(files);
  const lines = await Promise.all(
    found.map(async ({ at, rule, message }) => {
      const text = await files.read(at.file);
      const line = text.ok ? (text.value.split("\n")[at.line - 1] ?? "") : "";
      return `${at.file} ^${line.slice(at.col - 1, at.col + 13)}^ ${rule}: ${message}`;
    }),
  );
  return { lines, hint: found[0]?.hint };
}

describe("bad input", () => {
  test.each([...BAD_INPUT, ...ACCESS_BAD_INPUT])(
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
    const second = edit(CLUSTER, "10.1.1.2", "nowhere!");
    const { found } = await compileProject(projectWith(first, second));
    expect(found.map(({ at }) => `${at.file}:${at.line}:${at.col}`)).toEqual([
      "clusters/1.yaml:4:11",
      "clusters/1.yaml:12:13",
      "clusters/2.yaml:10:33",
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
