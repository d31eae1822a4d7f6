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
 * One object with the keys of all, of which a later one counts. For thousands of large objects: from a literal
 * with several spreads V8 makes a hidden class of its own each time, which costs more than the object.
 */
export function joinObjects(...objects: readonly JsonObject[]): JsonObject {
  return Object.assign({}, ...objects);
}

/**
 * Writes a value with sorted keys and no spaces, so that equal values give equal text whatever
 * order their keys were written in. Used for digests and for exact comparison. With `known`, an object that
 * comes again is written once; none of them may change meanwhile.
 */
export function canonicalJson(value: Json, known?: Map<JsonObject, string>): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value))
    return `[${value.map((item: Json) => canonicalJson(item, known)).join(",")}]`;
  return isJsonObject(value) ? canonicalObject(value, known) : "";
}

function canonicalObject(value: JsonObject, known?: Map<JsonObject, string>): string {
  const before = known?.get(value);
  if (before !== undefined) return before;
  let fields = "";
  for (const key of sortedKeys(value)) {
    const field = value[key];
    if (field === undefined) continue;
    fields += `${fields === "" ? "" : ","}${quoted(key)}:${canonicalJson(field, known)}`;
  }
  const text = `{${fields}}`;
  known?.set(value, text);
  return text;
}

/** Text that JSON writes as it is. */
const PLAIN_TEXT = /^[ !#-[\]-~]*$/;

function quoted(text: string): string {
  return PLAIN_TEXT.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** Most objects are written in order. */
function sortedKeys(value: JsonObject): readonly string[] {
  const keys = Object.keys(value);
  for (let index = 1; index < keys.length; index += 1)
    if (compareText(keys[index - 1] ?? "", keys[index] ?? "") > 0) return keys.toSorted();
  return keys;
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
function sortObjectKeys(value: JsonObject): JsonObject {
  const entries: [string, Json][] = [];
  for (const key of sortedKeys(value)) {
    const field = value[key];
    if (field !== undefined) entries.push([key, sortKeys(field)]);
  }
  return Object.fromEntries(entries);
}
