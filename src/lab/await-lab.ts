import { err, ok, type Result } from "../core/result.ts";
import { type EtcdAccess, healthUrl, isEtcdHealthy } from "./etcd.ts";
import { refuseWithLog } from "./host.ts";
import type { LabCluster } from "./lab-cluster.ts";
import { labPaths } from "./lab-paths.ts";
import type { LabHost } from "./lab-plan.ts";
import { findLabProcesses, isServiceAlive, type LabRole } from "./lab-processes.ts";
import { interruption, refuse, type LabRefusal } from "./lab-refusal.ts";
import type { LabSecrets } from "./lab-state.ts";
import { areReady, hasLeader, type LabMember, memberUrls, readMembers } from "./member.ts";
import { probe, type Round, type Wake } from "./rest-probe.ts";

/** A lab that boots: what must become ready, and for how long to wait. */
export interface Awaited {
  readonly cluster: LabCluster;
  readonly hosts: readonly LabHost[];
  /** Paths of the nodes' Patroni logs, by node. */
  readonly patroniLogs: ReadonlyMap<string, string>;
  readonly secrets: LabSecrets;
  /** True when a member must be chosen to confirm commits before the cluster keeps its promise. */
  readonly synchronous: boolean;
  /** Aborted by the user. */
  readonly interrupted: AbortSignal;
  /** Aborted when the time is over. */
  readonly overdue: AbortSignal;
  readonly onProgress: (text: string) => void;
}

/** There are about five looks a second. */
const LOOKS_PER_WAKE = 5;

/** Waits until every voter sees a leader of etcd. */
export async function awaitEtcd(
  lab: Awaited,
  access: EtcdAccess,
): Promise<Result<undefined, LabRefusal>> {
  const urls = lab.cluster.voters.map((voter) => healthUrl(voter, access));
  const reached = await watch(lab, urls, "etcd", isEtcdHealthy);
  if (reached.ok) return ok(undefined);
  if (reached.error.kind !== "overdue") return stopped(lab, reached.error, "etcd");
  const { last } = reached.error;
  const voter = lab.cluster.voters.find((each) => {
    const answer = last.get(healthUrl(each, access));
    return answer === undefined || "error" in answer;
  });
  const host = lab.hosts.find((each) => each.voter !== undefined && each.voter === voter);
  const name = (host ?? lab.hosts.find((each) => each.voter !== undefined))?.name ?? "";
  return refuseWithLog(
    `etcd has no leader in time; look at ${name} first`,
    logOf(lab, name, "etcd"),
  );
}

/** Says of what the members answered whether it will do. */
export type Readiness = (members: readonly LabMember[]) => boolean;

/** Waits for members: unless told otherwise, until one leads and every other one streams. */
export async function awaitMembers(
  lab: Awaited,
  isDone: Readiness = (members) => areReady(members, lab.synchronous),
): Promise<Result<readonly LabMember[], LabRefusal>> {
  let shown = "";
  let looks = 0;
  const reached = await watch(lab, memberUrls(lab.cluster), "patroni", (round, wake) => {
    const members = readMembers(lab.cluster, round);
    const line = members.map(summary).join(", ");
    if (line !== shown) lab.onProgress(line);
    shown = line;
    // Awake, replicas say that they run and the leader makes slots and chooses synchronous standbys
    // now, not a loop or two later.
    if (members.every(isMember) && hasLeader(members) && looks++ % LOOKS_PER_WAKE === 0)
      for (const { url } of members) wake(url);
    return isDone(members);
  });
  if (reached.ok) return ok(readMembers(lab.cluster, reached.value));
  if (reached.error.kind !== "overdue") return stopped(lab, reached.error, "patroni");
  const members = readMembers(lab.cluster, reached.error.last);
  const late = members.find(({ ready }) => !ready);
  if (late === undefined)
    return refuse(
      "all members stream, but no synchronous standby is chosen yet",
      "it stays up until its time limit: look with `quorate lab status`, or run up again",
    );
  const name = late.name;
  return refuseWithLog(
    `${name} is not ready in time (${late.role}, ${late.state})`,
    logOf(lab, name, "patroni"),
  );
}

type Stop =
  | { readonly kind: "overdue"; readonly last: Round }
  | { readonly kind: "interrupted" }
  | { readonly kind: "died"; readonly host: string };

/** Probes until it is done, the time is over, the user stops it, or a service ends by itself. */
async function watch(
  lab: Awaited,
  urls: readonly string[],
  role: LabRole,
  isDone: (round: Round, wake: Wake) => boolean,
): Promise<Result<Round, Stop>> {
  const { cluster, secrets } = lab;
  const targets = { urls, secrets, cluster: cluster.name, restUser: cluster.rest.user ?? "" };
  let dead: string | undefined;
  let done = false;
  const last = await probe(
    targets,
    AbortSignal.any([lab.interrupted, lab.overdue]),
    async (round, wake) => {
      done = isDone(round, wake);
      dead = await findDead(lab, role);
      return done || dead !== undefined;
    },
  );
  if (lab.interrupted.aborted) return err({ kind: "interrupted" });
  if (dead !== undefined) return err({ kind: "died", host: dead });
  return done ? ok(last) : err({ kind: "overdue", last });
}

async function findDead({ cluster, hosts }: Awaited, role: LabRole): Promise<string | undefined> {
  const processes = await findLabProcesses(cluster.name);
  const expected = hosts.filter((host) => (role === "etcd" ? host.voter : host.node) !== undefined);
  return expected.find(({ name }) => !isServiceAlive(processes, name, role))?.name;
}

async function stopped(
  lab: Awaited,
  stop: Exclude<Stop, { readonly kind: "overdue" }>,
  role: LabRole,
): Promise<Result<never, LabRefusal>> {
  if (stop.kind === "interrupted") return interruption(lab.interrupted);
  return refuseWithLog(`${role} of ${stop.host} ended by itself`, logOf(lab, stop.host, role));
}

function logOf({ cluster, patroniLogs }: Awaited, host: string, role: LabRole): string {
  const patroniLog = role === "patroni" ? patroniLogs.get(host) : undefined;
  return patroniLog ?? labPaths(cluster.name).log(host, role);
}

/** True for a member that has told the DCS that it is there. */
function isMember({ role, state }: LabMember): boolean {
  return role !== "-" && state !== "stopped";
}

function summary({ name, role, state, ready }: LabMember): string {
  if (role === "-") return `${name} -`;
  return `${name} ${role} ${ready ? "ready" : state}`;
}
