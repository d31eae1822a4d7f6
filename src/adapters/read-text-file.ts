import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { FileFailure } from "../core/ports.ts";
import { err, ok, type Result } from "../core/result.ts";

/** The largest file that is read where nothing else is said: intent, tiers, secrets, endpoints. */
export const MAX_FILE_BYTES = 4 * 1024 * 1024;

/**
 * Reads a regular file as UTF-8. Nothing else is read: a FIFO or a device is told apart without waiting
 * for it, what is larger than `maxBytes` is refused, and so are bytes that are no UTF-8.
 */
export async function readTextFile(
  path: string,
  maxBytes = MAX_FILE_BYTES,
): Promise<Result<string, FileFailure>> {
  return readTextFileSync(path, maxBytes);
}

/**
 * The same at once: for thousands of small files that takes a fraction of the time. `flags` go to open(2)
 * besides those for reading.
 */
export function readTextFileSync(
  path: string,
  maxBytes = MAX_FILE_BYTES,
  flags = 0,
): Result<string, FileFailure> {
  let file: number | undefined;
  try {
    // Without O_NONBLOCK, opening a FIFO waits until somebody writes to it.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | flags);
    if (!fstatSync(file).isFile()) return err({ kind: "not-a-file" });
    const bytes = readUpTo(file, maxBytes);
    return bytes === undefined ? err(tooLarge(maxBytes)) : decodeUtf8(bytes);
  } catch (error) {
    return err(fileFailure(error));
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Decodes bytes that must be UTF-8. NUL is refused as well: it is what UTF-16 looks like without its mark. */
export function decodeUtf8(bytes: Buffer): Result<string, FileFailure> {
  return bytes.includes(0) || !isUtf8(bytes)
    ? err({ kind: "unreadable", reason: "it is not UTF-8" })
    : ok(bytes.toString("utf8"));
}

/** A thrown error of Node's file system in the words of the port. */
export function fileFailure(error: unknown): FileFailure {
  const code = errorCode(error);
  if (code === "ENOENT" || code === "ENOTDIR") return { kind: "missing" };
  // A socket cannot be opened at all.
  if (code === "ENXIO" || code === "EISDIR") return { kind: "not-a-file" };
  return { kind: "unreadable", reason: code };
}

/** The code of a thrown error of Node, such as `EACCES`; `unknown` where it has none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}

/** Read into again and again: what it holds is decoded or copied before the next file is read. */
const PART = Buffer.allocUnsafeSlow(64 * 1024);

function tooLarge(maxBytes: number): FileFailure {
  return { kind: "unreadable", reason: `it is larger than ${maxBytes / 1024 / 1024} MiB` };
}

/** The size that a file shows is not trusted: it may grow, and files of /proc show none. */
function readUpTo(file: number, maxBytes: number): Buffer | undefined {
  const parts: Buffer[] = [];
  let [size, filled] = [0, 0];
  for (;;) {
    const count = readSync(file, PART, filled, PART.length - filled, null);
    size += count;
    filled += count;
    if (size > maxBytes) return undefined;
    const isEnd = count === 0;
    if (isEnd && parts.length === 0) return PART.subarray(0, filled);
    if (isEnd || filled === PART.length) {
      parts.push(Buffer.from(PART.subarray(0, filled)));
      filled = 0;
    }
    if (isEnd) return Buffer.concat(parts);
  }
}
