import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { nearest } from "../core/nearest.ts";
import { SCOPES, wordsOf, type DocumentKind } from "./document-schema.ts";
import {
  findSetting,
  hasKeysBelow,
  isSettingKnownIn,
  knownKeysBelow,
  SETTING_TREE,
  type Setting,
  type SettingKind,
} from "./setting.ts";
import { unitText } from "./setting-text.ts";
import { valueHint } from "./value-hint.ts";
import {
  formatPatroniVersion,
  isAtLeast,
  readRunningVersion,
  type PatroniVersion,
} from "./version.ts";

/** Something that a release of Patroni would ignore, replace or fail on. */
export interface DocumentMistake {
  readonly path: readonly string[];
  readonly kind: MistakeKind;
  readonly message: string;
  /** What to write instead, or why it does not count. */
  readonly hint: string;
  /** The key that was likely meant. */
  readonly suggests?: readonly string[];
}

/**
 * What is wrong: a key that no release knows, that only another release knows, or that belongs elsewhere;
 * or a value that does not fit its key.
 */
export type MistakeKind = "unknown" | "other-release" | "elsewhere" | "value";

/** The document that is checked, and for which release. */
export interface CheckedDocument {
  readonly document: JsonObject;
  readonly kind: DocumentKind;
  readonly version: PatroniVersion;
}

/** The newest release that Quorate knows; what only the branch after it has, it ignores. */
const NEWEST = "4.1.5";

/** Says what is wrong at a place that the schema refuses, from the table's row that speaks of it. */
export function explainMistake(path: readonly string[], checked: CheckedDocument): DocumentMistake {
  const isInBootstrap = checked.kind === "node" && path[0] === "bootstrap" && path[1] === "dcs";
  // What stands below `bootstrap.dcs` is the DCS document.
  const inner = isInBootstrap && path.length > 2 ? path.slice(2) : path;
  const kind = inner === path ? checked.kind : "dynamic";
  const place = {
    path,
    inner,
    kind,
    version: checked.version,
    value: valueAt(checked.document, path),
  };
  const owner = findSetting(inner) ?? listAbove(place, checked.document);
  return { path, ...(owner === undefined ? explainKey(place) : explainSetting(owner, place)) };
}

/**
 * Maps below `postgresql` and `bootstrap` whose key may be the name of a method, but that no method is
 * named by and that is close to a key that Patroni knows. The schema alone must let them pass.
 */
export function explainMisnamedMaps(checked: CheckedDocument): readonly DocumentMistake[] {
  const { document, kind, version } = checked;
  const named = methodsOf(document);
  return ["postgresql", "bootstrap"].flatMap((section) => {
    const map = document[section];
    if (!isJsonObject(map) || (kind === "dynamic" && section === "bootstrap")) return [];
    const known = SETTING_TREE.keys.get(section)?.keys;
    return Object.entries(map).flatMap(([key, value]): DocumentMistake[] => {
      if (!isJsonObject(value) || known?.has(key) === true || named.has(key)) return [];
      const path = [section, key];
      const close = nearest(key, knownKeysBelow([section], SCOPES[kind], version));
      return close === undefined
        ? []
        : [{ path, ...unknownKey({ path, inner: path, kind, version, value }) }];
    });
  });
}

function methodsOf(document: JsonObject): ReadonlySet<string> {
  const lists = [
    ["postgresql", "create_replica_methods"],
    ["postgresql", "create_replica_method"],
    ["standby_cluster", "create_replica_methods"],
    ["bootstrap", "method"],
  ].map((path) => valueAt(document, path));
  return new Set(lists.flatMap((value) => (Array.isArray(value) ? value : [value])).map(String));
}

interface Place {
  readonly path: readonly string[];
  /** The path inside the document that the table speaks of. */
  readonly inner: readonly string[];
  readonly kind: DocumentKind;
  readonly version: PatroniVersion;
  readonly value: Json | undefined;
}

type Explanation = Omit<DocumentMistake, "path">;

/** The row of the list in which the value stands. */
function listAbove({ path, inner }: Place, document: JsonObject): Setting | undefined {
  return Array.isArray(valueAt(document, path.slice(0, -1)))
    ? findSetting(inner.slice(0, -1))
    : undefined;
}

