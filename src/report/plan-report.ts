import { canonicalJson, type Json } from "../core/json.ts";
import type { Change, ClusterPlan, LiveFinding, Plan, WaitingRestart } from "../plan/plan.ts";
import { count, field, printable, valueText } from "./value-text.ts";

/** What people are told besides the plan itself. */
export interface PlanContext {
  /** What drift was judged against, such as `commit 1a2b3c4`; undefined: nothing. */
  readonly baseline: string | undefined;
  /** Nodes that could not be read, and their clusters; absent: all were read. */
  readonly unread?: readonly { readonly cluster: string; readonly node: string }[];
}

/** A plan as people read it: per cluster the keys that change, drift, and what is left alone. */
export function planText(plan: Plan, context: PlanContext): string {
  const lines = plan.clusters.flatMap((cluster) => [...clusterLines(cluster, context), ""]);
  return printable([...lines, summaryLine(plan, context)].join("\n"));
}

function clusterLines(plan: ClusterPlan, context: PlanContext): readonly string[] {
  const changes = plan.steps.flatMap((step) => (step.kind === "patch-config" ? step.changes : []));
  const notes = plan.steps.flatMap((step) =>
    step.kind === "note" ? [`  note: ${step.text}`] : [],
  );
  const blocked = plan.steps.flatMap((step) =>
    step.kind === "blocked" ? [`  apply refuses this: ${step.text}`] : [],
  );
  const isQuiet = changes.length + plan.nodes.length + blocked.length === 0;
  const drifted = changes.filter((change) => change.origin === "drift");
  const unknown = changes.filter((change) => change.origin === "unknown");
  return [
    `${plan.cluster}: ${isQuiet ? "no changes" : headline(changes, plan)}${unreadText(plan.cluster, context)}`,
    ...blocked,
    ...section(
      "changes by the intent",
      changes.filter((change) => change.origin === "change"),
    ),
    ...section(
      `drift: ${context.baseline ?? ""} wants this too, so it was changed by hand or never applied`,
      drifted,
    ),
    ...section("change or drift: there is no earlier intent to compare with", unknown),
    ...plan.nodes.map(
      ({ node, running, wanted }) =>
        `  node file: ${node} runs revision ${field(running ?? "(none)")}, compiled is ${wanted}; run quorate compile and install rendered/${plan.cluster}/nodes/${node}/patroni.yml`,
    ),
    ...waitingLines(plan.waiting),
    ...unmanagedLines(plan.unmanaged),
    ...findingLines(plan.findings),
    ...notes,
  ];
}

/** A plan of which a part could not be read must not look whole. */
function unreadText(cluster: string, { unread }: PlanContext): string {
  const nodes = new Set(
    (unread ?? []).filter((item) => item.cluster === cluster).map(({ node }) => node),
  );
  return nodes.size === 0 ? "" : ` as far as it was read: ${[...nodes].join(", ")} did not answer`;
}

function headline(changes: readonly Change[], plan: ClusterPlan): string {
  const isBlocked = plan.steps.some(({ kind }) => kind === "blocked");
  const parts = isBlocked ? ["nothing can be applied"] : [];
  if (changes.length > 0) parts.push(`${count(changes.length, "key")} to write`);
  if (plan.nodes.length > 0) parts.push(`${count(plan.nodes.length, "node file")} to install`);
  return parts.join(", ");
}

function section(title: string, changes: readonly Change[]): readonly string[] {
  if (changes.length === 0) return [];
  return [`  ${title}`, ...changeLines(changes)];
}

/** Keys, one a line, in columns: key, old -> new, effect, who wants it; of a list the items that differ. */
export function changeLines(changes: readonly Change[]): readonly string[] {
  const rows = changes.map((change) => ({
    key: field(change.path.join(".")),
    values: isListChange(change)
      ? "list changes"
      : `${valueText(change.before)} -> ${valueText(change.after)}`,
    effect: change.order === undefined ? change.effect : `${change.effect} (${change.order})`,
    because: change.because,
    items: isListChange(change) ? itemLines(change.before, change.after) : [],
  }));
  const keyWidth = Math.max(...rows.map((row) => row.key.length));
  const valueWidth = Math.min(40, Math.max(...rows.map((row) => row.values.length)));
  return rows.flatMap((row) => [
    `    ${row.key.padEnd(keyWidth)}  ${row.values.padEnd(valueWidth)}  ${row.effect}  [${row.because}]`,
    ...row.items,
  ]);
}

