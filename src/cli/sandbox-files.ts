import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { err, ok, type Result } from "../core/result.ts";
import type { SandboxEndpoint } from "../sandbox/sandbox-cluster.ts";

/** The endpoints file of a running sandbox, and the CA beside it. */
export interface SandboxFiles {
  /** Removes both, unless someone else has written the endpoints file since. */
  remove(): Promise<void>;
}

/**
 * Tells other commands where the sandbox listens: writes the CA to `<file>.ca.pem`, then the endpoints
 * file, each in one step and for its owner only. The failure is for people to read.
 */
export async function writeSandboxFiles(
  file: string,
  endpoints: readonly SandboxEndpoint[],
  caPem: string | undefined,
): Promise<Result<SandboxFiles, string>> {
  const caFile = `${file}.ca.pem`;
  const text = endpointsText(endpoints, caPem === undefined ? undefined : basename(caFile));
  try {
    if (caPem !== undefined) await replaceFile(caFile, caPem);
    await replaceFile(file, text);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    return err(`${file} cannot be written (${code})`);
  }
  return ok({
    async remove() {
      const now = await readFile(file, "utf8").catch(() => "");
      if (now !== text) return;
      await rm(file, { force: true });
      if (caPem !== undefined) await rm(caFile, { force: true });
    },
  });
}

function endpointsText(endpoints: readonly SandboxEndpoint[], ca: string | undefined): string {
  const document = {
    formatVersion: 1,
    ...(ca === undefined ? {} : { ca }),
    nodes: Object.fromEntries(endpoints.map(({ node, url }) => [node, url])),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** A reader sees the old file or the new one, never a part. */
async function replaceFile(file: string, text: string): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    await writeFile(part, text, { mode: 0o600, flag: "wx" });
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
}
