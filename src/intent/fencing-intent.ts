import { z } from "zod";
import type { Seconds } from "../core/units.ts";
import type { LeaseTiming } from "./resolve-cluster.ts";
import { Duration, oneOf, pattern } from "./scalars.ts";
import { secondsOf } from "./read-duration.ts";

/** `fencing`: what stops a leader that has lost its lease. */
export const Fencing = z.strictObject({
  watchdog: oneOf(["off", "best-effort", "required"])
    .optional()
    .describe(
      "Whether a leader needs a watchdog device: off, best-effort (used where there is one), required (nobody leads without one); default: best-effort.",
    ),
  margin: z
    .union([z.literal("half-ttl"), Duration])
    .optional()
    .describe(
      "How long before its lease ends the watchdog resets the machine; half-ttl leaves no moment in which two could lead; default: 5s, with speed wan 10s.",
    ),
  // Linux names them so, of up to 32 (MAX_DOGS in drivers/watchdog/watchdog_core.h). At each start the unit makes
  // the device PostgreSQL's: no other one may be named here.
  device: pattern(
    "a watchdog device, /dev/watchdog or /dev/watchdog0 to /dev/watchdog31",
    /^\/dev\/watchdog(?:\d|[12]\d|3[01])?$/,
    "/dev/watchdog",
  )
    .optional()
    .describe("The watchdog device on every node; default: /dev/watchdog."),
});
export type Fencing = z.infer<typeof Fencing>;

/** How a leader is stopped that has lost its lease, with every default filled in. */
export interface ResolvedFencing {
  readonly watchdog: "off" | "best-effort" | "required";
  /** Seconds between the reset and the end of the lease; `half-ttl`: the reset comes after ttl / 2. */
  readonly margin: Seconds | "half-ttl";
  readonly device: string;
}

/** Fills in the defaults of `fencing`. A lease that rides out long outages of the DCS has a wider margin. */
export function resolveFencing(
  fencing: Fencing | undefined,
  speed: LeaseTiming["speed"],
): ResolvedFencing {
  const written = fencing?.margin ?? (speed === "wan" ? "10s" : "5s");
  return {
    watchdog: fencing?.watchdog ?? "best-effort",
    margin: written === "half-ttl" ? written : secondsOf(written),
    device: fencing?.device ?? "/dev/watchdog",
  };
}

/**
 * Seconds after a keepalive in which the watchdog resets the machine.
 *
 * @see patroni/watchdog/base.py:WatchdogConfig.timeout at v4.1.4
 */
export function watchdogTimeout(
  { margin }: ResolvedFencing,
  { ttl }: Pick<LeaseTiming, "ttl">,
): number {
  return margin === "half-ttl" ? Math.floor(ttl / 2) : ttl - margin;
}
