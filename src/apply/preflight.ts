import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import type { Endpoint, NodeStatus } from "../core/ports.ts";
import { formatPatroniVersion, isAtLeast, readRunningVersion } from "../patroni/version.ts";
import { isLeading, type Observation } from "../plan/observe-cluster.ts";
import type { NodeFailure } from "./verdict.ts";

/** Why a cluster is not touched: calls that failed, or a state in which writing would be unsafe. */
export type PreflightRefusal =
  | { readonly kind: "unreachable"; readonly failures: readonly NodeFailure[] }
  | { readonly kind: "refused"; readonly reasons: readonly string[] };

/** Says why nothing may be written; undefined when the cluster is fit for a change. */
export function preflight(
  compiled: CompiledCluster,
  endpoints: readonly Endpoint[],
  observed: Observation,
): PreflightRefusal | undefined {
  const failures = failedCalls(endpoints, observed);
  if (failures.length > 0) return { kind: "unreachable", failures };
  const statuses = new Map<string, NodeStatus>();
  for (const [node, answer] of observed.statuses) if (answer.ok) statuses.set(node, answer.value);
  const reasons = [
    ...[...statuses].flatMap(([node, status]) => nodeReasons(node, status, compiled)),
    ...([...statuses.values()].some((status) => isLeading(status))
      ? []
      : ["no node leads: the cluster is in the middle of a failover or cannot elect"]),
    ...(observed.view?.ok === true && observed.view.value.paused
      ? ["the cluster is paused; resume it first (patronictl resume)"]
      : []),
  ];
  return reasons.length > 0 ? { kind: "refused", reasons } : undefined;
}

/** Every call of an observation that gave no usable answer. */
export function failedCalls(
  endpoints: readonly Endpoint[],
  observed: Observation,
): readonly NodeFailure[] {
  const failures: NodeFailure[] = [];
  for (const { node } of endpoints) {
    const answer = observed.statuses.get(node);
    if (answer?.ok === false) failures.push({ node, call: "GET /patroni", failure: answer.error });
  }
  const node = observed.source?.node ?? "";
  if (observed.config?.ok === false)
    failures.push({ node, call: "GET /config", failure: observed.config.error });
  if (observed.view?.ok === false)
    failures.push({ node, call: "GET /cluster", failure: observed.view.error });
  return failures;
}

function nodeReasons(
  node: string,
  status: NodeStatus,
  { resolved }: CompiledCluster,
): readonly string[] {
  const reasons: string[] = [];
  if (status.scope !== resolved.name)
    reasons.push(`${node} belongs to the cluster ${status.scope}, not to ${resolved.name}`);
  if (status.name !== undefined && status.name !== node)
    reasons.push(`what answers for ${node} calls itself ${status.name}`);
  if (status.failsafeActive) reasons.push(`${node} runs in failsafe mode: its DCS is out of reach`);
  const running = readRunningVersion(status.patroniVersion);
  if (running !== undefined && !isAtLeast(running, resolved.patroni))
    reasons.push(
      `${node} runs Patroni ${status.patroniVersion}, the intent says at least ${formatPatroniVersion(resolved.patroni)}`,
    );
  return reasons;
}
