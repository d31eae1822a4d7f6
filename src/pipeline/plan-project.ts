import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import type { Endpoint, PatroniApi } from "../core/ports.ts";
import { failedCalls, preflight } from "../apply/preflight.ts";
import type { NodeFailure } from "../apply/verdict.ts";
import { answeredStatuses, observeCluster } from "../plan/observe-cluster.ts";
import { planCluster } from "../plan/plan-cluster.ts";
import { sealPlan } from "../plan/plan-document.ts";
import type { ClusterPlan, Plan } from "../plan/plan.ts";
import type { Baseline } from "./find-baseline.ts";

/** Clusters asked at the same time: enough to hide slow ones, few enough for one machine. */
const CONCURRENCY = 8;

/** A plan, and every call that failed while it was made. With a failure the plan is not complete. */
export interface PlannedProject {
  readonly plan: Plan;
  readonly failures: readonly (NodeFailure & { readonly cluster: string })[];
}

/** Plans clusters against what runs. A cluster that could not be read is left out and reported. */
export async function planProject(
  api: PatroniApi,
  clusters: readonly CompiledCluster[],
  context: {
    readonly endpointsOf: (cluster: CompiledCluster) => readonly Endpoint[];
    readonly baseline: Baseline | undefined;
  },
): Promise<PlannedProject> {
  const plans: ClusterPlan[] = [];
  const failures: (NodeFailure & { readonly cluster: string })[] = [];
  for (let start = 0; start < clusters.length; start += CONCURRENCY) {
    const batch = clusters.slice(start, start + CONCURRENCY);
    const results = await Promise.all(batch.map((cluster) => planOne(api, cluster, context)));
    for (const result of results) {
      if (result.plan !== undefined) plans.push(result.plan);
      failures.push(...result.failures);
    }
  }
  return { plan: sealPlan(plans), failures };
}

async function planOne(
  api: PatroniApi,
  compiled: CompiledCluster,
  { endpointsOf, baseline }: Parameters<typeof planProject>[2],
): Promise<{
  readonly plan: ClusterPlan | undefined;
  readonly failures: PlannedProject["failures"];
}> {
  const cluster = compiled.resolved.name;
  const endpoints = endpointsOf(compiled);
  const observed = await observeCluster(api, endpoints);
  const failures = failedCalls(endpoints, observed).map((failure) => ({ cluster, ...failure }));
  if (observed.config?.ok !== true || observed.view?.ok !== true)
    return { plan: undefined, failures };
  const statuses = answeredStatuses(observed);
  const live = { config: observed.config.value, view: observed.view.value, statuses };
  const before = baseline?.documents.get(cluster);
  const plan = planCluster(compiled, live, before);
  const refusal = preflight(compiled, endpoints, observed, before);
  const blocked = new Set(
    plan.steps.flatMap((step) => (step.kind === "blocked" ? [step.text] : [])),
  );
  const reasons = refusal?.kind === "refused" ? refusal.reasons : [];
  const notes = reasons
    .filter((reason) => !blocked.has(reason))
    .map((reason) => ({
      kind: "note" as const,
      text: `apply would refuse: ${reason}`,
    }));
  return { plan: { ...plan, steps: [...plan.steps, ...notes] }, failures };
}
