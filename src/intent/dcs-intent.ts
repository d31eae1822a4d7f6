import { z } from "zod";
import { isJsonObject } from "../core/json.ts";
import { parseSecretReference, type SecretReference } from "../core/secret-reference.ts";
import type { Seconds } from "../core/units.ts";
import { DcsAuth, DcsTls as EtcdTls } from "./access-intent.ts";
import { resolveDcsAccess, type DcsAccess } from "./resolve-access.ts";
import {
  Address,
  Duration,
  NodeName,
  NodePath,
  notOneOf,
  oneOf,
  pattern,
  Reference,
  refuse,
  show,
  Slug,
  Switch,
  whole,
} from "./scalars.ts";
import { secondsOf } from "./read-duration.ts";

/** The kinds of DCS that Quorate compiles, the recommended one first. */
export const DCS_KINDS = ["etcd3", "etcd", "consul", "zookeeper"] as const;
/** A kind of DCS, spelt as Patroni spells its section. */
export type DcsKind = (typeof DCS_KINDS)[number];

/** Where the servers of each kind listen unless a voter says otherwise. */
const PORTS: Readonly<Record<DcsKind, number>> = {
  etcd3: 2379,
  etcd: 2379,
  consul: 8500,
  zookeeper: 2181,
};

function kindWord<const Name extends DcsKind>(name: Name) {
  return z.literal(name).describe("The kind of DCS: etcd3, etcd (version 2), consul or zookeeper.");
}

const TlsFiles = {
  ca: NodePath.describe("The CA that signed the servers' certificates."),
  certificate: NodePath.optional().describe(
    "The nodes' certificate, where servers ask for one; default: none.",
  ),
  key: NodePath.optional().describe("The certificate's key; default: none."),
};

const Voter = z.strictObject({
  name: NodeName.describe("The server's name; unique in its DCS."),
  site: Slug.describe("The site with which it is lost."),
  address: Address,
  port: whole("a port", 1, 65_535)
    .optional()
    .describe("The client port; default: 2379 (etcd), 8500 (consul), 2181 (zookeeper)."),
});

const Common = {
  namespace: pattern(
    "a namespace with slashes around it",
    /^\/(?:[A-Za-z0-9._-]+\/)+$/,
    "/service/",
  )
    .optional()
    .describe("The prefix of all keys, with slashes around it; default: /service/."),
  voters: z
    .array(Voter)
    .min(1)
    .describe("The servers that vote; a majority of them must be there: use 3 or 5."),
};

const EtcdAccess = {
  tls: EtcdTls.optional().describe("TLS between Patroni and the DCS; default: none."),
  auth: DcsAuth.optional().describe("Who Patroni is to the DCS; default: nobody."),
  allowPlainHttp: Switch.optional().describe("Send its password without TLS; default: false."),
};
const Etcd3 = z.strictObject({ kind: kindWord("etcd3"), ...Common, ...EtcdAccess });
const Etcd = z.strictObject({ kind: kindWord("etcd"), ...Common, ...EtcdAccess });

const Consul = z.strictObject({
  kind: kindWord("consul"),
  ...Common,
  agent: pattern(
    "a host and a port",
    /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:]{2,45}\]):[1-9]\d{0,4}$/,
    "127.0.0.1:8500",
  )
    .optional()
    .describe("The agent that each node speaks to; default: its own, 127.0.0.1:8500."),
  tls: z
    .strictObject({
      ...TlsFiles,
    })
    .optional()
    .describe("TLS files on each node, for its calls to the agent; default: none, plain HTTP."),
  token: Reference.optional().describe(
    "The ACL token; Patroni takes it from PATRONI_CONSUL_TOKEN; default: none.",
  ),
  datacenter: Slug.optional().describe("Consul's datacenter; default: that of the agent."),
  consistency: oneOf(["default", "consistent", "stale"])
    .optional()
    .describe("How Consul answers reads; default: default."),
  registerService: Switch.optional().describe("Patroni registers a service; default: false."),
  sessionTtlMin: Duration.optional().describe(
    "What the servers' session_ttl_min says; default: 10s.",
  ),
});

