import { isJsonObject, type Json } from "../core/json.ts";
import { ClusterIntent } from "./cluster-intent.ts";
import { fileSchema } from "./file-schema.ts";

/** A key of a cluster's file, without the places of lists: `failover.speed`, `sites.nodes.address`. */
type IntentKey = readonly string[];

/** Every key that a cluster's file may hold, as it is declared; a name of one's own is `<name>`. */
export function intentKeys(): readonly IntentKey[] {
  known ??= [...keysBelow(fileSchema(ClusterIntent, ""), [])];
  return known;
}

let known: readonly IntentKey[] | undefined;

/**
 * True when a word is a key of a cluster's file. A key of `defaults` of the project counts, and a key of a node by
 * its own name alone.
 */
export function isIntentKey(word: string): boolean {
  const path = bareIntentKey(word).split(".");
  return intentKeys().some((key) => fits(key, path) || fits(key, ["sites", "nodes", ...path]));
}

/** A key as the tables of words have it: without the place where its like may stand. */
export function bareIntentKey(word: string): string {
  return word.replace(/^(?:sites\.(?:nodes|defaults)\.|sites\.(?=dcs\.)|defaults\.)(?=.)/, "");
}

function fits(key: readonly string[], path: readonly string[]): boolean {
  return (
    key.length === path.length &&
    key.every((part, index) => part === "<name>" || part === path[index])
  );
}

function* keysBelow(schema: Json | undefined, path: readonly string[]): Generator<IntentKey> {
  if (!isJsonObject(schema)) return;
  const { properties, additionalProperties, items, anyOf, oneOf } = schema;
  for (const either of [anyOf, oneOf])
    if (Array.isArray(either)) for (const one of either) yield* keysBelow(one, path);
  yield* keysBelow(items, path);
  const named = isJsonObject(properties) ? Object.entries(properties) : [];
  const free: readonly (readonly [string, Json])[] = isJsonObject(additionalProperties)
    ? [["<name>", additionalProperties]]
    : [];
  for (const [key, below] of [...named, ...free]) {
    const here = [...path, key];
    yield here;
    yield* keysBelow(below, here);
  }
}
