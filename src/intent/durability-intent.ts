import { z } from "zod";
import { oneOf, Slug } from "./scalars.ts";

/** How far a standby has a commit when it confirms it. */
export const ACKS = ["write", "flush", "apply"] as const;
export type Ack = (typeof ACKS)[number];

/** What writes do when no standby is left to confirm them. */
export const ON_STANDBY_LOSS = ["block", "degrade"] as const;
export type OnStandbyLoss = (typeof ON_STANDBY_LOSS)[number];

/** Risks that an intent may take upon itself; without the word they are errors. */
export const ACCEPTABLE = ["writes-block-on-any-standby-loss", "commits-in-one-site"] as const;
export type Acceptable = (typeof ACCEPTABLE)[number];

/** `durability` as a person writes it: a tier's name, or the name with what differs from the tier. */
export const DurabilityIntent = z
  .union([
    Slug,
    z.strictObject({
      tier: Slug.describe("The tier: what an acknowledged commit survives."),
      ack: oneOf(ACKS)
        .optional()
        .describe(
          "When a standby confirms: write (its operating system has it), flush (its disk has it), apply (its readers see it); default: flush.",
        ),
      onStandbyLoss: oneOf(ON_STANDBY_LOSS)
        .optional()
        .describe("What writes do when no standby is left to confirm; default: the tier's."),
      accept: z
        .array(oneOf(ACCEPTABLE))
        .min(1)
        .optional()
        .describe("Risks that are meant to be; default: none."),
    }),
  ])
  .describe("The tier: what an acknowledged commit survives.");
export type DurabilityIntent = z.infer<typeof DurabilityIntent>;

/** What an intent says of durability besides the tier's name; undefined: the tier's own. */
export interface WrittenDurability {
  readonly ack: Ack | undefined;
  readonly onStandbyLoss: OnStandbyLoss | undefined;
  readonly accepts: readonly Acceptable[];
}

/** Splits what is written into the tier's name and what differs from the tier. */
export function resolveDurability(intent: DurabilityIntent): {
  readonly tier: string;
  readonly durability: WrittenDurability;
} {
  const {
    tier,
    ack,
    onStandbyLoss,
    accept = [],
  }: Exclude<DurabilityIntent, string> = typeof intent === "string" ? { tier: intent } : intent;
  return { tier, durability: { ack, onStandbyLoss, accepts: accept } };
}
