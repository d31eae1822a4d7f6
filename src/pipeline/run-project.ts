import type { RenderedFile } from "../compiler/render-cluster.ts";
import { Bug } from "../core/bug.ts";
import { hasErrors, sortDiagnostics, type Diagnostic } from "../core/diagnostic.ts";
import { digestOfText, type Digest } from "../core/digest.ts";
import type { KnownFiles } from "../core/known-files.ts";
import type { FileFailure, ProjectFiles } from "../core/ports.ts";
import type { Result } from "../core/result.ts";
import type { CompiledFile, ProjectCompiler } from "./compile-project.ts";
import { clusterLease, leaseText } from "./cluster-bounds.ts";
import { listClusters, noClusters } from "./list-clusters.ts";
import {
  giveTheSame,
  recordReads,
  type Remembered,
  type RememberedCluster,
  type RememberedFile,
  type SharedRead,
  type StoredFile,
} from "./remembered.ts";
import { isStorableName, readStoredFile, storedIdentities, storeFile } from "./remembered-store.ts";

/** A cluster that compiles, as a visitor sees it. */
export interface VisitedCluster {
  readonly name: string;
  /** What its bounds follow from, as {@link leaseText} writes it. */
  readonly lease: string;
  /** What an earlier run rendered of the very same input; undefined: not known. */
  readonly output: KnownFiles | undefined;
  /** Its files; compiles it now if that was not necessary before. */
  readonly render: () => Promise<readonly RenderedFile[]>;
}

/**
 * Looks at one cluster after the other, in the order of their files, and says what is now known of its
 * output. What it is given is dropped after that: thousands of clusters do not fit.
 */
export type Visit = (cluster: VisitedCluster) => Promise<KnownFiles | undefined>;

/** What a run needs besides the files. */
export interface RunTools {
  /** Loads the compiler only when there is something to compile. */
  readonly open: (files: ProjectFiles) => Promise<OpenCompiler>;
  /** Begins to look at clusters; a run that must begin again calls it again. */
  readonly begin: () => Visit;
  readonly remembered: Remembered | undefined;
}

/** A compiler with its renderer. */
export type OpenCompiler = ProjectCompiler & {
  readonly render: (cluster: CompiledFile["clusters"][number]) => readonly RenderedFile[];
};

/** How much of what a run knows in the end it did not know in the beginning. */
export interface News {
  /** Files that came or went, or whose text or output is another one. */
  readonly results: number;
  /** Files of which only stamps are new: without them they would have to be read again. */
  readonly stamps: number;
}

/** What became of a project. */
export interface ProjectRun {
  /** Everything that is wrong or risky in all files, in order. */
  readonly found: readonly Diagnostic[];
  readonly hasErrors: boolean;
  /** How many clusters compile. */
  readonly clusters: number;
  /** What the next run may know; undefined when what all clusters share is not sound. */
  readonly remember: Remembered | undefined;
  /** What of it this run did not know. */
  readonly news: News;
}

/**
 * Compiles every cluster of a project, or knows what came of it the last time. Both give the same: what is
 * remembered counts only when everything that it was made of is the same. Memory does not grow with what is
 * rendered.
 */
export async function runProject(files: ProjectFiles, tools: RunTools): Promise<ProjectRun> {
  const { remembered } = tools;
  const isUsable = remembered !== undefined && (await giveTheSame(files, remembered.shared));
  for (const memory of isUsable ? [remembered, undefined] : [undefined]) {
    const run = await attempt(files, tools, memory);
    if (run !== undefined) return run;
  }
  throw new Bug("a run that remembered nothing contradicted what it remembered");
}

/** A run on its way through the clusters. */
interface Walk {
  readonly files: ProjectFiles;
  readonly visit: Visit;
  readonly memory: Remembered | undefined;
  readonly compiler: () => Promise<OpenCompiler>;
  readonly found: Diagnostic[];
  readonly next: Map<string, StoredFile>;
  /** Files that are what is remembered of them. */
  readonly recalled: StoredFile[];
  /** What clusters claim that were compiled. */
  readonly claims: Set<string>;
  clusters: number;
  isSound: boolean;
  /** What is remembered and what is there do not hold together: only a run without memory can say why. */
  isContradicted: boolean;
}

