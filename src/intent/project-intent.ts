import { z } from "zod";
import { NodeTls, PostgresUsers, ProjectAccess, RestIntent } from "./access-intent.ts";
import { ClusterDefaults } from "./cluster-intent.ts";
import { Dcs } from "./dcs-intent.ts";
import { PlaceSettings } from "./node-settings.ts";
import { LanguageVersion, Network, Slug } from "./scalars.ts";

const Nodes = PlaceSettings.extend({
  users: PostgresUsers.optional().describe(
    "The users with whom Patroni connects; default: postgres, replicator and rewinder.",
  ),
  clients: z
    .array(Network)
    .optional()
    .describe("Networks from which applications connect; default: none."),
  tls: NodeTls.optional().describe(
    "TLS files on each node, for its REST API, its PostgreSQL and its calls to the others; required with https; default: none.",
  ),
});

/** What `quorate.yaml` declares for every cluster of the project. */
export const ProjectIntent = z.strictObject({
  version: LanguageVersion,
  dcs: z.record(Slug, Dcs).describe("The DCS clusters of the project, by name."),
  nodes: Nodes.optional().describe("What all nodes have in common; default: as its keys say."),
  rest: RestIntent.optional().describe(
    "How Patroni's REST API is reached, and how it is guarded; default: as its keys say.",
  ),
  access: ProjectAccess.optional().describe(
    "Who may connect to PostgreSQL, and how; default: as its keys say.",
  ),
  defaults: ClusterDefaults.optional().describe(
    "What every cluster has unless its own file says otherwise; maps are merged key by key; default: nothing.",
  ),
});
export type ProjectIntent = z.infer<typeof ProjectIntent>;
