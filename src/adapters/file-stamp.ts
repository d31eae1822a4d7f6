import { lstatSync, statfsSync, type Stats } from "node:fs";

/** Milliseconds after which a time of change cannot come again: two ticks of the slowest kernel clock. */
const FINE_TICK = 20;
/** The same where a file system counts whole seconds. */
const COARSE_TICK = 3000;

/** What the directory entries of some files say. */
export interface FileStamp {
  /**
   * Changes whenever the content of a file does: only the kernel sets the time of an inode's last change
   * (`ctime`), and it sets it to now. (Not for a page that a program has mapped and made dirty before: then
   * the kernel sees no second write until the page was on the disk.)
   */
  readonly text: string;
  /** The last change of any of them, in milliseconds since 1970. */
  readonly changedMs: number;
}

/**
 * Whether what changes from now on must get another stamp. Right after a change a file could change again
 * within the same tick of the clock: git calls such an entry racy, and reads the file instead.
 */
export function isSettled({ changedMs }: FileStamp, nowMs: number): boolean {
  return nowMs - changedMs > (changedMs % 1000 === 0 ? COARSE_TICK : FINE_TICK);
}

/** The stamp of one regular file; undefined when there is none, a link, or one on a file system of another machine. */
export function stampFile(path: string): FileStamp | undefined {
  const entry = entryAt(path);
  if (entry?.isFile() !== true || !isLocal(path, entry)) return undefined;
  return { text: markOf(entry), changedMs: entry.ctimeMs };
}

/**
 * File systems whose `ctime` this machine's own kernel sets: ext2 to ext4, XFS, Btrfs, tmpfs, overlay, ZFS and
 * F2FS. Another machine's (NFS) answers late, and those that only have an `mtime` (vfat, sshfs) take it back.
 *
 * @see linux/include/uapi/linux/magic.h
 */
const LOCAL_TYPES: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1, 0xf2f52010,
]);

/** What is known of the devices that files lie on. */
const localDevices = new Map<number, boolean>();

function isLocal(path: string, { dev }: Stats): boolean {
  const known = localDevices.get(dev);
  if (known !== undefined) return known;
  const found = LOCAL_TYPES.has(fileSystemType(path));
  localDevices.set(dev, found);
  return found;
}

function fileSystemType(path: string): number {
  try {
    return statfsSync(path).type;
  } catch {
    return 0;
  }
}

/**
 * The stamp of files below a folder, in their order. Undefined when one is missing, or when it or a folder on
 * the way to it is a link or something else.
 */
export function stampFiles(folder: string, paths: readonly string[]): FileStamp | undefined {
  return stampWith(folder, paths, foldersOf(paths));
}

/** Whether the stamp of files is still the one that they had; quicker than to make it anew. */
export function haveStamp(folder: string, paths: readonly string[], stamp: string): boolean {
  // What stands in a pinned folder cannot have become something else without another stamp.
  const folders = foldersOf(paths).filter(({ isInPinned }) => !isInPinned);
  return stampWith(folder, paths, folders)?.text === stamp;
}

function stampWith(
  folder: string,
  paths: readonly string[],
  folders: readonly LookedAt[],
): FileStamp | undefined {
  let [text, changedMs] = ["", 0];
  for (const { path, isPinned } of folders) {
    const entry = entryAt(`${folder}/${path}`);
    if (entry?.isDirectory() !== true) return undefined;
    if (!isPinned) continue;
    text += `${markOf(entry)}/`;
    changedMs = Math.max(changedMs, entry.ctimeMs);
  }
  for (const path of paths) {
    const entry = entryAt(`${folder}/${path}`);
    if (entry?.isFile() !== true || !isLocal(folder, entry)) return undefined;
    text += `${markOf(entry)}/`;
    changedMs = Math.max(changedMs, entry.ctimeMs);
  }
  return { text, changedMs };
}

/** A folder on the way to a file. */
interface LookedAt {
  readonly path: string;
  /** Its own entry is part of the stamp: nothing in it can have been put in the place of something else. */
  readonly isPinned: boolean;
  readonly isInPinned: boolean;
}

/** The folders of files, outermost first. Every second one that holds folders is pinned. */
function foldersOf(paths: readonly string[]): readonly LookedAt[] {
  const hasFolders = new Map<string, boolean>();
  const note = (folder: string): void => {
    if (folder === "" || hasFolders.has(folder)) return;
    const above = parentOf(folder);
    note(above);
    hasFolders.set(folder, false);
    if (above !== "") hasFolders.set(above, true);
  };
  let last = "";
  for (const path of paths) {
    const folder = parentOf(path);
    if (folder !== last) note(folder);
    last = folder;
  }
  const pinned = new Set<string>();
  return [...hasFolders].map(([path, holdsFolders]) => {
    const isInPinned = pinned.has(parentOf(path));
    const isPinned = holdsFolders && !isInPinned;
    if (isPinned) pinned.add(path);
    return { path, isPinned, isInPinned };
  });
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function markOf({ ino, size, ctimeMs }: Stats): string {
  return `${ino} ${size} ${ctimeMs}`;
}

function entryAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
