import { realpathSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import { EXIT_CODE } from "../core/exit-code.ts";
import type { Out } from "../core/ports.ts";
import { err, ok, type Result } from "../core/result.ts";
import { parseDuration, type Seconds } from "../core/units.ts";
import { bootLab } from "../lab/boot-lab.ts";
import { endLab, listLabs } from "../lab/end-lab.ts";
import { execInLab } from "../lab/exec-in-lab.ts";
import type { LabCluster } from "../lab/lab-cluster.ts";
import type { LabRefusal } from "../lab/lab-refusal.ts";
import { labStatus } from "../lab/lab-status.ts";
import {
  formatBootedLab,
  formatEndedLab,
  formatLabStatus,
  formatRefusal,
} from "../lab/lab-text.ts";
import { printable } from "../report/value-text.ts";
import { labFaultCommands } from "./lab-fault-commands.ts";

/** What the `lab` command needs from the command line around it. */
export interface LabCommandPorts {
  /** Finds a cluster in the project; the failure is the user's mistake, for people to read. */
  readonly loadLabCluster: (
    cluster: string,
    options: Readonly<Record<string, unknown>>,
  ) => Promise<Result<LabCluster, { readonly message: string; readonly hint?: string }>>;
  readonly out: Out;
  readonly setExitCode: (code: number) => void;
}

/** Builds `quorate lab up|status|exec|down`, and the faults. */
export function labCommand(ports: LabCommandPorts): Command {
  const lab = new Command("lab")
    .description(
      "boot a cluster's rendered files on real PostgreSQL, Patroni and etcd (root on Linux)",
    )
    .addCommand(upCommand(ports))
    .addCommand(statusCommand(ports))
    .addCommand(execCommand(ports))
    .addCommand(downCommand(ports));
  for (const fault of labFaultCommands((result) => report(ports, result))) lab.addCommand(fault);
  return lab;
}

function upCommand(ports: LabCommandPorts): Command {
  return new Command("up")
    .description("boot a cluster and wait until all members stream")
    .argument("<cluster>")
    .addOption(
      durationOption("--time-limit <duration>", "the lab ends by itself after this", "30m"),
    )
    .addOption(durationOption("--timeout <duration>", "how long to wait until it is ready", "120s"))
    .action(async (cluster: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<{ timeLimit: Seconds; timeout: Seconds }>();
      const loaded = await ports.loadLabCluster(cluster, { ...options });
      if (!loaded.ok) return report(ports, err({ kind: "bad-input", ...loaded.error }));
      const result = await untilInterrupted(async (interrupted) =>
        bootLab(loaded.value, {
          timeLimit: options.timeLimit,
          timeout: options.timeout,
          endCommand: endCommand(cluster),
          interrupted,
          onProgress: (text) => ports.out.progress(printable(text)),
        }),
      );
      return report(ports, result.ok ? ok(formatBootedLab(loaded.value, result.value)) : result);
    });
}

function statusCommand(ports: LabCommandPorts): Command {
  return new Command("status")
    .description("show every host, process and member of a lab")
    .argument("<cluster>")
    .action(async (cluster: string) => {
      const status = await labStatus(cluster);
      return report(ports, status.ok ? ok(formatLabStatus(status.value)) : status);
    });
}

function execCommand(ports: LabCommandPorts): Command {
  return new Command("exec")
    .description("run a command in a lab: on its client, or on one of its hosts")
    .usage("<cluster> [--on NODE] -- COMMAND [ARGS...]")
    .argument("<cluster>")
    .argument("<command...>")
    .option("--on <node>", "run it as root on this host")
    .action(async (cluster: string, argv: string[], { on }: { on?: string }) => {
      const result = await execInLab({ cluster, argv, ...(on === undefined ? {} : { on }) });
      if (!result.ok) return report(ports, result);
      return ports.setExitCode(result.value);
    });
}

function downCommand(ports: LabCommandPorts): Command {
  return new Command("down")
    .description("end a lab and remove every trace of it")
    .argument("[cluster]")
    .option("--all", "end every lab of this machine")
    .action(async (cluster: string | undefined, { all }: { all?: boolean }, command: Command) => {
      if ((cluster === undefined) === (all !== true))
        command.error("error: name one cluster, or say --all", { exitCode: EXIT_CODE.usage });
      const clusters = cluster === undefined ? await listLabs() : [cluster];
      if (clusters.length === 0) ports.out.result("no lab is up");
      for (const name of clusters) {
        const ended = await endLab(name);
        report(ports, ended.ok ? ok(formatEndedLab(name, ended.value)) : ended);
      }
    });
}

function report(ports: LabCommandPorts, result: Result<string, LabRefusal>): void {
  if (result.ok) return ports.out.result(result.value);
  ports.out.progress(printable(formatRefusal(result.error)));
  return ports.setExitCode(exitCodeOf(result.error));
}

function exitCodeOf(refusal: LabRefusal): number {
  switch (refusal.kind) {
    case "bad-input":
      return EXIT_CODE.badInput;
    case "refused":
      return EXIT_CODE.refused;
    case "interrupted":
      return refusal.by === "SIGTERM" ? EXIT_CODE.terminated : EXIT_CODE.interrupted;
    default:
      return refusal satisfies never;
  }
}

/** Runs an action that Ctrl-C asks to clean up and end; a second one changes nothing. */
async function untilInterrupted<Value>(
  action: (interrupted: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals): void => controller.abort(signal);
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    return await action(controller.signal);
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

/** This very program again, to end the lab when its time is over. */
function endCommand(cluster: string): readonly string[] {
  const program = realpathSync(process.argv[1] ?? "");
  return [process.execPath, ...process.execArgv, program, "lab", "down", cluster];
}

function durationOption(flags: string, description: string, standard: string): Option {
  return new Option(flags, description)
    .argParser(readDuration)
    .default(readDuration(standard), standard);
}

function readDuration(text: string): Seconds {
  const duration = parseDuration(text);
  if (!duration.ok) throw new InvalidArgumentError(`${duration.error}: write 90s, 30m or 2h.`);
  if (duration.value === 0) throw new InvalidArgumentError("it must be longer than 0s.");
  return duration.value;
}
