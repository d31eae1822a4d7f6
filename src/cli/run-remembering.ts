import { setFlagsFromString } from "node:v8";
import { projectFolder } from "../adapters/project-folder.ts";
import { sealedCache, type SealedCache } from "../adapters/sealed-cache.ts";
import type { Remembered, StoredFile } from "../pipeline/remembered.ts";
import {
  readStoredFile,
  restoreRemembered,
  storedIdentities,
  storeFile,
  storeRemembered,
} from "../pipeline/remembered-store.ts";
import {
  runProject,
  type OpenCompiler,
  type ProjectRun,
  type Visit,
} from "../pipeline/run-project.ts";
import type { Instant } from "../core/instant.ts";
import type { ProjectFiles } from "../core/ports.ts";
import type { CommandContext } from "./command-context.ts";
import { QUORATE_BUILD, QUORATE_VERSION } from "./quorate-version.ts";

/** Clusters from which on remembering takes less time than compiling. */
const WORTH_REMEMBERING = 20;

/** To save all costs about as much as to read this part of the files again. */
const STAMPS_WORTH_SAVING = 8;

/** A run, and the way to remember it for the next one. */
export interface RememberingRun extends ProjectRun {
  /** `stamps` of files that were written since, by cluster. */
  readonly keep: (stamps: ReadonlyMap<string, string>) => void;
}

/** Runs a project with what the last run remembered of it; with `useCache: false` as if there had been none. */
export async function runRemembering(
  context: CommandContext,
  { useCache, begin }: { readonly useCache: boolean; readonly begin: () => Visit },
): Promise<RememberingRun> {
  if (process.versions.v8.startsWith(OPTIMIZE_LATE.v8)) setFlagsFromString(OPTIMIZE_LATE.flag);
  const projectRoot = context.projectRoot();
  const now = context.now();
  const cache = useCache ? cacheOf(projectRoot) : undefined;
  const stored = cache?.load()?.toString("latin1");
  const remembered = stored === undefined ? undefined : restoreRemembered(stored);
  const run = await runProject(projectFolder(projectRoot), {
    open: (files) => openCompiler(files, now),
    begin,
    remembered,
  });
  return { ...run, keep: (stamps) => keep(cache, run, stamps) };
}

/**
 * How much of a function Node 20 runs before it optimizes it: four times what it does for servers, because a
 * thousand clusters are compiled before that work pays (a sixth less CPU; five thousand take 1 % more). Later
 * versions have a quick compiler in between, and no such flag.
 */
const OPTIMIZE_LATE = { v8: "11.3.", flag: "--interrupt-budget=270336" };

/** The compiler is the larger part of the program: it is loaded when something must be compiled. */
async function openCompiler(files: ProjectFiles, now: Instant): Promise<OpenCompiler> {
  const { openCompiler: open, renderCluster } = await import("./load-compiler.ts");
  const compiler = await open(files, { now });
  return { ...compiler, render: (cluster) => renderCluster(cluster, QUORATE_VERSION) };
}

function cacheOf(projectRoot: string): SealedCache | undefined {
  if (QUORATE_BUILD === undefined) return undefined;
  const producer = `${QUORATE_VERSION} ${QUORATE_BUILD} node ${process.version}`;
  return sealedCache({ projectRoot, producer, environment: process.env });
}

function keep(
  cache: SealedCache | undefined,
  { remember, news, clusters }: ProjectRun,
  stamps: ReadonlyMap<string, string>,
): void {
  if (cache === undefined || remember === undefined || clusters < WORTH_REMEMBERING) return;
  const isNew = news.results > 0 || news.stamps * STAMPS_WORTH_SAVING > remember.files.size;
  if (isNew) cache.save(Buffer.from(storeRemembered(withStamps(remember, stamps)), "latin1"));
}

function withStamps(remembered: Remembered, stamps: ReadonlyMap<string, string>): Remembered {
  if (stamps.size === 0) return remembered;
  const files = [...remembered.files].map(([file, stored]): readonly [string, StoredFile] => [
    file,
    withStamp(stored, stamps),
  ]);
  return { ...remembered, files: new Map(files) };
}

function withStamp(stored: StoredFile, stamps: ReadonlyMap<string, string>): StoredFile {
  const known = readStoredFile(stored);
  if (!known.clusters.some(({ name }) => stamps.has(name))) return stored;
  const clusters = known.clusters.map((cluster) => {
    const stamp = stamps.get(cluster.name);
    if (stamp === undefined || cluster.output === undefined) return cluster;
    return { ...cluster, output: { ...cluster.output, stamp } };
  });
  return storeFile({ ...known, clusters }, storedIdentities(stored)) ?? stored;
}
