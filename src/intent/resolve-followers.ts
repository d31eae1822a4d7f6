import type { ClusterIntent } from "./cluster-intent.ts";
import { leaderLevel } from "./leader-preference.ts";
import type { ResolvedCluster, StandbyOf } from "./resolve-cluster.ts";
import type { ResolvedDcs } from "./dcs-intent.ts";

/**
 * Resolves the dr sites of an intent: each is a Patroni cluster of its own, `<cluster>-<site>`, that follows
 * the one that the intent names. What is written for the whole intent holds for them too, but for `quorum`,
 * which counts the standbys of the cluster that leads. Empty for an intent without dr sites.
 */
export function resolveFollowers(
  intent: ClusterIntent,
  lead: ResolvedCluster,
  dcsOf: (name: string | undefined) => ResolvedDcs,
): readonly ResolvedCluster[] {
  const all = [...lead.nodes, ...lead.relatives];
  return lead.followers.map(({ cluster, site, slot, namePath }) => {
    const index = namePath[1];
    const written = intent.sites.find((_site, position) => position === index);
    return {
      ...lead,
      name: cluster,
      namePath,
      standbyOf: standbyOf(lead, slot),
      followers: [],
      sites: [{ name: site, role: "dr" }],
      nodes: all.filter(({ path }) => path[1] === index),
      relatives: all.filter(({ path }) => path[1] !== index),
      quorum: "auto",
      // Whether and how the lead moves is said of the cluster that leads; a follower picks its own by itself.
      failover: { ...lead.failover, scope: "any-site", allowance: NO_ALLOWANCE },
      dcs: dcsOf(written?.dcs?.use),
    };
  });
}

const NO_ALLOWANCE = { nodes: undefined, sites: undefined } as const;

/** A node that never leads would be asked in vain: libpq looks for the one that takes writes. */
function standbyOf(lead: ResolvedCluster, slot: string): StandbyOf {
  const leaders = lead.nodes
    .filter(({ promotable }) => promotable)
    .toSorted((a, b) => leaderLevel(a, lead.order) - leaderLevel(b, lead.order));
  return {
    cluster: lead.name,
    hosts: leaders.map(({ address }) => address),
    port: leaders[0]?.place.postgresPort ?? lead.project.nodes.postgresPort,
    slot,
  };
}
