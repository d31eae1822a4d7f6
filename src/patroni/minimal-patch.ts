import { Bug } from "../core/bug.ts";
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { isSameToPatroni, mergePatch } from "./merge.ts";

/** One key whose stored value is not the wanted one. `undefined` means that the key is not there. */
export interface KeyChange {
  readonly path: readonly string[];
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** What a compiled cluster wants of the DCS document. */
export interface WantedDocument {
  /** Keys and values that must be there. */
  readonly values: JsonObject;
  /** Paths that must not be there. */
  readonly absent: readonly (readonly string[])[];
}

/** Parameter names are case-insensitive in Patroni; every other key is not. */
const PARAMETERS = "postgresql.parameters";

/**
 * Lists the keys of a stored document that are not as wanted, in the order of the wanted document, then
 * the ones to remove. Equality is Patroni's own, so a change is listed only when Patroni would write it.
 * Keys that nobody speaks of are not listed. Empty when the document is as wanted.
 */
export function differences(stored: JsonObject, wanted: WantedDocument): readonly KeyChange[] {
  const found: KeyChange[] = [];
  collect(stored, wanted.values, [], found);
  for (const wantedAbsent of wanted.absent)
    for (const path of spellingsOf(stored, wantedAbsent)) {
      const before = valueAt(stored, path);
      if (before !== undefined && before !== null) found.push({ path, before, after: undefined });
    }
  return found;
}

/**
 * Builds the smallest `PATCH` body that makes the changes, and proves by Patroni's own merge that it
 * does: a patch that would not is a {@link Bug}. Empty when there is nothing to change.
 */
export function minimalPatch(stored: JsonObject, wanted: WantedDocument): JsonObject {
  const patch: MutablePatch = {};
  for (const change of differences(stored, wanted)) setAt(patch, change.path, change.after ?? null);
  const after = mergePatch(stored, patch).document;
  const left = differences(after, wanted);
  if (left.length > 0)
    throw new Bug(`the patch leaves ${left.map((change) => change.path.join(".")).join(", ")}`);
  return patch;
}

/** The value at a path; undefined when it is not there. */
export function valueAt(document: JsonObject, path: readonly string[]): Json | undefined {
  let value: Json | undefined = document;
  for (const key of path)
    value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

interface MutablePatch {
  [key: string]: Json | MutablePatch;
}

function collect(
  stored: JsonObject,
  wanted: JsonObject,
  path: readonly string[],
  found: KeyChange[],
): void {
  for (const [key, after] of Object.entries(wanted)) {
    const here = [...path, key];
    const before = Object.hasOwn(stored, key) ? stored[key] : undefined;
    if (path.join(".") === PARAMETERS) collectOtherSpellings(stored, key, path, found);
    if (isJsonObject(after) && isJsonObject(before)) collect(before, after, here, found);
    else if (isJsonObject(after) && Object.keys(after).length > 0) {
      if (before !== undefined && before !== null) found.push({ path: here, before, after });
      else collect({}, after, here, found);
    } else if (before === undefined || !isSameToPatroni(before, after))
      found.push({ path: here, before, after });
  }
}

/** A path as the stored document spells it: parameter names may be written in any case, even twice. */
function spellingsOf(stored: JsonObject, path: readonly string[]): readonly (readonly string[])[] {
  const parent = path.slice(0, -1);
  const name = path.at(-1) ?? "";
  const map = valueAt(stored, parent);
  if (parent.join(".") !== PARAMETERS || !isJsonObject(map)) return [path];
  return Object.keys(map)
    .filter((key) => key.toLowerCase() === name.toLowerCase())
    .map((key) => [...parent, key]);
}

/** `Work_Mem` beside `work_mem` would override it in an order that nobody sees. */
function collectOtherSpellings(
  stored: JsonObject,
  key: string,
  path: readonly string[],
  found: KeyChange[],
): void {
  for (const [other, before] of Object.entries(stored))
    if (other !== key && other.toLowerCase() === key.toLowerCase() && before !== null)
      found.push({ path: [...path, other], before, after: undefined });
}

function setAt(patch: MutablePatch, path: readonly string[], value: Json): void {
  let map = patch;
  for (const key of path.slice(0, -1)) {
    const inner = map[key];
    if (isMutablePatch(inner)) map = inner;
    else {
      const made: MutablePatch = {};
      map[key] = made;
      map = made;
    }
  }
  map[path.at(-1) ?? ""] = value;
}

function isMutablePatch(value: Json | MutablePatch | undefined): value is MutablePatch {
  return isJsonObject(value);
}
