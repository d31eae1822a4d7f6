import { Command, Option } from "commander";
import { readTextFile } from "../adapters/read-text-file.ts";
import { systemClock } from "../adapters/system-clock.ts";
import { applyCluster } from "../apply/apply-cluster.ts";
import type { ApplyRequest } from "../apply/apply-request.ts";
import type { Verdict } from "../apply/verdict.ts";
import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import { EXIT_CODE, type ExitCode } from "../core/exit-code.ts";
import { fileFailureText, type PatroniApi } from "../core/ports.ts";
import { err, ok, type Result } from "../core/result.ts";
import { parseDuration } from "../core/units.ts";
import { planProject } from "../pipeline/plan-project.ts";
import { readPlan } from "../plan/plan-document.ts";
import type { Plan } from "../plan/plan.ts";
import { field } from "../report/value-text.ts";
import { failureText, verdictText } from "../report/verdict-report.ts";
import type { CommandContext } from "./command-context.ts";
import { openLive, SINCE_DESCRIPTION, type LiveOptions, type LiveProject } from "./open-live.ts";
import type { OpenProject } from "./open-project.ts";

interface ApplyOptions extends LiveOptions {
  readonly plan?: string;
  readonly timeout?: string;
}

/** `quorate apply`: writes what differs, verifies that every node runs it, and gives a verdict per cluster. */
export function applyCommand(context: CommandContext): Command {
  return new Command("apply")
    .description("bring the live clusters to what is compiled, and verify it")
    .argument("[cluster...]", "clusters; default: all, or those of the plan")
    .option("--plan <file-or-digest>", "apply this plan and refuse if anything moved since")
    .option("--endpoints <file>", "reach the nodes at these URLs instead")
    .option("--timeout <duration>", "how long the nodes of one cluster may take to run it")
    .option("--since <revision>", SINCE_DESCRIPTION)
    .addOption(
      new Option("--format <format>", "output format").choices(["human", "json"]).default("human"),
    )
    .action((names: string[], options: ApplyOptions) => runApply(context, names, options));
}

async function runApply(
  context: CommandContext,
  names: readonly string[],
  options: ApplyOptions,
): Promise<void> {
  const timeout = options.timeout === undefined ? undefined : parseDuration(options.timeout);
  if (timeout?.ok === false)
    return refuse(context, {
      lines: [`--timeout: ${timeout.error}; write it like 60s`],
      code: EXIT_CODE.usage,
    });
  const approved = await readApproval(options.plan);
  if (!approved.ok) return refuse(context, approved.error);
  const live = await openLive(context, names, options, {
    withPassword: true,
    ...(approved.value.kind === "plan"
      ? { planned: approved.value.plan.clusters.map(({ cluster }) => cluster) }
      : {}),
  });
  if (live === undefined) return;
  const { opened, connection, baseline } = live;
  const plan = await approvedPlan(approved.value, live);
  if (!plan.ok) return refuse(context, plan.error);
  const clusters = choose(opened, names, plan.value);
  if (!clusters.ok) return refuse(context, clusters.error);
  process.once("SIGINT", () => interrupt(context, EXIT_CODE.interrupted));
  process.once("SIGTERM", () => interrupt(context, EXIT_CODE.terminated));
  const verdicts = await applyAll(context, clusters.value, (compiled) => ({
    api: connection.api,
    request: {
      compiled,
      endpoints: connection.endpointsOf(compiled),
      plan: plan.value?.clusters.find(({ cluster }) => cluster === compiled.resolved.name),
      baseline: baseline?.documents.get(compiled.resolved.name),
      deadlineSeconds: timeout?.value ?? defaultDeadline(compiled),
    },
    isQuiet: options.format === "json",
  }));
  if (options.format === "json")
    context.out.result(JSON.stringify({ formatVersion: 1, verdicts }, undefined, 2));
  reportUntouched(context, clusters.value, verdicts);
  context.setExitCode(exitCodeOf(verdicts));
}

/** A PATCH is whole or not at all, so there is nothing to clean up. */
function interrupt(context: CommandContext, code: ExitCode): void {
  context.out.progress(
    "interrupted: what was written stays whole, run apply again to finish and verify it",
  );
  process.exit(code);
}

/** One cluster after the other, up to the first that does not end well: the next ones wait for a person. */
async function applyAll(
  context: CommandContext,
  clusters: readonly CompiledCluster[],
  requestOf: (compiled: CompiledCluster) => {
    readonly api: PatroniApi;
    readonly request: ApplyRequest;
    readonly isQuiet: boolean;
  },
): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const compiled of clusters) {
    const { api, request, isQuiet } = requestOf(compiled);
    const progress = (text: string): void => context.out.progress(field(text));
    const verdict = await applyCluster({ api, clock: systemClock, progress }, request);
    verdicts.push(verdict);
    if (!isQuiet) context.out.result(verdictText(verdict));
    if (verdict.kind !== "applied" && verdict.kind !== "unchanged") break;
  }
  return verdicts;
}

