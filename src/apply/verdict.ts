import type { RestFailure } from "../core/ports.ts";
import type { Json } from "../core/json.ts";
import type { Change, NodeDifference, WaitingRestart } from "../plan/plan.ts";

/** A call that failed, and on which node. */
export interface NodeFailure {
  readonly node: string;
  readonly call: string;
  readonly failure: RestFailure;
}

/** A key whose live value is not the one that the plan was made from. */
export interface MovedKey {
  readonly path: readonly string[];
  /** What the plan saw, where the plan names it. */
  readonly planned: Json | undefined;
  readonly found: Json | undefined;
  readonly wanted: Json | undefined;
}

/** How applying one cluster ended. */
export type Verdict = { readonly cluster: string } & (
  | {
      readonly kind: "unchanged";
      readonly waiting: readonly WaitingRestart[];
      readonly nodes: readonly NodeDifference[];
    }
  | {
      readonly kind: "applied";
      readonly changes: readonly Change[];
      readonly waiting: readonly WaitingRestart[];
      readonly nodes: readonly NodeDifference[];
      readonly seconds: number;
    }
  | { readonly kind: "stale"; readonly reason: string; readonly moved: readonly MovedKey[] }
  | { readonly kind: "unreachable"; readonly failures: readonly NodeFailure[] }
  | { readonly kind: "refused"; readonly reasons: readonly string[] }
  | {
      /** A PATCH was sent and no usable answer came: it may have been stored. */
      readonly kind: "uncertain";
      readonly failures: readonly NodeFailure[];
    }
  | { readonly kind: "surprised"; readonly reason: string; readonly keys: readonly MovedKey[] }
  | {
      readonly kind: "unverified";
      readonly changes: readonly Change[];
      readonly missing: readonly { readonly node: string; readonly waitsFor: string }[];
      readonly seconds: number;
    }
);
