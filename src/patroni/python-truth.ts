import { isJsonObject, type Json } from "../core/json.ts";

/** Python's truth: 0, the empty text, an empty list or object, false and null are not. */
export function isTruthy(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === "")
    return false;
  if (Array.isArray(value)) return value.length > 0;
  return !isJsonObject(value) || Object.keys(value).length > 0;
}
