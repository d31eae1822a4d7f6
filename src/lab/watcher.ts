import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { killLabProcesses, markOf } from "./lab-processes.ts";

/** Waits, then becomes the command that ends the lab; the pid and the mark stay the same. */
const WAIT = `sleep "$1"; shift; exec "$@"`;

/**
 * Starts the process that ends a lab when its time is over, whatever became of the command line that
 * booted it. Replaces the one of an earlier `lab up`.
 */
export async function startWatcher(
  cluster: string,
  seconds: number,
  endCommand: readonly string[],
): Promise<void> {
  await stopWatcher(cluster);
  const watcher = spawn("sh", ["-c", WAIT, "lab-watcher", String(seconds), ...endCommand], {
    detached: true,
    stdio: "ignore",
    cwd: "/",
    env: { ...process.env, ...markOf({ cluster, host: "", role: "watcher" }) },
  });
  await once(watcher, "spawn");
  watcher.unref();
}

/** Stops the watcher of a lab, unless it is the one that asks. */
export async function stopWatcher(cluster: string): Promise<void> {
  await killLabProcesses(cluster, { seconds: 5, roles: ["watcher"] });
}
