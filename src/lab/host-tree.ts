import { chmod, chown, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type BindMount, planBindMounts } from "./bind-mounts.ts";
import type { TlsContent } from "./node-files.ts";
import type { RenderedNode } from "./rendered-cluster.ts";

/** Where a lab's node finds its rendered `patroni.yml`, byte for byte. */
export const PATRONI_YML = "/etc/patroni/patroni.yml";
/** Read instead where the configuration demands a watchdog: the rendered file and a stand-in. */
export const STAND_IN_DIR = "/etc/patroni/lab";

/**
 * Patroni's own test double of a watchdog, on a device that accepts everything and never fires. No
 * host of a lab may hold a real one: it would reset this machine.
 * @see https://github.com/patroni/patroni/blob/v4.0.7/patroni/watchdog/base.py (`driver == 'testing'`)
 */
const STAND_IN = "watchdog: { driver: testing, device: /dev/null }\n";

/** A file of a host: its text, or the path that it links to. */
export type TreeFile =
  | { readonly path: string; readonly text: string; readonly secret: boolean }
  | { readonly path: string; readonly linkTo: string };

/** The private directories of a host: what is mounted, and what stands there before it starts. */
export interface HostTree {
  readonly mounts: readonly BindMount[];
  readonly files: readonly TreeFile[];
  /** Directories that belong to the services' user, with their modes. */
  readonly owned: ReadonlyMap<string, number>;
}

/** Who owns what is written. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Plans the private directories of a node: all that its rendered `patroni.yml` names. */
export function planNodeTree(
  { files, patroniYml }: RenderedNode,
  pems: Readonly<Record<TlsContent, string>>,
): HostTree {
  const written: TreeFile[] = [{ path: PATRONI_YML, text: patroniYml, secret: false }];
  for (const { path, content } of files.tls)
    written.push({ path, text: pems[content], secret: /key$/i.test(content) });
  if (files.watchdogRequired)
    written.push(
      { path: `${STAND_IN_DIR}/10-patroni.yml`, linkTo: PATRONI_YML },
      { path: `${STAND_IN_DIR}/90-watchdog.yml`, text: STAND_IN, secret: false },
    );
  const mounts = planBindMounts([...files.made, ...written.map(asMount)], files.directories);
  const mounted = new Set(mounts.map(({ target }) => target));
  const owned = new Map(files.directories.map((path) => [path, 0o755]));
  for (const { target } of files.made)
    if (mounted.has(target)) owned.set(target, 0o700); // a data directory must keep others out
    else owned.set(dirname(target), 0o755);
  return { mounts, files: written, owned };
}

/** Plans single files that appear at their very paths, whatever else stands in those directories. */
export function planFileTree(files: ReadonlyMap<string, string>): HostTree {
  const written = [...files].map(([path, text]) => ({ path, text, secret: true }));
  return { mounts: written.map(asMount), files: written, owned: new Map() };
}

/** Writes a host's private directories below `root`, each where the host will see it. */
export async function writeHostTree(root: string, tree: HostTree, owner: Owner): Promise<void> {
  const leaves = tree.mounts.filter(({ kind }) => kind === "file");
  for (const { kind, target } of tree.mounts)
    if (kind === "directory") await makeDirectory(join(root, target));
  for (const { target } of leaves)
    await writeOwned(join(root, target), { text: "", secret: true }, owner);
  for (const [directory, mode] of tree.owned) {
    if (leaves.some(({ target }) => target === directory)) continue;
    await makeDirectory(join(root, directory));
    await chmod(join(root, directory), mode);
    await chown(join(root, directory), owner.uid, owner.gid);
  }
  for (const file of tree.files) {
    const path = join(root, file.path);
    if ("text" in file) await writeOwned(path, file, owner);
    else await writeLink(path, file.linkTo);
  }
}

/** Makes a directory that everyone may enter, whatever the umask says. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await chmod(made, 0o755);
}

async function writeOwned(
  path: string,
  file: { readonly text: string; readonly secret: boolean },
  owner: Owner,
): Promise<void> {
  await makeDirectory(dirname(path));
  const mode = file.secret ? 0o600 : 0o644;
  await writeFile(path, file.text, { mode });
  await chmod(path, mode);
  await chown(path, owner.uid, owner.gid);
}

async function writeLink(path: string, linkTo: string): Promise<void> {
  await makeDirectory(dirname(path));
  await rm(path, { force: true });
  await symlink(linkTo, path);
}

function asMount({ path }: { readonly path: string }): BindMount {
  return { kind: "file", target: path };
}
