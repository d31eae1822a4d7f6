import { setTimeout as sleep } from "node:timers/promises";
import { ok, type Result } from "../core/result.ts";
import { enterHost, startService } from "./host.ts";
import type { LabHost } from "./lab-plan.ts";
import { findLabProcesses, isServiceAlive, type LabRole } from "./lab-processes.ts";
import { badInput, type LabRefusal, refuse } from "./lab-refusal.ts";
import { run } from "./run.ts";
import { findRunningLab, pickHosts, type RunningLab } from "./running-lab.ts";
import { readService } from "./service-record.ts";

/** What a host can run. */
const SERVICES = ["etcd", "patroni"] as const;
/** Seconds until a killed process must be gone. */
const DEATH_SECONDS = 5;

/**
 * Kills every process of hosts at once and without warning; their disks stay. Peers see their connections
 * reset, as the host's kernel answers on; cut the host off first for a crash without a word.
 */
export async function killHosts(
  cluster: string,
  names: readonly string[],
): Promise<Result<readonly LabHost[], LabRefusal>> {
  return onHosts(cluster, names, async (lab, picked) => {
    const results = await Promise.all(
      picked.map(({ name }) =>
        // Signal 9 to -1 reaches all of a pid namespace but its first process and the one that sends it.
        run("nsenter", [...enterHost(lab.inits.get(name) ?? 0, "/"), "sh", "-c", "kill -KILL -1"]),
      ),
    );
    const failed = results.find((result) => !result.ok);
    return failed ?? awaitDeath(cluster, picked, SERVICES);
  });
}

/** Starts on hosts what {@link killHosts} or {@link stopVoters} ended; what runs is left alone. */
export async function startHosts(
  cluster: string,
  names: readonly string[],
): Promise<Result<readonly LabHost[], LabRefusal>> {
  return onHosts(cluster, names, async (lab, picked) => {
    await Promise.all(picked.map(async (host) => startServices(lab, host, SERVICES)));
    return ok(undefined);
  });
}

/** How a voter can fail: its process ends at once, or hangs with its connections open. */
export type VoterFault = "kill" | "freeze";

/**
 * Stops voters of the DCS on the named hosts; no names: all of them. What else runs on their hosts goes on.
 * Gives the hosts.
 */
export async function stopVoters(
  cluster: string,
  names: readonly string[],
  fault: VoterFault,
): Promise<Result<readonly LabHost[], LabRefusal>> {
  return onVoters(cluster, names, async (lab, picked) => {
    signalVoters(lab, picked, fault === "kill" ? "SIGKILL" : "SIGSTOP");
    return fault === "kill" ? awaitDeath(cluster, picked, ["etcd"]) : ok(undefined);
  });
}

/** Starts the voters that are dead, and lets those go on that hang. No names: all of them. */
export async function startVoters(
  cluster: string,
  names: readonly string[],
): Promise<Result<readonly LabHost[], LabRefusal>> {
  return onVoters(cluster, names, async (lab, picked) => {
    signalVoters(lab, picked, "SIGCONT");
    await Promise.all(picked.map(async (host) => startServices(lab, host, ["etcd"])));
    return ok(undefined);
  });
}

async function onVoters(
  cluster: string,
  names: readonly string[],
  action: (lab: RunningLab, picked: readonly LabHost[]) => Promise<Result<undefined, LabRefusal>>,
): Promise<Result<readonly LabHost[], LabRefusal>> {
  const lab = await findRunningLab(cluster);
  if (!lab.ok) return lab;
  const voters = lab.value.hosts.filter(({ voter }) => voter !== undefined);
  const picked = names.length === 0 ? ok(voters) : pickHosts(lab.value, names);
  if (!picked.ok) return picked;
  const without = picked.value.find((host) => !voters.includes(host));
  if (without !== undefined) return badInput(`${without.name} has no voter of the DCS`);
  const done = await action(lab.value, picked.value);
  return done.ok ? picked : done;
}

async function onHosts(
  cluster: string,
  names: readonly string[],
  action: (lab: RunningLab, picked: readonly LabHost[]) => Promise<Result<undefined, LabRefusal>>,
): Promise<Result<readonly LabHost[], LabRefusal>> {
  const lab = await findRunningLab(cluster);
  if (!lab.ok) return lab;
  const picked = pickHosts(lab.value, names);
  if (!picked.ok) return picked;
  const gone = picked.value.find(({ name }) => !lab.value.inits.has(name));
  if (gone !== undefined)
    return refuse(`${gone.name} is gone for good`, `run \`quorate lab up ${cluster}\``);
  const done = await action(lab.value, picked.value);
  return done.ok ? picked : done;
}

async function startServices(
  { cluster, processes, inits }: RunningLab,
  { name }: LabHost,
  roles: readonly (typeof SERVICES)[number][],
): Promise<void> {
  for (const role of roles) {
    const record = await readService(cluster, name, role);
    if (record === undefined || isServiceAlive(processes, name, role)) continue;
    await startService({ ...record, init: inits.get(name) ?? 0 });
  }
}

/**
 * `nsenter` waits outside of a host for each service there, and stops itself when that is stopped: so both
 * are told to go on.
 */
function signalVoters(
  { processes }: RunningLab,
  picked: readonly LabHost[],
  signal: NodeJS.Signals,
): void {
  const names = new Set(picked.map(({ name }) => name));
  for (const { host, role, nested, pid } of processes)
    if ((nested || signal === "SIGCONT") && role === "etcd" && names.has(host)) send(pid, signal);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it ended meanwhile
  }
}

/** Waits until the services are known to be dead, so that what comes next does not count them as alive. */
async function awaitDeath(
  cluster: string,
  hosts: readonly LabHost[],
  roles: readonly LabRole[],
): Promise<Result<undefined, LabRefusal>> {
  for (let tries = 0; tries < DEATH_SECONDS * 20; tries += 1) {
    const processes = await findLabProcesses(cluster);
    const alive = hosts.some(({ name }) =>
      roles.some((role) => isServiceAlive(processes, name, role)),
    );
    if (!alive) return ok(undefined);
    await sleep(50);
  }
  return refuse(`processes of ${hosts.map(({ name }) => name).join(", ")} do not end`);
}
