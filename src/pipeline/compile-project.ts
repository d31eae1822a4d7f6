import { hasErrors, sortDiagnostics, type Diagnostic } from "../core/diagnostic.ts";
import { compareText } from "../core/json.ts";
import type { Instant } from "../core/instant.ts";
import type { FileFailure, ProjectFiles } from "../core/ports.ts";
import { err, ok, type Result } from "../core/result.ts";
import { compileCluster } from "../compiler/compile-cluster.ts";
import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import { checkPauseEnd } from "../intent/check-pause.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import type { ResolvedProject } from "../intent/resolve-project.ts";
import { deriveSettings } from "../policy/derive-settings.ts";
import { celExpressions, type Expressions } from "../policy/expression.ts";
import { findTier, shapeOf } from "../policy/find-tier.ts";
import { TIER_FOLDER, type Tier } from "../policy/tier.ts";
import { assignConfirming } from "../topology/assign-confirming.ts";
import { deriveTopology } from "../topology/derive-topology.ts";
import { identitiesOf, uniqueIdentities, type Identity } from "./identities.ts";
import { listClusters, noClusters } from "./list-clusters.ts";
import { loadShared, readClusters, type SharedProject } from "./load-project.ts";

/** A project after every stage up to compilation. */
export interface CompiledProject {
  /** Undefined when `quorate.yaml` itself cannot be used. */
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
  if (project === undefined) return finish(undefined, [], compiler.found);
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
  /** Undefined when `quorate.yaml` itself cannot be used: then no cluster is looked at. */
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
  const shared = await loadShared(files, expressions);
  if (shared.ok) return compilerOf(shared.value, expressions, time);
  return { project: undefined, found: shared.error, compile: () => NOTHING };
}

const NOTHING: CompiledFile = { clusters: [], found: [], identities: [], isTimeless: true };

function compilerOf(
  shared: SharedProject,
  expressions: Expressions,
  { now }: CompileTime,
): ProjectCompiler {
  const { project, tiers, found } = shared;
  // What a broken tier would have set is not known, and to say more would only mislead.
  const areTiersWhole = !found.some(
    ({ severity, at }) => severity === "error" && at.file.startsWith(`${TIER_FOLDER}/`),
  );
  const takenBefore = uniqueIdentities();
  const compile = (file: string, text: Result<string, FileFailure>): CompiledFile => {
    const read = readClusters(file, text, shared);
    if (!read.ok) return { ...NOTHING, found: read.error };
    const resolved = read.value.clusters;
    const identities = resolved.flatMap(identitiesOf);
    const inFile = [...read.value.found, ...takenBefore(identities)];
    const isWhole = !inFile.some(({ severity, at }) => severity === "error" && at.file === file);
    const timed = resolved.filter(({ pause }) => pause !== undefined);
    const byNow = now === undefined ? [] : timed.flatMap((one) => checkPauseEnd(one, now));
    const clusters: CompiledCluster[] = [];
    const all = [...inFile, ...byNow];
    for (const cluster of areTiersWhole ? resolved : []) {
      const compiled = compileOne(cluster, tiers, { expressions, isWhole });
      all.push(...(compiled.ok ? compiled.value.warnings : compiled.error));
      if (compiled.ok) clusters.push(compiled.value.cluster);
    }
    return { clusters, found: all, identities, isTimeless: timed.length === 0 };
  };
  return { project, found, compile };
}

/** A cluster that is not whole is looked at as far as its durability, and no further. */
function compileOne(
  cluster: ResolvedCluster,
  tiers: ReadonlyMap<string, Tier>,
  { expressions, isWhole }: { readonly expressions: Expressions; readonly isWhole: boolean },
): Result<
  { readonly cluster: CompiledCluster; readonly warnings: readonly Diagnostic[] },
  readonly Diagnostic[]
> {
  const tier = findTier(cluster, tiers);
  if (!tier.ok) return tier;
  const shape = shapeOf(tier.value, cluster);
  const assigned = assignConfirming(cluster, shape);
  const topology = deriveTopology(assigned, shape);
  const settings = deriveSettings(assigned, topology, tier.value, expressions);
  if (!settings.ok) return settings;
  if (!isWhole) return err(settings.value.warnings);
  const compiled = compileCluster(assigned, topology, settings.value);
  return compiled.ok
    ? ok({ cluster: compiled.value, warnings: settings.value.warnings })
    : compiled;
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
