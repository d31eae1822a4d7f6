import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import type { Endpoint, NodeStatus } from "../core/ports.ts";
import type { WantedDocument } from "../patroni/minimal-patch.ts";
import { isTruthy } from "../patroni/python-value.ts";
import { formatPatroniVersion, isAtLeast, readRunningVersion } from "../patroni/version.ts";
import { answeredStatuses, isLeading, type Observation } from "../plan/observe-cluster.ts";
import { sideConflict } from "../plan/side-conflict.ts";
import { refusePause } from "./refuse-pause.ts";
import type { NodeFailure } from "./verdict.ts";

/** Why a cluster is not touched: calls that failed, or a state in which writing would be unsafe. */
export type PreflightRefusal =
  | { readonly kind: "unreachable"; readonly failures: readonly NodeFailure[] }
  | { readonly kind: "refused"; readonly reasons: readonly string[] };

/**
 * Says why nothing may be written; undefined when the cluster is fit for a change. `baseline` is what was wanted
 * before: only a pause that it declares may end.
 */
export function preflight(
  compiled: CompiledCluster,
  endpoints: readonly Endpoint[],
  observed: Observation,
  baseline: WantedDocument | undefined,
): PreflightRefusal | undefined {
  const failures = failedCalls(endpoints, observed);
  if (failures.length > 0) return { kind: "unreachable", failures };
  const statuses = answeredStatuses(observed);
  const reasons = [
    ...[...statuses].flatMap(([node, status]) => nodeReasons(node, status, compiled)),
    ...leaderReasons(statuses),
    ...memberReasons(observed, compiled),
    ...sideReasons(observed, compiled),
    ...slotReasons(observed, compiled),
    ...pauseReasons(observed, compiled, baseline),
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

function leaderReasons(statuses: ReadonlyMap<string, NodeStatus>): readonly string[] {
  const leaders = [...statuses].filter(([, status]) => isLeading(status)).map(([node]) => node);
  if (leaders.length === 1) return [];
  if (leaders.length === 0)
    return ["no node leads: the cluster is in the middle of a failover or cannot elect"];
  return [`${leaders.join(" and ")} both lead: fence one of them before anything else`];
}

function memberReasons({ view }: Observation, { nodes }: CompiledCluster): readonly string[] {
  const declared = new Set(nodes.map((node) => node.name));
  const members = view?.ok === true ? view.value.members : [];
  const strangers = members.map((member) => member.name).filter((name) => !declared.has(name));
  return strangers.map(
    (name) =>
      `${name} is a member that the intent does not name: pg_hba would lock it out; add it, or remove the member first`,
  );
}

function pauseReasons(
  { view }: Observation,
  compiled: CompiledCluster,
  baseline: WantedDocument | undefined,
): readonly string[] {
  const reason = refusePause(view?.ok === true && view.value.paused, compiled, baseline);
  return reason === undefined ? [] : [reason];
}

/** A document that is as compiled may be a loop old: what the nodes do counts as well. */
function sideReasons(observed: Observation, compiled: CompiledCluster): readonly string[] {
  const { config } = observed;
  const conflict = config?.ok === true ? sideConflict(compiled, config.value) : undefined;
  if (conflict !== undefined) return [conflict];
  const { standbyOf } = compiled.resolved;
  return [...answeredStatuses(observed)].flatMap(([node, status]): string[] => {
    const follows = status.role === "standby_leader";
    if (!isLeading(status) || follows === (standbyOf !== undefined)) return [];
    return [
      follows
        ? `${node} is the leader of a standby cluster, which the intent does not say`
        : `${node} leads and takes writes, and the intent says that it follows ${standbyOf?.cluster ?? ""}`,
    ];
  });
}

/** @see patroni/global_config.py:permanent_slots at v4.1.4: the first of three keys that is not empty counts */
function slotReasons({ config }: Observation, { dcs }: CompiledCluster): readonly string[] {
  if (config?.ok !== true || !isTruthy(dcs["slots"])) return [];
  const hiding = ["permanent_replication_slots", "permanent_slots"];
  return hiding
    .filter((key) => isTruthy(config.value[key]))
    .map(
      (key) =>
        `${key} in the live document hides slots, so that Patroni would not keep ${Object.keys(Object(dcs["slots"])).join(", ")}: move what stands there to slots`,
    );
}

function nodeReasons(
  node: string,
  status: NodeStatus,
  { resolved }: CompiledCluster,
): readonly string[] {
  const running = readRunningVersion(status.patroniVersion);
  const wanted = formatPatroniVersion(resolved.patroni);
  const major =
    status.serverVersion === undefined ? undefined : Math.floor(status.serverVersion / 10_000);
  const checks: readonly (readonly [boolean, string])[] = [
    [
      status.scope !== resolved.name,
      `${node} belongs to the cluster ${status.scope}, not to ${resolved.name}`,
    ],
    [
      status.name !== undefined && status.name !== node,
      `what answers for ${node} calls itself ${status.name ?? ""}`,
    ],
    [
      status.state !== "running",
      `PostgreSQL on ${node} is ${status.state || "in no known state"}, not running`,
    ],
    [status.failsafeActive, `${node} runs in failsafe mode: its DCS is out of reach`],
    [running === undefined, `${node} does not say which Patroni it runs`],
    [
      running !== undefined && !isAtLeast(running, resolved.patroni),
      `${node} runs Patroni ${status.patroniVersion}, the intent says at least ${wanted}`,
    ],
    [
      major !== undefined && major !== resolved.postgres,
      `${node} runs PostgreSQL ${major ?? ""}, the intent says ${resolved.postgres}`,
    ],
  ];
  return checks.flatMap(([isWrong, reason]) => (isWrong ? [reason] : []));
}
