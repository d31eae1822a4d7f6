import { randomBytes } from "node:crypto";
import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bug } from "../core/bug.ts";

/** Texts that were put aside together. */
export interface Spooled {
  readonly chunk: number;
  readonly start: number;
  /** Bytes of each text. */
  readonly lengths: readonly number[];
}

/** Holds texts for later without holding them in memory. */
export interface TextSpool {
  readonly add: (texts: readonly string[]) => Spooled;
  /** The texts as UTF-8. They are good until the next call. */
  readonly read: (spooled: Spooled) => readonly Uint8Array[];
  readonly close: () => void;
}

/** What is gathered in memory before it goes to the file. */
const CHUNK_BYTES = 1024 * 1024;

/** Bytes that were gathered: in the file, or in memory where there can be no file. */
type Chunk = Buffer | { readonly position: number; readonly length: number };

interface Spool {
  readonly chunks: Chunk[];
  /** The chunk that is being filled. */
  open: Buffer;
  filled: number;
  /** Undefined until it is needed, and when it cannot be made. */
  file: number | undefined;
  position: number;
  last: { readonly chunk: number; readonly bytes: Buffer } | undefined;
}

/**
 * Opens a spool. Its file lies in the system's folder for temporary files and has no name, so that it is
 * gone when the program ends in whatever way.
 */
export function openTextSpool(): TextSpool {
  const spool: Spool = {
    chunks: [],
    open: Buffer.alloc(0),
    filled: 0,
    file: undefined,
    position: 0,
    last: undefined,
  };
  return {
    add: (texts) => addTexts(spool, texts),
    read: ({ chunk, start, lengths }) => {
      const bytes = bytesOf(spool, chunk);
      let end = start;
      return lengths.map((length) => bytes.subarray(end, (end += length)));
    },
    close: () => {
      if (spool.file !== undefined) closeSync(spool.file);
      spool.file = undefined;
    },
  };
}

function addTexts(spool: Spool, texts: readonly string[]): Spooled {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  let size = 0;
  for (const length of lengths) size += length;
  if (spool.filled + size > spool.open.length) {
    if (spool.filled > 0) seal(spool);
    if (size > spool.open.length) spool.open = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, size));
  }
  const start = spool.filled;
  for (const text of texts) spool.filled += spool.open.write(text, spool.filled);
  return { chunk: spool.chunks.length, start, lengths };
}

/** Ends the open chunk. Its memory is used again once its bytes are in the file. */
function seal(spool: Spool): void {
  const bytes = spool.open.subarray(0, spool.filled);
  if (writeChunk(spool, bytes)) {
    spool.chunks.push({ position: spool.position, length: bytes.length });
    spool.position += bytes.length;
  } else {
    spool.chunks.push(bytes);
    spool.open = Buffer.alloc(0);
  }
  spool.filled = 0;
}

/** False when there is no room for a temporary file: then memory must do. */
function writeChunk(spool: Spool, bytes: Buffer): boolean {
  try {
    spool.file ??= openNameless();
    for (let done = 0; done < bytes.length;)
      done += writeSync(spool.file, bytes, done, bytes.length - done, spool.position + done);
    return true;
  } catch {
    return false;
  }
}

function openNameless(): number {
  const path = join(tmpdir(), `quorate-${randomBytes(12).toString("hex")}`);
  const file = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  return file;
}

function bytesOf(spool: Spool, chunk: number): Buffer {
  const place = spool.chunks[chunk];
  if (place === undefined) return spool.open;
  if (Buffer.isBuffer(place)) return place;
  if (spool.last?.chunk !== chunk) spool.last = { chunk, bytes: readChunk(spool, place) };
  return spool.last.bytes;
}

function readChunk(
  { file }: Spool,
  { position, length }: { readonly position: number; readonly length: number },
): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length;) {
    const count =
      file === undefined ? 0 : readSync(file, bytes, done, length - done, position + done);
    if (count === 0) throw new Bug("the temporary file of the spool became shorter");
    done += count;
  }
  return bytes;
}
