import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { compareText } from "../core/json.ts";
import type { FileFailure, ProjectFiles } from "../core/ports.ts";
import { err, ok, type Result } from "../core/result.ts";

/** A project's files in a folder on disk. Links that lead out of the folder are refused. */
export function projectFolder(root: string): ProjectFiles {
  return {
    read: (path) => readInside(root, path),
    list: async (folder) => {
      const found = await listBelow(join(root, folder));
      return found.map((file) => relative(root, file).split(sep).join("/")).toSorted(compareText);
    },
  };
}

async function readInside(root: string, path: string): Promise<Result<string, FileFailure>> {
  try {
    const [top, file] = await Promise.all([realpath(root), realpath(join(root, path))]);
    if (relative(top, file).startsWith(".."))
      return err({ kind: "unreadable", reason: "it leads out of the project" });
    if (!(await stat(file)).isFile()) return err({ kind: "not-a-file" });
    return ok(await readFile(file, "utf8"));
  } catch (error) {
    return err(failureOf(error));
  }
}

async function listBelow(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const nested = await Promise.all(
      entries.map((entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() ? listBelow(path) : Promise.resolve([path]);
      }),
    );
    return nested.flat();
  } catch {
    // No such folder, or none that may be read: then the project has no such files.
    return [];
  }
}

function failureOf(error: unknown): FileFailure {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  return code === "ENOENT" || code === "ENOTDIR"
    ? { kind: "missing" }
    : { kind: "unreadable", reason: code };
}
