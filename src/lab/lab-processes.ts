import { readdir, readFile } from "node:fs/promises";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * What a process of a lab is: the first process of a host, a service on it, a session of a client, or the
 * time limit.
 */
export type LabRole = "init" | "etcd" | "patroni" | "session" | "watcher";

/** Which process of which lab this is; travels in the environment variable {@link MARK}. */
export interface LabMark {
  readonly cluster: string;
  /** Empty for the watcher. */
  readonly host: string;
  readonly role: LabRole;
}

/** A running process that carries a lab's mark. Children inherit the mark of their parent. */
export interface LabProcess extends LabMark {
  readonly pid: number;
  /** True inside a host's pid namespace: ends with that host's init. */
  readonly nested: boolean;
  /** True for the one process that is a host's pid 1. */
  readonly first: boolean;
}

/** The environment variable that marks every process of a lab. */
export const MARK = "QUORATE_LAB_PROCESS";
const TRIES_PER_SECOND = 20;
const ROLES: readonly LabRole[] = ["init", "etcd", "patroni", "session", "watcher"];

/** The environment that marks a process, for `spawn`. */
export function markOf({ cluster, host, role }: LabMark): Readonly<Record<string, string>> {
  return { [MARK]: `${cluster}/${host}/${role}` };
}

/**
 * Every process of a cluster's lab, as the kernel knows it now. The lab writes no pids down: a mark
 * in the environment cannot go stale, name a reused pid, or be lost when `lab up` is killed.
 */
export async function findLabProcesses(cluster: string): Promise<readonly LabProcess[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map(readProcess));
  return found.filter((item): item is LabProcess => item?.cluster === cluster);
}

/** The pid 1 of each host that lives, by host. Service processes come and go; these stay. */
export function hostInits(processes: readonly LabProcess[]): ReadonlyMap<string, number> {
  const inits = processes.filter(({ role, first }) => role === "init" && first);
  return new Map(inits.map(({ host, pid }) => [host, pid]));
}

/** True while a service that the lab started on a host has not ended. */
export function isServiceAlive(
  processes: readonly LabProcess[],
  host: string,
  role: LabRole,
): boolean {
  // The process that entered the host and waits for the service stands outside of it.
  return processes.some((item) => item.host === host && item.role === role && !item.nested);
}

/**
 * Kills the processes of a lab, hosts first, and waits until they are gone. Spares the process that
 * asks, which may be the watcher itself. Gives those that are left after `seconds`.
 */
export async function killLabProcesses(
  cluster: string,
  options: { readonly seconds: number; readonly roles?: readonly LabRole[] },
): Promise<readonly LabProcess[]> {
  const { seconds, roles = ROLES } = options;
  for (let tries = 0; ; tries += 1) {
    const all = await findLabProcesses(cluster);
    const left = all.filter(({ role, pid }) => roles.includes(role) && pid !== process.pid);
    if (left.length === 0 || tries >= seconds * TRIES_PER_SECOND) return left;
    // Killing a host's pid 1 makes the kernel kill all others there: patroni cannot react. Those who
    // entered the host wait for them and then end by themselves.
    const patient = tries < TRIES_PER_SECOND;
    for (const { pid, role, nested, first } of left)
      if (first || role === "watcher" || (!patient && !nested)) kill(pid);
    await sleep(1000 / TRIES_PER_SECOND);
  }
}

async function readProcess(pid: string): Promise<LabProcess | undefined> {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, "utf8");
    const mark = parseMark(environment);
    if (mark === undefined) return undefined;
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    const pids = /^NSpid:\s*(.*)$/m.exec(status)?.[1]?.split(/\s+/) ?? [];
    return {
      ...mark,
      pid: Number(pid),
      nested: pids.length > 1,
      first: pids.at(-1) === "1" && pids.length > 1,
    };
  } catch {
    return undefined; // it ended meanwhile, or is not ours to look at
  }
}

/** Reads the mark out of `/proc/PID/environ`; undefined when there is none. */
export function parseMark(environment: string): LabMark | undefined {
  const entry = environment.split("\0").find((text) => text.startsWith(`${MARK}=`));
  const [cluster, host, roleText] = entry?.slice(MARK.length + 1).split("/") ?? [];
  const role = ROLES.find((candidate) => candidate === roleText);
  return cluster === undefined || host === undefined || role === undefined
    ? undefined
    : { cluster, host, role };
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it ended meanwhile
  }
}
