/** A value of the JSON data model. `null` exists only in patches and in what others wrote. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** True for a JSON object: not a list, not null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Writes a value with sorted keys and no spaces, so that equal values give equal text whatever
 * order their keys were written in. Used for digests and for exact comparison.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const fields = Object.keys(value)
    .toSorted(compareText)
    .flatMap((key) => {
      const field = value[key];
      return field === undefined ? [] : [`${JSON.stringify(key)}:${canonicalJson(field)}`];
    });
  return `{${fields.join(",")}}`;
}

/** Orders text by UTF-16 code units: the same on every machine, unlike a locale's order. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Gives the same value with the keys of every object in sorted order. */
export function sortKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => sortKeys(item));
  if (!isJsonObject(value)) return value;
  return sortObjectKeys(value);
}

/** Gives the same object with its keys, and those of every object in it, in sorted order. */
export function sortObjectKeys(value: JsonObject): JsonObject {
  const entries = Object.keys(value)
    .toSorted(compareText)
    .flatMap((key): [string, Json][] => {
      const field = value[key];
      return field === undefined ? [] : [[key, sortKeys(field)]];
    });
  return Object.fromEntries(entries);
}
