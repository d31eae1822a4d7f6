import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { lstat, open, rename, rm } from "node:fs/promises";
import { err, ok, type Result } from "../core/result.ts";
import { errorCode } from "./read-text-file.ts";

/** A file's new text, written beside it and not yet in its place. */
export interface StagedFile {
  /** Puts it in place, in one step. */
  commit(): Promise<void>;
  /** Removes it; does nothing once it is in place. */
  discard(): Promise<void>;
}

/**
 * Writes a file so that a reader sees the old or the new text, never a part. Only a regular file is
 * replaced: a link, a folder or a device in its place stays. The failure says why, for people.
 */
export async function replaceFile(
  path: string,
  text: string,
  mode = 0o644,
): Promise<Result<undefined, string>> {
  let staged: StagedFile | undefined;
  try {
    const present = await presentFile(path);
    if (!present.ok) return present;
    staged = await stageFile(path, text, mode);
    await staged.commit();
    return ok(undefined);
  } catch (error) {
    return err(errorCode(error));
  } finally {
    await staged?.discard();
  }
}

/** Writes the text to a new file beside `path`. Throws as Node does, and leaves nothing behind then. */
export async function stageFile(path: string, text: string, mode = 0o644): Promise<StagedFile> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  const handle = await open(temporary, "wx", mode);
  try {
    await handle.writeFile(text);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  return {
    commit: () => rename(temporary, path),
    discard: () => rm(temporary, { force: true }),
  };
}

/**
 * What stands at a path that is to be a regular file; undefined: nothing. The failure is for people.
 * Throws as Node does when it cannot tell.
 */
export async function presentFile(path: string): Promise<Result<Stats | undefined, string>> {
  try {
    const entry = await lstat(path);
    return entry.isFile() ? ok(entry) : err(kindOf(entry));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return ok(undefined);
    throw error;
  }
}

/** What something is that is no regular file, as in `rendered is a link`. */
export function kindOf(entry: Stats): string {
  if (entry.isSymbolicLink()) return "it is a link";
  if (entry.isDirectory()) return "it is a folder";
  return "it is no regular file";
}
