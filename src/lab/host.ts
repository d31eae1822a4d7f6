import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { err, ok, type Result } from "../core/result.ts";
import type { BindMount } from "./bind-mounts.ts";
import { labPaths } from "./lab-paths.ts";
import { type LabRole, markOf } from "./lab-processes.ts";
import type { LabRefusal } from "./lab-refusal.ts";
import { namespaceFile } from "./network.ts";
import { recordService } from "./service-record.ts";

/** A host to start: its names, its network namespace and its private directories. */
export interface HostStart {
  readonly cluster: string;
  readonly host: string;
  readonly hostname: string;
  readonly namespace: string;
  /** Their sources stand at the same path below the host's tree. */
  readonly mounts: readonly BindMount[];
}

/** A program to start on a host, as PostgreSQL's user. */
export interface ServiceStart {
  readonly cluster: string;
  readonly host: string;
  readonly role: LabRole;
  readonly init: number;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const ENTER = ["--mount", "--net", "--pid", "--ipc", "--uts"];
/** Whatever a host mounts, makes or names stays its own; killing its pid 1 ends all of it. */
const ISOLATE = ["--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc"];

/**
 * The pid 1 of a host. Mounts what is private (`$2 $3`, `$4 $5`, …: source, target), says so, then
 * only reaps. Reaping matters: Patroni takes a dead, unreaped postmaster for a running one. A real
 * watchdog device is hidden, or a killed Patroni would reset this machine.
 */
const INIT = `set -eu
echo "$1" >/proc/sys/kernel/hostname
shift
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
for device in /dev/watchdog*; do
  if [ -e "$device" ]; then mount --bind /dev/null "$device"; fi
done
while [ $# -ge 2 ]; do
  mount --bind -- "$1" "$2"
  shift 2
done
cd /
echo ready
exec >&2
while :; do
  sleep 3600 &
  wait || :
done`;

/** Writes what every host's pid 1 runs; as a file, it does not fill the list of processes. */
export async function writeInit(cluster: string): Promise<void> {
  await writeFile(labPaths(cluster).init, INIT);
}

/** Starts a host and waits until its private directories are in place. */
export async function startHost(start: HostStart): Promise<Result<undefined, LabRefusal>> {
  const { cluster, host, hostname, namespace, mounts } = start;
  const paths = labPaths(cluster);
  const binds = mounts.flatMap(({ target }) => [join(paths.hostTree(host), target), target]);
  const logPath = paths.log(host, "init");
  const log = await openLog(logPath);
  const init = spawn(
    "nsenter",
    [
      `--net=${namespaceFile(namespace)}`,
      "unshare",
      ...ISOLATE,
      "bash",
      paths.init,
      hostname,
      ...binds,
    ],
    {
      detached: true,
      stdio: ["ignore", "pipe", log.fd],
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...markOf({ cluster, host, role: "init" }) },
    },
  );
  const ready = await firstOutput(init.stdout);
  await log.close();
  init.unref();
  return ready ? ok(undefined) : refuseWithLog(`${host} did not start`, logPath);
}

/** Starts a service on a running host; it goes on when this process ends. */
export async function startService(start: ServiceStart): Promise<void> {
  const { cluster, host, role, init, argv, environment } = start;
  await recordService({ cluster, host, role, argv, environment });
  const log = await openLog(labPaths(cluster).log(host, role));
  const asUser = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"];
  const service = spawn("nsenter", [`--target=${init}`, ...ENTER, "--", ...asUser, ...argv], {
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
    env: { ...environment, ...markOf({ cluster, host, role }) },
  });
  await once(service, "spawn");
  service.unref();
  await log.close();
}

/** The arguments of `nsenter` that run a command on a host, in a directory that exists there. */
export function enterHost(init: number, directory: string): readonly string[] {
  return [`--target=${init}`, ...ENTER, `--wdns=${directory}`, "--"];
}

/** A refusal with the last lines of the log that tells why. */
export async function refuseWithLog(
  message: string,
  path: string,
): Promise<Result<never, LabRefusal>> {
  return err({ kind: "refused", message, log: { path, tail: await readTail(path) } });
}

async function readTail(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trimEnd().split("\n").slice(-20).join("\n");
  } catch {
    return "";
  }
}

async function openLog(path: string): ReturnType<typeof open> {
  await mkdir(dirname(path), { recursive: true });
  return open(path, "a");
}

/** True when a stream says something before it ends. */
async function firstOutput(stream: Readable | null): Promise<boolean> {
  if (stream === null) return false;
  for await (const chunk of stream) if (chunk !== undefined) return true;
  return false;
}
