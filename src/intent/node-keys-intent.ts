import { z } from "zod";
import { isSecretName, looksSecret } from "../core/looks-secret.ts";
import { refuse, show, Switch } from "./scalars.ts";

/**
 * Tags that mean something to Patroni or to Quorate, and the word of the intent for each.
 *
 * @see patroni/tags.py at v4.1.4
 */
const OWN_WORDS: ReadonlyMap<string, string> = new Map([
  ["nofailover", "promotable: false"],
  ["failover_priority", "failover.order"],
  ["nosync", "confirms: false"],
  ["sync_priority", "failover.order"],
  ["noloadbalance", "serveReads: false"],
  ["clonefrom", "cloneSource: true"],
  ["replicatefrom", "upstream"],
  ["nostream", "stream: false"],
]);

const TagName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, {
    error: ({ input }) =>
      refuse(
        "QUO003",
        `${show(input)} is not a name of a tag: lower-case letters, digits and underscores`,
        "write it like rack",
      ),
    abort: true,
  })
  .refine((name) => !OWN_WORDS.has(name) && !name.startsWith("quorate_"), {
    error: ({ input }) => ownWord(String(input)),
    abort: true,
  })
  .refine((name) => !isSecretName(name), { error: () => SECRET_TAG });

const TagValue = z
  .union([z.string(), z.boolean(), z.number()], {
    error: ({ input }) =>
      refuse("QUO003", `${show(input)} is not one value`, "write a word, a number, true or false"),
  })
  .refine((value) => typeof value !== "string" || !looksSecret(value), { error: () => SECRET_TAG })
  .refine((value) => typeof value !== "string" || /^[^\p{Cc}]{1,200}$/u.test(value), {
    error: ({ input }) =>
      refuse("QUO003", `${show(input)} is not one line of text`, "write at most 200 characters"),
  });

const SECRET_TAG = refuse(
  "QUO007",
  "this looks like a secret; everyone who reaches a node's REST API may read its tags",
  "remove it; change the secret if this file was ever shared",
);

function ownWord(name: string): string {
  const word = OWN_WORDS.get(name);
  return word === undefined
    ? refuse("QUO056", "Quorate sets this tag itself", "choose another name")
    : refuse("QUO056", "this tag means something to Patroni", `write ${word} instead`);
}

/** The keys of a node besides its place, and what it may lead, confirm and stream from. */
export const NodeKeys = {
  serveReads: Switch.optional().describe(
    "false: load balancers send it no reads (noloadbalance); default: true.",
  ),
  cloneSource: Switch.optional().describe(
    "true: new members are copied from it rather than from the leader (clonefrom); default: false.",
  ),
  stream: Switch.optional().describe(
    "false: it takes WAL from the archive only (nostream; Patroni 3.3 and newer); then it neither leads nor confirms; default: true.",
  ),
  tags: z
    .record(TagName, TagValue)
    .optional()
    .describe("Tags of your own, shown by Patroni and usable in health checks; default: none."),
};
const NodeKeysIntent = z.object(NodeKeys);
/** What may stand at a node here. */
export type NodeKeysIntent = z.infer<typeof NodeKeysIntent>;

/** The same with every default filled in. */
export interface ResolvedNodeKeys {
  readonly serveReads: boolean;
  readonly cloneSource: boolean;
  /** Takes WAL from another member, not only from the archive. */
  readonly streams: boolean;
  readonly tags: Readonly<Record<string, boolean | number | string>>;
}

/** Fills in the defaults of a node's keys. */
export function resolveNodeKeys(node: NodeKeysIntent): ResolvedNodeKeys {
  return {
    serveReads: node.serveReads ?? true,
    cloneSource: node.cloneSource ?? false,
    streams: node.stream ?? true,
    tags: node.tags ?? {},
  };
}
