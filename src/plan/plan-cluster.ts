import { digestOf, type Digest } from "../core/digest.ts";
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import type { ClusterView, NodeStatus, PendingRestartReason } from "../core/ports.ts";
import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import { isSameToPatroni } from "../patroni/merge.ts";
import {
  differences,
  minimalPatch,
  valueAt,
  type KeyChange,
  type WantedDocument,
} from "../patroni/minimal-patch.ts";
import { changeEffect, restartOrder } from "./change-effect.ts";
import { followingNotes } from "./following-notes.ts";
import { hideSecret, hideSecretText } from "./hide-secret.ts";
import { liveFindings } from "./live-findings.ts";
import { pauseChange, pauseNotes } from "./pause-change.ts";
import type {
  Basis,
  Change,
  ClusterPlan,
  Effect,
  NodeDifference,
  Origin,
  Step,
  WaitingRestart,
} from "./plan.ts";
import { isDemotion, sideConflict } from "./side-conflict.ts";

/** What a cluster answered, as far as a plan needs it. */
export interface LiveCluster {
  readonly config: JsonObject;
  readonly view: ClusterView;
  readonly statuses: ReadonlyMap<string, NodeStatus>;
}

/** Plans the way from what runs to what is compiled. A cluster that is as compiled has no patch step. */
export function planCluster(
  compiled: CompiledCluster,
  live: LiveCluster,
  baseline: WantedDocument | undefined,
): ClusterPlan {
  const wanted = wantedOf(compiled);
  const changes = differences(live.config, wanted).map((change) => {
    const described = describeChange(change, compiled, baseline);
    return isDemotion(change.path, live.config) ? { ...described, effect: DEMOTION } : described;
  });
  return {
    cluster: compiled.resolved.name,
    basis: basisOf(live.config, wanted),
    target: targetOf(wanted),
    steps: [
      ...blockedStep(compiled, live),
      ...patchStep(live.config, wanted, changes),
      ...orderNote(changes),
      ...notes(compiled, live, baseline),
    ],
    unmanaged: unmanagedKeys(live.config, wanted),
    findings: liveFindings(compiled, live.config, changes),
    nodes: nodeDifferences(compiled, live),
    waiting: waitingRestarts(live),
  };
}

const DEMOTION: Effect = "demotes the whole cluster";

/** The part of a compiled cluster that the DCS document must match. */
export function wantedOf({ dcs, absent }: CompiledCluster): WantedDocument {
  return { values: dcs, absent };
}

/** The digest by which a plan says which compiled document it leads to. */
export function targetOf({ values, absent }: WantedDocument): Digest {
  return digestOf({ values, absent: absent.map((path) => [...path]) });
}

/** The digests of a live document and of every key in it that Quorate manages. */
export function basisOf(config: JsonObject, wanted: WantedDocument): Basis {
  const keys = managedPaths(wanted).map((path): [string, string] => {
    const value = valueAt(config, path);
    return [JSON.stringify(path), value === undefined ? "absent" : digestOf(value)];
  });
  return { config: digestOf(config), keys: Object.fromEntries(keys) };
}

/** True when a plan asks for something to be done, by `apply`, on a node, or by a person. */
export function hasChanges(plan: ClusterPlan): boolean {
  return plan.steps.some((step) => step.kind !== "note") || plan.nodes.length > 0;
}

function managedPaths({ values, absent }: WantedDocument): readonly (readonly string[])[] {
  return [...leafPaths(values, []), ...absent];
}

function leafPaths(value: Json, path: readonly string[]): readonly (readonly string[])[] {
  if (!isJsonObject(value) || Object.keys(value).length === 0) return [path];
  return Object.entries(value).flatMap(([key, field]) => leafPaths(field, [...path, key]));
}

function describeChange(
  { path, before, after }: KeyChange,
  compiled: CompiledCluster,
  baseline: WantedDocument | undefined,
): Change {
  const order = restartOrder(path, before, after);
  const setter = compiled.settings.find((setting) => setting.path.join("\0") === path.join("\0"));
  return {
    path,
    ...(before === undefined ? {} : { before: hideSecret(path, before) }),
    ...(after === undefined ? {} : { after }),
    effect: changeEffect(path, compiled.resolved.postgres),
    ...(order === undefined ? {} : { order }),
    origin: originOf(path, after, baseline),
    because:
      setter?.because ??
      (after === undefined ? "nothing sets it any more" : "the nodes of this cluster"),
  };
}

/** A key that the baseline wanted just as it is wanted now was changed by somebody else. */
function originOf(
  path: readonly string[],
  after: Json | undefined,
  baseline: WantedDocument | undefined,
): Origin {
  if (baseline === undefined) return "unknown";
  const wantedBefore = valueAt(baseline.values, path);
  if (after === undefined) {
    const text = path.join("\0");
    return baseline.absent.some((absent) => absent.join("\0") === text) ? "drift" : "change";
  }
  return wantedBefore !== undefined && isSameToPatroni(wantedBefore, after) ? "drift" : "change";
}

