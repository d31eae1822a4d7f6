import { z } from "zod";
import {
  DcsAuth,
  DcsTls,
  NodeTls,
  PostgresUsers,
  ProjectAccess,
  RestIntent,
} from "./access-intent.ts";
import {
  Address,
  LanguageVersion,
  Network,
  NodeName,
  oneOf,
  pattern,
  Slug,
  Switch,
  whole,
} from "./scalars.ts";

const Port = whole("a port", 1, 65_535);
const PathTemplate = pattern(
  "an absolute path below a folder, in which {cluster}, {node} and {postgres} may stand",
  /^(?:\/(?!\.{1,2}(?:\/|$))(?:[^\s{}\0/]|\{(?:cluster|node|postgres)\})+){2,}$/,
  "/var/lib/postgresql/{postgres}/{cluster}",
);

const Voter = z.strictObject({
  name: NodeName,
  site: Slug,
  address: Address,
  port: Port.optional().describe("The client port; default: 2379."),
});

const Dcs = z.strictObject({
  kind: oneOf(["etcd3"]),
  namespace: pattern(
    "a namespace with slashes around it",
    /^\/(?:[A-Za-z0-9._-]+\/)+$/,
    "/service/",
  ).optional(),
  voters: z.array(Voter).min(1),
  tls: DcsTls.optional().describe("TLS between Patroni and the DCS; default: none."),
  auth: DcsAuth.optional().describe("Who Patroni is to the DCS; default: nobody."),
  allowPlainHttp: Switch.optional().describe("Send its password without TLS; default: false."),
});

const Nodes = z.strictObject({
  postgresPort: Port.optional(),
  restPort: Port.optional(),
  dataDir: PathTemplate.optional(),
  binDir: PathTemplate.optional(),
  passFile: PathTemplate.optional(),
  users: PostgresUsers.optional(),
  clients: z.array(Network).optional().describe("Networks from which applications connect."),
  tls: NodeTls.optional().describe(
    "TLS files on each node, for its REST API, its PostgreSQL and its calls to the others.",
  ),
});

/** What `quorate.yaml` declares for every cluster of the project. */
export const ProjectIntent = z.strictObject({
  version: LanguageVersion,
  dcs: z.record(Slug, Dcs),
  nodes: Nodes.optional(),
  rest: RestIntent.optional(),
  access: ProjectAccess.optional(),
});
export type ProjectIntent = z.infer<typeof ProjectIntent>;
