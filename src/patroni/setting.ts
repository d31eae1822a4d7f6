import { SETTINGS } from "./settings-table.ts";
import { isAtLeast, type PatroniVersion } from "./version.ts";

/** What kind of value a setting takes. */
export type SettingKind =
  | "any"
  | "bool"
  | "bool_or_enum"
  | "duration"
  | "enum"
  | "float"
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

/** One setting of Patroni. A `<name>` in the path stands for any key, `[]` for each item of a list. */
export interface Setting {
  readonly path: readonly string[];
  /** Where Patroni reads it: the DCS, the node's file, both, only at bootstrap, or nowhere. */
  readonly scope: "dynamic" | "local" | "both" | "bootstrap" | "none";
  readonly kind: SettingKind;
  readonly effect: SettingEffect;
  /** What it is for, in one sentence. */
  readonly what: string;
  readonly min?: number;
  readonly max?: number;
  readonly multipleOf?: number;
  readonly values?: readonly string[];
  /** The first release that knows a value which is newer than the setting. */
  readonly valuesSince?: Readonly<Record<string, string>>;
  /** What each item of a list is; absent: anything, or told by a row of its own. */
  readonly items?: "text" | "text_or_map" | "whole";
  /** What a key that stands for `<name>` must look like. */
  readonly keyPattern?: string;
  readonly unit?: string;
  /** The first release that has it; absent when 3.0 has it. */
  readonly since?: PatroniVersion;
  /** The first release that no longer has it. */
  readonly until?: PatroniVersion;
  /** Only the branch after 4.1 knows it, so that no release may be given it. */
  readonly isUpcoming?: true;
  /** What Patroni does without it, as Patroni's documentation writes it. */
  readonly byDefault?: string;
  /** The name of today, for one that is kept for old files. */
  readonly aliasOf?: string;
  /** Its value is a secret, which belongs into Patroni's environment. */
  readonly isSecret?: true;
  readonly note?: string;
  /** Where the facts come from: a file of Patroni and a name in it, or a page of its documentation. */
  readonly source: string;
}

/** A place in a document: the row that speaks of it, and what may stand below it. */
export interface SettingNode {
  readonly setting: Setting | undefined;
  readonly keys: ReadonlyMap<string, SettingNode>;
  /** Stands for every key that is not in `keys`. */
  readonly anyKey: SettingNode | undefined;
  readonly items: SettingNode | undefined;
}

interface GrowingNode {
  setting: Setting | undefined;
  readonly keys: Map<string, GrowingNode>;
  anyKey: GrowingNode | undefined;
  items: GrowingNode | undefined;
}

/** All rows as the tree that their paths make. */
export const SETTING_TREE: SettingNode = buildTree();

/** Finds the row of a path; exact keys win over `<name>` ones. Undefined when no row speaks of it. */
export function findSetting(path: readonly string[]): Setting | undefined {
  return nodeAt(path)?.setting;
}

/** True when the release has the setting. */
export function isSettingKnownIn(setting: Setting, version: PatroniVersion): boolean {
  const tooOld = setting.since !== undefined && !isAtLeast(version, setting.since);
  const removed = setting.until !== undefined && isAtLeast(version, setting.until);
  return !tooOld && !removed && setting.isUpcoming !== true;
}

/** The keys that a release knows directly below a path in one of the scopes, for suggestions. */
export function knownKeysBelow(
  path: readonly string[],
  scopes: readonly Setting["scope"][],
  version: PatroniVersion,
): readonly string[] {
  const isKnown = ({ setting, keys, anyKey, items }: SettingNode): boolean =>
    (setting !== undefined &&
      scopes.includes(setting.scope) &&
      isSettingKnownIn(setting, version)) ||
    [...keys.values(), anyKey, items].some((child) => child !== undefined && isKnown(child));
  return [...(nodeAt(path)?.keys ?? [])].flatMap(([key, child]) => (isKnown(child) ? [key] : []));
}

/** True when rows speak of keys below this path, so that a map there is closed. */
export function hasKeysBelow(path: readonly string[]): boolean {
  const node = nodeAt(path);
  return node !== undefined && (node.keys.size > 0 || node.anyKey !== undefined);
}

function nodeAt(path: readonly string[]): SettingNode | undefined {
  let node: SettingNode | undefined = SETTING_TREE;
  for (const key of path)
    node =
      node?.keys.get(key) ?? (/^(?:\d+|\[\])$/.test(key) ? node?.items : undefined) ?? node?.anyKey;
  return node;
}

function buildTree(): SettingNode {
  const root = emptyNode();
  for (const setting of SETTINGS) {
    let node = root;
    for (const key of setting.path) node = childOf(node, key);
    node.setting = setting;
  }
  return root;
}

function childOf(node: GrowingNode, key: string): GrowingNode {
  if (key === "[]") return (node.items ??= emptyNode());
  if (key.startsWith("<")) return (node.anyKey ??= emptyNode());
  const known = node.keys.get(key);
  if (known !== undefined) return known;
  const made = emptyNode();
  node.keys.set(key, made);
  return made;
}

function emptyNode(): GrowingNode {
  return { setting: undefined, keys: new Map(), anyKey: undefined, items: undefined };
}
