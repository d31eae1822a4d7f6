import { z } from "zod";
import { nearest } from "../core/nearest.ts";
import { oneOf, pattern, refuse, show } from "./scalars.ts";

const SlotName = pattern(
  "a slot name of lower-case letters, digits and underscores, at most 63 long",
  /^[a-z0-9_]{1,63}$/,
  "billing_cdc",
);
const DatabaseName = pattern("a database name", /^[A-Za-z_][\w$-]{0,62}$/, "orders");
const PluginName = pattern("an output plugin", /^[A-Za-z_]\w{0,62}$/, "pgoutput");

const PhysicalSlot = z.strictObject({
  type: z
    .literal("physical")
    .describe(
      "physical: for a standby or an archive of WAL; logical: for changes of one database.",
    ),
  clusterType: oneOf(["primary", "standby"])
    .optional()
    .describe(
      "Where it exists: only while this is a primary, or a standby cluster; default: always.",
    ),
});
const LogicalSlot = z.strictObject({
  type: z
    .literal("logical")
    .describe(
      "physical: for a standby or an archive of WAL; logical: for changes of one database.",
    ),
  database: DatabaseName.describe("The database whose changes it keeps."),
  plugin: PluginName.describe("The output plugin that reads them, such as pgoutput."),
});
const SlotIntent = z
  .discriminatedUnion("type", [PhysicalSlot, LogicalSlot], {
    error: ({ input }) =>
      refuse("QUO003", `${show(wordOf(input))} is not physical or logical`, hintFor(input)),
  })
  .nullable()
  .describe("null makes sure that the DCS does not have it.");

function hintFor(input: unknown): string {
  const word = wordOf(input);
  const meant = typeof word === "string" ? nearest(word, ["physical", "logical"]) : undefined;
  if (meant === undefined) return "write one of the two";
  if (meant === "physical" && word === input) return "write { type: physical }";
  return word === input ? "write a map with type: logical" : `did you mean ${meant}?`;
}

function wordOf(input: unknown): unknown {
  return typeof input === "object" && input !== null && "type" in input ? input.type : input;
}

/** `slots`: replication slots that survive a failover. */
export const Slots = z
  .record(SlotName, SlotIntent)
  .describe(
    "Permanent replication slots, by name: Patroni keeps them on the leader after a failover.",
  );
export type Slots = z.infer<typeof Slots>;

/** `ignoreSlots`: slots that Patroni must not drop although it does not know them. */
export const IgnoreSlots = z
  .array(
    z.strictObject({
      name: SlotName.optional().describe("The slot's name; default: any."),
      type: oneOf(["physical", "logical"]).optional().describe("Its type; default: any."),
      database: DatabaseName.optional().describe("Its database; default: any."),
      plugin: PluginName.optional().describe("Its output plugin; default: any."),
    }),
  )
  .describe(
    "Slots that somebody else makes and drops; a slot is left alone when all written words fit.",
  );
export type IgnoreSlots = z.infer<typeof IgnoreSlots>;

/** A permanent replication slot. */
export type ResolvedSlot = { readonly name: string } & (
  | { readonly type: "physical"; readonly clusterType: "primary" | "standby" | undefined }
  | { readonly type: "logical"; readonly database: string; readonly plugin: string }
  /** The DCS must not have it. */
  | { readonly type: "absent" }
);

/** What a slot that Patroni leaves alone looks like; a word that is not written fits every slot. */
export type SlotMatcher = Readonly<
  Partial<Record<"name" | "type" | "database" | "plugin", string>>
>;

/** Fills in the defaults of `slots`, sorted as they are written. */
export function resolveSlots(slots: Slots | undefined): readonly ResolvedSlot[] {
  return Object.entries(slots ?? {}).map(([name, slot]): ResolvedSlot => {
    if (slot === null) return { name, type: "absent" };
    if (slot.type === "logical") return { name, ...slot };
    return { name, type: "physical", clusterType: slot.clusterType };
  });
}

/** Drops what is not written of `ignoreSlots`. */
export function resolveIgnoreSlots(matchers: IgnoreSlots | undefined): readonly SlotMatcher[] {
  return (matchers ?? []).map((matcher) =>
    Object.fromEntries(Object.entries(matcher).filter(([, value]) => value !== undefined)),
  );
}
