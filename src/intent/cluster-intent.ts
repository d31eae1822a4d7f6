import { z } from "zod";
import { ClusterAccess } from "./access-intent.ts";
import { DurabilityIntent } from "./durability-intent.ts";
import { FailoverIntent } from "./failover-intent.ts";
import {
  Address,
  LanguageVersion,
  NodeName,
  oneOf,
  Patroni,
  Postgres,
  refuse,
  show,
  Slug,
  whole,
} from "./scalars.ts";
import { NodeSettings } from "./node-settings.ts";
import { Sections } from "./sections-intent.ts";
import { ServerKeys } from "./server-intent.ts";

/** The roles a site can have. */
export const SITE_ROLES = ["primary", "peer", "standby", "observer", "witness", "dr"] as const;

const NodeIntent = NodeSettings.extend({
  name: NodeName.describe("Patroni's member name; unique in the project."),
  address: Address,
});

const SiteIntent = z.strictObject({
  name: Slug.describe("The site's name; unique in the cluster."),
  role: oneOf(SITE_ROLES).describe(
    "primary: leads by preference; peer: equal; standby: leads last; observer: never leads nor confirms; witness: DCS voters only; dr: a cluster of its own that follows this one.",
  ),
  defaults: NodeSettings.optional().describe(
    "What every node of the site has unless it says otherwise; default: nothing.",
  ),
  nodes: z
    .array(NodeIntent)
    .optional()
    .describe("The site's data nodes; a witness site has none, which is the default."),
  dcs: z
    .strictObject({
      use: Slug.describe("A DCS that quorate.yaml declares, other than the cluster's."),
    })
    .optional()
    .describe("The DCS of a dr site's own cluster: required there, by default none elsewhere."),
});

const ParameterValue = z.union([z.boolean(), z.number(), z.string(), z.null()], {
  error: ({ input }) =>
    refuse(
      "QUO003",
      `${typeof input === "number" ? input : show(input)} is not one value`,
      Array.isArray(input)
        ? 'write text, with commas between what it lists: "a, b"'
        : "write text, a number, true or false",
    ),
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
  durability: DurabilityIntent,
  quorum: z
    .union([z.literal("auto"), whole("a number of standbys", 1, 50)])
    .optional()
    .describe("How many standbys confirm each commit; default: auto."),
  failover: FailoverIntent.optional().describe(
    "When another node takes over, and which one; default: as its keys say.",
  ),
  dcs: z
    .strictObject({
      use: Slug.optional().describe("A DCS that quorate.yaml declares; default: the only one."),
      onOutage: oneOf(["keep-leading", "read-only"])
        .optional()
        .describe("What the leader does without the DCS; default: keep-leading."),
    })
    .optional()
    .describe("Which DCS the cluster uses, and what happens without it; default: as its keys say."),
  ...Sections,
  postgresql: z
    .strictObject({
      parameters: z
        .record(z.string(), ParameterValue)
        .optional()
        .describe(
          "PostgreSQL parameters; null makes sure that the DCS does not set one; default: none.",
        ),
      ...ServerKeys,
    })
    .optional()
    .describe("What PostgreSQL runs with; default: what Quorate computes and PostgreSQL's own."),
  access: ClusterAccess.optional().describe(
    "Access to the DCS, the REST API and PostgreSQL; default: as in quorate.yaml.",
  ),
});
export type ClusterIntent = z.infer<typeof ClusterIntent>;

/** What `quorate.yaml` may say for all clusters: everything but what is one cluster's own. */
export const ClusterDefaults = ClusterIntent.omit({
  version: true,
  cluster: true,
  sites: true,
  // A pause is one cluster's, with an end.
  maintenance: true,
})
  .partial()
  .extend({
    patroni: Patroni.optional().describe(
      "The lowest Patroni release on any member, quoted: 3.0 to 4.1; default: every cluster says it.",
    ),
    postgres: Postgres.optional().describe(
      "PostgreSQL's major version; default: every cluster says it.",
    ),
    durability: DurabilityIntent.optional().describe(
      "The tier: what an acknowledged commit survives; default: every cluster says it.",
    ),
  });
