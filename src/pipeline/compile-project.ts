import { hasErrors, sortDiagnostics, type Diagnostic } from "../core/diagnostic.ts";
import { compareText } from "../core/json.ts";
import type { Instant } from "../core/instant.ts";
import type { FileFailure, ProjectFiles } from "../core/ports.ts";
import type { Result } from "../core/result.ts";
import { compileCluster } from "../compiler/compile-cluster.ts";
import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import { checkPauseEnd } from "../intent/check-pause.ts";
import { ALL_FITS } from "../intent/possible-readings.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import type { ResolvedProject } from "../intent/resolve-project.ts";
import { deriveSettings } from "../policy/derive-settings.ts";
import { celExpressions, type Expressions } from "../policy/expression.ts";
import { findTier, shapeOf } from "../policy/find-tier.ts";
import { TIER_FOLDER, type Tier } from "../policy/tier.ts";
import { assignConfirming } from "../topology/assign-confirming.ts";
import { deriveTopology } from "../topology/derive-topology.ts";
import { certainErrors, isAmong } from "./certain-errors.ts";
import { identitiesOf, uniqueIdentities, type Identity } from "./identities.ts";
import { listClusters, noClusters } from "./list-clusters.ts";
import {
  loadShared,
  misfitsOf,
  readIntent,
  resolveIntent,
  writtenSource,
  type ReadProject,
  type ResolvedIntent,
  type SharedProject,
} from "./load-project.ts";

/** A project after every stage up to compilation. */
export interface CompiledProject {
  /** Undefined when `quorate.yaml` cannot be read, or holds a value that does not fit. */
  readonly project: ResolvedProject | undefined;
  /** The clusters that could be compiled, by name. Complete only when no finding is an error. */
  readonly clusters: readonly CompiledCluster[];
  /** Everything that is wrong or risky in all files, in order. */
  readonly found: readonly Diagnostic[];
  readonly hasErrors: boolean;
}

/**
 * Takes a project from text to compiled clusters: the whole flow up to rendering, on one screen. What is compiled
 * does not depend on the time; with `now`, what has ended by then is found as well.
 */
export async function compileProject(
  files: ProjectFiles,
  time: CompileTime = {},
): Promise<CompiledProject> {
  const compiler = await openCompiler(files, time);
  const { project } = compiler;
  if (!compiler.isProject) return finish(undefined, [], compiler.found);
  const listed = await listClusters(files);
  const clusters: CompiledCluster[] = [];
  const all: Diagnostic[] = [...compiler.found, ...listed.found];
  if (listed.clusterFiles.length === 0 && !hasErrors(all)) all.push(noClusters());
  for (const file of listed.clusterFiles) {
    const compiled = compiler.compile(file, await files.read(file));
    all.push(...compiled.found);
    clusters.push(...compiled.clusters);
  }
  return finish(project, clusters, all);
}

/** The moment by which what ends is judged; without it nothing of that kind is found. */
export interface CompileTime {
  readonly now?: Instant;
}

/** What became of one cluster's file. */
export interface CompiledFile {
  /** What it compiles to; empty when an error stands in its way: its own, or one in a tier. */
  readonly clusters: readonly CompiledCluster[];
  readonly found: readonly Diagnostic[];
  /** What no other cluster may have; empty when the file cannot be read as a cluster. */
  readonly identities: readonly Identity[];
  /** False when at another time something else could be found. */
  readonly isTimeless: boolean;
}

/** A project whose clusters are compiled one after the other. */
export interface ProjectCompiler {
  /** False when there is no `quorate.yaml`: then no cluster is looked at. */
  readonly isProject: boolean;
  /** Undefined when `quorate.yaml` cannot be read, or holds a value that does not fit: then nothing compiles. */
  readonly project: ResolvedProject | undefined;
  /** What is wrong with the files that all clusters share. */
  readonly found: readonly Diagnostic[];
  /**
   * Compiles the file of one cluster, given what reading it gave. Of those that came before, only what must
   * be unique is remembered.
   */
  readonly compile: (file: string, text: Result<string, FileFailure>) => CompiledFile;
}

/** Reads what the clusters of a project share. */
export async function openCompiler(
  files: ProjectFiles,
  time: CompileTime = {},
): Promise<ProjectCompiler> {
  const expressions = celExpressions();
  return compilerOf(await loadShared(files, expressions), expressions, time);
}

