import type { JsonObject } from "../core/json.ts";
import { valueAt } from "../patroni/minimal-patch.ts";
import { misreadKeys } from "../patroni/misread-keys.ts";
import { formatPatroniVersion } from "../patroni/version.ts";
import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import { hideSecret } from "./hide-secret.ts";
import { misreadParameters } from "./misread-parameters.ts";
import type { Change, LiveFinding } from "./plan.ts";

/**
 * The live keys that Patroni does not take as they are written, with what it does instead and what becomes of
 * them. Patroni itself stores them without a word. Judged by the lowest release that the intent allows.
 */
export function liveFindings(
  { resolved }: CompiledCluster,
  config: JsonObject,
  changes: readonly Change[],
): readonly LiveFinding[] {
  const version = resolved.patroni;
  const release = `Patroni ${formatPatroniVersion(version)}`;
  const misread = misreadKeys(config, version);
  const told = new Set(misread.map(({ path }) => path.join("\0")));
  const parameters = misreadParameters(config, version, resolved.postgres)
    .map(({ name, does }) => ({ path: ["postgresql", "parameters", name], does, isRefused: false }))
    .filter(({ path }) => !told.has(path.join("\0")));
  return [...misread, ...parameters].map(({ path, does, isRefused }) => {
    const value = valueAt(config, path);
    const fate = fateOf(path, changes);
    return {
      path,
      ...(value === undefined ? {} : { value: hideSecret(path, value) }),
      release,
      does,
      fate,
      blocksApply: isRefused && fate === "left alone",
    };
  });
}

/** A change at the key, above it or below it decides what becomes of it. */
function fateOf(path: readonly string[], changes: readonly Change[]): LiveFinding["fate"] {
  const change = changes.find(
    (candidate) => isInside(path, candidate.path) || isInside(candidate.path, path),
  );
  if (change === undefined) return "left alone";
  return change.after === undefined ? "removed" : "replaced";
}

function isInside(path: readonly string[], outer: readonly string[]): boolean {
  return outer.every((key, index) => path[index] === key);
}
