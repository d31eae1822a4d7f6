import type { JsonObject } from "../core/json.ts";
import {
  isSettingKnownIn,
  SETTING_TREE,
  type Setting,
  type SettingKind,
  type SettingNode,
} from "./setting.ts";
import { settingText, typedDefault } from "./setting-text.ts";
import { SETTINGS } from "./settings-table.ts";
import {
  formatPatroniVersion,
  isAtLeast,
  readRunningVersion,
  type PatroniVersion,
} from "./version.ts";

/** Which document is meant: the DCS configuration or a node's `patroni.yml`. */
export type DocumentKind = "dynamic" | "node";

/** The scopes whose settings count in each document. */
export const SCOPES: Readonly<Record<DocumentKind, readonly Setting["scope"][]>> = {
  dynamic: ["dynamic", "both"],
  node: ["local", "both", "bootstrap"],
};

/** The oldest release that Quorate knows. */
const FIRST: PatroniVersion = { major: 3, minor: 0, patch: 0 };

/**
 * The releases from which on a document may hold other keys or values than before, oldest first. Every
 * release in between takes what the one before it in this list takes.
 */
export function schemaReleases(kind: DocumentKind): readonly PatroniVersion[] {
  return RELEASES[kind];
}

// Looked up for every document that is checked, so made once.
const RELEASES: Readonly<Record<DocumentKind, readonly PatroniVersion[]>> = {
  dynamic: releasesThatChange(SCOPES.dynamic),
  // A node's file holds the DCS document as well, under `bootstrap.dcs`.
  node: releasesThatChange([...SCOPES.node, ...SCOPES.dynamic]),
};

function releasesThatChange(scopes: readonly Setting["scope"][]): readonly PatroniVersion[] {
  const found = new Map([[formatPatroniVersion(FIRST), FIRST]]);
  for (const { scope, since, until, valuesSince } of SETTINGS) {
    if (!scopes.includes(scope)) continue;
    const values = Object.values(valuesSince ?? {}).map((text) => readRunningVersion(text));
    for (const release of [since, until, ...values])
      if (release !== undefined) found.set(formatPatroniVersion(release), release);
  }
  return [...found.values()].toSorted((a, b) => (isAtLeast(a, b) ? 1 : -1));
}

/** The release of {@link schemaReleases} whose schema speaks for a release. */
export function schemaReleaseOf(kind: DocumentKind, version: PatroniVersion): PatroniVersion {
  return schemaReleases(kind).findLast((release) => isAtLeast(version, release)) ?? FIRST;
}

/** The name of the compiled validator of a document from one of {@link schemaReleases} on. */
export function validatorName(kind: DocumentKind, { major, minor, patch }: PatroniVersion): string {
  return `${kind}_${major}_${minor}_${patch}`;
}

/**
 * The closed JSON Schema (draft 2020-12) of a document for one release: the keys that count in it and that
 * the release knows, each with its type, its limits, and what it is for. Stricter than Patroni where
 * Patroni guesses: it takes anything, and ignores or replaces what it does not understand.
 */
export function documentSchema(kind: DocumentKind, version: PatroniVersion): JsonObject {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: titleOf(kind, version),
    ...mapSchema(SETTING_TREE, [], { kind, version }),
  };
}

function titleOf(kind: DocumentKind, version: PatroniVersion): string {
  const what = kind === "dynamic" ? "The DCS configuration" : "The patroni.yml of a node";
  const from = formatPatroniVersion(schemaReleaseOf(kind, version));
  const next = schemaReleases(kind).find((release) => !isAtLeast(version, release));
  const until = next === undefined ? "" : `, before ${formatPatroniVersion(next)}`;
  return `${what} of Patroni ${from} and newer${until}`;
}

interface Target {
  readonly kind: DocumentKind;
  readonly version: PatroniVersion;
}

/** The schema of what may stand at a place; undefined when nothing may. */
function schemaOf(
  node: SettingNode,
  path: readonly string[],
  target: Target,
): JsonObject | undefined {
  const own = allowedSetting(node.setting, target);
  // A row that says no says it for everything below.
  if (own === undefined && node.setting !== undefined) return undefined;
  const shape = shapeOf(node, path, own, target);
  if (shape === undefined || own === undefined) return shape;
  return { ...annotations(own), ...shape };
}

function shapeOf(
  node: SettingNode,
  path: readonly string[],
  own: Setting | undefined,
  target: Target,
): JsonObject | undefined {
  if (target.kind === "node" && path.join(".") === "bootstrap.dcs")
    return mapSchema(SETTING_TREE, [], { ...target, kind: "dynamic" });
  if (node.items !== undefined) {
    const items = schemaOf(node.items, [...path, "[]"], target);
    return items === undefined ? undefined : { type: "array", items };
  }
  if (node.keys.size === 0 && node.anyKey === undefined)
    return own === undefined ? undefined : VALUE_SCHEMAS[own.kind](own, target.version);
  const map = mapSchema(node, path, target);
  if (own === undefined && isEmpty(map)) return undefined;
  return { ...map, type: own?.kind === "map_or_null" ? ["object", "null"] : "object" };
}