function compilerOf(
  shared: SharedProject,
  expressions: Expressions,
  { now }: CompileTime,
): ProjectCompiler {
  const { projects, tiers, found, unfit } = shared;
  const takenBefore = uniqueIdentities();
  const tools = { ...wholeTiers(shared), expressions, now };
  const compile = (file: string, text: Result<string, FileFailure>): CompiledFile => {
    const [project] = projects;
    const written = writtenSource(file, text);
    if (project === undefined) {
      const misfits = misfitsOf(file, written, shared.written);
      return { clusters: [], found: misfits, identities: [], isTimeless: true };
    }
    const read = readIntent(written, project, tiers.keys());
    const [first] = read.readings;
    const intent = first && resolveIntent(first, project);
    const resolved = intent?.clusters ?? [];
    // The names of its followers are made of its own.
    const isNamed =
      first === undefined || !isAmong(read.unfit.places, first.source.at(["cluster"]));
    const identities = resolved
      .flatMap(identitiesOf)
      .filter(({ kind, at }) => !isAmong(read.unfit.places, at) && (isNamed || kind !== "cluster"));
    const taken = takenBefore(identities);
    const isTimeless = resolved.every(({ pause }) => pause === undefined);
    if (unfit === undefined && intent !== undefined && read.found.length === 0) {
      const whole = { ...intent, found: [...intent.found, ...taken] };
      return { ...judge(file, whole, tools), identities, isTimeless };
    }
    const errors = certainErrors(
      projects.entries(),
      (other) => errorsIn(file, written, other),
      unfit ?? ALL_FITS,
    );
    return { clusters: [], found: [...errors, ...taken], identities, isTimeless };
  };
  /** Of one reading of the project: what is wrong with a file, whatever is meant where values do not fit. */
  const errorsIn = (
    file: string,
    written: ReturnType<typeof writtenSource>,
    [index, project]: readonly [number, ReadProject],
  ): readonly Diagnostic[] => {
    const read = readIntent(written, project, tiers.keys());
    // Not every reading of the one with every reading of the other: that would be a thousand.
    const shares = index === 0 ? 1 : Math.min(8, read.readings.length);
    const share = read.readings.filter((_, turn) => turn % shares === index % shares);
    const errors = certainErrors(
      share,
      (reading) => judge(file, resolveIntent(reading, project), tools).found,
      read.unfit,
    );
    return [...read.found, ...errors];
  };
  return {
    isProject: shared.isProject,
    project: unfit === undefined ? projects[0]?.project : undefined,
    found,
    compile,
  };
}

/** What a broken tier would have set is not known: to say more of its clusters would only mislead. */
function wholeTiers({ tiers, found }: SharedProject): Pick<Judging, "tiers" | "areTiersWhole"> {
  const broken = new Set(
    found
      .filter(({ severity, at }) => severity === "error" && at.file.startsWith(TIER_FOLDER))
      .map(({ at }) => at.file),
  );
  const whole = [...tiers].filter(([, { source }]) => !broken.has(source.file));
  return { tiers: new Map(whole), areTiersWhole: broken.size === 0 };
}

/** What judges the clusters of a project. */
interface Judging {
  /** The tiers in whose files nothing is wrong. */
  readonly tiers: ReadonlyMap<string, Tier>;
  /** False: there are others, and what they would set is not known. */
  readonly areTiersWhole: boolean;
  readonly expressions: Expressions;
  readonly now: Instant | undefined;
}

/** Judges one intent; nothing comes out of one with an error. */
function judge(
  file: string,
  { clusters, found }: ResolvedIntent,
  { tiers, areTiersWhole, expressions, now }: Judging,
): Pick<CompiledFile, "clusters" | "found"> {
  const errors = found.filter(({ severity }) => severity === "error");
  const isWhole = !errors.some(({ at }) => at.file === file);
  const byNow = now === undefined ? [] : clusters.flatMap((one) => checkPauseEnd(one, now));
  const judged = clusters
    .filter(({ tier }) => areTiersWhole || tiers.has(tier))
    .map((cluster) => judgeCluster(cluster, tiers, { expressions, errors }));
  return {
    clusters: isWhole && areTiersWhole ? judged.flatMap(({ compiled }) => compiled ?? []) : [],
    found: [...found, ...byNow, ...judged.flatMap((one) => one.found)],
  };
}

/** A cluster after every stage. */
interface JudgedCluster {
  /** Undefined when an error stands in its way. */
  readonly compiled: CompiledCluster | undefined;
  readonly found: readonly Diagnostic[];
}

interface BeforeCluster {
  readonly expressions: Expressions;
  /** What is wrong with it already. */
  readonly errors: readonly Diagnostic[];
}

/** A cluster whose tier is not known is judged by what it would be refused for with every tier. */
function judgeCluster(
  cluster: ResolvedCluster,
  tiers: ReadonlyMap<string, Tier>,
  before: BeforeCluster,
): JudgedCluster {
  const tier = findTier(cluster, tiers);
  if (tier.ok) return judgeWithTier(cluster, tier.value, before);
  const unfit = { places: tier.error.map(({ at }) => at), holdsNames: false };
  const withEach = (one: Tier): readonly Diagnostic[] => judgeWithTier(cluster, one, before).found;
  const found = [...tier.error, ...certainErrors([...tiers.values()], withEach, unfit)];
  return { compiled: undefined, found };
}

function judgeWithTier(
  cluster: ResolvedCluster,
  tier: Tier,
  { expressions, errors }: BeforeCluster,
): JudgedCluster {
  const shape = shapeOf(tier, cluster);
  const assigned = assignConfirming(cluster, shape);
  const topology = deriveTopology(assigned, shape);
  const derived = deriveSettings(assigned, topology, tier, expressions);
  const wrong = derived.found.filter(({ severity }) => severity === "error");
  const compiled = compileCluster(assigned, topology, derived, [...errors, ...wrong]);
  const risks = compiled.ok || wrong.length > 0 ? derived.found : [];
  return {
    compiled: compiled.ok && wrong.length === 0 ? compiled.value : undefined,
    found: compiled.ok ? risks : [...risks, ...compiled.error],
  };
}

function finish(
  project: ResolvedProject | undefined,
  clusters: readonly CompiledCluster[],
  found: readonly Diagnostic[],
): CompiledProject {
  return {
    project,
    clusters: clusters.toSorted((a, b) => compareText(a.resolved.name, b.resolved.name)),
    found: sortDiagnostics(found),
    hasErrors: hasErrors(found),
  };
}
