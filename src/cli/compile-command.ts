import { Command, InvalidArgumentError } from "commander";
import { openTextSpool, type TextSpool } from "../adapters/text-spool.ts";
import { writeChanges, type FolderFailure } from "../adapters/write-changes.ts";
import { MANIFEST } from "../compiler/manifest.ts";
import { EXIT_CODE } from "../core/exit-code.ts";
import type { Result } from "../core/result.ts";
import { diagnosticsSummary, diagnosticsText } from "../report/diagnostics-report.ts";
import { count, field } from "../report/value-text.ts";
import type { CommandContext } from "./command-context.ts";
import { compareOutput, type ComparedOutput } from "./compare-output.ts";
import { findOutputFolder } from "./output-folder.ts";
import { runRemembering, type RememberingRun } from "./run-remembering.ts";

interface CompileOptions {
  readonly check: boolean;
  readonly out: string;
  readonly cache: boolean;
}

/** What is compiled, where it goes, and how it is spoken of. */
interface Output {
  readonly folder: string;
  readonly name: string;
  readonly compared: ComparedOutput;
  readonly run: RememberingRun;
  readonly total: string;
}

/** `quorate compile`: writes `rendered/`, or says whether it is current. */
export function compileCommand(context: CommandContext): Command {
  return new Command("compile")
    .description("write each cluster's dcs.yaml, patroni.yml files and manifest")
    .option("--check", "write nothing, only say whether the output is current", false)
    .option("--out <dir>", "output folder", readFolderName, "rendered")
    .option("--no-cache", "compile everything, whatever the last run remembers")
    .action(async (options: CompileOptions, command: Command) => {
      const isExplicit = command.getOptionValueSource("out") !== "default";
      const spool = openTextSpool();
      try {
        await runCompile(context, options, { isExplicit, spool });
      } finally {
        spool.close();
      }
    });
}

async function runCompile(
  context: CommandContext,
  { check, out, cache }: CompileOptions,
  { isExplicit, spool }: { readonly isExplicit: boolean; readonly spool: TextSpool },
): Promise<void> {
  const name = field(out);
  const folder = await findOutputFolder(context.projectRoot(), { out, isExplicit });
  let compared: ComparedOutput | undefined;
  const run = await runRemembering(context, {
    useCache: cache,
    begin: () => {
      if (!folder.ok) return async ({ output }) => output;
      compared = compareOutput(folder.value, check ? undefined : spool);
      return compared.visit;
    },
  });
  if (!isSound(context, run)) return;
  if (!folder.ok || compared === undefined) {
    sayWhyNot(context, `${name} cannot hold what is compiled`, folder);
    return;
  }
  const total = `${count(compared.files(), "file")} of ${count(run.clusters, "cluster")}`;
  const output = { folder: folder.value, name, compared, run, total };
  (check ? checkOutput : writeOutput)(context, output);
}

/** Says what was found. With an error among it nothing is compared and nothing written. */
function isSound(context: CommandContext, { found, hasErrors, clusters }: RememberingRun): boolean {
  if (found.length > 0) context.out.progress(diagnosticsText(found));
  if (!hasErrors) return true;
  context.out.progress(diagnosticsSummary(found, clusters));
  context.setExitCode(EXIT_CODE.badInput);
  return false;
}

function sayWhyNot(context: CommandContext, what: string, reason: Result<unknown, string>): void {
  context.out.progress(`${what}: ${reason.ok ? "" : field(reason.error)}`);
  context.setExitCode(EXIT_CODE.badInput);
}

function checkOutput(context: CommandContext, { name, compared, run, total }: Output): void {
  const differences = compared.differences();
  if (!differences.ok) {
    sayWhyNot(context, `${name} cannot be compared`, differences);
    return;
  }
  for (const { path, kind } of differences.value)
    context.out.result(`  ${kind}: ${name}/${field(path)}`);
  const isCurrent = differences.value.length === 0;
  context.out.result(
    isCurrent ? `${name} is current (${total})` : `${name} is not current: run quorate compile`,
  );
  context.setExitCode(isCurrent ? EXIT_CODE.done : EXIT_CODE.changesPresent);
  run.keep(new Map());
}

function writeOutput(
  context: CommandContext,
  { folder, name, compared, run, total }: Output,
): void {
  const differences = compared.differences();
  if (!differences.ok) {
    sayFailure(context, name, { reason: differences.error, replaced: 0, removed: 0 });
    return;
  }
  const stale = differences.value.flatMap(({ path, kind }) => (kind === "stale" ? [path] : []));
  const { changes: clusters } = compared;
  const written = writeChanges({ folder, manifestName: MANIFEST, clusters, stale });
  if (!written.ok) {
    sayFailure(context, name, written.error);
    return;
  }
  context.out.result(`${name}: ${total}, ${differences.value.length} changed`);
  run.keep(written.value);
}

function sayFailure(context: CommandContext, name: string, failure: FolderFailure): void {
  context.out.progress(`${name} cannot be written: ${field(failure.reason)}; ${harmOf(failure)}`);
  context.setExitCode(EXIT_CODE.badInput);
}

function harmOf({ replaced, removed }: FolderFailure): string {
  if (replaced === 0 && removed === 0) return "nothing was changed";
  const also = removed === 0 ? "" : `, removed: ${removed}`;
  return `files already replaced: ${replaced}${also}; run quorate compile again`;
}

function readFolderName(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("name a folder.");
  return text;
}
