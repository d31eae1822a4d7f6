import { readdirSync, type Stats } from "node:fs";
import { join } from "node:path";
import { digestOfText } from "../core/digest.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import type { KnownFiles } from "../core/known-files.ts";
import { err, ok, type Result } from "../core/result.ts";
import { haveStamp, isSettled, stampFiles, type FileStamp } from "./file-stamp.ts";
import { folderView, type FolderView } from "./folder-view.ts";
import { errorCode, readTextFileSync } from "./read-text-file.ts";

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

/** The only files of a cluster that are ever removed, whatever a manifest says. */
const REMOVABLE =
  /^(?:dcs\.yaml|nodes\/(?!\.{1,2}\/)[^/\\]+\/(?:patroni\.yml|patroni\.service\.d\/quorate\.conf|secrets\.env\.example))$/;

/** How the files of one cluster compare with what they should be. */
export interface ComparedFiles {
  /** Empty when they are current. */
  readonly differences: readonly FolderDifference[];
  /** How to find them unchanged the next time. Holds once the differences are gone. */
  readonly known: KnownFiles;
}

/**
 * A folder that is compared with the files that it should hold, one cluster at a time. No link below it is
 * followed: one in the way is a failure, and so is anything else that is no regular file where one is wanted.
 */
export interface RenderedFolder {
  readonly compare: (cluster: string, wanted: readonly TextFile[]) => Result<ComparedFiles, string>;
  /** What is now known of a cluster's files; undefined when they are not what they were, or not for sure. */
  readonly recognise: (cluster: string, files: KnownFiles) => KnownFiles | undefined;
  /**
   * The files that the manifest of an earlier run lists and that were asked for in no call before. Files that
   * no manifest lists belong to somebody else and are not looked at.
   */
  readonly findStale: () => Result<readonly FolderDifference[], string>;
}

/** Opens a folder, which need not exist. Its manifests are the files of this name in its sub-folders. */
export function renderedFolder(folder: string, manifestName: string): RenderedFolder {
  const asked: Asked = {
    folder,
    manifestName,
    view: folderView(folder),
    current: new Set(),
    names: undefined,
    wanted: new Map(),
  };
  return {
    compare: (cluster, wanted) => compareCluster(asked, cluster, wanted),
    recognise: (cluster, files) => recogniseCluster(asked, cluster, files),
    findStale: () => findStale(asked),
  };
}

interface Asked {
  readonly folder: string;
  readonly manifestName: string;
  readonly view: FolderView;
  /** Clusters whose manifest is as wanted: it lists no stale file. */
  readonly current: Set<string>;
  /** The folders in it, once they were looked for. */
  names: Result<ReadonlySet<string>, string> | undefined;
  /** What else was asked for, by cluster. */
  readonly wanted: Map<string, ReadonlySet<string>>;
}

function compareCluster(
  asked: Asked,
  cluster: string,
  wanted: readonly TextFile[],
): Result<ComparedFiles, string> {
  const { folder, manifestName, view } = asked;
  const paths = wanted.map(({ path }) => path.slice(cluster.length + 1));
  const own = view.hasFolder(cluster);
  if (!own.ok) return own;
  const before = own.value ? stampFiles(`${folder}/${cluster}`, paths) : undefined;
  const compared = own.value ? differencesOf(asked, wanted) : ok(wanted.map(missing));
  if (!compared.ok) return compared;
  const differences = compared.value;
  const manifestPath = `${cluster}/${manifestName}`;
  const manifest = wanted.find(({ path }) => path === manifestPath);
  if (manifest !== undefined && !differences.some(({ path }) => path === manifestPath))
    asked.current.add(cluster);
  else if (own.value) asked.wanted.set(cluster, new Set(wanted.map(({ path }) => path)));
  const stamp = differences.length === 0 ? settled(before) : undefined;
  return ok({
    differences,
    known: { paths, manifest: digestOfText(manifest?.text ?? ""), stamp },
  });
}

function missing({ path }: TextFile): FolderDifference {
  return { path, kind: "missing" };
}

