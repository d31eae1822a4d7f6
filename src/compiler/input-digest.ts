import { digestOf, type Digest } from "../core/digest.ts";
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import type { Tier } from "../policy/tier.ts";

/**
 * The digest of everything that a cluster's output depends on, as data: not the text, so that comments and
 * key order do not count. Of the DCS that a project declares only the cluster's own counts.
 */
export function inputDigest({ source, project, dcs }: ResolvedCluster, tier: Tier): Digest {
  // The text of quorate.yaml speaks of other clusters' DCS, too.
  const { source: _text, dcs: _all, ...common } = project;
  return digestOf({
    intent: isJsonObject(source.value) ? source.value : null,
    project: sharedDigest(project, () => plainJson(common)),
    dcs: sharedDigest(dcs, () => plainJson(dcs)),
    tier: sharedDigest(tier, () => plainJson(tier.source.value)),
  });
}

/** Thousands of clusters share one project, some DCS and a few tiers. */
const known = new WeakMap<object, Digest>();

function sharedDigest(owner: object, contentOf: () => Json): Digest {
  const before = known.get(owner);
  if (before !== undefined) return before;
  const made = digestOf(contentOf());
  known.set(owner, made);
  return made;
}

function plainJson(value: unknown): JsonObject {
  const parsed: unknown = JSON.parse(JSON.stringify(value));
  return isJsonObject(parsed) ? parsed : {};
}
