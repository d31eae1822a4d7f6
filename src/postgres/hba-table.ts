/** The kinds of connection that a line of pg_hba.conf can speak of. */
export const HBA_TYPES = [
  "local",
  "host",
  "hostssl",
  "hostnossl",
  "hostgssenc",
  "hostnogssenc",
] as const;
export type HbaType = (typeof HBA_TYPES)[number];

/** An authentication method of pg_hba.conf, and where PostgreSQL takes it. */
export interface HbaMethod {
  readonly name: string;
  /** The only types of line that may name it; absent: all. */
  readonly types?: readonly HbaType[];
  /** The first major version that knows it; absent when all of Quorate's do. */
  readonly since?: number;
  /** Options of its own. */
  readonly options: readonly string[];
}

const NETWORK_TYPES = HBA_TYPES.filter((type) => type !== "local");
const LDAP_OPTIONS = [
  "ldapserver",
  "ldapport",
  "ldapscheme",
  "ldaptls",
  "ldapprefix",
  "ldapsuffix",
  "ldapbasedn",
  "ldapbinddn",
  "ldapbindpasswd",
  "ldapsearchattribute",
  "ldapsearchfilter",
  "ldapurl",
];

/**
 * The methods that PostgreSQL 13 to 18 has on Linux. `sspi` and `bsd` exist on other systems only.
 *
 * @see https://www.postgresql.org/docs/current/auth-pg-hba-conf.html and `parse_hba_line` in
 *   src/backend/libpq/hba.c at REL_18_STABLE
 */
export const HBA_METHODS: readonly HbaMethod[] = [
  { name: "trust", options: [] },
  { name: "reject", options: [] },
  { name: "scram-sha-256", options: [] },
  { name: "md5", options: [] },
  { name: "password", options: [] },
  { name: "gss", types: NETWORK_TYPES, options: ["map", "include_realm", "krb_realm"] },
  { name: "ident", options: ["map"] },
  { name: "peer", types: ["local"], options: ["map"] },
  { name: "pam", options: ["pamservice", "pam_use_hostname"] },
  { name: "ldap", options: LDAP_OPTIONS },
  {
    name: "radius",
    options: ["radiusservers", "radiussecrets", "radiusports", "radiusidentifiers"],
  },
  { name: "cert", types: ["hostssl"], options: ["map"] },
  {
    name: "oauth",
    since: 18,
    options: ["map", "issuer", "scope", "validator", "delegate_ident_mapping"],
  },
];

/** Options that every `hostssl` line takes, with their words and the first major version that knows them. */
export const HBA_TLS_OPTIONS: readonly {
  readonly name: string;
  readonly values: readonly string[];
  readonly since?: number;
}[] = [
  { name: "clientcert", values: ["verify-ca", "verify-full"] },
  { name: "clientname", values: ["CN", "DN"], since: 14 },
];

/** Options whose value is a secret: pg_hba stands in the DCS configuration, which everyone may read. */
export const HBA_SECRET_OPTIONS: readonly string[] = ["ldapbindpasswd", "radiussecrets"];
