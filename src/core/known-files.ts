import type { Digest } from "./digest.ts";

/** The rendered files of a cluster that were right once, and how to find them unchanged without their texts. */
export interface KnownFiles {
  /** Paths below the cluster's own folder, the manifest's included. */
  readonly paths: readonly string[];
  /** Digest of the manifest's text, which holds the digests of all the others. */
  readonly manifest: Digest;
  /** What their directory entries said while their content was right; undefined: not known. */
  readonly stamp: string | undefined;
}
