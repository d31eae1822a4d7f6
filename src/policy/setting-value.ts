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

/** Who sets a key in the end, by its path with dots in lower case; undefined: nobody. */
export function setterOf(
  settings: readonly SettingValue[],
  path: string,
): SettingValue | undefined {
  return indexOf(settings).lower.get(path);
}

/** The same by the path as it is written. */
export function exactSetterOf(
  settings: readonly SettingValue[],
  path: string,
): SettingValue | undefined {
  return indexOf(settings).exact.get(path);
}

interface SettingIndex {
  readonly exact: ReadonlyMap<string, SettingValue>;
  readonly lower: ReadonlyMap<string, SettingValue>;
}

/** Dozens of checks look for settings of one cluster. */
const indexes = new WeakMap<readonly SettingValue[], SettingIndex>();

function indexOf(settings: readonly SettingValue[]): SettingIndex {
  const known = indexes.get(settings);
  if (known !== undefined) return known;
  const exact = new Map<string, SettingValue>();
  const lower = new Map<string, SettingValue>();
  for (const setting of settings) {
    const path = setting.path.join(".");
    if (!exact.has(path)) exact.set(path, setting);
    const lowered = path.toLowerCase();
    if (!lower.has(lowered)) lower.set(lowered, setting);
  }
  const index = { exact, lower };
  indexes.set(settings, index);
  return index;
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
