import { isAlias, isMap, isPair, isScalar } from "yaml";
import type { Document } from "yaml";
import type { PlainPlace } from "./plain-yaml.ts";

/** The path of keys and list positions from the top of a document to a value. */
export type SourcePath = readonly (string | number)[];

interface Step {
  readonly value: unknown;
  readonly keyOffset: number | undefined;
  readonly valueOffset: number | undefined;
}

/**
 * Where a value, or its key, begins in the text. For a path that is not there: where its nearest parent
 * that is there begins.
 */
export function offsetOf(
  document: Document.Parsed | undefined,
  path: SourcePath,
  want: "key" | "value",
): number {
  let step: Step = {
    value: document?.contents,
    keyOffset: undefined,
    valueOffset: startOf(document?.contents),
  };
  for (const [index, key] of path.entries()) {
    const next = stepInto(followAlias(step.value, document), key);
    if (next === undefined) return step.valueOffset ?? step.keyOffset ?? 0;
    if (index === path.length - 1 && want === "key") return next.keyOffset ?? 0;
    step = next;
  }
  return step.valueOffset ?? step.keyOffset ?? 0;
}

/** The same for a document that was read without the `yaml` package. */
export function offsetInPlain(top: PlainPlace, path: SourcePath, want: "key" | "value"): number {
  let place = top;
  let offset = top.start ?? 0;
  let key: number | undefined;
  for (const step of path) {
    const next = stepIntoPlain(place, step);
    if (next === undefined) return offset;
    place = next.place;
    key = next.key;
    offset = place.start ?? key;
  }
  return want === "key" && key !== undefined ? key : offset;
}

function stepIntoPlain(
  { inside }: PlainPlace,
  key: string | number,
): { readonly key: number; readonly place: PlainPlace } | undefined {
  if (inside instanceof Map) return inside.get(String(key));
  const place = Array.isArray(inside) && typeof key === "number" ? inside[key] : undefined;
  return place === undefined ? undefined : { key: place.start ?? 0, place };
}

function followAlias(node: unknown, document: Document.Parsed | undefined): unknown {
  return isAlias(node) && document !== undefined ? node.resolve(document) : node;
}

function stepInto(node: unknown, key: string | number): Step | undefined {
  if (isMap(node)) {
    const pair = node.items.find(
      (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key),
    );
    if (pair === undefined) return undefined;
    const value: unknown = pair.value;
    return { value, keyOffset: startOf(pair.key), valueOffset: startOf(value) };
  }
  const value: unknown = typeof key === "number" && hasItems(node) ? node.items[key] : undefined;
  if (value === undefined) return undefined;
  const offset = startOf(value);
  return { value, keyOffset: offset, valueOffset: offset };
}

function hasItems(node: unknown): node is { readonly items: readonly unknown[] } {
  return typeof node === "object" && node !== null && "items" in node && Array.isArray(node.items);
}

/** An empty value has a range of no width behind its key: then the key is the better place. */
function startOf(node: unknown): number | undefined {
  if (typeof node !== "object" || node === null || !("range" in node)) return undefined;
  const { range } = node;
  if (!Array.isArray(range) || range[0] === range[1]) return undefined;
  return Number(range[0]);
}
