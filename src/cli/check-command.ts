import { Command, Option } from "commander";
import { projectFolder } from "../adapters/project-folder.ts";
import { EXIT_CODE } from "../core/exit-code.ts";
import { clusterBounds } from "../pipeline/cluster-bounds.ts";
import { compileProject } from "../pipeline/compile-project.ts";
import { boundsText, pausedText } from "../report/bounds-report.ts";
import {
  diagnosticsJson,
  diagnosticsSummary,
  diagnosticsText,
} from "../report/diagnostics-report.ts";
import type { CommandContext } from "./command-context.ts";

/** `quorate check`: everything that is wrong in all files at once, and how fast each cluster fails over. */
export function checkCommand(context: CommandContext): Command {
  return new Command("check")
    .description("say everything that is wrong in the project's files")
    .addOption(
      new Option("--format <format>", "output format").choices(["human", "json"]).default("human"),
    )
    .action(async (options: { readonly format: "human" | "json" }) => {
      const { found, clusters, hasErrors } = await compileProject(
        projectFolder(context.projectRoot()),
        { now: context.now() },
      );
      // Where something is wrong, what would hold of the rest would only distract.
      const bounds = hasErrors ? [] : clusters.map(clusterBounds);
      if (options.format === "json")
        context.out.result(
          diagnosticsJson(found, clusters.length, bounds.length > 0 ? { bounds } : {}),
        );
      else {
        if (found.length > 0) context.out.result(diagnosticsText(found));
        for (const each of bounds)
          context.out.result(
            each.isPaused ? pausedText(each.cluster) : boundsText(each.cluster, each),
          );
        context.out.result(diagnosticsSummary(found, clusters.length));
      }
      context.setExitCode(hasErrors ? EXIT_CODE.badInput : EXIT_CODE.done);
    });
}
