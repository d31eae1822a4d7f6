import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import type { SourcePath } from "../intent/source-offset.ts";

/**
 * Puts the overrides of all nodes, then those of this one, over its compiled file: maps merge, everything else
 * replaces, null removes.
 */
export function applyNodeOverrides(
  config: JsonObject,
  name: string,
  { overrides }: Pick<ResolvedCluster, "overrides">,
): JsonObject {
  return merge(merge(config, overrides.node), overrides.nodes.get(name) ?? {});
}

function merge(config: JsonObject, over: JsonObject): JsonObject {
  if (Object.keys(over).length === 0) return config;
  const merged = new Map<string, Json>(Object.entries(config));
  for (const [key, value] of Object.entries(over)) {
    const before = merged.get(key);
    if (value === null) merged.delete(key);
    else if (isJsonObject(value)) merged.set(key, merge(isJsonObject(before) ? before : {}, value));
    else merged.set(key, value);
  }
  return Object.fromEntries(merged);
}

/** Where the intent overrides this key of a node's file; undefined: it does not. */
export function overridePlace(
  path: readonly string[],
  name: string,
  { overrides }: Pick<ResolvedCluster, "overrides">,
): SourcePath | undefined {
  if (holds(overrides.nodes.get(name) ?? {}, path)) return ["overrides", "nodes", name, ...path];
  return holds(overrides.node, path) ? ["overrides", "node", ...path] : undefined;
}

function holds(tree: JsonObject, path: readonly string[]): boolean {
  let value: Json | undefined = tree;
  for (const key of path) value = isJsonObject(value) ? value[key] : undefined;
  return value !== undefined;
}
