import { resolve } from "node:path";
import { Command } from "commander";
import { compareFolder, writeFolder, type FolderDifference } from "../adapters/rendered-folder.ts";
import { MANIFEST, renderCluster } from "../compiler/render-cluster.ts";
import { EXIT_CODE } from "../core/exit-code.ts";
import { count } from "../report/value-text.ts";
import type { CommandContext } from "./command-context.ts";
import { openProject } from "./open-project.ts";
import { QUORATE_VERSION } from "./quorate-version.ts";

/** `quorate compile`: writes `rendered/`, or says whether it is current. */
export function compileCommand(context: CommandContext): Command {
  return new Command("compile")
    .description("write each cluster's dcs.yaml, patroni.yml files and manifest")
    .option("--check", "write nothing, only say whether the output is current", false)
    .option("--out <dir>", "output folder", "rendered")
    .action(async (options: { readonly check: boolean; readonly out: string }) => {
      const opened = await openProject(context, []);
      if (opened === undefined) return;
      const folder = resolve(context.projectRoot(), options.out);
      const files = opened.clusters.flatMap((cluster) => renderCluster(cluster, QUORATE_VERSION));
      const total = `${count(files.length, "file")} of ${count(opened.clusters.length, "cluster")}`;
      try {
        if (options.check) {
          const differences = await compareFolder(folder, files, MANIFEST);
          report(context, options.out, differences);
          context.out.result(
            differences.length === 0
              ? `${options.out} is current (${total})`
              : `${options.out} is not current: run quorate compile`,
          );
          context.setExitCode(differences.length === 0 ? EXIT_CODE.done : EXIT_CODE.changesPresent);
        } else {
          const differences = await writeFolder(folder, files, MANIFEST);
          context.out.result(`${options.out}: ${total}, ${differences.length} changed`);
        }
      } catch (error) {
        const code = error instanceof Error && "code" in error ? String(error.code) : "";
        if (code === "") throw error;
        context.out.progress(
          `${options.out} cannot be written (${code}); what was there is unharmed`,
        );
        context.setExitCode(EXIT_CODE.badInput);
      }
    });
}

function report(
  context: CommandContext,
  out: string,
  differences: readonly FolderDifference[],
): void {
  for (const { path, kind } of differences) context.out.result(`  ${kind}: ${out}/${path}`);
}
