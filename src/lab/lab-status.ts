import { ok, type Result } from "../core/result.ts";
import { CLIENT } from "./lab-paths.ts";
import { planLab } from "./lab-plan.ts";
import { findLabProcesses, hostInits, isServiceAlive } from "./lab-processes.ts";
import { type LabRefusal, refuse } from "./lab-refusal.ts";
import { readLabSecrets, readLabState, secondsLeft } from "./lab-state.ts";
import { type LabMember, memberUrls, readMembers } from "./member.ts";
import { probe } from "./rest-probe.ts";

/** One host of a lab and what runs there; undefined where nothing is meant to. */
export interface HostStatus {
  readonly name: string;
  readonly site: string;
  readonly address: string;
  readonly up: boolean;
  readonly etcd: boolean | undefined;
  readonly patroni: boolean | undefined;
  readonly member: LabMember | undefined;
}

/** A lab as it is now. */
export interface LabStatus {
  readonly cluster: string;
  readonly clientAddress: string;
  readonly clientUp: boolean;
  /** Until the lab ends by itself. */
  readonly secondsLeft: number;
  readonly hosts: readonly HostStatus[];
}

/** Looks at every process and every REST API of a lab once. */
export async function labStatus(cluster: string): Promise<Result<LabStatus, LabRefusal>> {
  const state = await readLabState(cluster);
  const secrets = await readLabSecrets(cluster);
  if (state === undefined || secrets === undefined) return noLab(cluster);
  const plan = planLab(state.cluster);
  if (!plan.ok) return plan;
  const { hosts, clientAddress } = plan.value;
  const processes = await findLabProcesses(cluster);
  const inits = hostInits(processes);
  const urls = memberUrls(state.cluster);
  const targets = { cluster, secrets, urls, restUser: "" };
  const clientUp = inits.has(CLIENT);
  const round = clientUp ? await probe(targets, AbortSignal.timeout(5000), () => true) : new Map();
  const members = readMembers(state.cluster, round);
  const shown = hosts.map(({ name, site, address, node, voter }): HostStatus => ({
    name,
    site,
    address,
    up: inits.has(name),
    etcd: voter && isServiceAlive(processes, name, "etcd"),
    patroni: node && isServiceAlive(processes, name, "patroni"),
    member: members.find((member) => member.name === node?.name),
  }));
  return ok({ cluster, clientAddress, clientUp, secondsLeft: secondsLeft(state), hosts: shown });
}

/** The refusal of what only works while a lab stands. */
export function noLab(cluster: string): Result<never, LabRefusal> {
  return refuse(`no lab of ${cluster} is up`, `run \`quorate lab up ${cluster}\``);
}
