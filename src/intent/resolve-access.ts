import type { z } from "zod";
import { parseSecretReference, type SecretReference } from "../core/secret-reference.ts";
import { parseDuration } from "../core/units.ts";
import type {
  DcsAuth,
  DcsTls,
  NodeTls,
  PostgresAccessIntent,
  PostgresUsers,
  RestIntent,
} from "./access-intent.ts";

/** A user name that stands in the project, or a reference to one that does not. */
export type UserName =
  | { readonly kind: "literal"; readonly name: string }
  | { readonly kind: "reference"; readonly reference: SecretReference };

/** How Patroni's REST API is reached, and who Quorate is to it. */
export interface RestAccess {
  readonly scheme: "https" | "http";
  readonly ca: SecretReference | undefined;
  readonly clientCertificate: SecretReference | undefined;
  readonly clientKey: SecretReference | undefined;
  readonly verifyClient: "none" | "optional" | "required";
  readonly user: UserName | undefined;
  readonly password: SecretReference | undefined;
  /** Networks from which unsafe calls are taken, without the members; undefined: from everywhere. */
  readonly allowlist: readonly string[] | undefined;
  readonly timeoutSeconds: number;
  readonly allowPlainHttp: boolean;
}

/** How Patroni reaches its DCS, and who it is to it. Paths are those on the nodes. */
export interface DcsAccess {
  readonly tls: z.infer<typeof DcsTls> | undefined;
  /** A literal user may hold `{cluster}`. */
  readonly auth: { readonly user: UserName; readonly password: SecretReference } | undefined;
  readonly allowPlainHttp: boolean;
}

/** TLS of PostgreSQL: files on each node, and what is asked of the other side. */
export interface PostgresTls {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
  /** Undefined: PostgreSQL's own default. */
  readonly minVersion: "TLSv1.2" | "TLSv1.3" | undefined;
  readonly verify: "ca" | "full";
  /** May hold `{node}` and `{cluster}`. */
  readonly commonName: string;
}

/** Who may connect to PostgreSQL and how, beside `nodes.clients` and `nodes.users`. */
export interface PostgresAccess {
  /** Networks from which the superuser may connect. */
  readonly admins: readonly string[];
  /** How the nodes' replication and rewind users prove who they are. */
  readonly authentication: "scram" | "certificate";
  /** Undefined: PostgreSQL speaks no TLS. */
  readonly tls: PostgresTls | undefined;
  readonly hba: readonly string[];
  readonly ident: readonly string[];
}

/** The PostgreSQL users that Patroni works with. */
export interface PostgresUserNames {
  readonly superuser: string;
  readonly replication: string;
  readonly rewind: string;
}

type Tls = z.infer<typeof NodeTls>;
type PostgresIntent = z.infer<typeof PostgresAccessIntent>;

const DEFAULT_REST: RestAccess = {
  scheme: "https",
  ca: undefined,
  clientCertificate: undefined,
  clientKey: undefined,
  verifyClient: "none",
  user: undefined,
  password: undefined,
  allowlist: undefined,
  timeoutSeconds: 5,
  allowPlainHttp: false,
};

/** What is written for the REST API, over what is in force without it. */
export function resolveRest(
  written: z.infer<typeof RestIntent>,
  base: RestAccess = DEFAULT_REST,
): RestAccess {
  const timeout = written.timeout === undefined ? undefined : parseDuration(written.timeout);
  return {
    scheme: written.scheme ?? base.scheme,
    ca: referenceOr(written.ca, base.ca),
    clientCertificate: referenceOr(written.clientCertificate, base.clientCertificate),
    clientKey: referenceOr(written.clientKey, base.clientKey),
    verifyClient: written.verifyClient ?? base.verifyClient,
    user: written.user === undefined ? base.user : userName(written.user),
    password: referenceOr(written.password, base.password),
    allowlist: written.allowlist ?? base.allowlist,
    timeoutSeconds: timeout?.ok === true ? timeout.value : base.timeoutSeconds,
    allowPlainHttp: written.allowPlainHttp ?? base.allowPlainHttp,
  };
}

/** What is written for a DCS. */
export function resolveDcsAccess(written: {
  readonly tls?: z.infer<typeof DcsTls> | undefined;
  readonly auth?: z.infer<typeof DcsAuth> | undefined;
  readonly allowPlainHttp?: boolean | undefined;
}): DcsAccess {
  const password = referenceOr(written.auth?.password, undefined);
  return {
    tls: written.tls,
    auth:
      written.auth === undefined || password === undefined
        ? undefined
        : { user: userName(written.auth.user), password },
    allowPlainHttp: written.allowPlainHttp ?? false,
  };
}

/** What is written for PostgreSQL, over what is in force without it. */
export function resolvePostgres(
  written: PostgresIntent,
  nodeTls: Tls | undefined,
  base: PostgresAccess = defaultPostgres(nodeTls),
): PostgresAccess {
  return {
    admins: written.admins ?? base.admins,
    authentication: written.authentication ?? base.authentication,
    tls: resolveTls(written.tls, nodeTls, base),
    hba: written.hba ?? base.hba,
    ident: written.ident ?? base.ident,
  };
}

/** TLS is on where the nodes have files for it. */
function defaultPostgres(nodeTls: Tls | undefined): PostgresAccess {
  const tls =
    nodeTls === undefined
      ? undefined
      : { ...nodeTls, minVersion: undefined, verify: "ca" as const, commonName: "{node}" };
  return { admins: [], authentication: "scram", tls, hba: [], ident: [] };
}

/** Undefined for files that do not add up to a whole set, too: that is a finding of its own. */
function resolveTls(
  written: PostgresIntent["tls"],
  nodeTls: Tls | undefined,
  base: PostgresAccess,
): PostgresTls | undefined {
  if (written === false) return undefined;
  if (written === undefined) return base.tls;
  const files = { ...nodeTls, ...base.tls, ...written };
  const { certificate, key, ca } = files;
  if (certificate === undefined || key === undefined || ca === undefined) return undefined;
  return {
    certificate,
    key,
    ca,
    minVersion: files.minVersion,
    verify: files.verify ?? "ca",
    commonName: files.commonName ?? "{node}",
  };
}

/** The users that Patroni works with, over those in force without them. */
export function resolveUsers(
  written: z.infer<typeof PostgresUsers> | undefined,
  base: PostgresUserNames = {
    superuser: "postgres",
    replication: "replicator",
    rewind: "rewinder",
  },
): PostgresUserNames {
  return {
    superuser: written?.superuser ?? base.superuser,
    replication: written?.replication ?? base.replication,
    rewind: written?.rewind ?? base.rewind,
  };
}

/** A name as written: itself, or a reference to it. */
export function userName(text: string): UserName {
  const parsed = parseSecretReference(text);
  return parsed.ok
    ? { kind: "reference", reference: parsed.value }
    : { kind: "literal", name: text };
}

/** The reference that is written, else the other one. */
export function referenceOr(
  text: string | undefined,
  otherwise: SecretReference | undefined,
): SecretReference | undefined {
  if (text === undefined) return otherwise;
  const parsed = parseSecretReference(text);
  return parsed.ok ? parsed.value : undefined;
}
