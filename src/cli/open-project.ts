import { projectFolder } from "../adapters/project-folder.ts";
import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import { EXIT_CODE } from "../core/exit-code.ts";
import { nearest } from "../core/nearest.ts";
import type { ResolvedProject } from "../intent/resolve-project.ts";
import { compileProject } from "../pipeline/compile-project.ts";
import { diagnosticsSummary, diagnosticsText } from "../report/diagnostics-report.ts";
import { count, field } from "../report/value-text.ts";
import type { CommandContext } from "./command-context.ts";

/** A project without errors, and the clusters that a command was asked for. */
export interface OpenProject {
  readonly project: ResolvedProject;
  readonly clusters: readonly CompiledCluster[];
  /** Every cluster of the project, asked for or not. */
  readonly allClusters: readonly CompiledCluster[];
}

/**
 * Compiles the project for a command that goes on only without errors. Otherwise says what is wrong, sets
 * the exit code and gives undefined. Warnings are shown on the way, or only counted.
 */
export async function openProject(
  context: CommandContext,
  names: readonly string[],
  { warnings = "shown" }: { readonly warnings?: "shown" | "counted" } = {},
): Promise<OpenProject | undefined> {
  const now = context.now();
  const compiled = await compileProject(projectFolder(context.projectRoot()), { now });
  const said =
    warnings === "shown"
      ? compiled.found
      : compiled.found.filter(({ severity }) => severity === "error");
  if (said.length > 0) context.out.progress(diagnosticsText(said));
  const kept = compiled.found.length - said.length;
  if (kept > 0) context.out.progress(`${count(kept, "warning")}: quorate check says them`);
  if (compiled.hasErrors || compiled.project === undefined) {
    context.out.progress(diagnosticsSummary(compiled.found, compiled.clusters.length));
    context.setExitCode(EXIT_CODE.badInput);
    return undefined;
  }
  const known = new Map(compiled.clusters.map((cluster) => [cluster.resolved.name, cluster]));
  const unknown = names.filter((name) => !known.has(name));
  for (const name of unknown) {
    const suggestion = nearest(name, known.keys());
    context.out.progress(
      `there is no cluster ${field(name)}; ${suggestion === undefined ? `there are ${[...known.keys()].join(", ")}` : `did you mean ${suggestion}?`}`,
    );
  }
  if (unknown.length > 0) {
    context.setExitCode(EXIT_CODE.badInput);
    return undefined;
  }
  const clusters =
    names.length === 0
      ? compiled.clusters
      : compiled.clusters.filter(({ resolved }) => names.includes(resolved.name));
  return { project: compiled.project, clusters, allClusters: compiled.clusters };
}
