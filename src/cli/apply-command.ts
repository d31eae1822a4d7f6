import { readFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { systemClock } from "../adapters/system-clock.ts";
import { applyCluster, type ApplyRequest } from "../apply/apply-cluster.ts";
import type { Verdict } from "../apply/verdict.ts";
import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import { EXIT_CODE, type ExitCode } from "../core/exit-code.ts";
import type { PatroniApi } from "../core/ports.ts";
import { err, ok, type Result } from "../core/result.ts";
import { parseDuration } from "../core/units.ts";
import { planProject } from "../pipeline/plan-project.ts";
import { readPlan } from "../plan/plan-document.ts";
import type { Plan } from "../plan/plan.ts";
import { verdictText } from "../report/verdict-report.ts";
import type { CommandContext } from "./command-context.ts";
import { openLive, type LiveOptions, type LiveProject } from "./open-live.ts";
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
    .option("--since <revision>", "the commit against which drift is told from change", "HEAD")
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
  if (timeout?.ok === false) {
    refuseInput(context, `--timeout: ${timeout.error}; write it like 60s`, EXIT_CODE.usage);
    return;
  }
  const live = await openLive(context, names, options, true);
  if (live === undefined) return;
  const { opened, connection, baseline } = live;
  const plan = await findPlan(options, live);
  if (!plan.ok) return refuseInput(context, plan.error.text, plan.error.code);
  const clusters = choose(opened, names, plan.value);
  if (!clusters.ok) return refuseInput(context, clusters.error, EXIT_CODE.stalePlan);
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
    const progress = (text: string): void => context.out.progress(text);
    const verdict = await applyCluster({ api, clock: systemClock, progress }, request);
    verdicts.push(verdict);
    if (!isQuiet) context.out.result(verdictText(verdict));
    if (verdict.kind !== "applied" && verdict.kind !== "unchanged") break;
  }
  return verdicts;
}

function refuseInput(context: CommandContext, text: string, code: ExitCode): void {
  context.out.progress(text);
  context.setExitCode(code);
}

/** Two loops see and run a document; a third and some slack cover a node that is busy. */
function defaultDeadline({ resolved }: CompiledCluster): number {
  return 3 * resolved.timing.loopWait + 30;
}

async function findPlan(
  { plan }: ApplyOptions,
  source: LiveProject,
): Promise<Result<Plan | undefined, { readonly text: string; readonly code: ExitCode }>> {
  if (plan === undefined) return ok(undefined);
  if (/^[0-9a-f]{12,64}$/.test(plan)) return planOfDigest(plan, source);
  try {
    const read = readPlan(await readFile(plan, "utf8"));
    if (read.ok) return read;
    return err({ text: `${plan} cannot be applied: ${read.error}`, code: EXIT_CODE.badInput });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    return err({ text: `${plan} cannot be read (${code})`, code: EXIT_CODE.badInput });
  }
}

/** The approval of one plan, by its digest: the plan is made again and must be the same. */
async function planOfDigest(
  digest: string,
  { opened, connection, baseline }: LiveProject,
): Promise<Result<Plan, { readonly text: string; readonly code: ExitCode }>> {
  const { plan } = await planProject(connection.api, opened.clusters, {
    endpointsOf: connection.endpointsOf,
    baseline,
  });
  if (plan.digest.startsWith(digest)) return ok(plan);
  return err({
    text: `the plan is stale, nothing was written: now it would be ${plan.digest.slice(0, 12)}, approved was ${digest.slice(0, 12)}`,
    code: EXIT_CODE.stalePlan,
  });
}

function choose(
  { clusters }: OpenProject,
  names: readonly string[],
  plan: Plan | undefined,
): Result<readonly CompiledCluster[], string> {
  if (plan === undefined) return ok(clusters);
  const planned = new Set(plan.clusters.map(({ cluster }) => cluster));
  const known = new Set(clusters.map(({ resolved }) => resolved.name));
  const gone = names.length === 0 ? [...planned].filter((name) => !known.has(name)) : [];
  if (gone.length > 0)
    return err(
      `the plan is stale, nothing was written: the project no longer has ${gone.join(", ")}`,
    );
  const unplanned = names.filter((name) => !planned.has(name));
  if (unplanned.length > 0)
    return err(`the plan does not speak of ${unplanned.join(", ")}, nothing was written`);
  return ok(clusters.filter(({ resolved }) => planned.has(resolved.name)));
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
  switch (last?.kind) {
    case undefined:
    case "applied":
    case "unchanged":
      return EXIT_CODE.done;
    case "unverified":
      return EXIT_CODE.notVerified;
    case "surprised":
      return EXIT_CODE.partlyApplied;
    case "stale":
      return wrote ? EXIT_CODE.partlyApplied : EXIT_CODE.stalePlan;
    case "unreachable":
    case "refused":
      return wrote ? EXIT_CODE.partlyApplied : EXIT_CODE.refused;
    default:
      return last satisfies never;
  }
}
