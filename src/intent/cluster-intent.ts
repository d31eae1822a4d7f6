import { z } from "zod";
import {
  Address,
  Duration,
  LanguageVersion,
  NodeName,
  oneOf,
  Patroni,
  Postgres,
  Size,
  Slug,
  Switch,
  whole,
} from "./scalars.ts";

/** The roles a site can have. */
export const SITE_ROLES = ["primary", "peer", "standby", "observer", "witness"] as const;

const NodeIntent = z.strictObject({
  name: NodeName.describe("Patroni's member name; unique in the project."),
  address: Address,
  upstream: NodeName.optional().describe("The member to stream from; default: the leader."),
  promotable: Switch.optional().describe("May lead; default: true, in an observer site false."),
  confirms: Switch.optional().describe(
    "May confirm commits; default: true, in an observer site or with an upstream false.",
  ),
});

const SiteIntent = z.strictObject({
  name: Slug.describe("The site's name; unique in the cluster."),
  role: oneOf(SITE_ROLES).describe(
    "primary: leads by preference; peer: equal; standby: leads last; observer: never leads nor confirms; witness: DCS voters only.",
  ),
  nodes: z
    .array(NodeIntent)
    .optional()
    .describe("The site's data nodes; a witness site has none, which is the default."),
});

const Timing = z.strictObject({
  ttl: Duration.describe("How long a leader's lease lasts without a refresh, 20s or more."),
  loopWait: Duration.describe("How long a node waits between two looks, 1s or more."),
  retryTimeout: Duration.describe(
    "How long a node retries the DCS, 3s or more; loopWait and twice this fit into ttl.",
  ),
});

const Failover = z.strictObject({
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
});

/** What a person writes for one cluster. */
export const ClusterIntent = z.strictObject({
  version: LanguageVersion,
  cluster: Slug.describe("Patroni's scope; unique in the project."),
  owner: z
    .string()
    .min(1)
    .optional()
    .describe("Who answers for the cluster; default: nobody is named."),
  labels: z
    .record(Slug, z.string())
    .optional()
    .describe("Free words that rules may ask for; default: none."),
  patroni: Patroni,
  postgres: Postgres,
  sites: z.array(SiteIntent).min(1).describe("The places that can fail as a whole."),
  durability: Slug.describe("The tier: what an acknowledged commit survives."),
  quorum: z
    .union([z.literal("auto"), whole("a number of standbys", 1, 50)])
    .optional()
    .describe("How many standbys confirm each commit; default: auto."),
  failover: Failover.optional().describe("When another node takes over, and which one."),
  dcs: z
    .strictObject({
      use: Slug.optional().describe("A DCS that quorate.yaml declares; default: the only one."),
      onOutage: oneOf(["keep-leading", "read-only"])
        .optional()
        .describe("What the leader does without the DCS; default: keep-leading."),
    })
    .optional()
    .describe("Which DCS the cluster uses, and what happens without it."),
  fencing: z
    .strictObject({
      watchdog: oneOf(["off", "best-effort", "required"])
        .optional()
        .describe("Whether a watchdog resets a leader that hangs; default: best-effort."),
    })
    .optional()
    .describe("How a leader that hangs is kept from taking writes."),
  postgresql: z
    .strictObject({
      parameters: z
        .record(z.string(), z.union([z.boolean(), z.number(), z.string(), z.null()]))
        .optional()
        .describe(
          "PostgreSQL parameters; null makes sure that the DCS does not set one; default: none.",
        ),
    })
    .optional()
    .describe("What PostgreSQL runs with."),
});
export type ClusterIntent = z.infer<typeof ClusterIntent>;
