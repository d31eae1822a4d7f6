import { isJsonObject } from "../../src/core/json.ts";

/** The same value with the keys of every map in another order; the order of a list means something. */
export function shuffled(value: unknown, next: () => number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, next));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, field]): [number, [string, unknown]] => [
    next(),
    [key, shuffled(field, next)],
  ]);
  return Object.fromEntries(entries.toSorted(([a], [b]) => a - b).map(([, entry]) => entry));
}
