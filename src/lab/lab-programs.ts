import { access, constants, readFile } from "node:fs/promises";
import process from "node:process";
import { join } from "node:path";
import { ok, type Result } from "../core/result.ts";
import type { LabCluster } from "./lab-cluster.ts";
import { packagesDir } from "./lab-paths.ts";
import { type LabRefusal, refuse } from "./lab-refusal.ts";
import type { RenderedCluster } from "./rendered-cluster.ts";

/** PostgreSQL's user on the machine: every service of the lab runs as this one. */
export interface ServiceUser {
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** Environment variables that choose between the versions on this machine. */
export type ProgramEnvironment = Readonly<Record<"PATH" | "PYTHONPATH" | "LANG", string>>;

/** The programs that a lab runs. */
export interface LabPrograms {
  readonly patroni: string;
  readonly etcd: string;
  /** True for an etcd that can skip fsync: 3.5, the unpacked one. */
  readonly etcdSkipsFsync: boolean;
  readonly environment: ProgramEnvironment;
  readonly user: ServiceUser;
}

const INSTALL = "run scripts/lab-packages.sh as root";
const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const TOOLS = ["ip", "nsenter", "unshare", "setpriv", "flock", "mount", "bash"];

/** Finds the programs, or says which one this machine lacks and how to get it. */
export async function findPrograms(
  cluster: LabCluster,
  rendered: RenderedCluster,
): Promise<Result<LabPrograms, LabRefusal>> {
  const missing = await findMissing(cluster, rendered);
  if (missing !== undefined) return missing;
  const user = await findUser("postgres");
  if (user === undefined) return refuse("this machine has no user postgres", INSTALL);
  const environment = programEnvironment(cluster.patroni);
  const patroni = join(patroniRoot(cluster.patroni), "usr/bin/patroni");
  if (!(await canRun(patroni)) || !(await isPatroni(environment.PYTHONPATH, cluster.patroni)))
    return refuse(`Patroni ${cluster.patroni} is not installed at ${patroni}`, INSTALL);
  const etcdSkipsFsync = await canRun(join(newEtcdDir(), "etcd"));
  const etcd = etcdSkipsFsync ? join(newEtcdDir(), "etcd") : "/usr/bin/etcd";
  if (!(await canRun(etcd))) return refuse("etcd is not installed", INSTALL);
  return ok({ patroni, etcd, etcdSkipsFsync, environment, user });
}

/** The environment in which this version of Patroni, its `patronictl` and `etcdctl` are found. */
export function programEnvironment(version: LabCluster["patroni"]): ProgramEnvironment {
  const root = patroniRoot(version);
  return {
    PATH: [join(root, "usr/bin"), newEtcdDir(), SYSTEM_PATH].join(":"),
    PYTHONPATH: join(root, "usr/lib/python3/dist-packages"),
    LANG: "C.UTF-8",
  };
}

function patroniRoot(version: LabCluster["patroni"]): string {
  return version === "3.0" ? "/" : join(packagesDir(), `patroni-${version}`);
}

function newEtcdDir(): string {
  return join(packagesDir(), "etcd-3.5/usr/bin");
}

async function findMissing(
  cluster: LabCluster,
  rendered: RenderedCluster,
): Promise<Result<never, LabRefusal> | undefined> {
  if (process.platform !== "linux") return refuse("the lab needs Linux");
  if (process.getuid?.() !== 0) return refuse("the lab needs root", "run it with sudo");
  for (const tool of TOOLS)
    if (!(await isInstalled(tool))) return refuse(`${tool} is not installed`, INSTALL);
  for (const { name, files } of rendered.nodes)
    if (!(await canRun(join(files.binDir, "postgres"))))
      return refuse(
        `${name}: PostgreSQL ${cluster.postgresMajor} is not installed at ${files.binDir}`,
        cluster.postgresMajor === 15 ? INSTALL : "the lab's packages hold PostgreSQL 15 only",
      );
  return undefined;
}

async function isPatroni(modules: string, version: string): Promise<boolean> {
  try {
    const text = await readFile(join(modules, "patroni/version.py"), "utf8");
    return text.includes(`'${version}.`);
  } catch {
    return false;
  }
}

async function findUser(name: string): Promise<ServiceUser | undefined> {
  const passwd = await readFile("/etc/passwd", "utf8");
  const fields = passwd.split("\n").map((line) => line.split(":"));
  const [, , uid, gid, , home] = fields.find((entry) => entry[0] === name) ?? [];
  return home === undefined ? undefined : { uid: Number(uid), gid: Number(gid), home };
}

async function isInstalled(tool: string): Promise<boolean> {
  const found = await Promise.all(SYSTEM_PATH.split(":").map((dir) => canRun(join(dir, tool))));
  return found.includes(true);
}

async function canRun(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