function blockedStep(compiled: CompiledCluster, { config }: LiveCluster): readonly Step[] {
  const text = sideConflict(compiled, config);
  return text === undefined ? [] : [{ kind: "blocked", text }];
}

function patchStep(
  config: JsonObject,
  wanted: WantedDocument,
  changes: readonly Change[],
): readonly Step[] {
  if (changes.length === 0) return [];
  return [
    {
      kind: "patch-config",
      patch: minimalPatch(config, wanted),
      changes,
      because: `${changes.length} ${changes.length === 1 ? "key is" : "keys are"} not as compiled`,
      risk: riskOf(changes),
    },
  ];
}

function riskOf(changes: readonly Change[]): "none" | "restart-pending" | "demotion" {
  const effects = new Set(changes.map(({ effect }) => effect));
  if (effects.has(DEMOTION)) return "demotion";
  return effects.has("restart") || effects.has("reload or restart") ? "restart-pending" : "none";
}

/** One restart of each node cannot serve both directions. */
function orderNote(changes: readonly Change[]): readonly Step[] {
  const orders = new Set(changes.flatMap(({ order }) => (order === undefined ? [] : [order])));
  if (orders.size < 2) return [];
  const text =
    "one parameter goes up and another down: restart the standbys, then the leader, then the standbys again";
  return [{ kind: "note", text }];
}

function notes(
  compiled: CompiledCluster,
  { view, statuses }: LiveCluster,
  baseline: WantedDocument | undefined,
): readonly Step[] {
  const declared = new Set(compiled.nodes.map((node) => node.name));
  const members = new Set(view.members.map((member) => member.name));
  const texts = [
    ...pauseNotes(pauseChange(view.paused, compiled, baseline), compiled),
    ...[...declared]
      .filter((name) => !members.has(name))
      .map((name) => `${name} is not a member of the cluster yet`),
    ...[...members]
      .filter((name) => !declared.has(name))
      .map((name) => `${name} is a member that the intent does not name`),
    ...[...statuses]
      .filter(([, status]) => status.failsafeActive)
      .map(([name]) => `${name} runs in failsafe mode: it does not see its DCS`),
    ...followingNotes(compiled, view, statuses),
  ];
  return texts.map((text) => ({ kind: "note", text }));
}

/** The topmost live keys that no wanted or forbidden key lies in or below. */
function unmanagedKeys(config: JsonObject, wanted: WantedDocument): readonly (readonly string[])[] {
  const managed = new Set<string>();
  const above = new Set<string>();
  for (const path of managedPaths(wanted)) {
    managed.add(identityOf(path));
    for (let length = 0; length < path.length; length += 1)
      above.add(identityOf(path.slice(0, length)));
  }
  const found: (readonly string[])[] = [];
  const walk = (map: JsonObject, path: readonly string[]): void => {
    for (const [key, value] of Object.entries(map)) {
      const here = [...path, key];
      const identity = identityOf(here);
      if (managed.has(identity)) continue;
      if (above.has(identity) && isJsonObject(value)) walk(value, here);
      else found.push(here);
    }
  };
  walk(config, []);
  return found;
}

/** Parameter names are the same in any case; every other key is not. */
function identityOf(path: readonly string[]): string {
  const text = path.join("\0");
  return text.startsWith("postgresql\0parameters\0") ? text.toLowerCase() : text;
}

function nodeDifferences(
  compiled: CompiledCluster,
  { view }: LiveCluster,
): readonly NodeDifference[] {
  const running = new Map(view.members.map((member) => [member.name, member.tags["quorate_rev"]]));
  return compiled.nodes.flatMap((node): NodeDifference[] => {
    if (!running.has(node.name)) return [];
    const revision = running.get(node.name);
    if (revision === node.revision) return [];
    return [
      {
        node: node.name,
        running: typeof revision === "string" ? revision : undefined,
        wanted: node.revision,
      },
    ];
  });
}

function waitingRestarts({ statuses }: LiveCluster): readonly WaitingRestart[] {
  return [...statuses]
    .filter(([, status]) => status.pendingRestart)
    .map(([node, status]) => ({ node, reasons: shownReasons(status.pendingRestartReasons) }));
}

/** Reasons as they may be shown: Patroni prints the values of any parameter in them. */
export function shownReasons(
  reasons: readonly PendingRestartReason[],
): readonly PendingRestartReason[] {
  return reasons.map(({ parameter, oldValue, newValue }) => ({
    parameter,
    oldValue: hideSecretText(parameter, oldValue),
    newValue: hideSecretText(parameter, newValue),
  }));
}