/** Undefined when what is remembered and what is there contradict each other. */
async function attempt(
  files: ProjectFiles,
  { open, begin }: RunTools,
  memory: Remembered | undefined,
): Promise<ProjectRun | undefined> {
  const shared = await openShared(files, open, memory);
  if (!shared.isUsable) return unusable(shared);
  const { clusterFiles, found: inFolder } = await listClusters(files);
  const found = [...shared.found, ...inFolder];
  if (clusterFiles.length === 0 && !hasErrors(found)) found.push(noClusters());
  const walk: Walk = {
    files,
    visit: begin(),
    memory,
    compiler: shared.compiler,
    found,
    next: new Map(),
    recalled: [],
    claims: new Set(),
    clusters: 0,
    isSound: !hasErrors(found),
    isContradicted: false,
  };
  for (const file of clusterFiles) {
    await lookAt(walk, file);
    if (walk.isContradicted || shared.hasChanged()) return undefined;
  }
  if (isClaimedTwice(walk)) return undefined;
  return {
    found: sortDiagnostics(found),
    hasErrors: !walk.isSound,
    clusters: walk.clusters,
    remember: hasErrors(shared.found)
      ? undefined
      : { shared: shared.reads, found: shared.found, files: walk.next },
    news: newsOf(walk),
  };
}

/** What all clusters share, read or remembered. */
interface Shared {
  readonly found: readonly Diagnostic[];
  readonly isUsable: boolean;
  readonly reads: readonly SharedRead[];
  readonly compiler: () => Promise<OpenCompiler>;
  /** Whether it is other than it was when it was compared with what is remembered. */
  readonly hasChanged: () => boolean;
}

async function openShared(
  files: ProjectFiles,
  open: RunTools["open"],
  memory: Remembered | undefined,
): Promise<Shared> {
  const recorded = recordReads(files);
  if (memory === undefined) {
    const compiler = await open(recorded);
    return {
      found: compiler.found,
      isUsable: compiler.isProject,
      reads: recorded.reads,
      compiler: async () => compiler,
      hasChanged: () => false,
    };
  }
  let opened: OpenCompiler | undefined;
  let hasChanged = false;
  const compiler = async (): Promise<OpenCompiler> => {
    if (opened !== undefined) return opened;
    opened = await open(recorded);
    hasChanged = JSON.stringify(recorded.reads) !== JSON.stringify(memory.shared);
    return opened;
  };
  const { found, shared: reads } = memory;
  return { found, isUsable: true, reads, compiler, hasChanged: () => hasChanged };
}

function unusable({ found }: Shared): ProjectRun {
  return {
    found: sortDiagnostics(found),
    hasErrors: true,
    clusters: 0,
    remember: undefined,
    news: { results: 0, stamps: 0 },
  };
}

/** Whether what was compiled claims what is remembered of another file. Those compiled were compared by it. */
function isClaimedTwice({ recalled, claims }: Walk): boolean {
  if (claims.size === 0) return false;
  return recalled.some((stored) => storedIdentities(stored).some((key) => claims.has(key)));
}

function newsOf({ memory, next }: Walk): News {
  let [results, stamps] = [0, 0];
  for (const [file, stored] of next) {
    const before = memory?.files.get(file);
    if (before === stored) continue;
    if (before !== undefined && isSameResult(readStoredFile(before), readStoredFile(stored)))
      stamps += 1;
    else results += 1;
  }
  for (const file of memory?.files.keys() ?? []) if (!next.has(file)) results += 1;
  return { results, stamps };
}

function isSameResult(a: RememberedFile, b: RememberedFile): boolean {
  const [before, after] = [a, b].map(({ clusters }) =>
    clusters.map(({ output }) => output?.manifest ?? "").join(" "),
  );
  return a.text === b.text && before === after;
}

