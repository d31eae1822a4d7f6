import { mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isJsonObject } from "../core/json.ts";

/** One file below a folder; the path is relative to it. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** How a folder differs from the files that it should hold. */
export interface FolderDifference {
  readonly path: string;
  readonly kind: "missing" | "different" | "stale";
}

/**
 * Compares a folder with the files that it should hold. `stale` files are those that an earlier manifest
 * lists and nobody wants any more; files that no manifest lists belong to somebody else and are not
 * looked at. Empty when the folder is current.
 */
export async function compareFolder(
  folder: string,
  wanted: readonly TextFile[],
  manifestName: string,
): Promise<readonly FolderDifference[]> {
  const found: FolderDifference[] = [];
  for (const { path, text } of wanted) {
    const present = await readText(join(folder, path));
    if (present === undefined) found.push({ path, kind: "missing" });
    else if (present !== text) found.push({ path, kind: "different" });
  }
  const names = new Set(wanted.map((file) => file.path));
  for (const path of await manifestedFiles(folder, manifestName))
    if (!names.has(path) && (await readText(join(folder, path))) !== undefined)
      found.push({ path, kind: "stale" });
  return found;
}

/**
 * Makes a folder hold the files. Every file is replaced whole or not at all, files that are current are
 * not touched, and the manifest of a cluster comes last, so that an interrupted run is seen by the next.
 */
export async function writeFolder(
  folder: string,
  wanted: readonly TextFile[],
  manifestName: string,
): Promise<readonly FolderDifference[]> {
  const differences = await compareFolder(folder, wanted, manifestName);
  const kinds = new Map(differences.map(({ path, kind }) => [path, kind]));
  const order = wanted.toSorted(
    (a, b) => Number(a.path.endsWith(manifestName)) - Number(b.path.endsWith(manifestName)),
  );
  for (const { path, text } of order)
    if (kinds.has(path)) await replaceFile(join(folder, path), text);
  for (const { path, kind } of differences) if (kind === "stale") await removeFile(folder, path);
  return differences;
}

/** Writes a file so that a reader sees the old or the new text, never a part. */
export async function replaceFile(path: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    await writeFile(temporary, text, { mode });
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}

async function manifestedFiles(folder: string, manifestName: string): Promise<readonly string[]> {
  const files: string[] = [];
  for (const name of await folderNames(folder)) {
    const text = await readText(join(folder, name, manifestName));
    if (text === undefined) continue;
    files.push(...pathsIn(text).map((path) => `${name}/${path}`), `${name}/${manifestName}`);
  }
  return files;
}

function pathsIn(manifest: string): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(manifest);
    const files = isJsonObject(parsed) ? parsed["files"] : undefined;
    const paths = files !== undefined && isJsonObject(files) ? Object.keys(files) : [];
    return paths.filter((path) => !path.startsWith("/") && !path.split("/").includes(".."));
  } catch {
    // A manifest that is no JSON lists nothing.
    return [];
  }
}

async function folderNames(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch {
    return [];
  }
}

/** Removes a file and the folders that it leaves empty. */
async function removeFile(folder: string, path: string): Promise<void> {
  await rm(join(folder, path), { force: true });
  for (let parent = dirname(path); parent !== "."; parent = dirname(parent)) {
    try {
      await rmdir(join(folder, parent));
    } catch {
      return;
    }
  }
}
