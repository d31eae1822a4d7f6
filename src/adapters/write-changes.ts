import { randomBytes } from "node:crypto";
import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { err, ok, type Result } from "../core/result.ts";
import { isSettled, stampFiles, type FileStamp } from "./file-stamp.ts";
import { folderView } from "./folder-view.ts";
import { errorCode } from "./read-text-file.ts";

/** Files of one cluster that are to be written. */
export interface ClusterChange {
  readonly cluster: string;
  /** Below the output folder, each below the cluster's own. */
  readonly paths: readonly string[];
  /** Their texts as UTF-8, in the same order. */
  readonly texts: () => readonly Uint8Array[];
}

/** Everything that is to change in an output folder. */
export interface FolderChange {
  readonly folder: string;
  readonly manifestName: string;
  readonly clusters: readonly ClusterChange[];
  /** Files that nobody wants any more. */
  readonly stale: readonly string[];
}

/** Why a folder was not made current, for people, and how far it came. */
export interface FolderFailure {
  readonly reason: string;
  readonly replaced: number;
  readonly removed: number;
}

/** Something that is on the disk and not yet in its place. */
interface Staged {
  readonly path: string;
  readonly files: number;
  /** Manifests come last, so that an interrupted run is seen by the next. */
  readonly isLast: boolean;
  readonly commit: () => void;
  readonly discard: () => void;
}

/** How far it came. */
interface Progress {
  at: string;
  replaced: number;
  removed: number;
  readonly staged: Staged[];
  /** Folders that were made, outermost first. */
  readonly made: string[];
  /** Stamps of clusters whose folder was written whole. */
  readonly written: Map<string, FileStamp>;
}

/**
 * Makes the changes. Nothing is replaced before all new texts are on the disk; every file, and the folder of
 * a cluster that had none, comes into its place whole or not at all. Gives the stamps of folders that were
 * written whole.
 */
export function writeChanges(
  change: FolderChange,
): Result<ReadonlyMap<string, string>, FolderFailure> {
  const progress: Progress = {
    at: "",
    replaced: 0,
    removed: 0,
    staged: [],
    made: [],
    written: new Map(),
  };
  try {
    removeLeftovers(change.folder);
    stage(change, progress);
    const now = Date.now();
    for (const isLast of [false, true]) commit(change, progress, isLast);
    return ok(settledStamps(progress, now));
  } catch (error) {
    for (const staged of progress.staged) staged.discard();
    for (const path of progress.made.toReversed()) tryRemoveFolder(path);
    const { at, replaced, removed } = progress;
    return err({ reason: `${at}: ${errorCode(error)}`, replaced, removed });
  }
}

function settledStamps({ written }: Progress, now: number): ReadonlyMap<string, string> {
  const settled = [...written].filter(([, stamp]) => isSettled(stamp, now));
  return new Map(settled.map(([cluster, { text }]) => [cluster, text]));
}

function stage({ folder, manifestName, clusters }: FolderChange, progress: Progress): void {
  const view = folderView(folder);
  for (const change of clusters) {
    const present = view.hasFolder(change.cluster);
    if (present.ok && !present.value) stageFolder(folder, change, { manifestName, progress });
    else
      for (const [index, text] of change.texts().entries())
        stageFile(folder, change.paths[index] ?? "", { text, manifestName, progress });
  }
}

function stageFolder(
  folder: string,
  { cluster, paths, texts }: ClusterChange,
  { manifestName, progress }: { readonly manifestName: string; readonly progress: Progress },
): void {
  progress.at = paths[0] ?? cluster;
  makeFolder(folder, progress.made);
  const target = join(folder, cluster);
  const temporary = temporaryName(target);
  const below = paths.map((path) => path.slice(cluster.length + 1));
  const ordered = below.toSorted((a, b) => Number(a === manifestName) - Number(b === manifestName));
  mkdirSync(temporary);
  progress.staged.push({
    path: cluster,
    files: paths.length,
    isLast: false,
    commit: () => placeFolder(temporary, target, ordered),
    discard: () => rmSync(temporary, { recursive: true, force: true }),
  });
  const folders = new Set([temporary]);
  for (const [index, text] of texts().entries()) {
    progress.at = paths[index] ?? "";
    const file = `${temporary}/${below[index] ?? ""}`;
    const parent = dirname(file);
    if (!folders.has(parent)) mkdirSync(parent, { recursive: true });
    folders.add(parent);
    writeNew(file, text);
  }
  const stamp = stampFiles(temporary, below);
  if (stamp !== undefined) progress.written.set(cluster, stamp);
}

