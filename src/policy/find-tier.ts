import type { Diagnostic } from "../core/diagnostic.ts";
import { nearest } from "../core/nearest.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import type { SourcePath } from "../intent/source-offset.ts";
import { isJsonObject } from "../core/json.ts";
import type { DurabilityShape } from "../topology/durability-shape.ts";
import type { Tier } from "./tier.ts";

/** Finds the tier that a cluster names. */
export function findTier(
  cluster: ResolvedCluster,
  tiers: ReadonlyMap<string, Tier>,
): Result<Tier, readonly Diagnostic[]> {
  const tier = tiers.get(cluster.tier);
  return tier === undefined ? err([unknownTier(cluster, tiers)]) : ok(tier);
}

/** What the tier promises together with what the intent changes of it. */
export function shapeOf(tier: Tier, { durability }: ResolvedCluster): DurabilityShape {
  const { loss, span = "node", withoutStandby } = tier.promise;
  const written = durability.onStandbyLoss;
  const changed = written === "block" ? "block" : "continue";
  // A tier that waits for nobody cannot be made to wait: that is refused elsewhere.
  const isChanged = written !== undefined && loss === "none";
  return { loss, span, withoutStandby: isChanged ? changed : withoutStandby };
}

/** Where the tier's name stands in an intent. */
export function tierPath({ source }: ResolvedCluster): SourcePath {
  const written: unknown = isJsonObject(source.value) ? source.value["durability"] : undefined;
  return isJsonObject(written) ? ["durability", "tier"] : ["durability"];
}

function unknownTier(cluster: ResolvedCluster, tiers: ReadonlyMap<string, Tier>): Diagnostic {
  const names = [...tiers.keys()];
  const suggestion = nearest(cluster.tier, names);
  return {
    rule: "QUO006",
    severity: "error",
    message: `durability ${cluster.tier} is not a tier of this project`,
    at: cluster.source.at(tierPath(cluster)),
    hint:
      suggestion === undefined
        ? `tiers: ${names.join(", ") || "none"}`
        : `did you mean ${suggestion}?`,
  };
}
