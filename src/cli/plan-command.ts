import { resolve } from "node:path";
import { Command, Option } from "commander";
import { committedProject } from "../adapters/git-commit.ts";
import { projectFolder } from "../adapters/project-folder.ts";
import { replaceFile } from "../adapters/rendered-folder.ts";
import { EXIT_CODE } from "../core/exit-code.ts";
import { findBaseline } from "../pipeline/find-baseline.ts";
import { planProject } from "../pipeline/plan-project.ts";
import { writePlan } from "../plan/plan-document.ts";
import { hasChanges } from "../plan/plan-cluster.ts";
import { planText } from "../report/plan-report.ts";
import { failureText } from "../report/verdict-report.ts";
import type { CommandContext } from "./command-context.ts";
import { connect } from "./connect.ts";
import { openProject } from "./open-project.ts";

interface PlanOptions {
  readonly format: "human" | "json";
  readonly out?: string;
  readonly endpoints?: string;
  readonly since: string;
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
    .option("--since <revision>", "the commit against which drift is told from change", "HEAD")
    .action((names: string[], options: PlanOptions) => runPlan(context, names, options));
}

async function runPlan(
  context: CommandContext,
  names: readonly string[],
  options: PlanOptions,
): Promise<void> {
  const opened = await openProject(context, names);
  if (opened === undefined) return;
  const connection = await connect(context, opened, {
    ...endpointsOption(options),
    withPassword: false,
  });
  if (connection === undefined) return;
  const root = context.projectRoot();
  const baseline = await findBaseline(
    await committedProject(root, options.since),
    projectFolder(root),
  );
  const { plan, failures } = await planProject(connection.api, opened.clusters, {
    endpointsOf: connection.endpointsOf,
    baseline,
  });
  context.out.result(
    options.format === "json"
      ? writePlan(plan).trimEnd()
      : planText(plan, { baseline: baseline?.name }),
  );
  for (const failure of failures)
    context.out.progress(`${failure.cluster}: ${failureText(failure)}`);
  if (failures.length > 0) {
    if (options.out !== undefined)
      context.out.progress(`${options.out} was not written: the plan is not complete`);
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
  try {
    await replaceFile(file, text);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    context.out.progress(`${file} cannot be written (${code})`);
    context.setExitCode(EXIT_CODE.badInput);
    return false;
  }
}

/** An option that was not given must not be there at all. */
export function endpointsOption({ endpoints }: { readonly endpoints?: string }): {
  readonly endpoints?: string;
} {
  return endpoints === undefined ? {} : { endpoints };
}