function differencesOf(
  asked: Asked,
  wanted: readonly TextFile[],
): Result<readonly FolderDifference[], string> {
  const differences: FolderDifference[] = [];
  for (const file of wanted) {
    const entry = asked.view.entryOf(file.path);
    if (!entry.ok) return entry;
    if (entry.value === undefined) differences.push(missing(file));
    else if (!holds(asked, file, entry.value))
      differences.push({ path: file.path, kind: "different" });
  }
  return ok(differences);
}

/** A file that cannot be read is not as wanted: replacing it puts it right. */
function holds({ folder }: Asked, { path, text }: TextFile, { size }: Stats): boolean {
  const length = Buffer.byteLength(text);
  if (size !== length) return false;
  const present = readTextFileSync(join(folder, path), length + 1);
  return present.ok && present.value === text;
}

function settled(stamp: FileStamp | undefined): string | undefined {
  return stamp !== undefined && isSettled(stamp, Date.now()) ? stamp.text : undefined;
}

function recogniseCluster(
  asked: Asked,
  cluster: string,
  files: KnownFiles,
): KnownFiles | undefined {
  const { folder } = asked;
  const names = namesIn(asked);
  if (!names.ok || !names.value.has(cluster)) return undefined;
  const { paths, stamp: last } = files;
  if (last !== undefined && haveStamp(`${folder}/${cluster}`, paths, last)) {
    asked.current.add(cluster);
    return files;
  }
  const before = stampFiles(`${folder}/${cluster}`, paths);
  if (before === undefined || !haveDigests(asked, cluster, files)) return undefined;
  asked.current.add(cluster);
  const stamp = settled(before);
  return stamp === files.stamp ? files : { ...files, stamp };
}

/** Whether the manifest is the one that is known, and every file has the digest that it says. */
function haveDigests(
  { folder, manifestName }: Asked,
  cluster: string,
  { paths, manifest }: KnownFiles,
): boolean {
  const text = readTextFileSync(join(folder, cluster, manifestName));
  if (!text.ok || digestOfText(text.value) !== manifest) return false;
  const listed = filesIn(text.value, cluster) ?? {};
  const others = paths.filter((path) => path !== manifestName);
  return (
    Object.keys(listed).length === others.length &&
    others.every((path) => {
      const content = readTextFileSync(join(folder, cluster, path));
      return content.ok && digestOfText(content.value) === listed[path];
    })
  );
}

function findStale(asked: Asked): Result<readonly FolderDifference[], string> {
  const names = namesIn(asked);
  if (!names.ok) return names;
  const found: FolderDifference[] = [];
  for (const name of names.value) {
    if (asked.current.has(name)) continue;
    for (const path of manifestedFiles(asked, name)) {
      if (asked.wanted.get(name)?.has(path) === true) continue;
      const entry = asked.view.entryOf(path);
      if (!entry.ok) return entry;
      if (entry.value !== undefined) found.push({ path, kind: "stale" });
    }
  }
  return ok(found);
}

/** What the manifest in a folder lists, and the manifest itself; empty when it is not one of Quorate. */
function manifestedFiles({ folder, manifestName, view }: Asked, name: string): readonly string[] {
  const manifest = `${name}/${manifestName}`;
  const entry = view.entryOf(manifest);
  if (!entry.ok || entry.value === undefined) return [];
  const text = readTextFileSync(join(folder, manifest));
  const files = text.ok ? filesIn(text.value, name) : undefined;
  if (files === undefined) return [];
  const removable = Object.keys(files).filter((path) => REMOVABLE.test(path));
  return [...removable.map((path) => `${name}/${path}`), manifest];
}

/** The files that a manifest of Quorate lists, with their digests; undefined: it is something else's. */
function filesIn(manifest: string, cluster: string): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(manifest);
    if (!isJsonObject(parsed) || parsed["cluster"] !== cluster) return undefined;
    const files = parsed["files"];
    return isJsonObject(files) ? files : undefined;
  } catch {
    return undefined;
  }
}

function namesIn(asked: Asked): Result<ReadonlySet<string>, string> {
  asked.names ??= folderNames(asked.folder);
  return asked.names;
}

function folderNames(folder: string): Result<ReadonlySet<string>, string> {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return ok(new Set(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)));
  } catch (error) {
    const code = errorCode(error);
    return code === "ENOENT" ? ok(new Set()) : err(code);
  }
}
