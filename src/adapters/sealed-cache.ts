import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { digestOfText } from "../core/digest.ts";
import { isOutside } from "./project-folder.ts";

/**
 * A place outside the project that keeps some bytes for it between runs. It may lose them at any time, and
 * it gives back only what this user wrote for this project on this machine, with this very program.
 */
export interface SealedCache {
  /** Undefined when there is none, or none that can be trusted. */
  readonly load: () => Buffer | undefined;
  /** Does nothing when it cannot be kept: a cache is no reason to fail. */
  readonly save: (content: Uint8Array) => void;
}

/** What a cache belongs to. */
export interface CacheOwner {
  readonly projectRoot: string;
  /** Names the program exactly: what another one wrote is not understood. */
  readonly producer: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The most that is read back. */
const MAX_BYTES = 256 * 1024 * 1024;
const KEY_BYTES = 32;
const SEAL_BYTES = 32;
const KEY_NAME = "cache-key";
/** Projects for which something is kept, the ones used last. */
const MAX_PROJECTS = 32;

/**
 * Finds the cache of a project: a file below `$XDG_CACHE_HOME`, sealed with a key that stays below
 * `$XDG_STATE_HOME`, so that a cache folder that comes from somewhere else (a build server hands them around) is
 * worth nothing. Undefined when these folders are not this user's alone, or lie in the project's work
 * tree, where a commit could bring them along.
 */
export function sealedCache({
  projectRoot,
  producer,
  environment,
}: CacheOwner): SealedCache | undefined {
  const cacheHome = homeFolder(environment, "XDG_CACHE_HOME", ".cache");
  const stateHome = homeFolder(environment, "XDG_STATE_HOME", ".local/state");
  const root = attempt(() => realpathSync.native(projectRoot));
  if (cacheHome === undefined || stateHome === undefined || root === undefined) return undefined;
  const place: Place = {
    workTree: workTreeOf(root),
    cacheFolder: join(cacheHome, "quorate"),
    stateFolder: join(stateHome, "quorate"),
    name: digestOfText(root).slice(0, 32),
    label: `${producer}\n${root}\n`,
  };
  return {
    load: () => attempt(() => load(place)),
    save: (content) => {
      attempt(() => save(place, content));
    },
  };
}

interface Place {
  readonly workTree: string;
  readonly cacheFolder: string;
  readonly stateFolder: string;
  readonly name: string;
  /** Sealed with the content, so that a file cannot stand in for another one. */
  readonly label: string;
}

/** Whatever goes wrong with a cache means that there is none. */
function attempt<Value>(action: () => Value): Value | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function homeFolder(
  environment: CacheOwner["environment"],
  variable: string,
  below: string,
): string | undefined {
  const named = environment[variable];
  if (named !== undefined && isAbsolute(named)) return named;
  const home = environment["HOME"];
  return home !== undefined && isAbsolute(home) ? join(home, below) : undefined;
}

/** The work tree that a project lies in: everything that a commit could bring along. */
function workTreeOf(root: string): string {
  for (let folder = root; ; folder = dirname(folder)) {
    if (lstatSync(join(folder, ".git"), { throwIfNoEntry: false }) !== undefined) return folder;
    if (folder === dirname(folder)) return root;
  }
}

function load(place: Place): Buffer | undefined {
  const sealed = readOwn(place, place.cacheFolder, place.name);
  const key = sealed === undefined ? undefined : readKey(place);
  if (sealed === undefined || key === undefined) return undefined;
  const content = sealed.subarray(SEAL_BYTES);
  const seal = sealed.subarray(0, SEAL_BYTES);
  return timingSafeEqual(sealOf(place, key, content), seal) ? content : undefined;
}

function save(place: Place, content: Uint8Array): void {
  for (const folder of [place.cacheFolder, place.stateFolder]) makeOwn(place, folder);
  const key = readKey(place) ?? makeKey(place);
  if (key === undefined || !isOwnFolder(place, place.cacheFolder)) return;
  const file = join(place.cacheFolder, place.name);
  const temporary = temporaryName(file);
  try {
    writeFileSync(temporary, sealOf(place, key, content), { mode: 0o600, flag: "wx" });
    appendFileSync(temporary, content);
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
  forgetOldest(place);
}

function sealOf({ label }: Place, key: Uint8Array, content: Uint8Array): Buffer {
  return createHmac("sha256", key).update(label).update(content).digest();
}

/** It appears whole or not at all; of two runs that make it at the same time, the first counts for both. */
function makeKey(place: Place): Buffer | undefined {
  if (!isOwnFolder(place, place.stateFolder)) return undefined;
  const file = join(place.stateFolder, KEY_NAME);
  const temporary = temporaryName(file);
  // Called when there is no key that is whole.
  if (readOwn(place, place.stateFolder, KEY_NAME) !== undefined) rmSync(file);
  try {
    writeFileSync(temporary, randomBytes(KEY_BYTES), { mode: 0o600, flag: "wx" });
    attempt(() => linkSync(temporary, file));
  } finally {
    rmSync(temporary, { force: true });
  }
  return readKey(place);
}

function readKey(place: Place): Buffer | undefined {
  const key = readOwn(place, place.stateFolder, KEY_NAME);
  return key?.length === KEY_BYTES ? key : undefined;
}

function temporaryName(file: string): string {
  return `${file}.${randomBytes(6).toString("hex")}.tmp`;
}

/** Makes a folder for this user alone, unless that would be in somebody else's or in the work tree. */
function makeOwn({ workTree }: Place, folder: string): void {
  let above = folder;
  while (lstatSync(above, { throwIfNoEntry: false }) === undefined) above = dirname(above);
  if (above === folder || statSync(above).uid !== process.geteuid?.()) return;
  if (!isOutside(workTree, realpathSync.native(above))) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
}

function isOwnFolder({ workTree }: Place, folder: string): boolean {
  const entry = lstatSync(folder, { throwIfNoEntry: false });
  if (entry?.isDirectory() !== true || !isOwn(entry)) return false;
  return isOutside(workTree, realpathSync.native(folder));
}

function isOwn({ uid, mode }: Stats): boolean {
  return uid === process.geteuid?.() && (mode & 0o022) === 0;
}

/** The bytes of a file that only this user could have written; undefined: there is none. */
function readOwn(place: Place, folder: string, name: string): Buffer | undefined {
  if (!isOwnFolder(place, folder)) return undefined;
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = attempt(() => openSync(join(folder, name), flags));
  if (file === undefined) return undefined;
  try {
    const entry = fstatSync(file);
    return entry.isFile() && isOwn(entry) && entry.size <= MAX_BYTES
      ? readFileSync(file)
      : undefined;
  } finally {
    closeSync(file);
  }
}

/** The names of projects, and what a run that was killed left of one. */
const OWN_NAME = /^[0-9a-f]{32}(?:\.[0-9a-f]{12}\.tmp)?$/;

function forgetOldest({ cacheFolder }: Place): void {
  const kept = readdirSync(cacheFolder)
    .filter((name) => OWN_NAME.test(name))
    .map((name) => ({ name, at: lstatSync(join(cacheFolder, name)).mtimeMs }))
    .toSorted((a, b) => b.at - a.at);
  for (const { name } of kept.slice(MAX_PROJECTS)) rmSync(join(cacheFolder, name));
}
