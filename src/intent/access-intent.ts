import { z } from "zod";
import { Duration, Network, NodePath, oneOf, Off, pattern, Reference, Switch } from "./scalars.ts";

/** Words that pg_hba.conf or PostgreSQL keep for themselves would open the door, or be refused. */
const DatabaseUser = pattern(
  "a PostgreSQL user name of its own",
  /^(?!(?:all|sameuser|samerole|samegroup|replication|public|none|current_\w+|session_user|pg_\w*)$)[a-z_][a-z0-9_]{0,62}$/,
  "replicator",
);

/** The PostgreSQL users that Patroni works with. */
export const PostgresUsers = z.strictObject({
  superuser: DatabaseUser.optional().describe("The superuser; default: postgres."),
  replication: DatabaseUser.optional().describe("Who replicates; default: replicator."),
  rewind: DatabaseUser.optional().describe("Who rewinds; default: rewinder."),
});

const Certificate = NodePath.describe("The node's certificate, for both sides of a connection.");
const Key = NodePath.describe("Its key, readable for PostgreSQL's user alone.");
const Ca = NodePath.describe("The CA that signed the certificates of all nodes.");

/** TLS files at the same path on every node. */
export const NodeTls = z.strictObject({ certificate: Certificate, key: Key, ca: Ca });

/** The name of an etcd user, in which `{cluster}` may stand, or a reference to it. */
const DcsUser = pattern(
  "a user name, in which {cluster} may stand, or a reference to one (env:NAME or file:/path)",
  /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:\S.*|(?:[A-Za-z0-9._@-]|\{cluster\}){1,64})$/,
  "patroni-{cluster}",
);

/** How Patroni reaches a DCS over TLS: paths on the nodes. */
export const DcsTls = z.strictObject({
  ca: NodePath.describe("The CA that signed the voters' certificates."),
  certificate: NodePath.optional().describe(
    "The nodes' certificate, where voters ask for one; default: none.",
  ),
  key: NodePath.optional().describe("The certificate's key; default: none."),
});

/** Who Patroni is to a DCS. */
export const DcsAuth = z.strictObject({
  user: DcsUser.describe("A user name, {cluster} for the cluster's, or a reference to it."),
  password: Reference.describe("Its password, as env:NAME or file:/path."),
});

/** How Patroni's REST API is reached, by the nodes and by Quorate. */
export const RestIntent = z.strictObject({
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
  allowlist: z
    .array(Network)
    .optional()
    .describe(
      "Networks from which Quorate and people may change things; the members are added. Default: everywhere.",
    ),
  timeout: Duration.optional().describe("How long one call may take; default: 5s."),
  allowPlainHttp: Switch.optional().describe("Send credentials without TLS; default: false."),
});

const CommonName = pattern(
  "a common name, in which {node} may stand",
  /^(?:[A-Za-z0-9._-]|\{node\}|\{cluster\}){1,64}$/,
  "{node}.db.example.net",
);

/** TLS of PostgreSQL itself; what is not written is as in `nodes.tls`. */
const PostgresTls = z.strictObject({
  certificate: Certificate.optional().describe(
    "The node's certificate, for both sides of a connection; default: that of nodes.tls.",
  ),
  key: Key.optional().describe(
    "Its key, readable for PostgreSQL's user alone; default: that of nodes.tls.",
  ),
  ca: Ca.optional().describe(
    "The CA that signed the certificates of all nodes; default: that of nodes.tls.",
  ),
  minVersion: oneOf(["TLSv1.2", "TLSv1.3"])
    .optional()
    .describe("The oldest TLS that PostgreSQL speaks; default: PostgreSQL's own, TLSv1.2."),
  verify: oneOf(["ca", "full"])
    .optional()
    .describe(
      "What a standby verifies of its leader: ca, or full, where certificates name the address and localhost; default: ca.",
    ),
  commonName: CommonName.optional().describe(
    "The common name in each node's certificate, for authentication: certificate; default: {node}.",
  ),
});

/** Who may connect to PostgreSQL, from where and how. */
export const PostgresAccessIntent = z.strictObject({
  clients: z
    .array(Network)
    .optional()
    .describe("Networks from which applications connect; default: those of nodes.clients."),
  admins: z
    .array(Network)
    .optional()
    .describe("Networks from which the superuser may connect; default: none but the node itself."),
  users: PostgresUsers.optional().describe(
    "The users with whom Patroni connects; default: those of nodes.users.",
  ),
  authentication: oneOf(["scram", "certificate"])
    .optional()
    .describe("How nodes prove to each other who they are; default: scram."),
  tls: z
    .union([Off, PostgresTls])
    .optional()
    .describe("TLS of PostgreSQL; default: on wherever nodes.tls is there; false: none."),
  hba: z
    .array(z.string().min(1))
    .optional()
    .describe(
      "Further lines of pg_hba, for users of your own; they stand before clients; default: none.",
    ),
  ident: z
    .array(z.string().min(1))
    .optional()
    .describe("Lines of pg_ident: map, system user, PostgreSQL user; default: none."),
});

/** `access` of a cluster: each key overrides that of the project. */
export const ClusterAccess = z.strictObject({
  rest: RestIntent.optional().describe("The REST API, key by key; default: rest of the project."),
  postgres: PostgresAccessIntent.optional().describe(
    "PostgreSQL, key by key; default: access.postgres of the project.",
  ),
  dcs: z
    .strictObject({
      user: DcsUser.optional().describe("Who Patroni is to the DCS; default: the project's."),
      password: Reference.optional().describe(
        "Its password, as env:NAME or file:/path; default: the project's.",
      ),
      tls: DcsTls.optional().describe("TLS between Patroni and the DCS; default: the project's."),
    })
    .optional()
    .describe("The DCS, an etcd, key by key; default: what quorate.yaml declares of it."),
});
export type ClusterAccess = z.infer<typeof ClusterAccess>;

/** `access` of the project. */
export const ProjectAccess = z.strictObject({
  postgres: PostgresAccessIntent.optional().describe(
    "Who may connect to PostgreSQL of every cluster, and how; default: as its keys say.",
  ),
});
