import type { Instant } from "./instant.ts";
import type { JsonObject } from "./json.ts";
import type { Result } from "./result.ts";
import type { SecretReference } from "./secret-reference.ts";

/** Why a file could not be read. */
export type FileFailure =
  | { readonly kind: "missing" }
  | { readonly kind: "not-a-file" }
  | { readonly kind: "unreadable"; readonly reason: string };

/** Why a file could not be read, in words for people that go into brackets. Never holds its content. */
export function fileFailureText(failure: FileFailure): string {
  switch (failure.kind) {
    case "missing":
      return "it does not exist";
    case "not-a-file":
      return "it is no regular file";
    case "unreadable":
      return failure.reason;
    default:
      return failure satisfies never;
  }
}

/** What stands below a folder. With a failure it is not complete, and nothing may be concluded from it. */
export interface FileListing {
  /** Every file, sub-folders included, sorted; empty when there is no such folder. */
  readonly files: readonly string[];
  /** The folders that could not be looked into, and links that could hide some. */
  readonly failures: readonly { readonly path: string; readonly failure: FileFailure }[];
}

/**
 * Read access to a project's files. Paths are relative to the project's root, with `/`, and never
 * leave it.
 */
export interface ProjectFiles {
  /** The text of a file, decoded as UTF-8. */
  read(path: string): Promise<Result<string, FileFailure>>;
  list(folder: string): Promise<FileListing>;
  /**
   * What can be told of a file without reading it: as long as it is the same, so is the text. Undefined, as
   * without this function, when that is not for sure.
   */
  stamp?(path: string): string | undefined;
}

/** Where a command speaks: results to `result`, progress and logs to `progress`. */
export interface Out {
  result(text: string): void;
  progress(text: string): void;
}

/** Time. No stage reads it in any other way. */
export interface Clock {
  /** The moment that it is. */
  now(): Instant;
  /** Seconds since an arbitrary start; never goes back. */
  monotonicSeconds(): number;
  sleep(seconds: number): Promise<void>;
}

/** Resolves a reference to a secret at the last moment. The failure names the reference only. */
export interface Secrets {
  resolve(reference: SecretReference): Promise<Result<string, string>>;
}

/** A node as it is reached: its Patroni name, and the base URL of its REST API. */
export interface Endpoint {
  readonly cluster: string;
  readonly node: string;
  /** Such as `https://10.10.1.11:8008`, without a path. */
  readonly url: string;
  /** The host name or address that the node's certificate must name, whatever the URL says. */
  readonly certificateName: string;
}

/**
 * Why a call to a node's REST API gave no answer that can be used. `detail` is short, for people,
 * and never holds a secret.
 */
export type RestFailure =
  | { readonly kind: "timeout"; readonly seconds: number }
  | { readonly kind: "unreachable"; readonly detail: string }
  | { readonly kind: "tls"; readonly detail: string }
  | { readonly kind: "unauthorized"; readonly status: number; readonly detail: string }
  | { readonly kind: "conflict" }
  | { readonly kind: "no-config" }
  | { readonly kind: "bad-answer"; readonly status: number; readonly detail: string };

/** A member as `GET /cluster` lists it; what Patroni leaves out is undefined. */
export interface ClusterMember {
  readonly name: string;
  readonly role: string;
  readonly state: string;
  readonly timeline: number | undefined;
  readonly tags: JsonObject;
  readonly pendingRestart: boolean;
}

/** `GET /cluster`: the members that the DCS knows. */
export interface ClusterView {
  readonly members: readonly ClusterMember[];
  readonly paused: boolean;
}

/** A setting that waits for a restart of PostgreSQL, with both values as Patroni prints them. */
export interface PendingRestartReason {
  readonly parameter: string;
  readonly oldValue: string;
  readonly newValue: string;
}

/** `GET /patroni`: what one node says of itself. */
export interface NodeStatus {
  readonly state: string;
  readonly role: string;
  readonly patroniVersion: string;
  readonly scope: string;
  /** The member's own name; Patroni 3.2 and later say it. */
  readonly name: string | undefined;
  /** PostgreSQL's version as one number, such as 150018; undefined while it does not run. */
  readonly serverVersion: number | undefined;
  readonly tags: JsonObject;
  /** How it receives WAL, such as `streaming`; undefined: it does not, or Patroni before 3.0.4 does not say. */
  readonly replicationState: string | undefined;
  readonly paused: boolean;
  readonly failsafeActive: boolean;
  readonly pendingRestart: boolean;
  /** Empty on Patroni before 3.3, which shows the flag without its reason. */
  readonly pendingRestartReasons: readonly PendingRestartReason[];
  /** When the node's HA loop last spoke to the DCS, in seconds since 1970. */
  readonly dcsLastSeen: number | undefined;
}

/**
 * Patroni's REST API, as far as Quorate uses it. Every call has a deadline, follows no redirect, and
 * sends credentials only where the project allows it.
 */
export interface PatroniApi {
  /** `GET /config`: the node's own view of the dynamic configuration, up to a loop old. */
  readConfig(endpoint: Endpoint): Promise<Result<JsonObject, RestFailure>>;
  /**
   * The dynamic configuration as the node reads it now, with credentials: a `PATCH` that removes a key
   * that does not exist writes nothing and answers with the document. With etcd v3 the node reads its
   * watch cache, so that a write through another node may be missing for some milliseconds.
   */
  readConfigAfresh(endpoint: Endpoint): Promise<Result<JsonObject, RestFailure>>;
  /** `PATCH /config`: gives the whole document after the merge. */
  patchConfig(endpoint: Endpoint, patch: JsonObject): Promise<Result<JsonObject, RestFailure>>;
  readCluster(endpoint: Endpoint): Promise<Result<ClusterView, RestFailure>>;
  readStatus(endpoint: Endpoint): Promise<Result<NodeStatus, RestFailure>>;
}
