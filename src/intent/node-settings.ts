import { z } from "zod";
import { NodeKeys } from "./node-keys-intent.ts";
import { NodeName, pattern, Switch, whole } from "./scalars.ts";

/** A TCP port. */
export const Port = whole("a port", 1, 65_535);

/** A path on a node; the words in braces are filled in for each node. */
export const PathTemplate = pattern(
  "an absolute path below a folder, in which {cluster}, {node} and {postgres} may stand",
  /^(?:\/(?!\.{1,2}(?:\/|$))(?:[^\s{}\0/]|\{(?:cluster|node|postgres)\})+){2,}$/,
  "/var/lib/postgresql/{postgres}/{cluster}",
);

/** What nodes have in common wherever they stand: written for the project, for a site or for one node. */
export const PlaceSettings = z.strictObject({
  postgresPort: Port.optional().describe("PostgreSQL's port; default: 5432."),
  restPort: Port.optional().describe("The port of Patroni's REST API; default: 8008."),
  dataDir: PathTemplate.optional().describe(
    "PostgreSQL's data; default: /var/lib/postgresql/{postgres}/{cluster}.",
  ),
  binDir: PathTemplate.optional().describe(
    "PostgreSQL's programs; default: /usr/lib/postgresql/{postgres}/bin.",
  ),
  passFile: PathTemplate.optional().describe(
    "Where Patroni writes its .pgpass; default: /var/lib/postgresql/.pgpass-{cluster}.",
  ),
});

/** What may be written for one node, or as `defaults` of its site. */
export const NodeSettings = PlaceSettings.extend({
  upstream: NodeName.optional().describe("The member to stream from; default: the leader."),
  promotable: Switch.optional().describe("May lead; default: true, in an observer site false."),
  confirms: Switch.optional().describe(
    "May confirm commits; default: true, in an observer site or with an upstream false.",
  ),
  ...NodeKeys,
});
export type NodeSettings = z.infer<typeof NodeSettings>;
