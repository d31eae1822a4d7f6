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
  whole,
} from "./scalars.ts";

const Port = whole("a port", 1, 65_535);
/** Words that pg_hba.conf or PostgreSQL keep for themselves would open the door, or be refused. */
const DatabaseUser = pattern(
  "a PostgreSQL user name of its own",
  /^(?!(?:all|sameuser|samerole|samegroup|replication|public|none|current_\w+|session_user|pg_\w*)$)[a-z_][a-z0-9_]{0,62}$/,
  "replicator",
);
const PathTemplate = pattern(
  "an absolute path below a folder, in which {cluster}, {node} and {postgres} may stand",
  /^(?:\/(?!\.{1,2}(?:\/|$))(?:[^\s{}\0/]|\{(?:cluster|node|postgres)\})+){2,}$/,
  "/var/lib/postgresql/{postgres}/{cluster}",
);

const Nodes = z.strictObject({
  postgresPort: Port.optional(),
  restPort: Port.optional(),
  dataDir: PathTemplate.optional(),
  binDir: PathTemplate.optional(),
  passFile: PathTemplate.optional(),
  users: z
    .strictObject({
      superuser: DatabaseUser.optional(),
      replication: DatabaseUser.optional(),
      rewind: DatabaseUser.optional(),
    })
    .optional(),
  clients: z.array(Network).optional().describe("Networks from which applications connect."),
  tls: z
    .strictObject({ certificate: NodePath, key: NodePath, ca: NodePath })
    .optional()
    .describe("TLS files on each node, for its REST API and its calls to the others."),
});

const Rest = z.strictObject({
  scheme: oneOf(["https", "http"]).optional(),
  ca: Reference.optional().describe("The CA that signed the nodes' certificates."),
  clientCertificate: Reference.optional(),
  clientKey: Reference.optional(),
  verifyClient: oneOf(["none", "optional", "required"])
    .optional()
    .describe("Whether nodes ask for a client certificate; default: none."),
  user: pattern(
    "a user name, or a reference to one (env:NAME or file:/path)",
    /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:\S.*|[^\s:]{1,64})$/,
    "quorate",
  )
    .optional()
    .describe("A user name, or a reference to it: env:NAME or file:/path."),
  password: Reference.optional(),
  timeout: Duration.optional().describe("How long one call may take; default: 5s."),
  allowPlainHttp: Switch.optional().describe("Send credentials without TLS; default: false."),
});

/** What `quorate.yaml` declares for every cluster of the project. */
export const ProjectIntent = z.strictObject({
  version: LanguageVersion,
  dcs: z.record(Slug, Dcs),
  nodes: Nodes.optional(),
  rest: Rest.optional(),
});
export type ProjectIntent = z.infer<typeof ProjectIntent>;
