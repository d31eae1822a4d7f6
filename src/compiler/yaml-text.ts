import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";

/**
 * Writes a value as block YAML that YAML 1.1, which Patroni's PyYAML reads, and YAML 1.2 read alike. Text
 * stands bare only where no reader of either version could take it for anything else; all other text
 * is double-quoted on one line, with everything that is not printable escaped.
 */
export function yamlText(value: JsonObject): string {
  return yamlWriter()(value);
}

/**
 * A {@link yamlText} for values that share parts, as the files of one cluster's nodes do: a map or a list
 * that comes again in the same column is written once. No value may change between two uses.
 */
export function yamlWriter(): (value: JsonObject) => string {
  const written: Written = new Map();
  return (value) => (Object.keys(value).length === 0 ? "{}\n" : blockOf(value, "", written));
}

/** The text of a map or a list, by its indentation. */
type Written = Map<
  JsonObject | readonly Json[],
  { readonly indent: string; readonly text: string }
>;

function blockOf(value: JsonObject | readonly Json[], indent: string, written: Written): string {
  const before = written.get(value);
  if (before?.indent === indent) return before.text;
  const made = isJsonObject(value)
    ? blockMap(value, indent, written)
    : blockList(value, indent, written);
  written.set(value, { indent, text: made });
  return made;
}

function blockMap(map: JsonObject, indent: string, written: Written): string {
  const inner = `${indent}  `;
  let made = "";
  for (const key of Object.keys(map))
    made += `${indent}${text(key)}:${behindKey(map[key] ?? null, inner, written)}`;
  return made;
}

function behindKey(value: Json, indent: string, written: Written): string {
  return isBlock(value) ? `\n${blockOf(value, indent, written)}` : ` ${flow(value)}\n`;
}

function blockList(list: readonly Json[], indent: string, written: Written): string {
  const inner = `${indent}  `;
  let made = "";
  for (const item of list) {
    // The first line of a block stands on the line of the dash.
    const one = isBlock(item)
      ? blockOf(item, inner, written).slice(inner.length)
      : `${flow(item)}\n`;
    made += `${indent}- ${one}`;
  }
  return made;
}

function isBlock(value: Json): value is JsonObject | readonly Json[] {
  if (Array.isArray(value)) return value.length > 0;
  return isJsonObject(value) && Object.keys(value).length > 0;
}

function flow(value: Json): string {
  if (typeof value === "string") return text(value);
  if (typeof value === "number") return number(value);
  if (value === null || typeof value === "boolean") return String(value);
  return isJsonObject(value) ? "{}" : "[]";
}

/** YAML 1.1 takes a number with an exponent for one only if it has a point and a sign. */
function number(value: number): string {
  const written = Object.is(value, -0) ? "0" : String(value);
  return written.includes(".") ? written : written.replace("e", ".0e");
}

/** Words that YAML 1.1 takes for booleans or null, in any case. */
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
/** A letter or a slash first, then only signs that mean nothing in YAML; a colon only inside a word. */
const BARE = /^[A-Za-z/](?:[\w./%+=@,-]|:(?=[^\s])| (?=[^\s#]))*$/;

function text(value: string): string {
  // No word is longer than five letters.
  const isBare = BARE.test(value) && (value.length > 5 || !WORDS.test(value));
  return isBare ? value : quoted(value);
}

const PRINTABLE = /^[ -~]*$/;

function quoted(value: string): string {
  const inQuotes = JSON.stringify(value);
  if (PRINTABLE.test(inQuotes)) return inQuotes;
  return inQuotes.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cn}\p{Co}]/gu, (char) =>
    [...Array(char.length).keys()].map((unit) => escaped(char.charCodeAt(unit))).join(""),
  );
}

function escaped(code: number): string {
  return `\\u${code.toString(16).padStart(4, "0")}`;
}
