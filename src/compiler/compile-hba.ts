import { hostNetwork } from "../core/ip.ts";
import { compareText } from "../core/json.ts";
import { MEMBER_MAP } from "../intent/check-hba.ts";
import type { PostgresTls } from "../intent/resolve-access.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";

/** A node of another Patroni cluster that streams from this one, and may have to rewind from it. */
export interface ReplicationPeer {
  readonly name: string;
  readonly address: string;
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
  const { nodes, postgres } = cluster.project;
  const { superuser, replication, rewind } = nodes.users;
  const own = `${superuser},${replication},${rewind}`;
  const host = postgres.tls === undefined ? "host" : "hostssl";
  const isByCertificate = postgres.authentication === "certificate";
  const member = isByCertificate ? `cert map=${MEMBER_MAP}` : SCRAM;
  const places = [...cluster.nodes, ...replicationPeers].map(({ address }) => hostNetwork(address));
  return [
    `local all ${superuser} peer`,
    // Patroni asks its own PostgreSQL over loopback, for the timeline in a replication connection.
    ...LOOPBACKS.flatMap((loopback) => [
      `host all ${superuser} ${loopback} ${SCRAM}`,
      `${isByCertificate ? "hostssl" : "host"} replication ${replication} ${loopback} ${member}`,
    ]),
    ...[...new Set(places)]
      .toSorted(compareText)
      .flatMap((place) => [
        `${host} replication ${replication} ${place} ${member}`,
        `${host} all ${rewind} ${place} ${member}`,
      ]),
    ...postgres.admins.map((network) => `${host} all ${superuser} ${network} ${SCRAM}`),
    `local all,replication ${own} reject`,
    `host all,replication ${own} all reject`,
    ...postgres.hba,
    `local all all ${SCRAM}`,
    ...LOOPBACKS.map((loopback) => `host all all ${loopback} ${SCRAM}`),
    ...nodes.clients.map((network) => `${host} all all ${network} ${SCRAM}`),
  ];
}

/**
 * The `pg_ident` lines of a cluster: which certificates stand for the replication and the rewind user, then
 * the lines that the intent adds. Empty when Patroni shall leave the file alone.
 *
 * @see https://www.postgresql.org/docs/current/auth-username-maps.html
 */
export function compileIdent(
  { name, nodes, project }: ResolvedCluster,
  replicationPeers: readonly ReplicationPeer[] = [],
): readonly string[] {
  const { tls, authentication, ident } = project.postgres;
  const { replication, rewind } = project.nodes.users;
  if (tls === undefined || authentication === "scram") return ident;
  const names = [...nodes, ...replicationPeers].map((node) => commonNameOf(tls, node.name, name));
  const members = [...new Set(names)]
    .toSorted(compareText)
    .flatMap((common) => [replication, rewind].map((user) => `${MEMBER_MAP} ${common} ${user}`));
  return [...members, ...ident];
}

/** The common name that a node's certificate is declared to have. */
export function commonNameOf(
  { commonName }: Pick<PostgresTls, "commonName">,
  node: string,
  cluster: string,
): string {
  return commonName.replaceAll("{node}", node).replaceAll("{cluster}", cluster);
}
