import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { pythonText } from "./python-text.ts";

/** True when Patroni sees no difference between two values of one key, and so would not write. */
export function isSameToPatroni(stored: Json, wanted: Json): boolean {
  if (isJsonObject(stored) && isJsonObject(wanted)) return !mergePatch(stored, wanted).changed;
  if (isJsonObject(wanted)) return false;
  return pythonText(stored) === pythonText(wanted);
}

/**
 * What `PATCH /config` makes of a document, key by key: `null` removes, an object merges into an
 * object and replaces anything else, every other value replaces one whose Python text differs, and
 * keys that the patch does not name stay. A subtree that is new is stored as it is, its nulls too.
 *
 * `changed` is false when Patroni would write nothing: then a stored null that the patch removes
 * stays where it is.
 *
 * @see patroni/utils.py:patch_config at v4.1.4
 */
export function mergePatch(
  document: JsonObject,
  patch: JsonObject,
): { readonly document: JsonObject; readonly changed: boolean } {
  const merged = new Map<string, Json>(Object.entries(document));
  let changed = false;
  for (const [key, value] of Object.entries(patch)) {
    const stored = merged.get(key);
    if (value === null) {
      if (merged.delete(key) && stored !== null) changed = true;
    } else if (stored === undefined) {
      merged.set(key, value);
      changed = true;
    } else if (isJsonObject(value) && isJsonObject(stored)) {
      const inner = mergePatch(stored, value);
      merged.set(key, inner.document);
      changed ||= inner.changed;
    } else if (isJsonObject(value) || pythonText(stored) !== pythonText(value)) {
      merged.set(key, value);
      changed = true;
    }
  }
  return { document: Object.fromEntries(merged), changed };
}
