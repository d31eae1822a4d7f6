import { canonicalJson, type Json } from "../core/json.ts";

const SECRET_KEY = /passw|secret|token|conninfo|credential/i;
const SECRET_TEXT = /password\s*=|secret[_-]?key|:\/\/[^/\s:@]+:[^@\s]+@/i;

/** What stands in a plan for a live value that looks like a secret. */
export const HIDDEN = "(hidden: looks like a secret)";

/** Gives the value, or {@link HIDDEN} when its key or its text looks like a secret. */
export function hideSecret(path: readonly string[], value: Json): Json {
  const looksSecret =
    path.some((key) => SECRET_KEY.test(key)) || SECRET_TEXT.test(canonicalJson(value));
  return looksSecret ? HIDDEN : value;
}