/** A key without a row of its own: a section, or nothing that Patroni knows. */
function explainKey(place: Place): Explanation {
  const { path, inner, kind, value, version } = place;
  const parent = inner.slice(0, -1);
  const isSection = knownKeysAnywhere(parent).includes(inner.at(-1) ?? "") && hasKeysBelow(inner);
  if (!isSection) return unknownKey(place);
  const scope = scopeBelow(inner);
  if (scope !== undefined && !SCOPES[kind].includes(scope)) return misplaced(place, scope);
  return isJsonObject(value)
    ? otherRelease(place, undefined)
    : {
        kind: "value",
        message: `${path.join(".")} must be a map`,
        hint: `write keys below it, such as ${knownKeysBelow(inner, SCOPES[kind], version).slice(0, 3).join(", ")}`,
      };
}

function explainSetting(setting: Setting, place: Place): Explanation {
  if (!SCOPES[place.kind].includes(setting.scope)) return misplaced(place, setting.scope);
  if (!isSettingKnownIn(setting, place.version)) return otherRelease(place, setting);
  return badName(setting, place) ?? newValue(setting, place) ?? badValue(setting, place);
}

/** A key of one's own choice that Patroni would not take. */
function badName(setting: Setting, { path }: Place): Explanation | undefined {
  const pattern = setting.path.at(-1)?.startsWith("<") === true ? setting.keyPattern : undefined;
  if (pattern === undefined || new RegExp(pattern).test(path.at(-1) ?? "")) return undefined;
  return {
    kind: "value",
    message: `${path.join(".")} is not a name that Patroni takes here`,
    hint: "write lower-case letters, digits and underscores",
  };
}

/** A word that is newer than the setting. */
function newValue(setting: Setting, { path, version, value }: Place): Explanation | undefined {
  const word = typeof value === "string" ? setting.valuesSince?.[value] : undefined;
  const since = readRunningVersion(word ?? "");
  if (since === undefined || isAtLeast(version, since)) return undefined;
  return {
    kind: "other-release",
    message: `Patroni ${formatPatroniVersion(version)} does not know ${path.join(".")}: ${JSON.stringify(value)}, it came with ${formatPatroniVersion(since)}`,
    hint: "Patroni would silently take it for off",
  };
}

function badValue(setting: Setting, place: Place): Explanation {
  const { path, inner, value, version } = place;
  const isItem = setting.path.length < inner.length;
  const expected = isItem ? itemText(setting) : valueText(setting, place);
  return {
    kind: "value",
    message: `${path.join(".")} is ${JSON.stringify(value)}, expected ${expected}`,
    hint: isItem ? `write ${expected}, or leave it out` : valueHint(setting, value, version),
  };
}

function misplaced({ path, kind }: Place, scope: Setting["scope"]): Explanation {
  const here = kind === "dynamic" ? "in the DCS configuration" : "in patroni.yml";
  const there = scope === "dynamic" ? "it counts only in the DCS" : "it counts only in patroni.yml";
  return {
    kind: "elsewhere",
    message: `${path.join(".")} has no effect ${here}`,
    hint: scope === "none" ? "Patroni sets it itself" : there,
  };
}

function otherRelease({ path, version }: Place, setting: Setting | undefined): Explanation {
  const { since, until, isUpcoming } = setting ?? {};
  const reason =
    isUpcoming === true
      ? ": it comes with the release after 4.1"
      : until !== undefined && isAtLeast(version, until)
        ? `, it went with ${formatPatroniVersion(until)}`
        : since === undefined
          ? ""
          : `, it came with ${formatPatroniVersion(since)}`;
  return {
    kind: "other-release",
    message: `Patroni ${formatPatroniVersion(version)} does not know ${path.join(".")}${reason}`,
    hint:
      isUpcoming === true
        ? `leave it out; Patroni ${NEWEST} ignores it`
        : until !== undefined && isAtLeast(version, until)
          ? "leave it out"
          : "raise patroni: in the intent once every member runs it, or leave the key out",
  };
}

