import type { ClusterIntent } from "./cluster-intent.ts";
import { Fencing, resolveFencing, type ResolvedFencing } from "./fencing-intent.ts";
import { Links, resolveLinks, type ResolvedLink } from "./links-intent.ts";
import { Logging, resolveLogging, type ResolvedLogging } from "./logging-intent.ts";
import { Maintenance, resolvePause, type ResolvedPause } from "./maintenance-intent.ts";
import { Overrides, resolveOverrides, type ResolvedOverrides } from "./overrides-intent.ts";
import { Rejoin, resolveRejoin, type ResolvedRejoin } from "./rejoin-intent.ts";
import type { LeaseTiming } from "./resolve-cluster.ts";
import { resolveServer, type ResolvedServer } from "./server-intent.ts";
import {
  IgnoreSlots,
  resolveIgnoreSlots,
  resolveSlots,
  Slots,
  type ResolvedSlot,
  type SlotMatcher,
} from "./slots-intent.ts";

/** Sections of a cluster's intent that each have a file of their own. All are optional. */
export const Sections = {
  fencing: Fencing.optional().describe(
    "How a leader that hangs is kept from taking writes; default: by a watchdog where there is one.",
  ),
  links: Links.optional().describe("What lies between the sites; default: nothing is known of it."),
  slots: Slots.optional().describe(
    "Permanent replication slots, by name: Patroni keeps them on the leader after a failover; default: none.",
  ),
  ignoreSlots: IgnoreSlots.optional().describe(
    "Slots that somebody else makes and drops; a slot is left alone when all written words fit; default: none.",
  ),
  rejoin: Rejoin.optional().describe(
    "How a node that was away comes back, and what WAL is kept for it; default: as its keys say.",
  ),
  logging: Logging.optional().describe("What Patroni logs, and where; default: as its keys say."),
  maintenance: Maintenance.optional().describe(
    "What holds for a while: a pause with its owner, reason and end; default: nothing.",
  ),
  overrides: Overrides.optional().describe(
    "Patroni's own keys, stronger than everything else; null removes one; default: none.",
  ),
};

/** The same sections with every default filled in. */
export interface ResolvedSections {
  readonly fencing: ResolvedFencing;
  readonly links: readonly ResolvedLink[];
  readonly slots: readonly ResolvedSlot[];
  readonly ignoreSlots: readonly SlotMatcher[];
  readonly rejoin: ResolvedRejoin;
  readonly server: ResolvedServer;
  readonly logging: ResolvedLogging;
  /** Undefined: the cluster is not to be paused. */
  readonly pause: ResolvedPause | undefined;
  readonly overrides: ResolvedOverrides;
}

/** Fills in the defaults of the sections. */
export function resolveSections(
  intent: ClusterIntent,
  speed: LeaseTiming["speed"],
): ResolvedSections {
  return {
    fencing: resolveFencing(intent.fencing, speed),
    links: resolveLinks(intent.links),
    slots: resolveSlots(intent.slots),
    ignoreSlots: resolveIgnoreSlots(intent.ignoreSlots),
    rejoin: resolveRejoin(intent.rejoin),
    server: resolveServer(intent.postgresql),
    logging: resolveLogging(intent.logging),
    pause: resolvePause(intent.maintenance),
    overrides: resolveOverrides(intent.overrides),
  };
}
