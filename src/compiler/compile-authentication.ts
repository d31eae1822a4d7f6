import type { JsonObject } from "../core/json.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";

/** Who Patroni is to PostgreSQL: a part of a node's file, and what its environment must hold. */
export interface CompiledAuthentication {
  readonly section: JsonObject;
  /** Names of environment variables that hold passwords. */
  readonly secretNames: readonly string[];
}

/**
 * Compiles `postgresql.authentication`. The replication and the rewind user verify the server they reach:
 * it is another node. The superuser connects to the node itself alone, and does not: else a certificate
 * that has run out would keep Patroni from its own PostgreSQL.
 *
 * @see patroni/postgresql/config.py:resolve_connection_addresses and primary_conninfo_params at v4.1.4
 */
export function compileAuthentication({ project }: ResolvedCluster): CompiledAuthentication {
  const { superuser, replication, rewind } = project.nodes.users;
  const { tls, authentication } = project.postgres;
  const isByCertificate = authentication === "certificate";
  const verified: JsonObject =
    tls === undefined
      ? {}
      : {
          sslmode: `verify-${tls.verify}`,
          sslrootcert: tls.ca,
          ...(isByCertificate ? { sslcert: tls.certificate, sslkey: tls.key } : {}),
        };
  return {
    section: {
      superuser: { username: superuser },
      replication: { username: replication, ...verified },
      rewind: { username: rewind, ...verified },
    },
    secretNames: [
      "PATRONI_SUPERUSER_PASSWORD",
      ...(isByCertificate ? [] : ["PATRONI_REPLICATION_PASSWORD", "PATRONI_REWIND_PASSWORD"]),
    ],
  };
}
