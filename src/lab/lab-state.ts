import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { uptime } from "node:os";
import { dirname } from "node:path";
import { z } from "zod";
import { LabCluster } from "./lab-cluster.ts";
import { labPaths } from "./lab-paths.ts";

/** What a lab remembers between commands. Everything else is looked up in the kernel. */
export const LabState = z
  .object({
    formatVersion: z.literal(1),
    /** Digest of the rendered files and the {@link LabCluster} that were booted. */
    digest: z.string(),
    cluster: LabCluster,
    /** Name of PostgreSQL's superuser. */
    superuser: z.string(),
    /** How commands in the lab reach etcd. */
    etcd: z
      .object({
        /** The folder with the TLS files of one voter; absent: it speaks none. */
        tlsFolder: z.string().exactOptional(),
        hasUsers: z.boolean(),
      })
      .exactOptional(),
    /** When the lab ends by itself, in seconds since the machine started: no clock change matters. */
    endsAtUptime: z.number(),
  })
  .readonly();
export type LabState = z.infer<typeof LabState>;

/** The secrets of one lab: random, and worth nothing outside of it. */
export const LabSecrets = z
  .object({
    /** Environment variables of Patroni, by name. */
    patroni: z.record(z.string(), z.string()),
    caPem: z.string(),
    certificatePem: z.string(),
    keyPem: z.string(),
    /** Of the ordinary user as whom commands on the client reach PostgreSQL. */
    rolePassword: z.string().exactOptional(),
    /** Of etcd's root, where etcd has users. */
    etcdRootPassword: z.string().exactOptional(),
  })
  .readonly();
export type LabSecrets = z.infer<typeof LabSecrets>;

/** Reads a lab's state; undefined when there is none, or none that this version understands. */
export async function readLabState(cluster: string): Promise<LabState | undefined> {
  return readAs(LabState, labPaths(cluster).state);
}

/** Reads a lab's secrets; undefined when there are none. */
export async function readLabSecrets(cluster: string): Promise<LabSecrets | undefined> {
  return readAs(LabSecrets, labPaths(cluster).secrets);
}

/** Writes a lab's state in one step. */
export async function writeLabState(state: LabState): Promise<void> {
  await writeWhole(labPaths(state.cluster.name).state, state);
}

/** Writes a lab's secrets in one step, for root's eyes only. */
export async function writeLabSecrets(cluster: string, secrets: LabSecrets): Promise<void> {
  await writeWhole(labPaths(cluster).secrets, secrets);
}

/** Seconds until the lab ends by itself; negative when that is overdue. */
export function secondsLeft(state: LabState): number {
  return Math.round(state.endsAtUptime - uptime());
}

async function readAs<Value>(type: z.ZodType<Value>, path: string): Promise<Value | undefined> {
  try {
    return type.safeParse(JSON.parse(await readFile(path, "utf8"))).data;
  } catch {
    return undefined; // absent, or cut short by a crash: the same as no lab
  }
}

async function writeWhole(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, JSON.stringify(value), { mode: 0o600 });
  await rename(`${path}.new`, path);
}