/** Puts a folder in its place. Where another run was quicker, its files come in one by one, in this order. */
function placeFolder(temporary: string, target: string, paths: readonly string[]): void {
  try {
    renameSync(temporary, target);
  } catch (error) {
    if (!["EEXIST", "ENOTEMPTY"].includes(errorCode(error))) throw error;
    const view = folderView(dirname(target));
    for (const path of paths) {
      const inTheWay = view.entryOf(`${basename(target)}/${path}`);
      if (!inTheWay.ok) throw error;
      mkdirSync(dirname(join(target, path)), { recursive: true });
      renameSync(join(temporary, path), join(target, path));
    }
    rmSync(temporary, { recursive: true, force: true });
  }
}

function stageFile(
  folder: string,
  path: string,
  {
    text,
    manifestName,
    progress,
  }: {
    readonly text: Uint8Array;
    readonly manifestName: string;
    readonly progress: Progress;
  },
): void {
  progress.at = path;
  const target = join(folder, path);
  makeFolder(dirname(target), progress.made);
  const temporary = temporaryName(target);
  progress.staged.push({
    path,
    files: 1,
    isLast: path.endsWith(`/${manifestName}`),
    commit: () => renameSync(temporary, target),
    discard: () => rmSync(temporary, { force: true }),
  });
  writeNew(temporary, text);
}

function commit(
  { folder, manifestName, stale }: FolderChange,
  progress: Progress,
  isLast: boolean,
): void {
  for (const staged of progress.staged)
    if (staged.isLast === isLast) {
      progress.at = staged.path;
      staged.commit();
      progress.replaced += staged.files;
    }
  for (const path of stale)
    if (path.endsWith(`/${manifestName}`) === isLast) {
      progress.at = path;
      removeFile(folder, path);
      progress.removed += 1;
    }
}

/** Folders that were never put in their place, as {@link temporaryName} names them. */
const LEFTOVER = /\.[0-9a-f]{12}\.tmp$/;
/** Milliseconds after which the run that staged a folder is over for sure. */
const LEFTOVER_AGE = 60 * 60 * 1000;

/** Removes the folders that a run left behind that was killed. */
function removeLeftovers(folder: string): void {
  for (const name of entriesOf(folder)) {
    if (!LEFTOVER.test(name)) continue;
    const path = join(folder, name);
    const entry = lstatSync(path, { throwIfNoEntry: false });
    if (entry?.isDirectory() === true && Date.now() - entry.mtimeMs > LEFTOVER_AGE)
      rmSync(path, { recursive: true, force: true });
  }
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // It may not be there yet; what else is wrong with it is said when it is written to.
    return [];
  }
}

function temporaryName(target: string): string {
  return `${target}.${randomBytes(6).toString("hex")}.tmp`;
}

function writeNew(path: string, text: Uint8Array): void {
  const file = openSync(path, "wx", 0o644);
  try {
    for (let done = 0; done < text.length;) done += writeSync(file, text, done, text.length - done);
  } finally {
    closeSync(file);
  }
}

/** Makes a folder and those above it, and notes the new ones, outermost first. */
function makeFolder(folder: string, made: string[]): void {
  const first = mkdirSync(folder, { recursive: true });
  if (first === undefined) return;
  const added = [folder];
  for (let path = folder; path !== first && path !== dirname(path); path = dirname(path))
    added.unshift(dirname(path));
  made.push(...added);
}

/** Removes a file and the folders that it leaves empty. */
function removeFile(folder: string, path: string): void {
  unlinkSync(join(folder, path));
  for (let parent = dirname(path); parent !== "."; parent = dirname(parent))
    if (!tryRemoveFolder(join(folder, parent))) return;
}

function tryRemoveFolder(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch {
    return false;
  }
}
