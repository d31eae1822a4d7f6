import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { nearest } from "../core/nearest.ts";
import {
  findSetting,
  hasKeysBelow,
  isSettingKnownIn,
  knownKeysBelow,
  type Setting,
  type SettingKind,
} from "./setting.ts";
import {
  formatPatroniVersion,
  isAtLeast,
  readRunningVersion,
  type PatroniVersion,
} from "./version.ts";

/** Something that a release of Patroni would ignore, replace or fail on. */
export interface DocumentMistake {
  readonly path: readonly string[];
  readonly message: string;
  readonly hint?: string;
}

/** Which document is checked: the DCS configuration or a node's `patroni.yml`. */
export type DocumentKind = "dynamic" | "node";

/** Keys of `postgresql.parameters` are checked against PostgreSQL's table, not here. */
const PARAMETERS = ["postgresql", "parameters"] as const;

/** Scopes that count in each document. */
const SCOPES: Readonly<Record<DocumentKind, readonly Setting["scope"][]>> = {
  dynamic: ["dynamic", "both"],
  node: ["local", "both", "bootstrap"],
};

/**
 * Checks a document against the closed table of one release: unknown keys, keys of another scope, keys
 * that are too new, wrong types, and numbers outside their limits. Patroni itself accepts all of them
 * and then ignores or replaces them. Empty when nothing is wrong.
 */
export function checkDocument(
  document: JsonObject,
  kind: DocumentKind,
  version: PatroniVersion,
): readonly DocumentMistake[] {
  const found: DocumentMistake[] = [];
  checkMap(document, [], { kind, version, found });
  return found;
}

interface Check {
  readonly kind: DocumentKind;
  readonly version: PatroniVersion;
  readonly found: DocumentMistake[];
}

function checkMap(map: JsonObject, path: readonly string[], check: Check): void {
  for (const [key, value] of Object.entries(map)) {
    const here = [...path, key];
    if (check.kind === "node" && here.join(".") === "bootstrap.dcs") {
      if (isJsonObject(value)) checkMap(value, [], { ...check, kind: "dynamic" });
      continue;
    }
    const setting = findSetting(here);
    if (setting === undefined && !hasKeysBelow(here)) {
      if (!isParameter(here)) check.found.push(unknownKey(here, check));
      continue;
    }
    if (setting !== undefined) checkSetting(setting, value, here, check);
    if (isJsonObject(value) && hasKeysBelow(here)) checkMap(value, here, check);
    else if (setting === undefined)
      check.found.push({ path: here, message: `${here.join(".")} must be a map` });
  }
}

function checkSetting(setting: Setting, value: Json, path: readonly string[], check: Check): void {
  const name = path.join(".");
  if (!SCOPES[check.kind].includes(setting.scope)) {
    check.found.push({
      path,
      message: `${name} has no effect ${placeOf(check.kind)}`,
      ...elsewhere(setting),
    });
    return;
  }
  if (!isSettingKnownIn(setting, check.version)) {
    const since =
      setting.since === undefined ? "" : `, it came with ${formatPatroniVersion(setting.since)}`;
    check.found.push({
      path,
      message: `Patroni ${formatPatroniVersion(check.version)} does not know ${name}${since}`,
      hint: "raise patroni: in the intent once every member runs it, or leave the key out",
    });
    return;
  }
  const since = typeof value === "string" ? setting.valuesSince?.[value] : undefined;
  const floor = since === undefined ? undefined : readRunningVersion(since);
  if (floor !== undefined && !isAtLeast(check.version, floor)) {
    check.found.push({
      path,
      message: `Patroni ${formatPatroniVersion(check.version)} does not know ${name}: ${JSON.stringify(value)}, it came with ${formatPatroniVersion(floor)}`,
      hint: "Patroni would silently take it for off",
    });
    return;
  }
  const expected = mismatch(setting, value);
  if (expected !== undefined)
    check.found.push({
      path,
      message: `${name} is ${JSON.stringify(value)}, expected ${expected}`,
    });
}

