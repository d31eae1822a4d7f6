import fc from "fast-check";
import { isJsonObject, type Json, type JsonObject } from "../../src/core/json.ts";
import type { DocumentKind } from "../../src/patroni/document-schema.ts";
import type { Setting } from "../../src/patroni/setting.ts";
import { SETTINGS } from "../../src/patroni/settings-table.ts";
import type { PatroniVersion } from "../../src/patroni/version.ts";

/**
 * Judges a document by walking the rows one by one, written without the schema or the tree of settings:
 * gives the places that are not as the rows say.
 */
export function naiveRefusals(
  document: JsonObject,
  kind: DocumentKind,
  version: PatroniVersion,
): readonly string[] {
  return refusalsOf(document, [], [], { kind, version });
}

interface Judged {
  readonly kind: DocumentKind;
  readonly version: PatroniVersion;
}

/** `pattern` is the path as the rows write it, with `<name>` and `[]`. */
function refusalsOf(
  map: JsonObject,
  path: readonly string[],
  pattern: readonly string[],
  judged: Judged,
): readonly string[] {
  return Object.entries(map).flatMap(([key, value]) => {
    const here = [...path, key];
    const name = here.join(".");
    const below = rowsBelow(pattern);
    const step =
      below.find((row) => row.path[pattern.length] === key)?.path[pattern.length] ??
      below.find((row) => row.path[pattern.length]?.startsWith("<"))?.path[pattern.length];
    if (step === undefined) return pattern.join(".") === "postgresql.parameters" ? [] : [name];
    return refusalsAt(value, here, [...pattern, step], judged);
  });
}

function refusalsAt(
  value: Json,
  path: readonly string[],
  pattern: readonly string[],
  judged: Judged,
): readonly string[] {
  const name = path.join(".");
  const row = SETTINGS.find((candidate) => candidate.path.join(".") === pattern.join("."));
  const below = rowsBelow(pattern);
  const counts =
    row === undefined ? below.some((one) => isAllowed(one, judged)) : isAllowed(row, judged);
  if (!counts) return [name];
  const isBadName =
    row?.keyPattern !== undefined && !new RegExp(row.keyPattern).test(path.at(-1) ?? "");
  const inside =
    below.length === 0 && row !== undefined && pattern.join(".") !== "bootstrap.dcs"
      ? wrongValues(row, value, name, judged)
      : refusalsInside(value, path, pattern, judged);
  return [...new Set([...(isBadName ? [name] : []), ...inside])];
}

/** What is wrong in a map or in a list of maps. */
function refusalsInside(
  value: Json,
  path: readonly string[],
  pattern: readonly string[],
  judged: Judged,
): readonly string[] {
  const name = path.join(".");
  if (rowsBelow(pattern)[0]?.path[pattern.length] === "[]") {
    if (!Array.isArray(value)) return [name];
    return value.flatMap((item: Json, index) =>
      isJsonObject(item)
        ? refusalsOf(item, [...path, String(index)], [...pattern, "[]"], judged)
        : [`${name}.${index}`],
    );
  }
  if (value === null && pattern.join(".") === "slots.<name>") return [];
  if (!isJsonObject(value)) return [name];
  if (judged.kind === "dynamic" || name !== "bootstrap.dcs")
    return refusalsOf(value, path, pattern, judged);
  return refusalsOf(value, [], [], { ...judged, kind: "dynamic" }).map(
    (inner) => `${name}.${inner}`,
  );
}

function rowsBelow(pattern: readonly string[]): readonly Setting[] {
  return SETTINGS.filter(
    ({ path }) =>
      path.length > pattern.length && pattern.every((step, index) => path[index] === step),
  );
}

const COUNTS: Readonly<Record<DocumentKind, readonly Setting["scope"][]>> = {
  dynamic: ["dynamic", "both"],
  node: ["local", "both", "bootstrap"],
};

function asNumber({ major, minor, patch }: PatroniVersion): number {
  return major * 1_000_000 + minor * 1000 + patch;
}

/** True when a row counts in the document and the release knows it. */
export function isAllowed(row: Setting, { kind, version }: Judged): boolean {
  return (
    COUNTS[kind].includes(row.scope) &&
    row.isUpcoming !== true &&
    (row.since === undefined || asNumber(version) >= asNumber(row.since)) &&
    (row.until === undefined || asNumber(version) < asNumber(row.until))
  );
}

function wrongValues(row: Setting, value: Json, name: string, judged: Judged): readonly string[] {
  if (!ACCEPTS[row.kind](value, row, judged.version)) return [name];
  if (typeof value === "number" && !isWithin(row, value)) return [name];
  if (!Array.isArray(value) || row.items === undefined) return [];
  return value.flatMap((item: Json, index) => (isItem(row, item) ? [] : [`${name}.${index}`]));
}

function isWithin({ path, min, max, multipleOf }: Setting, value: number): boolean {
  if (path[1] === "parameters") return true;
  const isMultiple = multipleOf === undefined || value % multipleOf === 0;
  return value >= (min ?? value) && value <= (max ?? value) && isMultiple;
}

function isItem({ items }: Setting, item: Json): boolean {
  if (items === "whole") return Number.isInteger(item);
  return typeof item === "string" || (items === "text_or_map" && isJsonObject(item));
}