/** Why nothing was applied, and the exit code for it. */
interface Refusal {
  readonly lines: readonly string[];
  readonly code: ExitCode;
}

function refuse(context: CommandContext, { lines, code }: Refusal): void {
  for (const line of lines) context.out.progress(field(line));
  context.setExitCode(code);
}

/** Two loops see and run a document; a third and some slack cover a node that is busy. */
function defaultDeadline({ resolved }: CompiledCluster): number {
  return 3 * resolved.timing.loopWait + 30;
}

/** What a person approved: a whole plan, the digest of one, or whatever is needed now. */
type Approval =
  | { readonly kind: "plan"; readonly plan: Plan }
  | { readonly kind: "digest"; readonly digest: string }
  | { readonly kind: "any" };

async function readApproval(plan: string | undefined): Promise<Result<Approval, Refusal>> {
  if (plan === undefined) return ok({ kind: "any" });
  if (/^[0-9a-f]{12,64}$/.test(plan)) return ok({ kind: "digest", digest: plan });
  const text = await readTextFile(plan, MAX_PLAN_BYTES);
  if (!text.ok) return badPlan(`${plan} cannot be read (${fileFailureText(text.error)})`);
  const read = readPlan(text.value);
  if (!read.ok) return badPlan(`${plan} cannot be applied: ${read.error}`);
  if (read.value.clusters.length === 0)
    return badPlan(`${plan} cannot be applied: it plans no cluster`);
  return ok({ kind: "plan", plan: read.value });
}

/** A plan of thousands of clusters is smaller. */
const MAX_PLAN_BYTES = 64 * 1024 * 1024;

function badPlan(line: string): Result<never, Refusal> {
  return err({ lines: [line], code: EXIT_CODE.badInput });
}

/** The approval of a digest: the plan is made again, from every node, and must be the same. */
async function approvedPlan(
  approval: Approval,
  { opened, connection, baseline }: LiveProject,
): Promise<Result<Plan | undefined, Refusal>> {
  if (approval.kind === "any") return ok(undefined);
  if (approval.kind === "plan") return ok(approval.plan);
  const { plan, failures } = await planProject(connection.api, opened.clusters, {
    endpointsOf: connection.endpointsOf,
    baseline,
  });
  if (failures.length > 0) {
    const lines = failures.map((failure) => `${failure.cluster}: ${failureText(failure)}`);
    return err({
      lines: [...lines, "the plan cannot be made again, nothing was written"],
      code: EXIT_CODE.refused,
    });
  }
  if (plan.digest.startsWith(approval.digest)) return ok(plan);
  const [now, then] = [plan.digest.slice(0, 12), approval.digest.slice(0, 12)];
  return err({
    lines: [`the plan is stale, nothing was written: now it would be ${now}, approved was ${then}`],
    code: EXIT_CODE.stalePlan,
  });
}

function choose(
  { clusters }: OpenProject,
  names: readonly string[],
  plan: Plan | undefined,
): Result<readonly CompiledCluster[], Refusal> {
  if (plan === undefined) return ok(clusters);
  const planned = new Set(plan.clusters.map(({ cluster }) => cluster));
  const known = new Set(clusters.map(({ resolved }) => resolved.name));
  const gone = names.length === 0 ? [...planned].filter((name) => !known.has(name)) : [];
  if (gone.length > 0)
    return stale(
      `the plan is stale, nothing was written: the project no longer has ${gone.join(", ")}`,
    );
  const unplanned = names.filter((name) => !planned.has(name));
  if (unplanned.length > 0)
    return stale(`the plan does not speak of ${unplanned.join(", ")}, nothing was written`);
  return ok(clusters.filter(({ resolved }) => planned.has(resolved.name)));
}

function stale(line: string): Result<never, Refusal> {
  return err({ lines: [line], code: EXIT_CODE.stalePlan });
}

function reportUntouched(
  context: CommandContext,
  clusters: readonly CompiledCluster[],
  verdicts: readonly Verdict[],
): void {
  const untouched = clusters.slice(verdicts.length).map(({ resolved }) => resolved.name);
  if (untouched.length > 0) context.out.progress(`not looked at any more: ${untouched.join(", ")}`);
}

function exitCodeOf(verdicts: readonly Verdict[]): ExitCode {
  const last = verdicts.at(-1);
  const wrote = verdicts.some((verdict) => verdict.kind === "applied");
  const unlessPartly = (code: ExitCode): ExitCode => (wrote ? EXIT_CODE.partlyApplied : code);
  switch (last?.kind) {
    case undefined:
    case "applied":
    case "unchanged":
      return EXIT_CODE.done;
    case "unverified":
      return EXIT_CODE.notVerified;
    case "surprised":
    case "uncertain":
      return EXIT_CODE.partlyApplied;
    case "stale":
      return unlessPartly(EXIT_CODE.stalePlan);
    case "unreachable":
    case "refused":
      return unlessPartly(EXIT_CODE.refused);
    default:
      return last satisfies never;
  }
}
