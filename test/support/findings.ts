import type { ProjectFiles } from "../../src/core/ports.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";

/** Each finding with the text that its place points at, and the way out of the first one. */
export async function findingsOf(
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
