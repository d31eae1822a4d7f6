import type { Json } from "../core/json.ts";

/** A value for one line: text bare where that cannot be misread, everything else as JSON. */
export function valueText(value: Json | undefined): string {
  if (value === undefined) return "(not set)";
  const text =
    typeof value === "string" && /^[\w(][\w .:/%,()-]*$/.test(value)
      ? value
      : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** `1 key`, `2 keys`. */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : many}`;
}

/**
 * Takes out what could move a terminal's cursor, colour or hide text: names and values come from elsewhere.
 * New lines stay; where a text may hold foreign ones, put each part through {@link field} first.
 */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (char) => (char === "\n" ? char : "?"));
}

/** Makes one name or value fit for one line: as {@link printable}, and without new lines. */
export function field(text: string): string {
  return text.replaceAll(UNPRINTABLE, "?");
}

/** Control characters, invisible format characters such as those that turn text around, ends of lines. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
