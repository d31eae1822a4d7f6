import { Command, InvalidArgumentError } from "commander";
import { compareFolder, writeFolder, type FolderFailure } from "../adapters/rendered-folder.ts";
import { MANIFEST, renderCluster, type RenderedFile } from "../compiler/render-cluster.ts";
import { EXIT_CODE } from "../core/exit-code.ts";
import { count, field } from "../report/value-text.ts";
import type { CommandContext } from "./command-context.ts";
import { openProject } from "./open-project.ts";
import { findOutputFolder } from "./output-folder.ts";
import { QUORATE_VERSION } from "./quorate-version.ts";

interface CompileOptions {
  readonly check: boolean;
  readonly out: string;
}

/** What is compiled, where it goes, and how it is spoken of. */
interface Output {
  readonly folder: string;
  readonly name: string;
  readonly files: readonly RenderedFile[];
  readonly total: string;
}

/** `quorate compile`: writes `rendered/`, or says whether it is current. */
export function compileCommand(context: CommandContext): Command {
  return new Command("compile")
    .description("write each cluster's dcs.yaml, patroni.yml files and manifest")
    .option("--check", "write nothing, only say whether the output is current", false)
    .option("--out <dir>", "output folder", readFolderName, "rendered")
    .action((options: CompileOptions, command: Command) => {
      const isExplicit = command.getOptionValueSource("out") !== "default";
      return runCompile(context, options, isExplicit);
    });
}

async function runCompile(
  context: CommandContext,
  { check, out }: CompileOptions,
  isExplicit: boolean,
): Promise<void> {
  const opened = await openProject(context, []);
  if (opened === undefined) return;
  const name = field(out);
  const folder = await findOutputFolder(context.projectRoot(), { out, isExplicit });
  if (!folder.ok) {
    context.out.progress(`${name} cannot hold what is compiled: ${field(folder.error)}`);
    context.setExitCode(EXIT_CODE.badInput);
    return;
  }
  const files = opened.clusters.flatMap((cluster) => renderCluster(cluster, QUORATE_VERSION));
  const total = `${count(files.length, "file")} of ${count(opened.clusters.length, "cluster")}`;
  const output = { folder: folder.value, name, files, total };
  await (check ? checkOutput(context, output) : writeOutput(context, output));
}

async function checkOutput(
  context: CommandContext,
  { folder, name, files, total }: Output,
): Promise<void> {
  const compared = await compareFolder(folder, files, MANIFEST);
  if (!compared.ok) {
    context.out.progress(`${name} cannot be compared: ${field(compared.error)}`);
    context.setExitCode(EXIT_CODE.badInput);
    return;
  }
  const differences = compared.value;
  for (const { path, kind } of differences) context.out.result(`  ${kind}: ${name}/${field(path)}`);
  const isCurrent = differences.length === 0;
  context.out.result(
    isCurrent ? `${name} is current (${total})` : `${name} is not current: run quorate compile`,
  );
  context.setExitCode(isCurrent ? EXIT_CODE.done : EXIT_CODE.changesPresent);
}

async function writeOutput(
  context: CommandContext,
  { folder, name, files, total }: Output,
): Promise<void> {
  const written = await writeFolder(folder, files, MANIFEST);
  if (written.ok) {
    context.out.result(`${name}: ${total}, ${written.value.length} changed`);
    return;
  }
  const { reason } = written.error;
  context.out.progress(`${name} cannot be written: ${field(reason)}; ${harmOf(written.error)}`);
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
