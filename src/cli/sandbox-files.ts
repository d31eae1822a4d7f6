import { X509Certificate } from "node:crypto";
import { rm } from "node:fs/promises";
import { basename } from "node:path";
import { readTextFile } from "../adapters/read-text-file.ts";
import { replaceFile } from "../adapters/replace-file.ts";
import { fileFailureText } from "../core/ports.ts";
import { err, ok, type Result } from "../core/result.ts";
import { field } from "../report/value-text.ts";
import type { SandboxEndpoint } from "../sandbox/sandbox-cluster.ts";
import { isSandboxEndpoints, SANDBOX_MARK } from "./endpoints-file.ts";

/** The endpoints file of a running sandbox, and the CA beside it. */
export interface SandboxFiles {
  /** Removes both, unless someone else has written the endpoints file since. */
  remove(): Promise<void>;
}

/** The common name of a sandbox's CA, by which its certificate is known again. */
export const SANDBOX_CA_NAME = "quorate sandbox";

const OWNER_ONLY = 0o600;

/**
 * Tells other commands where the sandbox listens: writes the CA to `<file>.ca.pem`, then the endpoints
 * file, each in one step and for its owner only. What stands there already is replaced only if a sandbox
 * wrote it. The failure is for people to read.
 */
export async function writeSandboxFiles(
  file: string,
  endpoints: readonly SandboxEndpoint[],
  caPem: string | undefined,
): Promise<Result<SandboxFiles, string>> {
  const caFile = `${file}.ca.pem`;
  const text = endpointsText(endpoints, caPem === undefined ? undefined : basename(caFile));
  const outputs = [
    ...(caPem === undefined ? [] : [{ path: caFile, text: caPem, isOurs: isSandboxCa }]),
    { path: file, text, isOurs: isSandboxEndpoints },
  ];
  for (const { path, isOurs } of outputs) {
    const problem = await replaceProblem(path, isOurs);
    if (problem !== undefined) return err(`${field(path)} is not replaced: ${problem}`);
  }
  const paths: string[] = [];
  for (const output of outputs) {
    const written = await replaceFile(output.path, output.text, OWNER_ONLY);
    if (!written.ok) {
      await removeAll(paths);
      return err(`${field(file)} cannot be written (${written.error})`);
    }
    paths.unshift(output.path);
  }
  return ok({
    async remove() {
      const now = await readTextFile(file);
      if (now.ok && now.value === text) await removeAll(paths);
    },
  });
}

async function removeAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { force: true });
}

/** Why what stands at a path must stay; undefined: nothing stands there, or an earlier sandbox's file. */
async function replaceProblem(
  path: string,
  isOurs: (text: string) => boolean,
): Promise<string | undefined> {
  const present = await readTextFile(path);
  if (present.ok) return isOurs(present.value) ? undefined : "no sandbox wrote it";
  return present.error.kind === "missing" ? undefined : fileFailureText(present.error);
}

function isSandboxCa(text: string): boolean {
  try {
    return new X509Certificate(text).subject === `CN=${SANDBOX_CA_NAME}`;
  } catch {
    return false;
  }
}

function endpointsText(endpoints: readonly SandboxEndpoint[], ca: string | undefined): string {
  const document = {
    formatVersion: 1,
    writtenBy: SANDBOX_MARK,
    ...(ca === undefined ? {} : { ca }),
    nodes: Object.fromEntries(endpoints.map(({ node, url }) => [node, url])),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
