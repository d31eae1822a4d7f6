import { uptime } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { ok, type Result } from "../core/result.ts";
import type { Seconds } from "../core/units.ts";
import { type Awaited, awaitMembers } from "./await-lab.ts";
import { healLab } from "./cut.ts";
import { endLockedLab, labLock } from "./end-lab.ts";
import { ETCD_PASSWORD } from "./etcd-auth.ts";
import { makeDirectory } from "./host-tree.ts";
import type { LabCluster } from "./lab-cluster.ts";
import { CLIENT, labPaths } from "./lab-paths.ts";
import { type LabPlan, planLab } from "./lab-plan.ts";
import { findLabProcesses, hostInits, isServiceAlive } from "./lab-processes.ts";
import { findPrograms, type LabPrograms } from "./lab-programs.ts";
import { interruption, type LabRefusal } from "./lab-refusal.ts";
import { createLabRole } from "./lab-role.ts";
import { createLabSecrets } from "./lab-secrets.ts";
import {
  type LabSecrets,
  type LabState,
  readLabSecrets,
  readLabState,
  writeLabSecrets,
  writeLabState,
} from "./lab-state.ts";
import { withLock } from "./lock.ts";
import type { LabMember } from "./member.ts";
import { readRenderedCluster, type RenderedCluster } from "./rendered-cluster.ts";
import { startLab } from "./start-lab.ts";
import { startWatcher } from "./watcher.ts";

/** How a lab is to be booted. */
export interface BootOptions {
  /** When the lab ends by itself. */
  readonly timeLimit: Seconds;
  /** How long to wait until it is ready. */
  readonly timeout: Seconds;
  /** The command that ends this lab, run by its watcher at the time limit. */
  readonly endCommand: readonly string[];
  /** Aborted when the user stops the command: what was started then ends. */
  readonly interrupted: AbortSignal;
  readonly onProgress: (text: string) => void;
}

/** A lab whose members are all ready. */
export interface BootedLab {
  /** True when it ran already, from the same files; its time limit began anew. */
  readonly reused: boolean;
  readonly seconds: number;
  readonly members: readonly LabMember[];
  /** What differs from the machines that the files were written for. */
  readonly notes: readonly string[];
}

/**
 * Boots the rendered files of a cluster and waits until there is a leader and every other member
 * streams. A lab that already runs from the same files is kept, and its cuts are healed; any other is
 * ended first.
 */
export async function bootLab(
  cluster: LabCluster,
  options: BootOptions,
): Promise<Result<BootedLab, LabRefusal>> {
  const plan = planLab(cluster);
  if (!plan.ok) return plan;
  const rendered = await readRenderedCluster(cluster);
  if (!rendered.ok) return rendered;
  const programs = await findPrograms(cluster, rendered.value);
  if (!programs.ok) return programs;
  const started = performance.now();
  const boot: Boot = {
    cluster,
    plan: plan.value,
    rendered: rendered.value,
    programs: programs.value,
    options: {
      ...options,
      onProgress: (text) => options.onProgress(`${elapsed(started)}  ${text}`),
    },
    started,
  };
  return withLock(labLock(cluster.name), 10, async () => {
    const booted = await bootOrKeep(boot);
    if (!booted.ok && booted.error.kind === "interrupted") await endLockedLab(cluster.name);
    return booted;
  });
}

interface Boot {
  readonly cluster: LabCluster;
  readonly plan: LabPlan;
  readonly rendered: RenderedCluster;
  readonly programs: LabPrograms;
  readonly options: BootOptions;
  readonly started: number;
}

async function bootOrKeep(boot: Boot): Promise<Result<BootedLab, LabRefusal>> {
  const kept = await findRunning(boot);
  const lab = kept === undefined ? await bootAnew(boot) : await keep(boot, kept);
  if (!lab.ok) return lab;
  const members = await awaitMembers(lab.value);
  if (!members.ok) return members;
  if (kept === undefined) {
    const { cluster, rendered } = boot;
    const { secrets } = lab.value;
    const role = await createLabRole({
      cluster,
      rendered,
      secrets,
      members: members.value,
    });
    if (!role.ok) return role;
  }
  const seconds = (performance.now() - boot.started) / 1000;
  return ok({ reused: kept !== undefined, seconds, members: members.value, notes: notes(boot) });
}

