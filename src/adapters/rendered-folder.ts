import { lstat, mkdir, readdir, rmdir, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isJsonObject } from "../core/json.ts";
import { err, ok, type Result } from "../core/result.ts";
import { errorCode, readTextFile } from "./read-text-file.ts";
import { kindOf, presentFile, stageFile, type StagedFile } from "./replace-file.ts";

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

/** Why a folder was not made current, for people, and how far it came. */
export interface FolderFailure {
  readonly reason: string;
  readonly replaced: number;
  readonly removed: number;
}

/** The only files of a cluster that are ever removed, whatever a manifest says. */
const REMOVABLE =
  /^(?:dcs\.yaml|nodes\/(?!\.{1,2}\/)[^/\\]+\/(?:patroni\.yml|patroni\.service\.d\/quorate\.conf|secrets\.env\.example))$/;

/**
 * Compares a folder with the files that it should hold. `stale` files are those that the manifest of an
 * earlier run lists and nobody wants any more; files that no manifest lists belong to somebody else and
 * are not looked at. Empty when the folder is current. No link below the folder is followed: one in the
 * way is a failure, and so is anything else that is no regular file where one is wanted.
 */
export async function compareFolder(
  folder: string,
  wanted: readonly TextFile[],
  manifestName: string,
): Promise<Result<readonly FolderDifference[], string>> {
  const found: FolderDifference[] = [];
  for (const { path, text } of wanted) {
    const size = await sizeBelow(folder, path);
    if (!size.ok) return size;
    if (size.value === undefined) found.push({ path, kind: "missing" });
    else if (size.value !== Buffer.byteLength(text) || !(await holds(join(folder, path), text)))
      found.push({ path, kind: "different" });
  }
  const names = new Set(wanted.map((file) => file.path));
  const manifested = await manifestedFiles(folder, manifestName);
  if (!manifested.ok) return manifested;
  for (const path of manifested.value) {
    if (names.has(path)) continue;
    const size = await sizeBelow(folder, path);
    if (!size.ok) return size;
    if (size.value !== undefined) found.push({ path, kind: "stale" });
  }
  return ok(found);
}

/**
 * Makes a folder hold the files. Nothing is replaced before all new texts are on the disk, every file
 * is replaced whole or not at all, and files that are current are not touched. Manifests come last, so
 * that an interrupted run is seen by the next.
 */
export async function writeFolder(
  folder: string,
  wanted: readonly TextFile[],
  manifestName: string,
): Promise<Result<readonly FolderDifference[], FolderFailure>> {
  const compared = await compareFolder(folder, wanted, manifestName);
  if (!compared.ok) return err({ reason: compared.error, replaced: 0, removed: 0 });
  const kinds = new Map(compared.value.map(({ path, kind }) => [path, kind]));
  const isManifest = (path: string): boolean => path.endsWith(`/${manifestName}`);
  const changed = wanted.filter(({ path }) => kinds.has(path));
  const stale = compared.value.flatMap(({ path, kind }) => (kind === "stale" ? [path] : []));
  const staged = new Map<string, StagedFile>();
  const made: string[] = [];
  let [at, replaced, removed] = ["", 0, 0];
  try {
    for (const { path, text } of changed) {
      at = path;
      await makeFolder(dirname(join(folder, path)), made);
      staged.set(path, await stageFile(join(folder, path), text));
    }
    for (const isLast of [false, true]) {
      for (const [path, file] of staged)
        if (isManifest(path) === isLast) {
          at = path;
          await file.commit();
          replaced += 1;
        }
      for (const path of stale)
        if (isManifest(path) === isLast) {
          at = path;
          await removeFile(folder, path);
          removed += 1;
        }
    }
    return ok(compared.value);
  } catch (error) {
    for (const file of staged.values()) await file.discard();
    for (const path of made.toReversed()) await rmdir(path).catch(() => undefined);
    return err({ reason: `${at}: ${errorCode(error)}`, replaced, removed });
  }
}

/** The size of a regular file; undefined: there is none. The failure names what is in the way. */
async function sizeBelow(
  folder: string,
  path: string,
): Promise<Result<number | undefined, string>> {
  const words = path.split("/");
  let part = "";
  try {
    for (const word of words.slice(0, -1)) {
      part = part === "" ? word : `${part}/${word}`;
      const entry = await lstat(join(folder, part));
      if (!entry.isDirectory())
        return err(`${part}: ${entry.isFile() ? "it is no folder" : kindOf(entry)}`);
    }
    part = path;
    const present = await presentFile(join(folder, path));
    return present.ok ? ok(present.value?.size) : err(`${path}: ${present.error}`);
  } catch (error) {
    const code = errorCode(error);
    return code === "ENOENT" ? ok(undefined) : err(`${part}: ${code}`);
  }
}

/** A file that cannot be read is not as wanted: replacing it puts it right. */
async function holds(file: string, text: string): Promise<boolean> {
  const present = await readTextFile(file, Buffer.byteLength(text) + 1);
  return present.ok && present.value === text;
}

async function manifestedFiles(
  folder: string,
  manifestName: string,
): Promise<Result<readonly string[], string>> {
  const names = await folderNames(folder);
  if (!names.ok) return names;
  const files: string[] = [];
  for (const name of names.value) {
    const manifest = `${name}/${manifestName}`;
    const size = await sizeBelow(folder, manifest);
    if (!size.ok || size.value === undefined) continue;
    const text = await readTextFile(join(folder, manifest));
    const paths = text.ok ? pathsIn(text.value, name) : undefined;
    if (paths !== undefined) files.push(...paths.map((path) => `${name}/${path}`), manifest);
  }
  return ok(files);
}

/** The files that a manifest of Quorate lists; undefined: it is the manifest of something else. */
function pathsIn(manifest: string, cluster: string): readonly string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(manifest);
    if (!isJsonObject(parsed) || parsed["cluster"] !== cluster) return undefined;
    const files = parsed["files"];
    return isJsonObject(files)
      ? Object.keys(files).filter((path) => REMOVABLE.test(path))
      : undefined;
  } catch {
    return undefined;
  }
}

async function folderNames(folder: string): Promise<Result<readonly string[], string>> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return ok(entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name));
  } catch (error) {
    const code = errorCode(error);
    return code === "ENOENT" ? ok([]) : err(code);
  }
}

/** Makes a folder and those above it, and notes the new ones, outermost first. */
async function makeFolder(folder: string, made: string[]): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  const added = [folder];
  for (let path = folder; path !== first && path !== dirname(path); path = dirname(path))
    added.unshift(dirname(path));
  made.push(...added);
}

/** Removes a file and the folders that it leaves empty. */
async function removeFile(folder: string, path: string): Promise<void> {
  await unlink(join(folder, path));
  for (let parent = dirname(path); parent !== "."; parent = dirname(parent)) {
    try {
      await rmdir(join(folder, parent));
    } catch {
      return;
    }
  }
}
