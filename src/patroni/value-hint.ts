import type { Json } from "../core/json.ts";
import { nearest } from "../core/nearest.ts";
import { parseSize } from "../core/units.ts";
import { wordsOf } from "./document-schema.ts";
import { readBoolean, readQuantity } from "./python-value.ts";
import { typedDefault, unitText } from "./setting-text.ts";
import type { Setting, SettingKind } from "./setting.ts";
import type { PatroniVersion } from "./version.ts";

/** Says what to write instead of a value that does not fit its setting. */
export function valueHint(
  setting: Setting,
  value: Json | undefined,
  version: PatroniVersion,
): string {
  const words = WORDS.has(setting.kind) ? wordsOf(setting, version) : [];
  if (words.length > 0) return wordHint(setting, value, words);
  const isTrue = setting.kind === "bool" ? readBoolean(value) : undefined;
  if (isTrue !== undefined) return `write ${isTrue}`;
  const isNumber = NUMBERS.has(setting.kind) || typeof value === "number";
  const amount = isNumber && setting.min !== undefined ? amountOf(value, setting.unit) : undefined;
  if (amount !== undefined) return numberHint(setting, value, amount);
  return `write ${EXAMPLES[setting.kind](setting)}${defaultText(setting)}`;
}

const WORDS: ReadonlySet<SettingKind> = new Set(["enum", "bool_or_enum"]);
const NUMBERS: ReadonlySet<SettingKind> = new Set(["int", "float", "duration"]);

function wordHint(setting: Setting, value: Json | undefined, words: readonly string[]): string {
  const all = setting.kind === "enum" ? words : ["true", "false", ...words];
  const close = typeof value === "string" ? closest(value, all) : undefined;
  return close === undefined
    ? `write one of ${all.join(", ")}${defaultText(setting)}`
    : `write ${close}`;
}

/** The word that is meant: in another case, a word that begins like it, or the nearest one. */
function closest(written: string, words: readonly string[]): string | undefined {
  const lower = written.toLowerCase();
  const same = words.find((word) => word.toLowerCase() === lower);
  return (
    same ?? SYNONYMS.get(lower)?.find((word) => words.includes(word)) ?? nearest(written, words)
  );
}

/** Levels of other programs, of which Patroni has another. */
const SYNONYMS: ReadonlyMap<string, readonly string[]> = new Map([
  ["trace", ["DEBUG"]],
  ["verbose", ["DEBUG"]],
  ["notice", ["INFO"]],
  ["severe", ["CRITICAL"]],
  ["panic", ["CRITICAL"]],
]);

/** A number that somebody wrote as text, counted in the setting's unit; undefined for what is none. */
function amountOf(value: Json | undefined, unit: string | undefined): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  if (unit === "s") return readQuantity(value, "s");
  if (unit !== "bytes") return readQuantity(value);
  // PostgreSQL's units and ours count in 1024.
  const size = parseSize(value.replace(/^(\d+)\s*([kKMGT])i?B$/, "$1$2iB").replace("kiB", "KiB"));
  return size.ok ? size.value : readQuantity(value);
}

/** The number itself where it may stand so, else the nearest one that may. */
function numberHint(setting: Setting, value: Json | undefined, amount: number): string {
  const least = setting.min ?? Number.NEGATIVE_INFINITY;
  const most = setting.max ?? Number.POSITIVE_INFINITY;
  const { multipleOf = 1 } = setting;
  const unit = unitText(setting);
  const whole = setting.kind === "float" ? amount : Math.round(amount);
  const within = Math.min(Math.max(whole, least), most);
  const number = Math.round(within / multipleOf) * multipleOf;
  const counted = typeof value === "string" && unit !== undefined ? `, in ${unit}` : "";
  const range =
    number === amount ? "" : setting.max === undefined ? " or more" : ` (${least} to ${most})`;
  return `write ${number}${range}${counted}${typeof value === "string" ? "" : defaultText(setting)}`;
}

function defaultText(setting: Setting): string {
  const byDefault = typedDefault(setting);
  return byDefault === undefined
    ? ""
    : `, or leave it out: Patroni's default is ${JSON.stringify(byDefault)}`;
}

/** How a value of each kind is written. */
const EXAMPLES: Readonly<Record<SettingKind, (setting: Setting) => string>> = {
  any: () => "a value",
  bool: () => "true or false",
  bool_or_enum: () => "true or false",
  duration: () => "seconds as a number, such as 1800",
  enum: () => "one of its words",
  float: () => "a number such as 1.5",
  "host:port": () => "it like 10.1.1.1:5432",
  int: ({ unit }) =>
    unit === undefined ? "a number" : `a number of ${unit === "s" ? "seconds" : unit}`,
  int_or_list: () => "a number, or a list like [1, 2]",
  ip: () => "it like 10.1.1.1",
  list: () => "it like [a, b]",
  list_or_csv: () => "it like [a, b]",
  list_or_map: () => "it like [a, b], or like { a: b }",
  map: () => "it like { a: b }",
  map_or_null: () => "it like { a: b }",
  path: () => "a path such as /etc/patroni/file",
  size: () => "it like 128MB",
  string: () => "text, in quotes where it looks like something else",
  string_or_list: () => "text, or a list like [a, b]",
};
