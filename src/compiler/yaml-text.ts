import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";

/**
 * Writes a value as block YAML that YAML 1.1, which Patroni's PyYAML reads, and YAML 1.2 read alike. Text
 * stands bare only where no reader of either version could take it for anything else; all other text
 * is double-quoted on one line, with everything that is not printable escaped.
 */
export function yamlText(value: JsonObject): string {
  return Object.keys(value).length === 0 ? "{}\n" : blockMap(value, "");
}

function blockMap(map: JsonObject, indent: string): string {
  return Object.entries(map)
    .map(([key, value]) => `${indent}${text(key)}:${behindKey(value, `${indent}  `)}`)
    .join("");
}

function behindKey(value: Json, indent: string): string {
  if (!isBlock(value)) return ` ${flow(value)}\n`;
  return `\n${isJsonObject(value) ? blockMap(value, indent) : blockList(value, indent)}`;
}

function blockList(list: readonly Json[], indent: string): string {
  return list
    .map((item) => {
      if (!isBlock(item)) return `${indent}- ${flow(item)}\n`;
      const inner = `${indent}  `;
      const block = isJsonObject(item) ? blockMap(item, inner) : blockList(item, inner);
      // The first line of the block stands on the line of the dash.
      return `${indent}- ${block.slice(inner.length)}`;
    })
    .join("");
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
  return BARE.test(value) && !WORDS.test(value) ? value : quoted(value);
}

function quoted(value: string): string {
  return JSON.stringify(value).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cn}\p{Co}]/gu, (char) =>
    [...Array(char.length).keys()].map((unit) => escaped(char.charCodeAt(unit))).join(""),
  );
}

function escaped(code: number): string {
  return `\\u${code.toString(16).padStart(4, "0")}`;
}
