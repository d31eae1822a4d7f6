import { constants, realpathSync } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { compareText } from "../core/json.ts";
import type { FileFailure, FileListing, ProjectFiles } from "../core/ports.ts";
import { err, type Result } from "../core/result.ts";
import { isSettled, stampFile } from "./file-stamp.ts";
import { errorCode, fileFailure, MAX_FILE_BYTES, readTextFileSync } from "./read-text-file.ts";

/**
 * A project's files in a folder on disk. A link to a file is followed while it stays inside the folder;
 * links to folders are refused, as git does not follow them either.
 */
export function projectFolder(root: string): ProjectFiles {
  const project: Root = { root, realFolders: new Map() };
  return {
    read: async (path) => readInside(project, path),
    stamp: (path) => stampInside(project, path),
    list: async (folder) => {
      const { files, failures } = await listFolder(root, folder);
      return {
        files: files.toSorted(compareText),
        failures: failures.toSorted((a, b) => compareText(a.path, b.path)),
      };
    },
  };
}

interface Root {
  readonly root: string;
  /** The real paths of folders that were looked into: a project keeps thousands of files in one. */
  readonly realFolders: Map<string, RealFolder>;
}

interface RealFolder {
  readonly path: string;
  readonly isInside: boolean;
}

function readInside({ root, realFolders }: Root, path: string): Result<string, FileFailure> {
  try {
    const folder = realFolder({ root, realFolders }, dirname(path));
    const file = join(folder.path, basename(path));
    if (folder.isInside) {
      const text = readTextFileSync(file, MAX_FILE_BYTES, constants.O_NOFOLLOW);
      if (text.ok || text.error.kind !== "unreadable" || text.error.reason !== "ELOOP") return text;
    }
    const target = realpathSync.native(file);
    if (isOutside(realpathSync.native(root), target))
      return err({ kind: "unreadable", reason: "it leads out of the project" });
    return readTextFileSync(target);
  } catch (error) {
    return err(fileFailure(error));
  }
}

/** A link has none: what it leads to may be another file the next time. */
function stampInside(project: Root, path: string): string | undefined {
  try {
    const folder = realFolder(project, dirname(path));
    const stamp = folder.isInside ? stampFile(`${folder.path}/${basename(path)}`) : undefined;
    return stamp !== undefined && isSettled(stamp, Date.now()) ? stamp.text : undefined;
  } catch {
    return undefined;
  }
}

function realFolder({ root, realFolders }: Root, folder: string): RealFolder {
  const before = realFolders.get(folder);
  if (before !== undefined) return before;
  const path = realpathSync.native(join(root, folder));
  const real = { path, isInside: !isOutside(realpathSync.native(root), path) };
  realFolders.set(folder, real);
  return real;
}

/** True when a path does not lie below a folder and is not the folder itself; both must be real paths. */
export function isOutside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === ".." || way.startsWith(`..${sep}`) || way.startsWith(sep);
}

/** Only a folder that does not exist is empty. Whatever else cannot be looked into may hide files. */
async function listFolder(root: string, folder: string): Promise<FileListing> {
  const words = folder.split("/");
  for (const index of words.keys()) {
    const path = words.slice(0, index + 1).join("/");
    try {
      const entry = await lstat(join(root, path));
      if (entry.isSymbolicLink()) return failed(path, "it is a link");
      if (!entry.isDirectory()) return failed(path, "it is no folder");
    } catch (error) {
      const code = errorCode(error);
      return code === "ENOENT" ? { files: [], failures: [] } : failed(path, code);
    }
  }
  return listBelow(root, folder);
}

async function listBelow(root: string, folder: string): Promise<FileListing> {
  try {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    const nested = await Promise.all(
      entries.map(async (entry) => {
        const path = `${folder}/${entry.name}`;
        if (entry.isDirectory()) return listBelow(root, path);
        return entry.isSymbolicLink() ? listLink(root, path) : { files: [path], failures: [] };
      }),
    );
    return {
      files: nested.flatMap(({ files }) => files),
      failures: nested.flatMap(({ failures }) => failures),
    };
  } catch (error) {
    return failed(folder, errorCode(error));
  }
}

/** A link that leads nowhere today may have led to a folder yesterday. */
async function listLink(root: string, path: string): Promise<FileListing> {
  try {
    const target = await stat(join(root, path));
    return target.isDirectory() ? failed(path, "it is a link") : { files: [path], failures: [] };
  } catch (error) {
    const code = errorCode(error);
    return failed(path, code === "ENOENT" ? "it is a link that leads nowhere" : code);
  }
}

function failed(path: string, reason: string): FileListing {
  return { files: [], failures: [{ path, failure: { kind: "unreadable", reason } }] };
}
