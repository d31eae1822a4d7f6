import { resolve } from "node:path";
import type { Command } from "commander";
import { systemClock } from "../adapters/system-clock.ts";
import { openTerminal } from "../adapters/terminal.ts";
import { EXIT_CODE } from "../core/exit-code.ts";
import { parseInstant, type Instant } from "../core/instant.ts";
import { printable } from "../report/value-text.ts";
import type { CommandContext } from "./command-context.ts";
import { QUORATE_VERSION } from "./quorate-version.ts";

/** The commands; each is loaded only when it is called, so that `version` and `--help` start fast. */
const COMMANDS: readonly {
  readonly name: string;
  readonly summary: string;
  readonly load: (context: CommandContext) => Promise<Command>;
}[] = [
  {
    name: "check",
    summary: "say everything that is wrong in the project's files",
    load: async (context) => (await import("./check-command.ts")).checkCommand(context),
  },
  {
    name: "compile",
    summary: "write each cluster's configuration files",
    load: async (context) => (await import("./compile-command.ts")).compileCommand(context),
  },
  {
    name: "explain",
    summary: "say who set a value, where, why, and what changing it does",
    load: async (context) => (await import("./explain-command.ts")).explainCommand(context),
  },
  {
    name: "plan",
    summary: "show what differs between live and compiled clusters",
    load: async (context) => (await import("./plan-command.ts")).planCommand(context),
  },
  {
    name: "apply",
    summary: "bring live clusters to what is compiled, and verify it",
    load: async (context) => (await import("./apply-command.ts")).applyCommand(context),
  },
  {
    name: "schema",
    summary: "print a JSON Schema, so that editors complete and explain what people write",
    load: async (context) => (await import("./schema-command.ts")).schemaCommand(context),
  },
  {
    name: "sandbox",
    summary: "serve a stand-in for Patroni's REST API, without root or PostgreSQL",
    load: loadSandboxCommand,
  },
  {
    name: "lab",
    summary: "boot rendered files on real PostgreSQL, Patroni and etcd",
    load: loadLab,
  },
];

/** Global options that take a value, which is no command. */
const VALUED: ReadonlySet<string> = new Set(["--project", "--now"]);

/** What asks for the version alone; it is answered before anything is loaded. */
const VERSION_WORDS: ReadonlySet<string> = new Set(["version", "--version", "-V"]);

const terminal = openTerminal(process.stdout, process.stderr);
// Not at the end of main: a write may fail after it, and a signal may end the program before it.
process.once("exit", (code) => {
  const isSuccess = code === EXIT_CODE.done || code === EXIT_CODE.changesPresent;
  if (isSuccess && terminal.hasLost()) process.exitCode = EXIT_CODE.bug;
});
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const [only] = args;
  if (args.length === 1 && only !== undefined && VERSION_WORDS.has(only)) {
    terminal.result(QUORATE_VERSION);
    return EXIT_CODE.done;
  }
  const { Command, CommanderError, InvalidArgumentError } = await import("commander");
  let exitCode: number = EXIT_CODE.done;
  const program = new Command("quorate");
  const context: CommandContext = {
    out: terminal,
    projectRoot: () => resolve(program.opts<{ readonly project: string }>().project),
    now: () => program.opts<{ readonly now?: Instant }>().now ?? systemClock.now(),
    setExitCode: (code) => {
      exitCode = code;
    },
  };
  program
    .description("Policy engine and GitOps config compiler for Patroni")
    .version(QUORATE_VERSION, "-V, --version", "print Quorate's version")
    .option("--project <dir>", "the project's folder", ".")
    .option("--now <time>", "judge what ends by this time, such as 2026-12-01T06:00Z", (text) => {
      const instant = parseInstant(text);
      if (instant.ok) return instant.value;
      throw new InvalidArgumentError(`${instant.error}; write it like 2026-12-01T06:00Z.`);
    })
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError();
  program
    .command("version")
    .description("print Quorate's version")
    .action(() => terminal.result(QUORATE_VERSION));
  const wanted = commandWord(args);
  for (const { name, summary, load } of COMMANDS)
    if (name === wanted) program.addCommand(inherit(await load(context)));
    else
      program
        .command(name)
        .description(summary)
        .action(() => undefined);
  try {
    await program.parseAsync(["node", "quorate", ...args]);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? EXIT_CODE.done : EXIT_CODE.usage;
    terminal.progress(
      `this is a bug in Quorate ${QUORATE_VERSION}, not in your files: ${printable(describe(error))}`,
    );
    return EXIT_CODE.bug;
  }
}

async function loadSandboxCommand(context: CommandContext): Promise<Command> {
  const [{ sandboxCommand }, { loadSandbox }] = await Promise.all([
    import("./sandbox-command.ts"),
    import("./load-sandbox.ts"),
  ]);
  const load = (names: readonly string[]): ReturnType<typeof loadSandbox> =>
    loadSandbox(context, names);
  return sandboxCommand({ loadSandbox: load, out: context.out, setExitCode: context.setExitCode });
}

async function loadLab(context: CommandContext): Promise<Command> {
  const [{ labCommand }, { loadLabCluster }] = await Promise.all([
    import("./lab-command.ts"),
    import("./load-lab-cluster.ts"),
  ]);
  const load = (cluster: string): ReturnType<typeof loadLabCluster> =>
    loadLabCluster(context, cluster);
  return labCommand({ loadLabCluster: load, out: context.out, setExitCode: context.setExitCode });
}

/** The first word that is neither an option nor the value of a global option that takes one. */
function commandWord(args: readonly string[]): string | undefined {
  return args.find((word, index) => !word.startsWith("-") && !VALUED.has(args[index - 1] ?? ""));
}

/** A command made elsewhere ends the way the program does: by an error that is caught here. */
function inherit(command: Command): Command {
  command.exitOverride();
  for (const inner of command.commands) inherit(inner);
  return command;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