/** The secrets of a lab that runs from the same files with every process alive. */
async function findRunning({ cluster, plan, rendered }: Boot): Promise<LabSecrets | undefined> {
  const state = await readLabState(cluster.name);
  if (state?.digest !== rendered.digest) return undefined;
  const processes = await findLabProcesses(cluster.name);
  const inits = hostInits(processes);
  const alive = plan.hosts.every(
    ({ name, node, voter }) =>
      inits.has(name) &&
      (node === undefined || isServiceAlive(processes, name, "patroni")) &&
      (voter === undefined || isServiceAlive(processes, name, "etcd")),
  );
  return alive && inits.has(CLIENT) ? readLabSecrets(cluster.name) : undefined;
}

async function keep(boot: Boot, secrets: LabSecrets): Promise<Result<Awaited, LabRefusal>> {
  await limitTime(boot);
  const healed = await healLab(boot.cluster.name);
  return healed.ok ? ok(awaited(boot, secrets)) : healed;
}

async function bootAnew(boot: Boot): Promise<Result<Awaited, LabRefusal>> {
  const { cluster, plan, rendered, programs, options } = boot;
  const ended = await endLockedLab(cluster.name);
  if (!ended.ok) return ended;
  if (ended.value.processes > 0)
    options.onProgress("ended what ran from other files or was broken");
  await makeDirectory(labPaths(cluster.name).root);
  await limitTime(boot);
  const { secrets, authority } = await createLabSecrets(cluster, rendered);
  await writeLabSecrets(cluster.name, secrets);
  const lab = awaited(boot, secrets);
  const started = await startLab({ plan, rendered, programs, authority, awaited: lab });
  if (started.ok) return ok(lab);
  return options.interrupted.aborted ? interruption(options.interrupted) : started;
}

/** Starts the time limit, before anything that it is to end. */
async function limitTime({ cluster, plan, rendered, options }: Boot): Promise<void> {
  const { timeLimit, endCommand } = options;
  await startWatcher(cluster.name, timeLimit, endCommand);
  await writeLabState({
    formatVersion: 1,
    digest: rendered.digest,
    cluster,
    superuser: rendered.nodes[0]?.files.superuser ?? "postgres",
    etcd: etcdState(plan, rendered),
    endsAtUptime: uptime() + timeLimit,
  });
}

function etcdState(
  { cluster, hosts }: LabPlan,
  { nodes }: RenderedCluster,
): NonNullable<LabState["etcd"]> {
  const voter = hosts.find((host) => host.voter !== undefined);
  const [first] = nodes;
  const hasTls = first?.files.etcd.tls === true && voter !== undefined;
  return {
    ...(hasTls ? { tlsFolder: labPaths(cluster).etcd(voter.name) } : {}),
    hasUsers: first?.secretNames.includes(ETCD_PASSWORD) ?? false,
  };
}

function awaited({ cluster, plan, rendered, options }: Boot, secrets: LabSecrets): Awaited {
  const { interrupted, onProgress, timeout, timeLimit } = options;
  const overdue = AbortSignal.timeout(Math.min(timeout, timeLimit) * 1000);
  const paths = labPaths(cluster.name);
  const patroniLogs = rendered.nodes.map(({ name, files }): [string, string] => {
    const tree = paths.hostTree(name);
    return [
      name,
      files.logDir === undefined
        ? paths.log(name, "patroni")
        : join(tree, files.logDir, "patroni.log"),
    ];
  });
  return {
    cluster,
    hosts: plan.hosts,
    patroniLogs: new Map(patroniLogs),
    secrets,
    synchronous: isSynchronous(cluster, rendered),
    interrupted,
    overdue,
    onProgress,
  };
}

function elapsed(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1).padStart(5)} s`;
}

/** Patroni 3.0 takes `quorum` and runs asynchronously. */
function isSynchronous({ patroni }: LabCluster, { nodes }: RenderedCluster): boolean {
  const mode = nodes[0]?.files.synchronousMode ?? "off";
  return mode === "on" || (mode === "quorum" && patroni !== "3.0");
}

function notes({ rendered, programs }: Boot): readonly string[] {
  const found: string[] = [];
  if (rendered.nodes.some(({ files }) => files.watchdogRequired))
    found.push(
      "watchdog: a stand-in that never fires, because a real one would reset this machine",
    );
  if (!programs.etcdSkipsFsync) found.push("etcd: the machine's own version, with fsync");
  return found;
}
