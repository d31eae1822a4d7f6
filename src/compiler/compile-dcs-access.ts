import type { JsonObject } from "../core/json.ts";
import type { ResolvedDcs } from "../intent/dcs-intent.ts";

/** How Patroni reaches a DCS: keys of its section in a node's file, and what its environment must hold. */
export interface CompiledDcsAccess {
  readonly section: JsonObject;
  /** Names of environment variables that hold secrets. */
  readonly secretNames: readonly string[];
  /** Environment variables that are no secrets. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The other kinds of DCS have their TLS and their secrets among their own keys. */
const NOTHING: CompiledDcsAccess = { section: {}, secretNames: [], environment: {} };

/**
 * Compiles the TLS and the user of an etcd section. With etcd v3 a certificate's common name is no user:
 * Patroni speaks to its gRPC gateway, which does not pass it on, so that there is a password or nobody.
 *
 * Patroni takes user and password from the environment only if the environment sets something else of the
 * section, too: so the protocol is repeated there.
 *
 * @see patroni/config.py:_build_environment_configuration at v3.0.2 to v4.1.5 (`if dcs in ret`), and
 *   https://etcd.io/docs/v3.5/op-guide/authentication/rbac/
 */
export function compileDcsAccess(
  { kind, access: { tls, auth } }: ResolvedDcs,
  cluster: string,
): CompiledDcsAccess {
  if (kind !== "etcd3" && kind !== "etcd") return NOTHING;
  const prefix = `PATRONI_${kind.toUpperCase()}_`;
  const protocol = tls === undefined ? "http" : "https";
  const files: JsonObject =
    tls === undefined
      ? {}
      : {
          cacert: tls.ca,
          ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
          ...(tls.key === undefined ? {} : { key: tls.key }),
        };
  if (auth === undefined)
    return { section: { protocol, ...files }, secretNames: [], environment: {} };
  const username =
    auth.user.kind === "literal"
      ? { username: auth.user.name.replaceAll("{cluster}", cluster) }
      : {};
  return {
    section: { protocol, ...files, ...username },
    secretNames: [
      ...(auth.user.kind === "reference" ? [`${prefix}USERNAME`] : []),
      `${prefix}PASSWORD`,
    ],
    environment: { [`${prefix}PROTOCOL`]: protocol },
  };
}
