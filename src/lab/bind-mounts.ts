import { dirname } from "node:path";
import { compareText } from "../core/json.ts";

/** A path of the machine that a host of the lab sees its own version of. */
export interface BindMount {
  readonly kind: "directory" | "file";
  readonly target: string;
}

/**
 * Directories that the programs of a host need as the machine has them. What is private right below
 * one of these is mounted by itself. Anywhere else the directory around it becomes private, because
 * Patroni renames and removes its data directory, which a mount point would not let it do.
 */
const SHARED: ReadonlySet<string> = new Set(
  `/ /bin /boot /dev /etc /etc/pki /etc/ssl /etc/ssl/certs /etc/ssl/private /home /lib /lib64 /mnt
   /opt /proc /root /run /sbin /srv /sys /usr /usr/bin /usr/lib /usr/local /usr/local/bin /usr/share
   /tmp /var /var/lib /var/log /var/run /var/tmp`.split(/\s+/),
);

/** Shared directories that a host may have for itself when its sockets are to be there. */
const SCRATCH: ReadonlySet<string> = new Set(["/tmp", "/var/tmp"]);

/**
 * The fewest mounts that make `paths` private with what is around them, and `directories` by
 * themselves: none stands inside another.
 */
export function planBindMounts(
  paths: readonly BindMount[],
  directories: readonly string[],
): readonly BindMount[] {
  const wanted = [
    ...paths.map((path) => (SHARED.has(dirname(path.target)) ? path : around(path))),
    ...directories.map((target): BindMount => ({ kind: "directory", target })),
  ].filter(({ target }) => !SHARED.has(target) || SCRATCH.has(target));
  const kept: BindMount[] = [];
  for (const mount of wanted.toSorted((a, b) => compareText(a.target, b.target)))
    if (!kept.some(({ target }) => isWithin(mount.target, target))) kept.push(mount);
  return kept;
}

function around(path: BindMount): BindMount {
  return { kind: "directory", target: dirname(path.target) };
}

/** True when a path is a directory or stands somewhere below it. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
