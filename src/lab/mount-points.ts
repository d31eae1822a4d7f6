import { mkdir, open, readFile, rmdir, stat, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { ok, type Result } from "../core/result.ts";
import { type BindMount, isWithin } from "./bind-mounts.ts";
import { labsDir } from "./lab-paths.ts";
import type { LabRefusal } from "./lab-refusal.ts";
import { withLock } from "./lock.ts";

/**
 * A mount needs something to be mounted on. What the machine lacks is made, written down for all
 * labs together, and removed when no lab needs it any more. Removing it earlier would take the mount
 * away from another lab: since Linux 3.19 removing a directory detaches what others mounted on it.
 */
const Ledger = z.object({
  /** Paths that a lab made on the machine, each after the one around it. */
  made: z.array(z.string()),
  /** The mount points of each cluster's lab. */
  used: z.record(z.string(), z.array(z.string())),
});
type Ledger = z.infer<typeof Ledger>;

/** Makes the mount points of a lab that the machine lacks. */
export async function claimMountPoints(
  cluster: string,
  mounts: readonly BindMount[],
): Promise<Result<undefined, LabRefusal>> {
  return changeLedger(async (ledger) => {
    ledger.used[cluster] = [...new Set(mounts.map(({ target }) => target))];
    for (const { kind, target } of mounts) {
      ledger.made.push(...(await makeDirectories(kind === "file" ? dirname(target) : target)));
      if (kind === "file" && (await makeFile(target))) ledger.made.push(target);
    }
  });
}

/** Removes what labs made on the machine and only this lab still used, as far as it is empty. */
export async function releaseMountPoints(cluster: string): Promise<Result<undefined, LabRefusal>> {
  return changeLedger(async (ledger) => {
    ledger.used = Object.fromEntries(
      Object.entries(ledger.used).filter(([name]) => name !== cluster),
    );
    const used = Object.values(ledger.used).flat();
    const needed = ledger.made.filter((path) => used.some((target) => isWithin(target, path)));
    for (const path of ledger.made.toReversed())
      if (!needed.includes(path)) await removeIfEmpty(path);
    ledger.made = needed;
  });
}

async function changeLedger(
  change: (ledger: Ledger) => Promise<void>,
): Promise<Result<undefined, LabRefusal>> {
  const path = join(labsDir(), ".mount-points.json");
  return withLock(`${path}.lock`, 30, async () => {
    const ledger = await readLedger(path);
    try {
      await change(ledger);
    } finally {
      await writeFile(path, JSON.stringify(ledger), { mode: 0o600 });
    }
    return ok(undefined);
  });
}

async function readLedger(path: string): Promise<Ledger> {
  try {
    return Ledger.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return { made: [], used: {} };
  }
}

async function makeDirectories(path: string): Promise<readonly string[]> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return [];
  const made: string[] = [];
  for (let current = path; isWithin(current, first); current = dirname(current))
    made.unshift(current);
  return made;
}

async function makeFile(path: string): Promise<boolean> {
  try {
    await (await open(path, "wx")).close();
    return true;
  } catch {
    return false; // it exists: the mount shows whether it will do
  }
}

async function removeIfEmpty(path: string): Promise<void> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) await rmdir(path);
    else if (found.size === 0) await unlink(path);
  } catch {
    // it is gone, or someone else put something into it: then it is not the lab's any more
  }
}
