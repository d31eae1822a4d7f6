import { Command, Option } from "commander";
import { EXIT_CODE } from "../core/exit-code.ts";
import { compareText } from "../core/json.ts";
import { leaseBounds, readLease, type ClusterBounds } from "../pipeline/cluster-bounds.ts";
import { boundsText, pausedText } from "../report/bounds-report.ts";
import {
  diagnosticsJson,
  diagnosticsSummary,
  diagnosticsText,
} from "../report/diagnostics-report.ts";
import type { CommandContext } from "./command-context.ts";
import { runRemembering } from "./run-remembering.ts";

interface CheckOptions {
  readonly format: "human" | "json";
  readonly cache: boolean;
}

/** `quorate check`: everything that is wrong in all files at once, and how fast each cluster fails over. */
export function checkCommand(context: CommandContext): Command {
  return new Command("check")
    .description("say everything that is wrong in the project's files")
    .addOption(
      new Option("--format <format>", "output format").choices(["human", "json"]).default("human"),
    )
    .option("--no-cache", "check everything, whatever the last run remembers")
    .action(async ({ format, cache }: CheckOptions) => {
      const leases = new Map<string, string>();
      const run = await runRemembering(context, {
        useCache: cache,
        begin: () => {
          leases.clear();
          return async ({ name, lease, output }) => {
            leases.set(name, lease);
            return output;
          };
        },
      });
      const { found, clusters, hasErrors } = run;
      // Where something is wrong, what would hold of the rest would only distract.
      const bounds = hasErrors ? [] : boundsOf(leases);
      if (format === "json")
        context.out.result(diagnosticsJson(found, clusters, bounds.length > 0 ? { bounds } : {}));
      else {
        if (found.length > 0) context.out.result(diagnosticsText(found));
        for (const each of bounds)
          context.out.result(
            each.isPaused ? pausedText(each.cluster) : boundsText(each.cluster, each),
          );
        context.out.result(diagnosticsSummary(found, clusters));
      }
      context.setExitCode(hasErrors ? EXIT_CODE.badInput : EXIT_CODE.done);
      run.keep(new Map());
    });
}

function boundsOf(leases: ReadonlyMap<string, string>): readonly ClusterBounds[] {
  return [...leases]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([cluster, lease]) => leaseBounds(cluster, readLease(lease)));
}
