import { z } from "zod";
import { Bug } from "../core/bug.ts";
import type { Result } from "../core/result.ts";
import {
  parseByteRate,
  parseDuration,
  parseSize,
  type ByteRate,
  type Bytes,
  type Seconds,
} from "../core/units.ts";
import { Duration, oneOf, Size, Switch } from "./scalars.ts";
import { Rate } from "./section-scalars.ts";

/** `rejoin`: how a member comes back, and how long the others wait for it. */
export const Rejoin = z.strictObject({
  rewind: Switch.optional().describe(
    "A former leader is rewound (pg_rewind) instead of copied anew; default: true.",
  ),
  onRewindFailure: oneOf(["keep-data", "wipe"])
    .optional()
    .describe(
      "When rewinding is not possible: keep-data (a person looks at it) or wipe (its data is deleted and copied anew); default: keep-data.",
    ),
  wipeMayLoseCommits: Switch.optional().describe(
    "true: wiping may delete the only copy of commits that a failover lost; needed for wipe in a tier that may lose commits; default: false.",
  ),
  joinRate: Rate.optional().describe(
    "How fast a member is copied; default: half of the slowest link of its site, else no limit.",
  ),
  slotRetention: Duration.optional().describe(
    "How long the others keep WAL for a member that is away; Patroni 4.0 and newer; default: 30m (Patroni's).",
  ),
  walCap: Size.optional().describe(
    "How much WAL slots may keep (max_slot_wal_keep_size): beyond it, who is away must be copied anew; default: no limit.",
  ),
});
export type Rejoin = z.infer<typeof Rejoin>;

/** How a member comes back. Undefined: not written, so Patroni's or PostgreSQL's default holds. */
export interface ResolvedRejoin {
  readonly rewind: boolean | undefined;
  readonly onRewindFailure: "keep-data" | "wipe" | undefined;
  readonly wipeMayLoseCommits: boolean;
  readonly joinRate: ByteRate | undefined;
  readonly slotRetention: Seconds | undefined;
  readonly walCap: Bytes | undefined;
}

/** Reads the units of `rejoin`. */
export function resolveRejoin(rejoin: Rejoin = {}): ResolvedRejoin {
  const { joinRate, slotRetention, walCap } = rejoin;
  return {
    rewind: rejoin.rewind,
    onRewindFailure: rejoin.onRewindFailure,
    wipeMayLoseCommits: rejoin.wipeMayLoseCommits ?? false,
    joinRate: joinRate === undefined ? undefined : parsed(parseByteRate(joinRate)),
    slotRetention: slotRetention === undefined ? undefined : parsed(parseDuration(slotRetention)),
    walCap: walCap === undefined ? undefined : parsed(parseSize(walCap)),
  };
}

function parsed<Value>(result: Result<Value, string>): Value {
  if (!result.ok) throw new Bug(`the schema let a text pass: ${result.error}`);
  return result.value;
}
