import { Command, Option } from "commander";
import { projectFolder } from "../adapters/project-folder.ts";
import { EXIT_CODE } from "../core/exit-code.ts";
import { compileProject } from "../pipeline/compile-project.ts";
import {
  diagnosticsJson,
  diagnosticsSummary,
  diagnosticsText,
} from "../report/diagnostics-report.ts";
import type { CommandContext } from "./command-context.ts";

/** `quorate check`: everything that is wrong in all files at once. */
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
      if (options.format === "json") context.out.result(diagnosticsJson(found, clusters.length));
      else {
        if (found.length > 0) context.out.result(diagnosticsText(found));
        context.out.result(diagnosticsSummary(found, clusters.length));
      }
      context.setExitCode(hasErrors ? EXIT_CODE.badInput : EXIT_CODE.done);
    });
}
