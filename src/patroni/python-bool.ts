import type { Json } from "../core/json.ts";
import { pythonText } from "./python-text.ts";

/**
 * True when Patroni takes a value for a switch that is on.
 *
 * @see patroni/utils.py:parse_bool at v4.1.4
 */
export function isOnToPatroni(value: Json | undefined): boolean {
  if (value === undefined) return false;
  return ["on", "true", "yes", "1"].includes(pythonText(value).toLowerCase());
}
