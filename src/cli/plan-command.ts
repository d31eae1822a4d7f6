import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Command, Option } from "commander";
import { errorCode } from "../adapters/read-text-file.ts";
import { replaceFile } from "../adapters/replace-file.ts";
import { EXIT_CODE } from "../core/exit-code.ts";
import { planProject } from "../pipeline/plan-project.ts";
import { writePlan } from "../plan/plan-document.ts";
import { hasChanges } from "../plan/plan-cluster.ts";
import { planText } from "../report/plan-report.ts";
import { field } from "../report/value-text.ts";
import { failureText } from "../report/verdict-report.ts";
import type { CommandContext } from "./command-context.ts";
import { openLive, SINCE_DESCRIPTION, type LiveOptions } from "./open-live.ts";

interface PlanOptions extends LiveOptions {
  readonly out?: string;
}

/** `quorate plan`: what runs against what is compiled. Reads only, and sends no password. */
export function planCommand(context: CommandContext): Command {
  return new Command("plan")
    .description("show what differs between the live clusters and the compiled ones")
    .argument("[cluster...]", "clusters; default: all")
    .addOption(
      new Option("--format <format>", "output format").choices(["human", "json"]).default("human"),
    )
    .option("--out <file>", "store the plan for apply --plan")
    .option("--endpoints <file>", "reach the nodes at these URLs instead")
    .option("--since <revision>", SINCE_DESCRIPTION)
    .action((names: string[], options: PlanOptions) => runPlan(context, names, options));
}

async function runPlan(
  context: CommandContext,
  names: readonly string[],
  options: PlanOptions,
): Promise<void> {
  const live = await openLive(context, names, options, { withPassword: false });
  if (live === undefined) return;
  const { opened, connection, baseline } = live;
  const { plan, failures } = await planProject(connection.api, opened.clusters, {
    endpointsOf: connection.endpointsOf,
    baseline,
  });
  context.out.result(
    options.format === "json"
      ? writePlan(plan).trimEnd()
      : planText(plan, { baseline: baseline?.name, unread: failures }),
  );
  for (const failure of failures)
    context.out.progress(field(`${failure.cluster}: ${failureText(failure)}`));
  if (failures.length > 0) {
    if (options.out !== undefined)
      context.out.progress(`${field(options.out)} was not written: the plan is not complete`);
    context.setExitCode(EXIT_CODE.refused);
    return;
  }
  if (options.out !== undefined && !(await store(context, resolve(options.out), writePlan(plan))))
    return;
  context.setExitCode(
    plan.clusters.some((cluster) => hasChanges(cluster))
      ? EXIT_CODE.changesPresent
      : EXIT_CODE.done,
  );
}

async function store(context: CommandContext, file: string, text: string): Promise<boolean> {
  const stored = await storeFile(file, text);
  if (stored === undefined) return true;
  context.out.progress(`${field(file)} cannot be written (${stored})`);
  context.setExitCode(EXIT_CODE.badInput);
  return false;
}

/** Why a file could not be written; undefined: it was. */
async function storeFile(file: string, text: string): Promise<string | undefined> {
  try {
    await mkdir(dirname(file), { recursive: true });
  } catch (error) {
    return errorCode(error);
  }
  const written = await replaceFile(file, text);
  return written.ok ? undefined : written.error;
}
