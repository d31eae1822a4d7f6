import { isAlias, isMap, isPair, isScalar } from "yaml";
import type { Document } from "yaml";

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