function unknownKey({ path, inner, kind, version }: Place): Explanation {
  const known = knownKeysBelow(inner.slice(0, -1), SCOPES[kind], version);
  const written = inner.at(-1) ?? "";
  const suggestion =
    OTHER_NAMES.get(written)?.find((name) => known.includes(name)) ?? nearest(written, known);
  const message = `Patroni ${formatPatroniVersion(version)} does not know ${path.join(".")}`;
  if (suggestion === undefined)
    return {
      kind: "unknown",
      message,
      hint: `leave it out: Patroni would ignore it${knownText(known)}`,
    };
  const suggests = [...path.slice(0, -1), suggestion];
  return { kind: "unknown", message, hint: `did you mean ${suggests.join(".")}?`, suggests };
}

/** Names of one thing that differ from section to section. */
const OTHER_NAMES: ReadonlyMap<string, readonly string[]> = new Map([
  ["ca", ["cacert", "cafile"]],
  ["cacert", ["cafile"]],
  ["cafile", ["cacert"]],
  ["cert", ["certfile"]],
  ["certfile", ["cert"]],
  ["key", ["keyfile"]],
  ["keyfile", ["key"]],
]);

/** The top of a document holds too many keys to name them. */
function knownText(known: readonly string[]): string {
  return known.length > 0 && known.length <= 12 ? `; known here: ${known.join(", ")}` : "";
}

const ALL_SCOPES: readonly Setting["scope"][] = ["dynamic", "local", "both", "bootstrap", "none"];

/** The keys directly below a path that the table knows in any scope and any release. */
function knownKeysAnywhere(path: readonly string[]): readonly string[] {
  let node: typeof SETTING_TREE | undefined = SETTING_TREE;
  for (const key of path) node = node?.keys.get(key);
  return [...(node?.keys.keys() ?? [])];
}

/** The one scope of everything below a section; undefined where they differ. */
function scopeBelow(path: readonly string[]): Setting["scope"] | undefined {
  let node: typeof SETTING_TREE | undefined = SETTING_TREE;
  for (const key of path) node = node?.keys.get(key);
  const found = new Set<Setting["scope"]>();
  const walk = (at: typeof SETTING_TREE): void => {
    if (at.setting !== undefined) found.add(at.setting.scope);
    for (const child of at.keys.values()) walk(child);
    if (at.anyKey !== undefined) walk(at.anyKey);
  };
  if (node !== undefined) walk(node);
  return found.size === 1 ? ALL_SCOPES.find((scope) => found.has(scope)) : undefined;
}

/** What was expected instead of a value of the wrong type, or of a number outside its limits. */
function valueText(setting: Setting, { version, value }: Place): string {
  const { min, max, multipleOf } = setting;
  if (typeof value === "number" && Number.isSafeInteger(value)) {
    if (min !== undefined && value < min) return `at least ${min}`;
    if (max !== undefined && value > max) return `at most ${max}`;
    if (multipleOf !== undefined && value % multipleOf !== 0) return `a multiple of ${multipleOf}`;
  }
  return EXPECTED[setting.kind](setting, version);
}

const ITEMS = { text: "text", text_or_map: "text or a map", whole: "a whole number" } as const;

function itemText({ items }: Setting): string {
  return items === undefined ? "a map" : ITEMS[items];
}

function words(setting: Setting, version: PatroniVersion): string {
  return `one of ${wordsOf(setting, version).join(", ")}`;
}

function whole(setting: Setting): string {
  const unit = unitText(setting);
  return unit === undefined ? "a whole number" : `whole ${unit}`;
}

/** What each kind of setting takes, in words. */
const EXPECTED: Readonly<
  Record<SettingKind, (setting: Setting, version: PatroniVersion) => string>
> = {
  any: () => "anything",
  bool: () => "true or false",
  bool_or_enum: (setting, version) => `true, false or ${words(setting, version)}`,
  duration: () => "whole seconds, or a duration such as 30min",
  enum: words,
  float: () => "a number",
  "host:port": () => "host:port",
  int: whole,
  int_or_list: () => "a number or a list",
  ip: () => "an address",
  list: () => "a list",
  list_or_csv: () => "a list",
  list_or_map: () => "a list or a map",
  map: () => "a map",
  map_or_null: () => "a map",
  path: () => "a path",
  size: () => "a size",
  string: () => "text",
  string_or_list: () => "text or a list",
};

function valueAt(document: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = document;
  for (const key of path) {
    if (Array.isArray(value)) value = value[Number(key)];
    else value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}
