import { z } from "zod";
import { Bug } from "../core/bug.ts";
import { parseDeadline, type Instant } from "../core/instant.ts";
import { Deadline, Words } from "./section-scalars.ts";

/** `maintenance`: what is different for a while. */
export const Maintenance = z.strictObject({
  pause: z
    .strictObject({
      owner: Words.describe("Who answers for it."),
      reason: Words.describe("Why nobody may fail over meanwhile."),
      until: Deadline,
    })
    .optional()
    .describe(
      "Patroni's pause: no failover, no fencing, no watchdog. After its end nothing compiles until the pause is removed or extended; default: no pause.",
    ),
});
export type Maintenance = z.infer<typeof Maintenance>;

/** A declared pause: who wants it, why, and when it ends. */
export interface ResolvedPause {
  readonly owner: string;
  readonly reason: string;
  /** As it is written. */
  readonly until: string;
  readonly end: Instant;
}

/** The declared pause; undefined: there is none. */
export function resolvePause(maintenance: Maintenance | undefined): ResolvedPause | undefined {
  const pause = maintenance?.pause;
  if (pause === undefined) return undefined;
  const end = parseDeadline(pause.until);
  if (!end.ok) throw new Bug(`the schema let a time pass: ${end.error}`);
  return { ...pause, end: end.value };
}
