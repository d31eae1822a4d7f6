import { z } from "zod";
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import type { OwnWord } from "./override-words-table.ts";
import { NodeName } from "./scalars.ts";

const RawKeys = z.record(z.string(), z.json());

/** `overrides`: Patroni's own keys, where the intent has no word for them. */
export const Overrides = z
  .strictObject({
    dcs: RawKeys.optional().describe(
      "Keys of the DCS document, as Patroni spells them; default: none.",
    ),
    node: RawKeys.optional().describe("Keys of every node's patroni.yml; default: none."),
    nodes: z
      .record(NodeName, RawKeys)
      .optional()
      .describe("Keys of single nodes' patroni.yml, by node; default: none."),
  })
  .describe("Patroni's own keys, stronger than everything else; null removes one.");
export type Overrides = z.infer<typeof Overrides>;

/** Raw keys of Patroni, by where they go. Empty maps where nothing is written. */
export interface ResolvedOverrides {
  readonly dcs: JsonObject;
  readonly node: JsonObject;
  readonly nodes: ReadonlyMap<string, JsonObject>;
}

/** Reads `overrides`. */
export function resolveOverrides(overrides: Overrides = {}): ResolvedOverrides {
  return {
    dcs: overrides.dcs ?? {},
    node: overrides.node ?? {},
    nodes: new Map(Object.entries(overrides.nodes ?? {})),
  };
}

/** One key of an override, with its path, and its value where that is no map. */
export interface OverrideLeaf {
  readonly path: readonly string[];
  readonly value: Json;
}

/** The values of a tree of overrides, each with its path; an empty map counts as a value. */
export function overrideLeaves(
  tree: JsonObject,
  path: readonly string[] = [],
): readonly OverrideLeaf[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const here = [...path, key];
    return isJsonObject(value) && Object.keys(value).length > 0
      ? overrideLeaves(value, here)
      : [{ path: here, value }];
  });
}

/** The word of the intent that an override at this path would go against; undefined: it may stand. */
export function ownWordOf(path: readonly string[], words: readonly OwnWord[]): OwnWord | undefined {
  return words.find((word) => isInside(path, word.path) || isInside(word.path, path));
}

/** True when the first path lies at or below the second. */
function isInside(path: readonly string[], outer: readonly string[]): boolean {
  return outer.length <= path.length && outer.every((key, index) => path[index] === key);
}
