import type { ResolvedCluster } from "../intent/resolve-cluster.ts";

/**
 * The `pg_hba` lines of a cluster, first match first: every member may replicate and rewind from every
 * other, and so may the nodes of the clusters that follow it or that it follows, which change sides in a
 * site switch. Patroni reaches its own PostgreSQL over loopback, and applications come from the declared
 * networks. Everything else is refused, as PostgreSQL does without a matching line.
 *
 * @see https://www.postgresql.org/docs/current/auth-pg-hba-conf.html
 */
export function compileHba({ nodes, relatives, project }: ResolvedCluster): readonly string[] {
  const { users, clients } = project.nodes;
  const members = [...nodes, ...relatives].map((node) => networkOf(node.address)).toSorted();
  return [
    `local all ${users.superuser} peer`,
    "local all all scram-sha-256",
    // Patroni asks its own PostgreSQL over loopback, for the timeline in a replication connection.
    ...["127.0.0.1/32", "::1/128"].flatMap((loopback) => [
      `host all all ${loopback} scram-sha-256`,
      `host replication ${users.replication} ${loopback} scram-sha-256`,
    ]),
    ...members.flatMap((member) => [
      `host replication ${users.replication} ${member} scram-sha-256`,
      `host all ${users.rewind} ${member} scram-sha-256`,
    ]),
    ...clients.map((network) => `host all all ${network} scram-sha-256`),
  ];
}

/** One host as pg_hba writes it: an address with its full mask, or a host name. */
function networkOf(address: string): string {
  if (address.includes(":")) return `${address}/128`;
  return /^[\d.]+$/.test(address) ? `${address}/32` : address;
}
