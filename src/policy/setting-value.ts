import type { Span } from "../core/diagnostic.ts";
import { isJsonObject, type Json } from "../core/json.ts";

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
  /** The values of weaker ranks that it replaced, weakest first. */
  readonly replaced?: readonly SettingValue[];
}

/** Who sets a key in the end, by its path with dots; undefined: nobody. */
export function setterOf(
  settings: readonly SettingValue[],
  path: string,
): SettingValue | undefined {
  return settings.find((setting) => setting.path.join(".").toLowerCase() === path);
}

/** A setting's value by its path with dots; undefined when nothing sets it, or when it holds others. */
export function settingOf(settings: readonly SettingValue[], path: string): Json | undefined {
  const found = setterOf(settings, path);
  return found === undefined || isJsonObject(found.value) ? undefined : found.value;
}

/** How commits are confirmed according to the settings. */
export function modeOf(settings: readonly SettingValue[]): "off" | "on" | "quorum" {
  const mode = settingOf(settings, "synchronous_mode");
  if (mode === "quorum") return "quorum";
  return mode === true || mode === "on" ? "on" : "off";
}
