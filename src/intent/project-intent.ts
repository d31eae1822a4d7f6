import { z } from "zod";
import { Dcs } from "./dcs-intent.ts";
import {
  Duration,
  LanguageVersion,
  Network,
  NodePath,
  oneOf,
  pattern,
  Reference,
  Slug,
  Switch,
} from "./scalars.ts";
import { ClusterDefaults } from "./cluster-intent.ts";
import { PlaceSettings } from "./node-settings.ts";

/** Words that pg_hba.conf or PostgreSQL keep for themselves would open the door, or be refused. */
const DatabaseUser = pattern(
  "a PostgreSQL user name of its own",
  /^(?!(?:all|sameuser|samerole|samegroup|replication|public|none|current_\w+|session_user|pg_\w*)$)[a-z_][a-z0-9_]{0,62}$/,
  "replicator",
);
const Nodes = PlaceSettings.extend({
  users: z
    .strictObject({
      superuser: DatabaseUser.optional().describe("The superuser; default: postgres."),
      replication: DatabaseUser.optional().describe("Who replicates; default: replicator."),
      rewind: DatabaseUser.optional().describe("Who rewinds; default: rewinder."),
    })
    .optional()
    .describe("The users with whom Patroni connects."),
  clients: z
    .array(Network)
    .optional()
    .describe("Networks from which applications connect; default: none."),
  tls: z
    .strictObject({
      certificate: NodePath.describe("The node's certificate."),
      key: NodePath.describe("The certificate's key."),
      ca: NodePath.describe("The CA that signed all nodes' certificates."),
    })
    .optional()
    .describe(
      "TLS files on each node, for its REST API and its calls to the others; required with https.",
    ),
});

const Rest = z.strictObject({
  scheme: oneOf(["https", "http"])
    .optional()
    .describe("Whether the REST API speaks TLS; default: https."),
  ca: Reference.optional().describe(
    "The CA that signed the nodes' certificates, as env:NAME or file:/path; default: Node.js's own list.",
  ),
  clientCertificate: Reference.optional().describe(
    "The certificate that Quorate shows, as env:NAME or file:/path; default: none.",
  ),
  clientKey: Reference.optional().describe(
    "The key of that certificate, as env:NAME or file:/path; default: none.",
  ),
  verifyClient: oneOf(["none", "optional", "required"])
    .optional()
    .describe("Whether nodes ask for a client certificate; default: none."),
  user: pattern(
    "a user name, or a reference to one (env:NAME or file:/path)",
    /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:\S.*|[^\s:]{1,64})$/,
    "quorate",
  )
    .optional()
    .describe("A user name, or a reference to it: env:NAME or file:/path; default: none."),
  password: Reference.optional().describe(
    "The password, as env:NAME or file:/path; default: none.",
  ),
  timeout: Duration.optional().describe("How long one call may take; default: 5s."),
  allowPlainHttp: Switch.optional().describe("Send credentials without TLS; default: false."),
});

/** What `quorate.yaml` declares for every cluster of the project. */
export const ProjectIntent = z.strictObject({
  version: LanguageVersion,
  dcs: z.record(Slug, Dcs).describe("The DCS clusters of the project, by name."),
  nodes: Nodes.optional().describe("What all nodes have in common."),
  rest: Rest.optional().describe("How Patroni's REST API is reached, and how it is guarded."),
  defaults: ClusterDefaults.optional().describe(
    "What every cluster has unless its own file says otherwise; maps are merged key by key.",
  ),
});
export type ProjectIntent = z.infer<typeof ProjectIntent>;