function elsewhere(setting: Setting): { readonly hint: string } {
  if (setting.scope === "none") return { hint: "Patroni sets it itself" };
  return {
    hint:
      setting.scope === "dynamic" ? "it counts only in the DCS" : "it counts only in patroni.yml",
  };
}

function placeOf(kind: DocumentKind): string {
  return kind === "dynamic" ? "in the DCS configuration" : "in patroni.yml";
}

function unknownKey(path: readonly string[], check: Check): DocumentMistake {
  const parent = path.slice(0, -1);
  const key = path.at(-1) ?? "";
  const suggestion = nearest(key, knownKeysBelow(parent, SCOPES[check.kind], check.version));
  return {
    path,
    message: `Patroni ${formatPatroniVersion(check.version)} does not know ${path.join(".")}`,
    ...(suggestion === undefined
      ? {}
      : { hint: `did you mean ${[...parent, suggestion].join(".")}?` }),
  };
}

function isParameter(path: readonly string[]): boolean {
  return (
    path.length === PARAMETERS.length + 1 && PARAMETERS.every((key, index) => path[index] === key)
  );
}

/** Says what was expected when the value does not fit; undefined when it does. */
function mismatch(setting: Setting, value: Json): string | undefined {
  const accepted = ACCEPTS[setting.kind];
  if (!accepted.test(value, setting)) return accepted.expected(setting);
  // A parameter of PostgreSQL is measured with its unit, by PostgreSQL's own table.
  if (typeof value !== "number" || setting.path[1] === "parameters") return undefined;
  const { min, max } = setting;
  if (min !== undefined && value < min) return `at least ${min}`;
  return max !== undefined && value > max ? `at most ${max}` : undefined;
}

interface Acceptance {
  readonly test: (value: Json, setting: Setting) => boolean;
  readonly expected: (setting: Setting) => string;
}

const isText = (value: Json): boolean => typeof value === "string" && value !== "";
const isWhole = (value: Json): boolean => typeof value === "number" && Number.isSafeInteger(value);
const isWord = (value: Json, { values }: Setting): boolean =>
  typeof value === "string" && (values ?? []).includes(value);
const words = ({ values }: Setting): string => `one of ${(values ?? []).join(", ")}`;

/** What each kind of setting takes. Stricter than Patroni where Patroni guesses. */
const ACCEPTS: Readonly<Record<SettingKind, Acceptance>> = {
  any: { test: () => true, expected: () => "anything" },
  bool: {
    // PostgreSQL takes words for its own parameters; Patroni's own switches are plain booleans.
    test: (value, { path }) =>
      typeof value === "boolean" || (path[1] === "parameters" && typeof value === "string"),
    expected: () => "true or false",
  },
  bool_or_enum: {
    test: (value, setting) => typeof value === "boolean" || isWord(value, setting),
    expected: (setting) => `true, false or ${words(setting)}`,
  },
  duration: { test: isWhole, expected: () => "whole seconds" },
  enum: { test: isWord, expected: words },
  "host:port": { test: isText, expected: () => "host:port" },
  int: {
    test: isWhole,
    expected: ({ unit }) => (unit === undefined ? "a whole number" : `whole ${unit}`),
  },
  int_or_list: {
    test: (value) => isWhole(value) || Array.isArray(value),
    expected: () => "a number or a list",
  },
  ip: { test: isText, expected: () => "an address" },
  list: { test: (value) => Array.isArray(value), expected: () => "a list" },
  list_or_csv: { test: (value) => Array.isArray(value) || isText(value), expected: () => "a list" },
  list_or_map: {
    test: (value) => Array.isArray(value) || isJsonObject(value),
    expected: () => "a list or a map",
  },
  map: { test: isJsonObject, expected: () => "a map" },
  map_or_null: { test: (value) => value === null || isJsonObject(value), expected: () => "a map" },
  path: { test: isText, expected: () => "a path" },
  size: { test: (value) => isWhole(value) || isText(value), expected: () => "a size" },
  string: { test: (value) => typeof value === "string", expected: () => "text" },
  string_or_list: {
    test: (value) => typeof value === "string" || Array.isArray(value),
    expected: () => "text or a list",
  },
};
