import { z } from "zod";
import { ClusterAccess } from "./access-intent.ts";
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
  name: Slug,
  role: oneOf(SITE_ROLES).describe(
    "primary: leads by preference; peer: equal; standby: leads last; observer: never leads nor confirms; witness: DCS voters only.",
  ),
  nodes: z.array(NodeIntent).optional(),
});

const Timing = z.strictObject({ ttl: Duration, loopWait: Duration, retryTimeout: Duration });

const Failover = z.strictObject({
  speed: z
    .union([oneOf(["fast", "standard", "patient", "wan"]), Timing])
    .optional()
    .describe("How fast a dead leader is replaced; default: standard (ttl 30 s)."),
  maxLoss: z
    .union([z.literal(0), Size])
    .optional()
    .describe("WAL that an automatic failover may lose: 0, or 16MiB or more."),
  order: z.array(NodeName).optional().describe("Who should lead, most wanted first."),
});

/** What a person writes for one cluster. */
export const ClusterIntent = z.strictObject({
  version: LanguageVersion,
  cluster: Slug.describe("Patroni's scope; unique in the project."),
  owner: z.string().min(1).optional().describe("Who answers for the cluster."),
  labels: z.record(Slug, z.string()).optional(),
  patroni: Patroni,
  postgres: Postgres,
  sites: z.array(SiteIntent).min(1),
  durability: Slug.describe("The tier: what an acknowledged commit survives."),
  quorum: z
    .union([z.literal("auto"), whole("a number of standbys", 1, 50)])
    .optional()
    .describe("How many standbys confirm each commit; default: auto."),
  failover: Failover.optional(),
  dcs: z
    .strictObject({
      use: Slug.optional().describe("A DCS that quorate.yaml declares; default: the only one."),
      onOutage: oneOf(["keep-leading", "read-only"])
        .optional()
        .describe("What the leader does without the DCS; default: keep-leading."),
    })
    .optional(),
  fencing: z
    .strictObject({
      watchdog: oneOf(["off", "best-effort", "required"])
        .optional()
        .describe("Default: best-effort."),
    })
    .optional(),
  postgresql: z
    .strictObject({
      parameters: z
        .record(z.string(), z.union([z.boolean(), z.number(), z.string(), z.null()]))
        .optional()
        .describe("PostgreSQL parameters; null makes sure that the DCS does not set one."),
    })
    .optional(),
  access: ClusterAccess.optional().describe(
    "Access to the DCS, the REST API and PostgreSQL, where it is not as in quorate.yaml.",
  ),
});
export type ClusterIntent = z.infer<typeof ClusterIntent>;
