import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import { digestOf } from "../core/digest.ts";
import type { JsonObject } from "../core/json.ts";
import type { Clock, Endpoint, PatroniApi, RestFailure } from "../core/ports.ts";
import { err, ok, type Result } from "../core/result.ts";
import { mergePatch } from "../patroni/merge.ts";
import { pythonText } from "../patroni/python-text.ts";
import {
  differences,
  minimalPatch,
  valueAt,
  type WantedDocument,
} from "../patroni/minimal-patch.ts";
import { hideSecret } from "../plan/hide-secret.ts";
import { observeCluster } from "../plan/observe-cluster.ts";
import { planCluster, targetOf, wantedOf } from "../plan/plan-cluster.ts";
import type { Change, ClusterPlan } from "../plan/plan.ts";
import { failedCalls, preflight } from "./preflight.ts";
import type { MovedKey, NodeFailure, Verdict } from "./verdict.ts";
import { verifyNodes } from "./verify-nodes.ts";

/** The outside world, as far as applying needs it. */
export interface ApplyPorts {
  readonly api: PatroniApi;
  readonly clock: Clock;
  readonly progress: (text: string) => void;
}

/** One cluster to apply. */
export interface ApplyRequest {
  readonly compiled: CompiledCluster;
  readonly endpoints: readonly Endpoint[];
  /** The reviewed plan; undefined: whatever is needed now. */
  readonly plan: ClusterPlan | undefined;
  readonly baseline: WantedDocument | undefined;
  /** How long the nodes may take to run the new document. */
  readonly deadlineSeconds: number;
}

/** How often a lost race for the DCS key is run again, and the longest time between two. */
const MAX_ATTEMPTS = 12;
const MAX_BACKOFF_SECONDS = 2;

/**
 * Brings one cluster to its compiled document: look, check that it is fit, read afresh with
 * credentials, check the plan's basis, send the smallest PATCH, compare the answer with the prediction,
 * and wait until every node runs it. Stops at the first surprise. Safe to run again at any point: what is
 * already as wanted is not written.
 */
export async function applyCluster(ports: ApplyPorts, request: ApplyRequest): Promise<Verdict> {
  const { compiled, endpoints, plan } = request;
  const cluster = compiled.resolved.name;
  const started = ports.clock.monotonicSeconds();
  const wanted = wantedOf(compiled);
  if (plan !== undefined && plan.target !== targetOf(wanted))
    return {
      cluster,
      kind: "stale",
      reason: "the intent was changed after the plan was made",
      moved: [],
    };
  const observed = await observeCluster(ports.api, endpoints);
  const refusal = preflight(compiled, endpoints, observed);
  if (refusal !== undefined) return { cluster, ...refusal };
  const { source, view } = observed;
  if (source === undefined || view?.ok !== true)
    return { cluster, kind: "unreachable", failures: failedCalls(endpoints, observed) };
  const written = await writeDocument(ports, source, request, wanted);
  if (!written.ok) return { cluster, ...written.error };
  const statuses = new Map(
    [...observed.statuses].flatMap(([node, status]) =>
      status.ok ? [[node, status.value] as const] : [],
    ),
  );
  const before = planCluster(
    compiled,
    { config: written.value.before, view: view.value, statuses },
    request.baseline,
  );
  const changes = before.steps.flatMap((step) =>
    step.kind === "patch-config" ? step.changes : [],
  );
  if (changes.length === 0)
    return { cluster, kind: "unchanged", waiting: before.waiting, nodes: before.nodes };
  ports.progress(
    `${cluster}: ${changes.length} ${changes.length === 1 ? "key" : "keys"} written, waiting for ${endpoints.length} nodes to run them`,
  );
  const verified = await verifyNodes(ports, endpoints, {
    wanted,
    expectsRestart: changes.some((change) => change.effect === "restart"),
    deadlineSeconds: request.deadlineSeconds,
  });
  const seconds = Math.round(ports.clock.monotonicSeconds() - started);
  if (verified.missing.length > 0)
    return { cluster, kind: "unverified", changes, missing: verified.missing, seconds };
  return {
    cluster,
    kind: "applied",
    changes,
    waiting: explainRestarts(verified.waiting, changes),
    nodes: before.nodes,
    seconds,
  };
}

