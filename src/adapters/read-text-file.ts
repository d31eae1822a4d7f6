import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
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
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a FIFO waits until somebody writes to it.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!(await handle.stat()).isFile()) return err({ kind: "not-a-file" });
    const bytes = await readUpTo(handle, maxBytes);
    return bytes === undefined ? err(tooLarge(maxBytes)) : decodeUtf8(bytes);
  } catch (error) {
    return err(fileFailure(error));
  } finally {
    await handle?.close();
  }
}

/** Decodes bytes that must be UTF-8. NUL is refused as well: it is what UTF-16 looks like without its mark. */
export function decodeUtf8(bytes: Uint8Array): Result<string, FileFailure> {
  const failure = err<FileFailure>({ kind: "unreadable", reason: "it is not UTF-8" });
  if (bytes.includes(0)) return failure;
  try {
    return ok(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return failure;
  }
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

function tooLarge(maxBytes: number): FileFailure {
  return { kind: "unreadable", reason: `it is larger than ${maxBytes / 1024 / 1024} MiB` };
}

/** The size that a file shows is not trusted: it may grow, and files of /proc show none. */
async function readUpTo(handle: FileHandle, maxBytes: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  while (size <= maxBytes) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(64 * 1024));
    if (bytesRead === 0) return Buffer.concat(parts);
    parts.push(buffer.subarray(0, bytesRead));
    size += bytesRead;
  }
  return undefined;
}
