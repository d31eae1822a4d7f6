import { join } from "node:path";
import process from "node:process";

/** Where a lab's own files are: state, secrets, logs and the private directories of its hosts. */
export interface LabPaths {
  readonly root: string;
  readonly state: string;
  readonly secrets: string;
  /** The script that is pid 1 of every host. */
  readonly init: string;
  /** Private directory tree of a host, laid out like the machine's. */
  hostTree(host: string): string;
  /** Data and certificates of the etcd of a host. */
  etcd(host: string): string;
  /** What was started as a service of a host, so that it can be started again. */
  service(host: string, service: string): string;
  log(host: string, service: string): string;
}

/** Name of the client as a host; no node or voter can have it, because of its dot. */
export const CLIENT = ".client";

/** The folder that holds every lab of this machine: `QUORATE_LAB_STATE` or the default. */
export function labsDir(): string {
  return process.env["QUORATE_LAB_STATE"] ?? "/var/lib/quorate-lab";
}

/** The folder that `scripts/lab-packages.sh` fills. */
export function packagesDir(): string {
  return process.env["QUORATE_LAB_PACKAGES"] ?? "/var/cache/quorate/lab-packages";
}

/** The files of one cluster's lab. */
export function labPaths(cluster: string): LabPaths {
  const root = join(labsDir(), cluster);
  return {
    root,
    state: join(root, "state.json"),
    secrets: join(root, "secrets.json"),
    init: join(root, "init.sh"),
    hostTree: (host) => join(root, "hosts", host),
    etcd: (host) => join(root, "etcd", host),
    service: (host, service) => join(root, "services", `${host}.${service}.json`),
    log: (host, service) => join(root, "logs", `${host}.${service}.log`),
  };
}
