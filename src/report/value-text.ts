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

/** Takes out what could move a terminal's cursor or colour: names and values come from elsewhere. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (char) => (char === "\n" ? char : "?"));
}