const Zookeeper = z.strictObject({
  kind: kindWord("zookeeper"),
  ...Common,
  tls: z
    .strictObject({
      ...TlsFiles,
      keyPassword: Reference.optional().describe(
        "The password of the key; Patroni takes it from PATRONI_ZOOKEEPER_KEY_PASSWORD; default: none.",
      ),
    })
    .optional()
    .describe("TLS files on each node, for its connection to the servers; default: none."),
  auth: Reference.optional().describe(
    "Scheme and credential; Patroni 3.3 and newer take them from PATRONI_ZOOKEEPER_AUTH_DATA; default: none.",
  ),
  minSession: Duration.optional().describe(
    "What the servers' minSessionTimeout says; default: 4s (two ticks of 2 s).",
  ),
  maxSession: Duration.optional().describe(
    "What the servers' maxSessionTimeout says; default: 40s (twenty ticks of 2 s).",
  ),
});

/** A DCS that `quorate.yaml` declares. */
export const Dcs = z.discriminatedUnion("kind", [Etcd3, Etcd, Consul, Zookeeper], {
  error: ({ input }) => {
    if (!isJsonObject(input))
      return refuse("QUO003", `${show(input)} is no DCS`, "write kind: and voters: below its name");
    return notOneOf(input["kind"], DCS_KINDS);
  },
});
export type Dcs = z.infer<typeof Dcs>;

/** A DCS voter: one server of the DCS. */
export interface DcsVoter {
  readonly name: string;
  readonly site: string;
  readonly address: string;
  /** The port that clients connect to. */
  readonly port: number;
}

/** What each kind of DCS needs besides its voters. */
export type DcsOptions =
  | { readonly kind: "etcd3" }
  | { readonly kind: "etcd" }
  | {
      readonly kind: "consul";
      readonly agent: string;
      readonly tls: DcsTls | undefined;
      readonly token: SecretReference | undefined;
      readonly datacenter: string | undefined;
      readonly consistency: "default" | "consistent" | "stale" | undefined;
      readonly registerService: boolean;
      /** The shortest session that the servers grant. */
      readonly sessionTtlMin: Seconds;
    }
  | {
      readonly kind: "zookeeper";
      readonly tls: DcsTls | undefined;
      readonly keyPassword: SecretReference | undefined;
      readonly auth: SecretReference | undefined;
      /** The sessions that the servers grant. */
      readonly minSession: Seconds;
      readonly maxSession: Seconds;
    };

/** TLS files on each node, for its calls to a DCS. */
export interface DcsTls {
  readonly ca: string;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

/** A declared DCS. */
export type ResolvedDcs = DcsOptions & {
  readonly name: string;
  /** The key prefix of every cluster in it, such as `/service/`. */
  readonly namespace: string;
  readonly voters: readonly DcsVoter[];
  /** TLS and user of an etcd; the other kinds have theirs among their options. */
  readonly access: DcsAccess;
};

/** Fills in the defaults of one DCS. */
export function resolveDcs(name: string, declared: Dcs): ResolvedDcs {
  return {
    name,
    namespace: declared.namespace ?? "/service/",
    voters: declared.voters.map((voter) => ({
      ...voter,
      port: voter.port ?? PORTS[declared.kind],
    })),
    access: resolveDcsAccess(declared.kind === "etcd3" || declared.kind === "etcd" ? declared : {}),
    ...optionsOf(declared),
  };
}

function optionsOf(declared: Dcs): DcsOptions {
  switch (declared.kind) {
    case "etcd3":
    case "etcd":
      return { kind: declared.kind };
    case "consul":
      return {
        kind: "consul",
        agent: declared.agent ?? "127.0.0.1:8500",
        tls: tlsOf(declared.tls),
        token: referenceOf(declared.token),
        datacenter: declared.datacenter,
        consistency: declared.consistency,
        registerService: declared.registerService ?? false,
        sessionTtlMin: secondsOf(declared.sessionTtlMin ?? "10s"),
      };
    case "zookeeper":
      return {
        kind: "zookeeper",
        tls: tlsOf(declared.tls),
        keyPassword: referenceOf(declared.tls?.keyPassword),
        auth: referenceOf(declared.auth),
        minSession: secondsOf(declared.minSession ?? "4s"),
        maxSession: secondsOf(declared.maxSession ?? "40s"),
      };
    default:
      return declared satisfies never;
  }
}

function tlsOf(
  tls:
    | {
        readonly ca: string;
        readonly certificate?: string | undefined;
        readonly key?: string | undefined;
      }
    | undefined,
): DcsTls | undefined {
  return tls === undefined ? undefined : { ca: tls.ca, certificate: tls.certificate, key: tls.key };
}

function referenceOf(text: string | undefined): SecretReference | undefined {
  if (text === undefined) return undefined;
  const parsed = parseSecretReference(text);
  return parsed.ok ? parsed.value : undefined;
}