/** Patroni before 3.3 shows the flag without a reason: then the change itself is the reason. */
function explainRestarts(
  waiting: Extract<Verdict, { kind: "applied" }>["waiting"],
  changes: readonly Change[],
): Extract<Verdict, { kind: "applied" }>["waiting"] {
  const reasons = changes
    .filter((change) => change.effect === "restart")
    .map(({ path, before, after }) => ({
      parameter: path.at(-1) ?? "",
      oldValue: before === undefined ? "its default" : pythonText(before),
      newValue: after === undefined ? "its default" : pythonText(after),
    }));
  return waiting.map((node) => (node.reasons.length > 0 ? node : { ...node, reasons }));
}

type WriteRefusal =
  | { readonly kind: "stale"; readonly reason: string; readonly moved: readonly MovedKey[] }
  | { readonly kind: "unreachable"; readonly failures: readonly NodeFailure[] }
  | { readonly kind: "surprised"; readonly reason: string; readonly keys: readonly MovedKey[] };

/**
 * Writes what is not as wanted and gives the document from before. After a lost race (409), and after
 * an answer that never came, it reads again before it does anything: the write may have happened.
 */
async function writeDocument(
  ports: ApplyPorts,
  source: Endpoint,
  { plan }: ApplyRequest,
  wanted: WantedDocument,
): Promise<Result<{ readonly before: JsonObject }, WriteRefusal>> {
  let first: JsonObject | undefined;
  let lost: RestFailure | undefined;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    if (attempt > 0) await ports.clock.sleep(Math.min(0.1 * 2 ** attempt, MAX_BACKOFF_SECONDS));
    const fresh = await ports.api.readConfigAfresh(source);
    if (!fresh.ok) return unreachable(source, fresh.error);
    const moved = movedKeys(fresh.value, plan, wanted);
    if (moved.length > 0)
      return err({ kind: "stale", reason: "somebody changed what the plan was made from", moved });
    first ??= fresh.value;
    const patch = minimalPatch(fresh.value, wanted);
    if (Object.keys(patch).length === 0) return ok({ before: first });
    const answer = await ports.api.patchConfig(source, patch);
    if (answer.ok) return compareAnswer(answer.value, fresh.value, patch, wanted, first);
    lost = answer.error;
    if (lost.kind !== "conflict" && lost.kind !== "timeout" && lost.kind !== "unreachable") break;
  }
  return unreachable(source, lost ?? { kind: "conflict" });
}

function unreachable(source: Endpoint, failure: RestFailure): Result<never, WriteRefusal> {
  return err({
    kind: "unreachable",
    failures: [{ node: source.node, call: "PATCH /config", failure }],
  });
}

/**
 * The keys that the plan speaks of and whose live value is neither what it saw nor what it wants: a key
 * that is already as wanted was written by an earlier run.
 */
function movedKeys(
  fresh: JsonObject,
  plan: ClusterPlan | undefined,
  wanted: WantedDocument,
): readonly MovedKey[] {
  if (plan === undefined || digestOf(fresh) === plan.basis.config) return [];
  const changes = plan.steps.flatMap((step) => (step.kind === "patch-config" ? step.changes : []));
  const open = new Set(differences(fresh, wanted).map(({ path }) => JSON.stringify(path)));
  const moved: MovedKey[] = [];
  for (const [key, digest] of Object.entries(plan.basis.keys)) {
    const path = readPath(key);
    const found = valueAt(fresh, path);
    if (!open.has(key) || (found === undefined ? "absent" : digestOf(found)) === digest) continue;
    const after = valueAt(wanted.values, path);
    const change = changes.find((candidate) => JSON.stringify(candidate.path) === key);
    moved.push({
      path,
      planned: change === undefined ? after : change.before,
      found: found === undefined ? undefined : hideSecret(path, found),
      wanted: after,
    });
  }
  return moved;
}

function readPath(key: string): readonly string[] {
  const parsed: unknown = JSON.parse(key);
  return Array.isArray(parsed) ? parsed.map(String) : [];
}

/**
 * The answer is the document that Patroni stored. It must hold every wanted key; what else in it is not
 * as predicted was written by somebody at the same moment and is left alone.
 */
function compareAnswer(
  answer: JsonObject,
  fresh: JsonObject,
  patch: JsonObject,
  wanted: WantedDocument,
  before: JsonObject,
): Result<{ readonly before: JsonObject }, WriteRefusal> {
  if (digestOf(answer) === digestOf(mergePatch(fresh, patch).document)) return ok({ before });
  const wrong = differences(answer, wanted);
  if (wrong.length === 0) return ok({ before });
  return err({
    kind: "surprised",
    reason: "Patroni's answer is not the document that was predicted",
    keys: wrong.map(({ path, before: found, after }) => ({
      path,
      planned: after,
      found: found === undefined ? undefined : hideSecret(path, found),
      wanted: after,
    })),
  });
}
