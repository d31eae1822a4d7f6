import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { startService } from "../../src/lab/host.ts";
import { findLabProcesses, hostInits, type LabProcess, MARK } from "../../src/lab/lab-processes.ts";

/** Takes back what was done to a lab. */
export type Undo = () => Promise<void>;

/** Kills Patroni and PostgreSQL of a node at once and without warning; the answer starts Patroni again. */
export function killNode(cluster: string, node: string): Promise<Undo> {
  return killService(cluster, node, "patroni");
}

/** Kills every etcd of a lab at once; the answer starts them all again. */
export async function killEtcd(cluster: string): Promise<Undo> {
  const hosts = new Set((await votersOf(cluster)).map(({ host }) => host));
  const starts = await Promise.all([...hosts].map((host) => killService(cluster, host, "etcd")));
  return async () => {
    for (const start of starts) await start();
  };
}

/** Lets every etcd of a lab hang with its connections open; the answer lets them go on. */
export async function freezeEtcd(cluster: string): Promise<Undo> {
  const voters = await votersOf(cluster);
  for (const { pid } of voters) process.kill(pid, "SIGSTOP");
  return async () => {
    for (const { pid } of voters) process.kill(pid, "SIGCONT");
  };
}

async function votersOf(cluster: string): Promise<readonly LabProcess[]> {
  const all = await findLabProcesses(cluster);
  const voters = all.filter(({ role, nested }) => role === "etcd" && nested);
  if (voters.length === 0) throw new Error(`${cluster} has no etcd`);
  return voters;
}

async function killService(cluster: string, host: string, role: "etcd" | "patroni"): Promise<Undo> {
  const before = await processesOf(cluster, host, role);
  const [first] = before;
  const init = hostInits(await findLabProcesses(cluster)).get(host);
  if (first === undefined || init === undefined) throw new Error(`${host} runs no ${role}`);
  const argv = readList(first.pid, "cmdline");
  const environment = Object.fromEntries(
    readList(first.pid, "environ").flatMap((entry): [string, string][] => {
      const [name = "", ...value] = entry.split("=");
      return name === MARK ? [] : [[name, value.join("=")]];
    }),
  );
  for (let left = before; left.length > 0; left = await processesOf(cluster, host, role)) {
    for (const { pid } of left) kill(pid);
    await sleep(50);
  }
  return () => startService({ cluster, host, role, init, argv, environment });
}

/** What runs on a host in a role, the one that was started first. */
async function processesOf(
  cluster: string,
  host: string,
  role: "etcd" | "patroni",
): Promise<readonly LabProcess[]> {
  const all = await findLabProcesses(cluster);
  return all
    .filter((item) => item.host === host && item.role === role && item.nested)
    .toSorted((a, b) => a.pid - b.pid);
}

function readList(pid: number, file: "cmdline" | "environ"): readonly string[] {
  return readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0").filter(Boolean);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it ended meanwhile
  }
}
