import { digestOf } from "../core/digest.ts";
import type { Json, JsonObject } from "../core/json.ts";
import type { Endpoint, RestFailure } from "../core/ports.ts";
import { err, ok, type Result } from "../core/result.ts";
import { mergePatch } from "../patroni/merge.ts";
import { differences, minimalPatch, type WantedDocument } from "../patroni/minimal-patch.ts";
import { readBoolean } from "../patroni/python-value.ts";
import { refusedKeys } from "../patroni/refused-keys.ts";
import { hideSecret } from "../plan/hide-secret.ts";
import { sideConflict } from "../plan/side-conflict.ts";
import type { ClusterPlan } from "../plan/plan.ts";
import type { ApplyPorts, ApplyRequest } from "./apply-request.ts";
import { refusePause } from "./refuse-pause.ts";
import type { MovedKey, NodeFailure } from "./verdict.ts";

/** Why a document was not written, or why it is not known whether it was. */
export type WriteRefusal =
  | { readonly kind: "stale"; readonly reason: string; readonly moved: readonly MovedKey[] }
  | { readonly kind: "refused"; readonly reasons: readonly string[] }
  | { readonly kind: "unreachable" | "uncertain"; readonly failures: readonly NodeFailure[] }
  | { readonly kind: "surprised"; readonly reason: string; readonly keys: readonly MovedKey[] };

/** How often a lost race for the DCS key is run again, and the longest time between two. */
const MAX_ATTEMPTS = 12;
const MAX_BACKOFF_SECONDS = 2;

/**
 * Writes what is not as wanted and gives the document from before. After a lost race (409), and after
 * an answer that cannot be used, it reads again before it does anything: the write may have happened.
 */
export async function writeDocument(
  ports: ApplyPorts,
  source: Endpoint,
  request: ApplyRequest,
  wanted: WantedDocument,
): Promise<Result<{ readonly before: JsonObject }, WriteRefusal>> {
  let first: JsonObject | undefined;
  let lost: RestFailure = { kind: "conflict" };
  let isUncertain = false;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    if (attempt > 0) await ports.clock.sleep(Math.min(0.1 * 2 ** attempt, MAX_BACKOFF_SECONDS));
    const fresh = await ports.api.readConfigAfresh(source);
    if (!fresh.ok) return ended(source, fresh.error, isUncertain);
    const unfit = unfitness(fresh.value, request, wanted);
    if (unfit !== undefined) return err(unfit);
    first ??= fresh.value;
    const patch = minimalPatch(fresh.value, wanted);
    if (Object.keys(patch).length === 0) return ok({ before: first });
    const answer = await ports.api.patchConfig(source, patch);
    if (answer.ok)
      return compareAnswer(answer.value, mergePatch(fresh.value, patch).document, wanted, first);
    lost = answer.error;
    if (lost.kind === "unauthorized" || lost.kind === "tls") break;
    isUncertain ||= lost.kind !== "conflict";
  }
  return ended(source, lost, isUncertain);
}

function ended(
  { node }: Endpoint,
  failure: RestFailure,
  isUncertain: boolean,
): Result<never, WriteRefusal> {
  const kind = isUncertain ? "uncertain" : "unreachable";
  return err({ kind, failures: [{ node, call: "PATCH /config", failure }] });
}

/**
 * Why a document that was read afresh must not be patched: the plan is stale, the cluster has changed sides
 * since it was looked at, or Patroni would choke on it.
 */
function unfitness(
  fresh: JsonObject,
  { plan, compiled, baseline }: ApplyRequest,
  wanted: WantedDocument,
): WriteRefusal | undefined {
  // Somebody may have paused it since it was looked at, and the patch would take that back.
  const paused = refusePause(readBoolean(fresh["pause"]) === true, compiled, baseline);
  if (paused !== undefined) return { kind: "refused", reasons: [paused] };
  const moved = plan === undefined ? [] : movedKeys(fresh, plan, wanted);
  if (moved.length > 0)
    return { kind: "stale", reason: "somebody changed what the plan was made from", moved };
  const conflict = sideConflict(compiled, fresh);
  if (conflict !== undefined) return { kind: "refused", reasons: [conflict] };
  const after = mergePatch(fresh, minimalPatch(fresh, wanted)).document;
  const reasons = refusedKeys(after, compiled.resolved.patroni).map(
    (path) =>
      `${path.join(".")} in the live document cannot be read: Patroni keeps the timeouts and all of postgresql from before then; mend or remove it`,
  );
  return reasons.length === 0 ? undefined : { kind: "refused", reasons };
}

/**
 * The keys that would be written although the plan does not say so, or whose live value is not the one that
 * the plan saw. A key that is already as wanted was written by an earlier run, and is not among them.
 */
function movedKeys(
  fresh: JsonObject,
  plan: ClusterPlan,
  wanted: WantedDocument,
): readonly MovedKey[] {
  if (digestOf(fresh) === plan.basis.config) return [];
  const changes = plan.steps.flatMap((step) => (step.kind === "patch-config" ? step.changes : []));
  return differences(fresh, wanted).flatMap(({ path, before, after }): MovedKey[] => {
    const digest = before === undefined ? "absent" : digestOf(before);
    const change = changes.find((candidate) => isSamePath(candidate.path, path));
    if (change !== undefined && plan.basis.keys[JSON.stringify(path)] === digest) return [];
    const planned = change === undefined ? after : change.before;
    return [{ path, planned, found: shown(path, before), wanted: after }];
  });
}

function isSamePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((key, index) => key === b[index]);
}

function shown(path: readonly string[], value: Json | undefined): Json | undefined {
  return value === undefined ? undefined : hideSecret(path, value);
}

/**
 * The answer is the document that Patroni stored. It must hold every wanted key; what else in it is not
 * as predicted was written by somebody at the same moment and is left alone.
 */
function compareAnswer(
  answer: JsonObject,
  predicted: JsonObject,
  wanted: WantedDocument,
  before: JsonObject,
): Result<{ readonly before: JsonObject }, WriteRefusal> {
  const wrong = digestOf(answer) === digestOf(predicted) ? [] : differences(answer, wanted);
  if (wrong.length === 0) return ok({ before });
  return err({
    kind: "surprised",
    reason: "Patroni's answer is not the document that was predicted",
    keys: wrong.map(({ path, before: found, after }) => ({
      path,
      planned: after,
      found: shown(path, found),
      wanted: after,
    })),
  });
}
