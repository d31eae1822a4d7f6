import { hostNetwork } from "../core/ip.ts";
import { compareText } from "../core/json.ts";
import { MEMBER_MAP } from "../intent/check-hba.ts";
import type { PostgresTls } from "../intent/resolve-access.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import type { SourcePath } from "../intent/source-offset.ts";
import type { Word } from "./word-origin.ts";

/** A node of another Patroni cluster that streams from this one, and may have to rewind from it. */
export interface ReplicationPeer {
  readonly name: string;
  readonly address: string;
  /** Where it stands in its intent. */
  readonly path?: SourcePath;
}

/** One line of `pg_hba` or `pg_ident`, and what it comes from. */
export interface CompiledLine {
  readonly text: string;
  /** Of several words the first that is written counts; none: it is Quorate's own. */
  readonly words: readonly Word[];
  /** Whose words they are, for a line that is there for one node. */
  readonly node?: { readonly path: SourcePath } | undefined;
  /** Which item of the list that the word holds. */
  readonly item?: number;
}

const LOOPBACKS = ["127.0.0.1/32", "::1/128"];
const SCRAM = "scram-sha-256";

/**
 * The `pg_hba` lines of a cluster, first match first, in this order:
 *
 * 1. Patroni's users: the superuser on the node itself and from the declared networks of administrators,
 *    replication and rewind from every member and peer, so that any node can follow any other one.
 * 2. The refusal of these users from anywhere else: no later line can let them in.
 * 3. The lines that the intent adds.
 * 4. Everyone else with a password, on the node itself and from the declared networks of clients.
 *
 * Whatever matches none of them is refused. With TLS, only the node itself may do without.
 *
 * @see https://www.postgresql.org/docs/current/auth-pg-hba-conf.html
 */
export function compileHba(
  cluster: ResolvedCluster,
  replicationPeers: readonly ReplicationPeer[] = [],
): readonly string[] {
  return hbaLines(cluster, replicationPeers).map(({ text }) => text);
}

/** The same lines, each with what it comes from. */
export function hbaLines(
  cluster: ResolvedCluster,
  replicationPeers: readonly ReplicationPeer[] = [],
): readonly CompiledLine[] {
  const { nodes, postgres } = cluster.project;
  const { superuser, replication, rewind } = nodes.users;
  const own = `${superuser},${replication},${rewind}`;
  const host = postgres.tls === undefined ? "host" : "hostssl";
  const isByCertificate = postgres.authentication === "certificate";
  const member = isByCertificate ? `cert map=${MEMBER_MAP}` : SCRAM;
  // Two members may share an address: the first says where the line comes from.
  const places = new Map<string, ReplicationPeer>();
  for (const peer of [...cluster.nodes, ...replicationPeers]) {
    const place = hostNetwork(peer.address);
    if (!places.has(place)) places.set(place, peer);
  }
  const admitted = [...places].toSorted(([a], [b]) => compareText(a, b));
  return [
    line(`local all ${superuser} peer`, USERS.superuser),
    // Patroni asks its own PostgreSQL over loopback, for the timeline in a replication connection.
    ...LOOPBACKS.flatMap((loopback) => [
      line(`host all ${superuser} ${loopback} ${SCRAM}`, USERS.superuser),
      line(
        `${isByCertificate ? "hostssl" : "host"} replication ${replication} ${loopback} ${member}`,
        USERS.replication,
      ),
    ]),
    ...admitted.flatMap(([place, peer]) => [
      ofNode(`${host} replication ${replication} ${place} ${member}`, peer, ["node:address"]),
      ofNode(`${host} all ${rewind} ${place} ${member}`, peer, ["node:address"]),
    ]),
    ...ofList(
      postgres.admins.map((network) => `${host} all ${superuser} ${network} ${SCRAM}`),
      ["cluster:access.postgres.admins", "project:access.postgres.admins"],
    ),
    line(`local all,replication ${own} reject`),
    line(`host all,replication ${own} all reject`),
    ...ofList(postgres.hba, ["cluster:access.postgres.hba", "project:access.postgres.hba"]),
    line(`local all all ${SCRAM}`),
    ...LOOPBACKS.map((loopback) => line(`host all all ${loopback} ${SCRAM}`)),
    ...ofList(
      nodes.clients.map((network) => `${host} all all ${network} ${SCRAM}`),
      [
        "cluster:access.postgres.clients",
        "project:access.postgres.clients",
        "project:nodes.clients",
      ],
    ),
  ];
}

/** The words that name one of Patroni's users. */
const USERS = { superuser: userWords("superuser"), replication: userWords("replication") } as const;

function userWords(user: string): readonly Word[] {
  return [
    `cluster:access.postgres.users.${user}`,
    `project:access.postgres.users.${user}`,
    `project:nodes.users.${user}`,
  ];
}

function line(text: string, words: readonly Word[] = []): CompiledLine {
  return { text, words };
}

function ofNode(text: string, { path }: ReplicationPeer, words: readonly Word[]): CompiledLine {
  return path === undefined ? line(text) : { text, words, node: { path } };
}

function ofList(texts: readonly string[], words: readonly Word[]): readonly CompiledLine[] {
  return texts.map((text, item) => ({ text, words, item }));
}

/**
 * The `pg_ident` lines of a cluster: which certificates stand for the replication and the rewind user, then
 * the lines that the intent adds. Empty when Patroni shall leave the file alone.
 *
 * @see https://www.postgresql.org/docs/current/auth-username-maps.html
 */
export function compileIdent(
  cluster: ResolvedCluster,
  replicationPeers: readonly ReplicationPeer[] = [],
): readonly string[] {
  return identLines(cluster, replicationPeers).map(({ text }) => text);
}

/** The same lines, each with what it comes from. */
export function identLines(
  { name, nodes, project }: ResolvedCluster,
  replicationPeers: readonly ReplicationPeer[] = [],
): readonly CompiledLine[] {
  const { tls, authentication, ident } = project.postgres;
  const { replication, rewind } = project.nodes.users;
  const written = ofList(ident, ["cluster:access.postgres.ident", "project:access.postgres.ident"]);
  if (tls === undefined || authentication === "scram") return written;
  const members = new Map<string, ReplicationPeer>();
  for (const peer of [...nodes, ...replicationPeers]) {
    const common = commonNameOf(tls, peer.name, name);
    if (!members.has(common)) members.set(common, peer);
  }
  return [
    ...[...members]
      .toSorted(([a], [b]) => compareText(a, b))
      .flatMap(([common, peer]) =>
        [replication, rewind].map((user) =>
          ofNode(`${MEMBER_MAP} ${common} ${user}`, peer, ["node:name"]),
        ),
      ),
    ...written,
  ];
}

/** The common name that a node's certificate is declared to have. */
export function commonNameOf(
  { commonName }: Pick<PostgresTls, "commonName">,
  node: string,
  cluster: string,
): string {
  return commonName.replaceAll("{node}", node).replaceAll("{cluster}", cluster);
}
