import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { labPaths } from "./lab-paths.ts";

/** What a host was told to run; a role that runs nothing on hosts has no record. */
const ServiceRecord = z
  .object({
    cluster: z.string(),
    host: z.string(),
    role: z.enum(["init", "etcd", "patroni", "session", "watcher"]),
    argv: z.array(z.string()).readonly(),
    environment: z.record(z.string(), z.string()).readonly(),
  })
  .readonly();
export type ServiceRecord = z.infer<typeof ServiceRecord>;

/** Writes down how a service is started, for root's eyes only: its environment holds passwords. */
export async function recordService(record: ServiceRecord): Promise<void> {
  const path = labPaths(record.cluster).service(record.host, record.role);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** How a service of a host was started; undefined when none of that role ever was. */
export async function readService(
  cluster: string,
  host: string,
  role: ServiceRecord["role"],
): Promise<ServiceRecord | undefined> {
  try {
    const text = await readFile(labPaths(cluster).service(host, role), "utf8");
    return ServiceRecord.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // absent, or cut short by a crash: the same as never started
  }
}