function isListChange(
  change: Change,
): change is Change & { readonly before: readonly Json[]; readonly after: readonly Json[] } {
  return Array.isArray(change.before) && Array.isArray(change.after);
}

/** Items that come and go; where only their order changes, all of them as they will be. */
function itemLines(before: readonly Json[], after: readonly Json[]): readonly string[] {
  const old = new Set(before.map((item) => canonicalJson(item)));
  const fresh = new Set(after.map((item) => canonicalJson(item)));
  const gone = before.filter((item) => !fresh.has(canonicalJson(item)));
  const come = after.filter((item) => !old.has(canonicalJson(item)));
  if (gone.length + come.length === 0) return after.map((item) => `      = ${valueText(item)}`);
  return [
    ...gone.map((item) => `      - ${valueText(item)}`),
    ...come.map((item) => `      + ${valueText(item)}`),
  ];
}

/** Nodes that wait for a restart of PostgreSQL, with the reason where it is known. */
export function waitingLines(waiting: readonly WaitingRestart[]): readonly string[] {
  return waiting.map(({ node, reasons }) => {
    const why = reasons
      .map(({ parameter, oldValue, newValue }) => field(`${parameter} ${oldValue} -> ${newValue}`))
      .join(", ");
    return `  waits for a restart: ${node}${why === "" ? "" : ` (${why})`}`;
  });
}

function unmanagedLines(unmanaged: ClusterPlan["unmanaged"]): readonly string[] {
  if (unmanaged.length === 0) return [];
  const keys = unmanaged.map((path) => field(path.join("."))).join(", ");
  const hint = unmanaged.some((path) => path[1] === "parameters")
    ? "; to remove a parameter, write it as null in the intent"
    : "";
  return [`  unmanaged, left alone: ${keys}${hint}`];
}

/** Live keys that do not do what they seem to do. */
function findingLines(findings: readonly LiveFinding[]): readonly string[] {
  return findings.map(({ path, value, release, does, fate, blocksApply }) => {
    const written = value === undefined ? "" : ` is ${valueText(value)}`;
    const then = blocksApply ? "left alone, and apply refuses while it is there" : fate;
    return `  warning: ${field(path.join("."))}${written}: ${release} ${field(does)}; ${then}`;
  });
}

function summaryLine(plan: Plan, { baseline, unread }: PlanContext): string {
  const changes = plan.clusters.flatMap(({ steps }) =>
    steps.flatMap((step) => (step.kind === "patch-config" ? step.changes : [])),
  );
  const nodes = plan.clusters.flatMap((cluster) => cluster.nodes);
  const clusters = count(plan.clusters.length, "cluster");
  if (plan.clusters.length === 0) return "No changes could be planned: no cluster could be read.";
  if ((unread ?? []).length > 0)
    return `The plan is not complete: ${clusters} could be read, not all of them whole.`;
  const blocked = plan.clusters.filter(({ steps }) => steps.some(({ kind }) => kind === "blocked"));
  if (changes.length + nodes.length + blocked.length === 0) return `No changes in ${clusters}.`;
  const drifted = changes.filter((change) => change.origin === "drift").length;
  const judged = baseline === undefined ? "" : `, of which ${drifted} drifted from ${baseline}`;
  const files = nodes.length === 0 ? "" : `, ${count(nodes.length, "node file")} to install`;
  const sides =
    blocked.length === 0 ? "" : `, ${count(blocked.length, "cluster")} on the wrong side`;
  return `${clusters}: ${count(changes.length, "key")} to write${judged}${files}${sides}. Plan ${plan.digest.slice(0, 12)}.`;
}
