import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { constants } from "node:os";
import process from "node:process";
import { ok, type Result } from "../core/result.ts";
import { enterHost } from "./host.ts";
import { PATRONI_YML } from "./host-tree.ts";
import { CLIENT } from "./lab-paths.ts";
import { findLabProcesses, hostInits } from "./lab-processes.ts";
import { programEnvironment } from "./lab-programs.ts";
import { badInput, type LabRefusal, refuse } from "./lab-refusal.ts";
import { clientEnvironment, etcdEnvironment, nodeEnvironment } from "./lab-secrets.ts";
import { type LabSecrets, type LabState, readLabSecrets, readLabState } from "./lab-state.ts";
import { noLab } from "./lab-status.ts";

/** A command to run in a lab: on the client, or as root on a node or a voter. */
export interface LabCommand {
  readonly cluster: string;
  readonly on?: string;
  readonly argv: readonly string[];
}

/**
 * Runs a command in a lab with this process' terminal, directory and environment, and with the
 * secrets that the project refers to. Gives its exit code, 128 + signal when a signal ended it.
 */
export async function execInLab(command: LabCommand): Promise<Result<number, LabRefusal>> {
  const { cluster, on, argv } = command;
  const state = await readLabState(cluster);
  const secrets = await readLabSecrets(cluster);
  const inits = hostInits(await findLabProcesses(cluster));
  if (state === undefined || secrets === undefined || inits.size === 0) return noLab(cluster);
  const init = inits.get(on ?? CLIENT);
  if (init === undefined) {
    const names = [...inits.keys()].filter((name) => name !== CLIENT).toSorted();
    return on === undefined
      ? refuse(`the client of ${cluster} is gone`, `run \`quorate lab up ${cluster}\``)
      : badInput(`no host ${on} is up in the lab of ${cluster}`, `up: ${names.join(", ")}`);
  }
  const child = spawn("nsenter", [...enterHost(init, process.cwd()), ...argv], {
    stdio: "inherit",
    env: { ...process.env, ...environmentOf(state, secrets, on) },
  });
  return ok(await exitCodeOf(child));
}

function environmentOf(
  state: LabState,
  secrets: LabSecrets,
  on: string | undefined,
): Readonly<Record<string, string>> {
  const isNode = state.cluster.nodes.some(({ name }) => name === on);
  const etcd = etcdEnvironment(state, secrets);
  if (on === undefined || !isNode) return { ...clientEnvironment(state, secrets), ...etcd };
  const { PATH, PYTHONPATH } = programEnvironment(state.cluster.patroni);
  return {
    ...nodeEnvironment(state, secrets, on),
    ...etcd,
    PATH: `${PATH}:${process.env["PATH"] ?? ""}`,
    PYTHONPATH,
    PATRONICTL_CONFIG_FILE: PATRONI_YML,
  };
}

/** Waits for a child and passes on to it what is sent to this process. */
async function exitCodeOf(child: ChildProcess): Promise<number> {
  // A terminal sends Ctrl-C and Ctrl-\ to the child by itself.
  const typed: readonly NodeJS.Signals[] = process.stdin.isTTY ? [] : ["SIGINT", "SIGQUIT"];
  const ignored: readonly NodeJS.Signals[] = process.stdin.isTTY ? ["SIGINT", "SIGQUIT"] : [];
  const forwarded: readonly NodeJS.Signals[] = [
    "SIGTERM",
    "SIGHUP",
    "SIGUSR1",
    "SIGUSR2",
    ...typed,
  ];
  const forward = (signal: NodeJS.Signals): void => void signalCommand(child, signal);
  for (const signal of forwarded) process.on(signal, forward);
  for (const signal of ignored) process.on(signal, leaveToTerminal);
  try {
    return await new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", (code, signal) => {
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      });
    });
  } finally {
    for (const signal of forwarded) process.off(signal, forward);
    for (const signal of ignored) process.off(signal, leaveToTerminal);
  }
}

function leaveToTerminal(): void {
  // the child got it too, and decides
}

/** `nsenter` waits outside of the host and keeps signals to itself: its child is the command. */
async function signalCommand({ pid }: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  try {
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
    const command = Number(children.trim().split(" ")[0]);
    if (command > 0) process.kill(command, signal);
  } catch {
    // it has ended
  }
}