type Question = (value: Json, row: Setting, version: PatroniVersion) => boolean;

const isText: Question = (value) => typeof value === "string";
const isFilled: Question = (value) => typeof value === "string" && value.trim() !== "";
const isWhole: Question = (value) => Number.isInteger(value);
const isList: Question = (value) => Array.isArray(value);
const isMap: Question = (value) => isJsonObject(value);
const isWord: Question = (value, row, version) =>
  typeof value === "string" &&
  (row.values ?? []).includes(value) &&
  isOldEnough(row, value, version);

function anyOf(...questions: readonly Question[]): Question {
  return (...asked) => questions.some((question) => question(...asked));
}

const ACCEPTS: Readonly<Record<Setting["kind"], Question>> = {
  any: () => true,
  bool: (value, { path }) =>
    typeof value === "boolean" || (typeof value === "string" && path[1] === "parameters"),
  bool_or_enum: anyOf((value) => typeof value === "boolean", isWord),
  duration: anyOf(
    isWhole,
    (value) => typeof value === "string" && /^[0-9]+ ?(?:ms|s|min|h|d)$/.test(value),
  ),
  enum: isWord,
  float: (value) => typeof value === "number",
  "host:port": isFilled,
  int: isWhole,
  int_or_list: anyOf(isWhole, isList),
  ip: isFilled,
  list: isList,
  list_or_csv: anyOf(isList, isFilled),
  list_or_map: anyOf(isList, isMap),
  map: isMap,
  map_or_null: anyOf(isMap, (value) => value === null),
  path: isFilled,
  size: anyOf(isWhole, isFilled),
  string: isText,
  string_or_list: anyOf(isText, isList),
};

function isOldEnough({ valuesSince }: Setting, word: string, version: PatroniVersion): boolean {
  const [major, minor] = (valuesSince?.[word] ?? "0.0").split(".").map(Number);
  return version.major > (major ?? 0) || (version.major === major && version.minor >= (minor ?? 0));
}

/** A value that fits a row in every release that has it, and more of one kind where a row takes several. */
export function goodValue(row: Setting): Json {
  const { kind, values = [], valuesSince = {}, min = 0, multipleOf = 1, items } = row;
  const whole = Math.ceil(Math.max(min, 1) / multipleOf) * multipleOf;
  if (row.path.join(".") === "ignore_slots") return [];
  if (row.path.join(".") === "kubernetes.ports") return [];
  const item = { text: "a", text_or_map: { a: "b" }, whole: 401 }[items ?? "text"];
  const byKind: Readonly<Record<Setting["kind"], Json>> = {
    any: "x",
    bool: true,
    bool_or_enum: values.find((word) => valuesSince[word] === undefined) ?? true,
    duration: "30min",
    enum: values[0] ?? "",
    float: 0.5,
    "host:port": "10.0.0.1:5432",
    int: whole,
    int_or_list: [item],
    ip: "10.0.0.1",
    list: [item],
    list_or_csv: [item],
    list_or_map: [item],
    map: {},
    map_or_null: {},
    path: "/x",
    size: whole,
    string: "x",
    string_or_list: "x",
  };
  return byKind[kind];
}

/** A document with one value at the path of a row; names of one's own and list items are filled in. */
export function documentWith(path: readonly string[], value: Json): JsonObject {
  const [step = "", ...rest] = path;
  const inner =
    rest.length === 0
      ? value
      : rest[0] === "[]"
        ? [itemWith(rest.slice(1), value)]
        : documentWith(rest, value);
  return { [step.startsWith("<") ? "zz_own" : step]: inner };
}

function itemWith(path: readonly string[], value: Json): Json {
  return path.length === 0 ? value : documentWith(path, value);
}

/** Documents of rows from the whole table, most with values that fit, and of keys that no row has. */
export const documents: fc.Arbitrary<JsonObject> = fc
  .array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc
          .constantFrom(...SETTINGS)
          .map((row) => documentWith(row.path, goodValue(row))),
      },
      {
        weight: 3,
        arbitrary: fc
          .tuple(fc.constantFrom(...SETTINGS), fc.jsonValue({ maxDepth: 2 }))
          .map(([row, value]) => documentWith(row.path, asJson(value))),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(
            fc.constantFrom(...SETTINGS),
            fc.stringMatching(/^zz[a-z]{6,9}$/),
            fc.constantFrom<Json>(1, "x", {}, null),
          )
          .map(([row, key, value]) => documentWith([...row.path.slice(0, -1), key], value)),
      },
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => parts.reduce<JsonObject>((whole, part) => merged(whole, part), {}));

function merged(a: JsonObject, b: JsonObject): JsonObject {
  const all = new Map<string, Json>(Object.entries(a));
  for (const [key, value] of Object.entries(b)) {
    const before = all.get(key);
    all.set(key, isJsonObject(before) && isJsonObject(value) ? merged(before, value) : value);
  }
  return Object.fromEntries(all);
}

function asJson(value: unknown): Json {
  const holder: unknown = JSON.parse(JSON.stringify({ value }));
  return isJsonObject(holder) ? (holder["value"] ?? null) : null;
}
