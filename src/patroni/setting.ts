import { SETTINGS } from "./settings-table.ts";
import { isAtLeast, type PatroniVersion } from "./version.ts";

/** What kind of value a setting takes. */
export type SettingKind =
  | "any"
  | "bool"
  | "bool_or_enum"
  | "duration"
  | "enum"
  | "host:port"
  | "int"
  | "int_or_list"
  | "ip"
  | "list"
  | "list_or_csv"
  | "list_or_map"
  | "map"
  | "map_or_null"
  | "path"
  | "size"
  | "string"
  | "string_or_list";

/** When a change of a setting takes effect. */
export type SettingEffect =
  | "ha-loop"
  | "n/a"
  | "next-use"
  | "patroni-restart"
  | "reload"
  | "reload-or-restart"
  | "restart";

/** One setting of Patroni. A `<name>` in the path stands for any key. */
export interface Setting {
  readonly path: readonly string[];
  /** Where Patroni reads it: the DCS, the node's file, both, only at bootstrap, or nowhere. */
  readonly scope: "dynamic" | "local" | "both" | "bootstrap" | "none";
  readonly kind: SettingKind;
  readonly effect: SettingEffect;
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly string[];
  /** The first release that knows a value which is newer than the setting. */
  readonly valuesSince?: Readonly<Record<string, string>>;
  readonly unit?: string;
  /** The first release that has it; absent when 3.0 has it. */
  readonly since?: PatroniVersion;
  /** The first release that no longer has it. */
  readonly until?: PatroniVersion;
  /** What Patroni does without it, as Patroni's documentation writes it. */
  readonly byDefault?: string;
  readonly note?: string;
}

interface SettingNode {
  setting: Setting | undefined;
  readonly fixed: Map<string, SettingNode>;
  wildcard: SettingNode | undefined;
}

const ROOT = buildTree();

/** Finds the row of a path; exact keys win over `<name>` ones. Undefined when no row speaks of it. */
export function findSetting(path: readonly string[]): Setting | undefined {
  let node: SettingNode | undefined = ROOT;
  for (const key of path) node = node?.fixed.get(key) ?? node?.wildcard;
  return node?.setting;
}

/** True when the release has the setting. */
export function isSettingKnownIn(setting: Setting, version: PatroniVersion): boolean {
  const tooOld = setting.since !== undefined && !isAtLeast(version, setting.since);
  const removed = setting.until !== undefined && isAtLeast(version, setting.until);
  return !tooOld && !removed;
}

/** The keys that a release knows directly below a path in one of the scopes, for suggestions. */
export function knownKeysBelow(
  path: readonly string[],
  scopes: readonly Setting["scope"][],
  version: PatroniVersion,
): readonly string[] {
  const keys = new Set<string>();
  for (const setting of SETTINGS) {
    const key = setting.path[path.length];
    if (key === undefined || key.startsWith("<")) continue;
    if (!scopes.includes(setting.scope) || !isSettingKnownIn(setting, version)) continue;
    if (path.every((step, index) => setting.path[index] === step)) keys.add(key);
  }
  return [...keys];
}

/** True when rows speak of keys below this path, so that a map there is closed. */
export function hasKeysBelow(path: readonly string[]): boolean {
  let node: SettingNode | undefined = ROOT;
  for (const key of path) node = node?.fixed.get(key) ?? node?.wildcard;
  return node !== undefined && (node.fixed.size > 0 || node.wildcard !== undefined);
}

function buildTree(): SettingNode {
  const root: SettingNode = emptyNode();
  for (const setting of SETTINGS) {
    let node = root;
    for (const key of setting.path) node = childOf(node, key);
    node.setting = setting;
  }
  return root;
}

function childOf(node: SettingNode, key: string): SettingNode {
  if (key.startsWith("<")) {
    node.wildcard ??= emptyNode();
    return node.wildcard;
  }
  const known = node.fixed.get(key);
  if (known !== undefined) return known;
  const made = emptyNode();
  node.fixed.set(key, made);
  return made;
}

function emptyNode(): SettingNode {
  return { setting: undefined, fixed: new Map(), wildcard: undefined };
}