/**
 * A map of known keys, and of others where a row stands for any name. `postgresql.parameters` takes any:
 * PostgreSQL's own table checks those. A key that the table knows and that does not count here is never
 * one of the others.
 */
function mapSchema(node: SettingNode, path: readonly string[], target: Target): JsonObject {
  const other =
    path.join(".") === "postgresql.parameters"
      ? true
      : node.anyKey && schemaOf(node.anyKey, [...path, "<>"], target);
  const properties: Record<string, JsonObject | false> = {};
  for (const [key, child] of node.keys) {
    const schema = schemaOf(child, [...path, key], target);
    if (schema !== undefined || other !== undefined) properties[key] = schema ?? false;
  }
  const pattern = node.anyKey?.setting?.keyPattern;
  return {
    type: "object",
    properties,
    ...(pattern === undefined ? {} : { propertyNames: { pattern } }),
    additionalProperties: other ?? false,
  };
}

function isEmpty({ properties, additionalProperties }: JsonObject): boolean {
  return additionalProperties === false && JSON.stringify(properties) === "{}";
}

function allowedSetting(
  setting: Setting | undefined,
  { kind, version }: Target,
): Setting | undefined {
  if (setting === undefined || !SCOPES[kind].includes(setting.scope)) return undefined;
  return isSettingKnownIn(setting, version) ? setting : undefined;
}

function annotations(setting: Setting): JsonObject {
  const byDefault = typedDefault(setting);
  return {
    description: settingText(setting),
    ...(byDefault === undefined ? {} : { default: byDefault }),
    ...(setting.aliasOf === undefined ? {} : { deprecated: true }),
  };
}

/** Text with something in it. */
const FILLED = "\\S";

/** The type and the limits of a value. */
const VALUE_SCHEMAS: Readonly<
  Record<SettingKind, (setting: Setting, version: PatroniVersion) => JsonObject>
> = {
  any: () => ({}),
  bool: (setting) => ({ type: isParameter(setting) ? ["boolean", "string"] : "boolean" }),
  bool_or_enum: (setting, version) => ({ enum: [false, true, ...wordsOf(setting, version)] }),
  duration: (setting) => ({
    type: ["integer", "string"],
    ...limitsOf(setting),
    pattern: "^\\d+ ?(?:ms|s|min|h|d)$",
  }),
  enum: (setting, version) => ({ enum: wordsOf(setting, version) }),
  float: (setting) => ({ type: "number", ...limitsOf(setting) }),
  "host:port": () => ({ type: "string", pattern: FILLED }),
  int: (setting) => ({ type: "integer", ...limitsOf(setting) }),
  int_or_list: (setting) => ({ type: ["integer", "array"], ...itemsOf(setting) }),
  ip: () => ({ type: "string", pattern: FILLED }),
  list: (setting) => ({ type: "array", ...itemsOf(setting) }),
  list_or_csv: (setting) => ({ type: ["array", "string"], ...itemsOf(setting), pattern: FILLED }),
  list_or_map: (setting) => ({ type: ["array", "object"], ...itemsOf(setting) }),
  map: () => ({ type: "object" }),
  map_or_null: () => ({ type: ["object", "null"] }),
  path: () => ({ type: "string", pattern: FILLED }),
  size: (setting) => ({ type: ["integer", "string"], ...limitsOf(setting), pattern: FILLED }),
  string: () => ({ type: "string" }),
  string_or_list: (setting) => ({ type: ["string", "array"], ...itemsOf(setting) }),
};

/** A parameter of PostgreSQL is measured with its unit, and its words are read, by PostgreSQL's own table. */
function isParameter({ path }: Setting): boolean {
  return path[1] === "parameters";
}

function limitsOf(setting: Setting): JsonObject {
  const { min, max, multipleOf } = setting;
  if (isParameter(setting)) return {};
  return {
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
    ...(multipleOf === undefined ? {} : { multipleOf }),
  };
}

const ITEM_TYPES = { text: "string", text_or_map: ["string", "object"], whole: "integer" } as const;

function itemsOf({ items }: Setting): JsonObject {
  return items === undefined ? {} : { items: { type: ITEM_TYPES[items] } };
}

/** The words that a release takes. */
export function wordsOf(
  { values, valuesSince }: Setting,
  version: PatroniVersion,
): readonly string[] {
  return (values ?? []).filter((word) => {
    const since = readRunningVersion(valuesSince?.[word] ?? "");
    return since === undefined || isAtLeast(version, since);
  });
}