async function lookAt(walk: Walk, file: string): Promise<void> {
  const stored = walk.memory?.files.get(file);
  const known = stored === undefined ? undefined : readStoredFile(stored);
  // Before the text is read: a file that changes meanwhile gets another one.
  const stamp = walk.files.stamp?.(file);
  if (stored !== undefined && known !== undefined && stamp !== undefined && known.stamp === stamp)
    return recall(walk, file, { stored, known, stamp });
  const read = await walk.files.read(file);
  const text = read.ok ? digestOfText(read.value) : undefined;
  return stored !== undefined && known !== undefined && known.text === text
    ? recall(walk, file, { stored, known, stamp })
    : compile(walk, file, { read, text, stamp });
}

/** What is remembered of a file that is as it was. */
interface Recalled {
  readonly stored: StoredFile;
  readonly known: RememberedFile;
  readonly stamp: string | undefined;
}

/** Takes over what came of the same text before. */
async function recall(walk: Walk, file: string, { stored, known, stamp }: Recalled): Promise<void> {
  walk.recalled.push(stored);
  walk.found.push(...known.found);
  let again: Promise<CompiledFile> | undefined;
  const clusters: RememberedCluster[] = [];
  for (const cluster of known.clusters) {
    const { name, lease, output } = cluster;
    const render = async (): Promise<readonly RenderedFile[]> => {
      again ??= compileAgain(walk, file, known);
      return renderNamed(walk, await again, name);
    };
    walk.clusters += 1;
    const seen = walk.isSound ? await walk.visit({ name, lease, output, render }) : output;
    clusters.push(seen === output ? cluster : { name, lease, output: seen });
  }
  const isSame =
    known.stamp === stamp && clusters.every((cluster, index) => cluster === known.clusters[index]);
  if (isSame) walk.next.set(file, stored);
  else remember(walk, file, { ...known, stamp, clusters }, storedIdentities(stored));
}

function remember(
  { next }: Walk,
  file: string,
  known: RememberedFile,
  identities: readonly string[],
): void {
  const stored = storeFile(known, identities);
  if (stored !== undefined && isStorableName(file)) next.set(file, stored);
}

async function compileAgain(
  walk: Walk,
  file: string,
  known: RememberedFile,
): Promise<CompiledFile> {
  const compiler = await walk.compiler();
  const read = await walk.files.read(file);
  // It may have changed since it was looked at.
  if (!read.ok || digestOfText(read.value) !== known.text) walk.isContradicted = true;
  return compiler.compile(file, read);
}

async function renderNamed(
  walk: Walk,
  { clusters }: CompiledFile,
  name: string,
): Promise<readonly RenderedFile[]> {
  const cluster = clusters.find(({ resolved }) => resolved.name === name);
  if (cluster === undefined) walk.isContradicted = true;
  return cluster === undefined ? [] : (await walk.compiler()).render(cluster);
}

/** A cluster's file as it was read. */
interface ReadCluster {
  readonly read: Result<string, FileFailure>;
  /** Digest of its text; undefined when it cannot be read. */
  readonly text: Digest | undefined;
  readonly stamp: string | undefined;
}

async function compile(
  walk: Walk,
  file: string,
  { read, text, stamp }: ReadCluster,
): Promise<void> {
  const compiler = await walk.compiler();
  const { clusters, found, identities, isTimeless } = compiler.compile(file, read);
  const keys = identities.map(({ key }) => key);
  for (const key of keys) walk.claims.add(key);
  walk.found.push(...found);
  walk.isSound &&= !hasErrors(found);
  const seen: RememberedCluster[] = [];
  for (const cluster of clusters) {
    const { name } = cluster.resolved;
    const lease = leaseText(clusterLease(cluster));
    const render = async (): Promise<readonly RenderedFile[]> => compiler.render(cluster);
    walk.clusters += 1;
    const output = walk.isSound
      ? await walk.visit({ name, lease, output: undefined, render })
      : undefined;
    seen.push({ name, lease, output });
  }
  // What is found by the time must be looked for every time.
  if (text === undefined || !isTimeless || hasErrors(found)) return;
  remember(walk, file, { text, stamp, found, clusters: seen }, keys);
}
