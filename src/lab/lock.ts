import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Result } from "../core/result.ts";
import { type LabRefusal, refuse } from "./lab-refusal.ts";

/**
 * Runs an action while no other process holds the same lock. The kernel keeps the lock with
 * `flock(1)`, which ends when this process does, so a lock is never left behind.
 */
export async function withLock<Value>(
  path: string,
  waitSeconds: number,
  action: () => Promise<Result<Value, LabRefusal>>,
): Promise<Result<Value, LabRefusal>> {
  await mkdir(dirname(path), { recursive: true });
  const holder = spawn(
    "flock",
    ["--wait", String(waitSeconds), path, "sh", "-c", "echo locked; exec cat"],
    { detached: true, stdio: ["pipe", "pipe", "ignore"] }, // no Ctrl-C for it: it ends by itself
  );
  const locked = await Promise.race([
    once(holder.stdout, "data").then(() => true),
    once(holder, "exit").then(() => false),
  ]);
  if (!locked) return refuse(`another quorate works on this lab (it holds ${path})`);
  try {
    return await action();
  } finally {
    holder.stdin.end();
    await once(holder, "exit");
  }
}
