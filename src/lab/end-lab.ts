import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ok, type Result } from "../core/result.ts";
import { findLabProcesses, killLabProcesses } from "./lab-processes.ts";
import { labPaths, labsDir } from "./lab-paths.ts";
import { isLabName } from "./lab-plan.ts";
import { badInput, type LabRefusal, refuse } from "./lab-refusal.ts";
import { withLock } from "./lock.ts";
import { releaseMountPoints } from "./mount-points.ts";
import { clustersWithNamespaces, removeNetwork } from "./network.ts";

/** What {@link endLab} found; all zero or false when there was no lab. */
export interface EndedLab {
  readonly processes: number;
  readonly namespaces: number;
  readonly hadState: boolean;
}

/** The lock of a cluster's lab: whoever boots or ends it holds this one. */
export function labLock(cluster: string): string {
  return join(labsDir(), `.${cluster}.lock`);
}

/** Ends a lab and removes every trace of it, however little of it is left. */
export async function endLab(cluster: string): Promise<Result<EndedLab, LabRefusal>> {
  if (!isLabName(cluster)) return badInput(`"${cluster}" is not the name of a lab`);
  return withLock(labLock(cluster), 60, () => endLockedLab(cluster));
}

/** {@link endLab} for who holds the lab's lock already. */
export async function endLockedLab(cluster: string): Promise<Result<EndedLab, LabRefusal>> {
  const processes = (await findLabProcesses(cluster)).length;
  const left = await killLabProcesses(cluster, { seconds: 10 });
  if (left.length > 0)
    return refuse(
      `${left.length} processes of ${cluster} do not end: ${left.map(({ pid }) => pid).join(", ")}`,
    );
  const namespaces = await removeNetwork(cluster);
  if (!namespaces.ok) return namespaces;
  const released = await releaseMountPoints(cluster);
  if (!released.ok) return released;
  const hadState = (await readNames(labsDir())).includes(cluster);
  await rm(labPaths(cluster).root, { recursive: true, force: true });
  return ok({ processes, namespaces: namespaces.value, hadState });
}

/** The clusters that have a lab on this machine, or the remains of one. Sorted. */
export async function listLabs(): Promise<readonly string[]> {
  const stored = (await readNames(labsDir())).filter(isLabName);
  return [...new Set([...stored, ...(await clustersWithNamespaces())])].toSorted();
}

async function readNames(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}
