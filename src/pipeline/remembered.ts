import type { Diagnostic } from "../core/diagnostic.ts";
import { digestOfText, type Digest } from "../core/digest.ts";
import type { KnownFiles } from "../core/known-files.ts";
import type { FileFailure, FileListing, ProjectFiles } from "../core/ports.ts";
import type { Result } from "../core/result.ts";

/**
 * What a run remembers of a project for the next one: digests of what it read, what it found, and digests of
 * what it rendered, never a rendered text. Nothing of it is used unless it is of the very same input.
 */
export interface Remembered {
  /** What all clusters depend on: each read besides the clusters' own files, in order. */
  readonly shared: readonly SharedRead[];
  /** What was found there; never an error. */
  readonly found: readonly Diagnostic[];
  /** Clusters' files without an error, by name. No two of them claim the same identity. */
  readonly files: ReadonlyMap<string, StoredFile>;
}

/** A file that was read or a folder that was listed, and the digest of what that gave. */
export interface SharedRead {
  readonly kind: "read" | "list";
  readonly path: string;
  readonly gave: Digest;
}

/** A file whose clusters compile. */
export interface RememberedFile {
  /** Digest of its text. */
  readonly text: Digest;
  /** Its stamp when it held that text; undefined: not known. */
  readonly stamp: string | undefined;
  /** Risks that do not stop anything; never an error. */
  readonly found: readonly Diagnostic[];
  readonly clusters: readonly RememberedCluster[];
}

/** A cluster that compiles. */
export interface RememberedCluster {
  readonly name: string;
  /** What its bounds follow from, as {@link leaseText} writes it. */
  readonly lease: string;
  /** The files that it is rendered to; undefined: only checked so far. */
  readonly output: KnownFiles | undefined;
}

declare const storedBrand: unique symbol;

/**
 * A {@link RememberedFile} as one line of text, with the keys of what no other cluster may have. It is read
 * when it is needed and forgotten again: thousands of them as objects take longer than all else.
 */
export type StoredFile = string & { readonly [storedBrand]: "file" };

/** Files that also keep account of what is read from them. */
export function recordReads(
  files: ProjectFiles,
): ProjectFiles & { readonly reads: readonly SharedRead[] } {
  const reads: SharedRead[] = [];
  return {
    reads,
    read: async (path) => {
      const text = await files.read(path);
      reads.push({ kind: "read", path, gave: digestOfRead(text) });
      return text;
    },
    list: async (folder) => {
      const listing = await files.list(folder);
      reads.push({ kind: "list", path: folder, gave: digestOfListing(listing) });
      return listing;
    },
  };
}

/** True when every one of these reads would give the same again. */
export async function giveTheSame(
  files: ProjectFiles,
  reads: readonly SharedRead[],
): Promise<boolean> {
  for (const { kind, path, gave } of reads) {
    const now =
      kind === "read"
        ? digestOfRead(await files.read(path))
        : digestOfListing(await files.list(path));
    if (now !== gave) return false;
  }
  return true;
}

function digestOfRead(text: Result<string, FileFailure>): Digest {
  return digestOfText(JSON.stringify(text));
}

function digestOfListing(listing: FileListing): Digest {
  return digestOfText(JSON.stringify(listing));
}
