import type { JsonObject } from "../core/json.ts";

/** One node of a cluster that the sandbox stands in for. */
export interface SandboxNode {
  readonly name: string;
  /** The address that the intent declares; the stand-in itself listens on 127.0.0.1. */
  readonly address: string;
  readonly site: string;
  /** The tags of the node's `patroni.yml`. */
  readonly tags: JsonObject;
  readonly restPort: number;
  readonly postgresPort: number;
}

/** The name and password of a REST API's Basic authentication. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Whether the REST API asks for a client's certificate: `restapi.verify_client`. */
export type VerifyClient = "none" | "optional" | "required";

/** One Patroni cluster that the sandbox stands in for. */
export interface SandboxCluster {
  readonly name: string;
  /** A line (`4.1`) or a release (`4.1.5`). */
  readonly patroniVersion: string;
  readonly postgresMajor: number;
  /** The DCS document at the start, already running on every node. */
  readonly config: JsonObject;
  readonly nodes: readonly SandboxNode[];
  /** The cluster whose data it holds a copy of, because it follows that one; itself when absent. */
  readonly copyOf?: string;
  /** The leader's name; the first node that may lead when absent. */
  readonly leader?: string;
  /** Overrides {@link SandboxOptions.authentication} for this cluster. */
  readonly authentication?: Credentials;
  /** Overrides {@link SandboxTls.verifyClient} for this cluster. */
  readonly verifyClient?: VerifyClient;
  /** Overrides {@link SandboxTls.caPem} for this cluster. */
  readonly clientCaPem?: string;
  /** Speaks plain HTTP even where the others speak TLS. */
  readonly plainHttp?: true;
  /** `restapi.allowlist`: networks in CIDR form; every caller may change things when absent. */
  readonly allowlist?: readonly string[];
}

/** A certificate and its unencrypted key, both PEM. */
export interface SandboxCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** How the stand-ins speak HTTPS. */
export interface SandboxTls {
  keyFor(node: SandboxNode): SandboxCertificate | Promise<SandboxCertificate>;
  /** The authorities that a client's certificate must come from. */
  readonly caPem: string;
  readonly verifyClient: VerifyClient;
}

/** What {@link startSandbox} needs. */
export interface SandboxOptions {
  readonly clusters: readonly SandboxCluster[];
  /** The time of day, such as `() => new Date()`. */
  readonly now: () => Date;
  /** Plain HTTP when absent. */
  readonly tls?: SandboxTls;
  /** No authentication when absent: then everyone may PATCH, as with Patroni. */
  readonly authentication?: Credentials;
  /** The pace of the stand-ins' HA loops; the document's `loop_wait` when absent. */
  readonly loopSeconds?: number;
}

/** Where a stand-in listens. */
export interface SandboxEndpoint {
  readonly cluster: string;
  readonly node: string;
  /** Such as `https://127.0.0.1:41234`. */
  readonly url: string;
}
