import type { FolderDifference, TextFile } from "../../src/adapters/rendered-folder.ts";
import { openTextSpool } from "../../src/adapters/text-spool.ts";
import { writeChanges, type FolderFailure } from "../../src/adapters/write-changes.ts";
import { compareOutput, type ComparedOutput } from "../../src/cli/compare-output.ts";
import { MANIFEST } from "../../src/compiler/manifest.ts";
import { err, type Result } from "../../src/core/result.ts";

/** Compares a folder with all the files that it should hold, as `compile --check` does. */
export async function compareFolder(
  folder: string,
  wanted: readonly TextFile[],
): Promise<Result<readonly FolderDifference[], string>> {
  const compared = compareOutput(folder, undefined);
  await visitAll(compared, wanted);
  return compared.differences();
}

/** Makes a folder hold the files, as `compile` does, and tells what was not as wanted. */
export async function writeFolder(
  folder: string,
  wanted: readonly TextFile[],
): Promise<Result<readonly FolderDifference[], FolderFailure>> {
  const spool = openTextSpool();
  try {
    const compared = compareOutput(folder, spool);
    await visitAll(compared, wanted);
    const differences = compared.differences();
    if (!differences.ok) return err({ reason: differences.error, replaced: 0, removed: 0 });
    const stale = differences.value.flatMap(({ path, kind }) => (kind === "stale" ? [path] : []));
    const { changes: clusters } = compared;
    const written = writeChanges({ folder, manifestName: MANIFEST, clusters, stale });
    return written.ok ? differences : written;
  } finally {
    spool.close();
  }
}

async function visitAll(compared: ComparedOutput, wanted: readonly TextFile[]): Promise<void> {
  const clusters = new Set(wanted.map(({ path }) => path.split("/")[0] ?? ""));
  for (const name of clusters) {
    const files = wanted.filter(({ path }) => path.startsWith(`${name}/`));
    await compared.visit({ name, lease: "", output: undefined, render: async () => files });
  }
}
