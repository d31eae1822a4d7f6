import { isJsonObject, type Json } from "../core/json.ts";

/**
 * Gives Python's `str(value)` of a value that came out of `json.loads`. Patroni decides by this text
 * whether a scalar or a list in `PATCH /config` changes anything: `30` and `"30"` are the same to it,
 * `true` and `"true"` are not (`True` against `true`).
 *
 * A float with no fraction (`30.0`) reads as `30` here, as JavaScript does not tell the two apart.
 *
 * @see patroni/utils.py:patch_config at v4.1.4
 */
export function pythonText(value: Json): string {
  return typeof value === "string" ? value : pythonRepr(value);
}

function pythonRepr(value: Json): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return pythonNumber(value);
  if (typeof value === "string") return pythonString(value);
  if (!isJsonObject(value)) return `[${value.map((item) => pythonRepr(item)).join(", ")}]`;
  const fields = Object.entries(value).map(
    ([key, field]) => `${pythonString(key)}: ${pythonRepr(field)}`,
  );
  return `{${fields.join(", ")}}`;
}

/** `repr` of a number: exponents have at least two digits in Python (`1e-07`). */
function pythonNumber(value: number): string {
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? "0" : value.toString();
  return value.toString().replace(/e([+-])(\d)$/, "e$10$2");
}

const NAMED_ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

function pythonString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let body = "";
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (char === quote) body += `\\${char}`;
    else if (NAMED_ESCAPES.has(char)) body += NAMED_ESCAPES.get(char) ?? "";
    else if (code < 0x20 || (code >= 0x7f && code < 0xa1) || code === 0xad)
      body += `\\x${code.toString(16).padStart(2, "0")}`;
    else body += char;
  }
  return quote + body + quote;
}
