import { z } from "zod";
import type { Seconds } from "../core/units.ts";
import { Duration, NodeName, oneOf, Size, whole } from "./scalars.ts";
import { secondsOf } from "./read-duration.ts";

/** Where automatic failover may go. */
export const SCOPES = ["any-site", "same-site", "manual"] as const;
export type FailoverScope = (typeof SCOPES)[number];

const Timing = z.strictObject({
  ttl: Duration.describe("How long a lease lasts, in whole seconds or more: 20s to 1d."),
  loopWait: Duration.describe("How long Patroni rests between two rounds: 1s or more."),
  retryTimeout: Duration.describe(
    "How long Patroni tries again to reach the DCS and PostgreSQL: 3s or more.",
  ),
});

/** `failover` as a person writes it. */
export const FailoverIntent = z.strictObject({
  speed: z
    .union([oneOf(["fast", "standard", "patient", "wan"]), Timing])
    .optional()
    .describe("How fast a dead leader is replaced; default: standard (ttl 30 s)."),
  maxLoss: z
    .union([z.literal(0), Size])
    .optional()
    .describe("WAL that an automatic failover may lose: 0, or 16MiB or more; default: the tier's."),
  order: z
    .array(NodeName)
    .optional()
    .describe("Who should lead, most wanted first; default: by the roles of the sites."),
  scope: oneOf(SCOPES)
    .optional()
    .describe(
      "Where automatic failover may go: any-site, same-site (primary sites only) or manual (nowhere); default: any-site.",
    ),
  allowance: z
    .strictObject({
      nodes: whole("a number of nodes", 0, 10)
        .optional()
        .describe(
          "How many nodes may be lost at once, whichever they are; default: nothing is claimed.",
        ),
      sites: whole("a number of sites", 0, 3)
        .optional()
        .describe(
          "How many whole sites may be lost at once, DCS voters and all; default: nothing is claimed.",
        ),
    })
    .optional()
    .describe(
      "Losses that automatic failover must ride out: shown by arithmetic, or refused; default: nothing is claimed.",
    ),
  crashRecovery: z
    .strictObject({
      wait: Duration.describe(
        "How long a crashed leader may take to start again before another one leads; 0s: at once.",
      ),
    })
    .optional()
    .describe("How a leader whose PostgreSQL crashed is treated; default: the tier's wait."),
  shutdown: z
    .strictObject({
      wait: Duration.describe(
        "How long a leader that has to stop may take before Patroni kills it; tiers that lose nothing only.",
      ),
    })
    .optional()
    .describe("How a leader that has to stop is treated; default: the tier's wait."),
});
export type FailoverIntent = z.infer<typeof FailoverIntent>;

/** Losses at once that automatic failover must ride out; undefined where nothing is written. */
export interface Allowance {
  readonly nodes: number | undefined;
  readonly sites: number | undefined;
}

/** What an intent says of failover besides speed, loss and order. */
export interface ResolvedFailover {
  readonly scope: FailoverScope;
  readonly allowance: Allowance;
  /** `primary_start_timeout`; undefined: the tier's. */
  readonly crashWait: Seconds | undefined;
  /** `primary_stop_timeout`; undefined: the tier's. */
  readonly shutdownWait: Seconds | undefined;
}

/** Fills in the defaults of what stands under `failover`. The intent must have passed its schema. */
export function resolveFailover(intent: FailoverIntent): ResolvedFailover {
  const { scope = "any-site", allowance = {}, crashRecovery, shutdown } = intent;
  return {
    scope,
    allowance: { nodes: allowance.nodes, sites: allowance.sites },
    crashWait: crashRecovery && secondsOf(crashRecovery.wait),
    shutdownWait: shutdown && secondsOf(shutdown.wait),
  };
}
