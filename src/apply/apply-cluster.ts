import { pythonText } from "../patroni/python-text.ts";
import { answeredStatuses, observeCluster } from "../plan/observe-cluster.ts";
import { planCluster, targetOf, wantedOf } from "../plan/plan-cluster.ts";
import type { Change, ClusterPlan, WaitingRestart } from "../plan/plan.ts";
import type { ApplyPorts, ApplyRequest } from "./apply-request.ts";
import { failedCalls, preflight } from "./preflight.ts";
import type { Verdict } from "./verdict.ts";
import { LOOPS_TO_RUN, verifyNodes } from "./verify-nodes.ts";
import { writeDocument } from "./write-document.ts";

/**
 * Brings one cluster to its compiled document: look, check that it is fit, read afresh with
 * credentials, check the plan's basis, send the smallest PATCH, compare the answer with the prediction,
 * and wait until every node runs it. Stops at the first surprise. Safe to run again at any point: what is
 * already as wanted is not written, but looked at on every node all the same.
 */
export async function applyCluster(ports: ApplyPorts, request: ApplyRequest): Promise<Verdict> {
  const { compiled, endpoints, plan } = request;
  const cluster = compiled.resolved.name;
  const started = ports.clock.monotonicSeconds();
  const wanted = wantedOf(compiled);
  if (plan !== undefined && plan.target !== targetOf(wanted)) {
    const reason = "the intent was changed after the plan was made";
    return { cluster, kind: "stale", reason, moved: [] };
  }
  const observed = await observeCluster(ports.api, endpoints);
  const refusal = preflight(compiled, endpoints, observed, request.baseline);
  if (refusal !== undefined) return { cluster, ...refusal };
  const { source, view } = observed;
  if (source === undefined || view?.ok !== true)
    return { cluster, kind: "unreachable", failures: failedCalls(endpoints, observed) };
  const written = await writeDocument(ports, source, request, wanted);
  if (!written.ok) return { cluster, ...written.error };
  const statuses = answeredStatuses(observed);
  const live = { config: written.value.before, view: view.value, statuses };
  return verify(ports, request, planCluster(compiled, live, request.baseline), started);
}

/** Waits until every node runs the document that is in the DCS now. `before` is the plan that led there. */
async function verify(
  ports: ApplyPorts,
  { compiled, endpoints, deadlineSeconds }: ApplyRequest,
  before: ClusterPlan,
  started: number,
): Promise<Verdict> {
  const { cluster, nodes } = before;
  const changes = before.steps.flatMap((step) =>
    step.kind === "patch-config" ? step.changes : [],
  );
  if (changes.length > 0)
    ports.progress(
      `${cluster}: ${changes.length} ${changes.length === 1 ? "key" : "keys"} written, waiting for ${endpoints.length} nodes to run them`,
    );
  const verified = await verifyNodes(ports, endpoints, {
    wanted: wantedOf(compiled),
    expectsRestart: changes.some((change) => change.effect === "restart"),
    loops: changes.length > 0 ? LOOPS_TO_RUN : 0,
    deadlineSeconds,
  });
  const seconds = Math.round(ports.clock.monotonicSeconds() - started);
  if (verified.missing.length > 0)
    return { cluster, kind: "unverified", changes, missing: verified.missing, seconds };
  const waiting = explainRestarts(verified.waiting, changes);
  if (changes.length === 0) return { cluster, kind: "unchanged", waiting, nodes };
  return { cluster, kind: "applied", changes, waiting, nodes, seconds };
}

/** Patroni before 3.3 shows the flag without a reason: then the change itself is the reason. */
function explainRestarts(
  waiting: readonly WaitingRestart[],
  changes: readonly Change[],
): readonly WaitingRestart[] {
  const reasons = changes
    .filter((change) => change.effect === "restart")
    .map(({ path, before, after }) => ({
      parameter: path.at(-1) ?? "",
      oldValue: before === undefined ? "its default" : pythonText(before),
      newValue: after === undefined ? "its default" : pythonText(after),
    }));
  return waiting.map((node) => (node.reasons.length > 0 ? node : { ...node, reasons }));
}
