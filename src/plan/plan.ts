import type { Digest } from "../core/digest.ts";
import type { Json, JsonObject } from "../core/json.ts";

/** When a change takes effect on the nodes. */
export type Effect =
  | "next loop"
  | "reload"
  | "restart"
  | "reload or restart"
  | "next use"
  | "no effect"
  | "demotes the whole cluster";

/**
 * Why a key differs: the intent changed it since the baseline, somebody changed the live value, or there
 * is nothing to compare with.
 */
export type Origin = "change" | "drift" | "unknown";

/** One key of the DCS document that is not as compiled. An absent `before` or `after`: not there. */
export interface Change {
  readonly path: readonly string[];
  readonly before?: Json;
  readonly after?: Json;
  readonly effect: Effect;
  /** For a restart: which nodes go first. */
  readonly order?: string;
  readonly origin: Origin;
  /** Who wants the new value. */
  readonly because: string;
}

/** One thing that `apply` does, or that a person should know. Pure data. */
export type Step =
  | {
      readonly kind: "patch-config";
      readonly patch: JsonObject;
      readonly changes: readonly Change[];
      readonly because: string;
      readonly risk: "none" | "restart-pending" | "demotion";
    }
  | {
      /** Why `apply` would write nothing, whatever else is planned. */
      readonly kind: "blocked";
      readonly text: string;
    }
  | { readonly kind: "note"; readonly text: string };

/** A node whose running file is another one than the compiled one. */
export interface NodeDifference {
  readonly node: string;
  readonly running: string | undefined;
  readonly wanted: string;
}

/** A setting of a node that waits for a restart of PostgreSQL. */
export interface WaitingRestart {
  readonly node: string;
  /** Empty where Patroni does not say why. */
  readonly reasons: readonly {
    readonly parameter: string;
    readonly oldValue: string;
    readonly newValue: string;
  }[];
}

/** A live key that Patroni does not take as it is written, and what the plan does with it. */
export interface LiveFinding {
  readonly path: readonly string[];
  /** Its value as it may be shown; absent where it stands in a list. */
  readonly value?: Json;
  /** Which Patroni this was judged for, such as `Patroni 4.1.5`. */
  readonly release: string;
  /** What that Patroni does with it, as words that follow its name: `ignores it`. */
  readonly does: string;
  readonly fate: "replaced" | "removed" | "left alone";
  /** True when apply refuses to write while the key is there. */
  readonly blocksApply: boolean;
}

/** What the plan was made from: the live document as it was read, as digests. */
export interface Basis {
  readonly config: Digest;
  /** Digest of each key that Quorate manages, by path as JSON text; of `undefined` when it was absent. */
  readonly keys: Readonly<Record<string, string>>;
}

/** The way from what runs to what is wanted, for one cluster. */
export interface ClusterPlan {
  readonly cluster: string;
  readonly basis: Basis;
  /** Digest of the compiled document: the plan holds only for that. */
  readonly target: Digest;
  readonly steps: readonly Step[];
  /** Keys in the live document that Quorate does not manage: shown, never touched. */
  readonly unmanaged: readonly (readonly string[])[];
  /** Live keys that do not do what they seem to do. */
  readonly findings: readonly LiveFinding[];
  readonly nodes: readonly NodeDifference[];
  readonly waiting: readonly WaitingRestart[];
}

/** A plan as it is stored: versioned, without secrets, with the digest of what it does. */
export interface Plan {
  readonly formatVersion: 1;
  readonly clusters: readonly ClusterPlan[];
  readonly digest: Digest;
}
