import { hasErrors, sortDiagnostics, type Diagnostic } from "../core/diagnostic.ts";
import { compareText } from "../core/json.ts";
import type { Instant } from "../core/instant.ts";
import type { ProjectFiles } from "../core/ports.ts";
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
import { loadProject } from "./load-project.ts";

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
  { now }: { readonly now?: Instant } = {},
): Promise<CompiledProject> {
  const expressions = celExpressions();
  const loaded = await loadProject(files, expressions);
  if (!loaded.ok) return finish(undefined, [], loaded.error);
  const { project, clusters, tiers, found } = loaded.value;
  const compiled: CompiledCluster[] = [];
  const all: Diagnostic[] = [...found];
  if (now !== undefined) all.push(...clusters.flatMap((cluster) => checkPauseEnd(cluster, now)));
  const broken = new Set(
    found.filter((item) => item.severity === "error").map((item) => item.at.file),
  );
  // What a broken tier would have set is not known, and to say more would only mislead.
  const areTiersWhole = ![...broken].some((file) => file.startsWith(`${TIER_FOLDER}/`));
  for (const cluster of areTiersWhole ? clusters : []) {
    const isWhole = !broken.has(cluster.source.file);
    const result = compileOne(cluster, tiers, { expressions, isWhole });
    if (!result.ok) all.push(...result.error);
    else {
      all.push(...result.value.warnings);
      compiled.push(result.value.cluster);
    }
  }
  return finish(project, compiled, all);
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
