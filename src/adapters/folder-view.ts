import { lstatSync, type Stats } from "node:fs";
import { dirname, join } from "node:path";
import { err, ok, type Result } from "../core/result.ts";
import { errorCode } from "./read-text-file.ts";
import { kindOf } from "./replace-file.ts";

/** What stands below a folder. Nothing below it is looked at through a link. */
export interface FolderView {
  /** The entry of a regular file; undefined: there is none. The failure names what is in the way. */
  readonly entryOf: (path: string) => Result<Stats | undefined, string>;
  /** Whether a folder is there. The failure names what is in its way. */
  readonly hasFolder: (path: string) => Result<boolean, string>;
}

/** Looks at the files below a folder. What is a folder is asked once: a run sees one state of them. */
export function folderView(folder: string): FolderView {
  const known = new Map<string, Result<boolean, string>>([[".", ok(true)]]);
  const hasFolder = (path: string): Result<boolean, string> => {
    const before = known.get(path);
    if (before !== undefined) return before;
    const above = hasFolder(dirname(path));
    const found = above.ok && above.value ? lookForFolder(folder, path) : above;
    known.set(path, found);
    return found;
  };
  const entryOf = (path: string): Result<Stats | undefined, string> => {
    const above = hasFolder(dirname(path));
    if (!above.ok) return above;
    return above.value ? lookForFile(folder, path) : ok(undefined);
  };
  return { entryOf, hasFolder };
}

function lookForFolder(folder: string, path: string): Result<boolean, string> {
  const entry = entryAt(folder, path);
  if (!entry.ok) return entry;
  if (entry.value === undefined) return ok(false);
  if (entry.value.isDirectory()) return ok(true);
  return err(`${path}: ${entry.value.isFile() ? "it is no folder" : kindOf(entry.value)}`);
}

function lookForFile(folder: string, path: string): Result<Stats | undefined, string> {
  const entry = entryAt(folder, path);
  if (!entry.ok || entry.value === undefined || entry.value.isFile()) return entry;
  return err(`${path}: ${kindOf(entry.value)}`);
}

function entryAt(folder: string, path: string): Result<Stats | undefined, string> {
  try {
    return ok(lstatSync(join(folder, path), { throwIfNoEntry: false }));
  } catch (error) {
    return err(`${path}: ${errorCode(error)}`);
  }
}
