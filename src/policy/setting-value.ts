import type { Span } from "../core/diagnostic.ts";
import type { Json } from "../core/json.ts";

/** Who set a value, from weakest to strongest. */
export type Rank = "default" | "tier" | "intent" | "overrides";

/** Ranks from weakest to strongest. */
export const RANKS: readonly Rank[] = ["default", "tier", "intent", "overrides"];

/** One setting of the DCS document: a leaf value, who set it, where, and why. */
export interface SettingValue {
  readonly path: readonly string[];
  /** `null`: the key must not be there. */
  readonly value: Json;
  readonly rank: Rank;
  readonly at: Span;
  /** Where its key stands. */
  readonly keyAt: Span;
  readonly because: string;
}
