import { ok, type Result } from "../core/result.ts";
import type { LabHost } from "./lab-plan.ts";
import { planLab } from "./lab-plan.ts";
import { findLabProcesses, hostInits, type LabProcess } from "./lab-processes.ts";
import { badInput, type LabRefusal } from "./lab-refusal.ts";
import { type LabSecrets, type LabState, readLabSecrets, readLabState } from "./lab-state.ts";
import { noLab } from "./lab-status.ts";

/** A lab that is up, with what faults and sessions need to know of it. */
export interface RunningLab {
  readonly cluster: string;
  readonly state: LabState;
  readonly secrets: LabSecrets;
  readonly hosts: readonly LabHost[];
  readonly clientAddress: string;
  readonly processes: readonly LabProcess[];
  /** The pid 1 of each host that lives, by host. */
  readonly inits: ReadonlyMap<string, number>;
}

/** Looks a lab up; refuses when none is. */
export async function findRunningLab(cluster: string): Promise<Result<RunningLab, LabRefusal>> {
  const state = await readLabState(cluster);
  const secrets = await readLabSecrets(cluster);
  const processes = await findLabProcesses(cluster);
  const inits = hostInits(processes);
  if (state === undefined || secrets === undefined || inits.size === 0) return noLab(cluster);
  const plan = planLab(state.cluster);
  if (!plan.ok) return plan;
  const { hosts, clientAddress } = plan.value;
  return ok({ cluster, state, secrets, hosts, clientAddress, processes, inits });
}

/** The hosts of these names; the name of a site stands for all hosts there. Each host once. */
export function pickHosts(
  { cluster, hosts }: Pick<RunningLab, "cluster" | "hosts">,
  names: readonly string[],
): Result<readonly LabHost[], LabRefusal> {
  const unknown = names.find(
    (name) => !hosts.some((host) => host.name === name || host.site === name),
  );
  if (unknown !== undefined)
    return badInput(
      `${unknown} is neither a host nor a site of the lab of ${cluster}`,
      `hosts: ${hosts.map(({ name }) => name).join(", ")}; sites: ${[...new Set(hosts.map(({ site }) => site))].join(", ")}`,
    );
  return ok(hosts.filter((host) => names.includes(host.name) || names.includes(host.site)));
}
