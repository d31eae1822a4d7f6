import type { ResolvedCluster, ResolvedNode } from "../intent/resolve-cluster.ts";
import { isSiteGuarantee, type DurabilityShape } from "./durability-shape.ts";

/** What a quorum count is derived from. */
export interface CountCase {
  readonly leaders: readonly ResolvedNode[];
  readonly confirming: readonly ResolvedNode[];
  /** The fewest standbys that may confirm, over every node that may lead. */
  readonly confirmingStandbys: number;
  readonly shape: DurabilityShape;
}

/**
 * What `quorum: auto` is: the smallest count that keeps the tier's promise and the failover allowance, but
 * never more than there are standbys to confirm. With a count of k, automatic failover rides out the loss
 * of the leader and of k - 1 more confirming standbys at once, in mode `on` as in quorum mode.
 *
 * @see patroni/quorum.py and patroni/ha.py:_is_healthiest_node at v4.1.4
 */
export function automaticCount(cluster: ResolvedCluster, given: CountCase): number {
  const { nodes = 0, sites = 0 } = cluster.failover.allowance;
  const wanted = Math.max(leastCount(given), nodes, countForSites(sites, given));
  return Math.min(wanted, given.confirmingStandbys);
}

/**
 * The smallest count that keeps the tier's promise while all standbys are there.
 *
 * One node of a site: any one confirmation is from another site. Else, where copies must be in two sites:
 * more than a leader has standbys beside it in its own site (a target: Patroni lowers it when standbys are
 * missing). Else the fewest that, with the leader, are a majority of those that hold each commit: of V
 * confirming standbys ceil(V / 2).
 */
export function leastCount({ leaders, confirming, confirmingStandbys, shape }: CountCase): number {
  if (isSiteGuarantee(shape)) return Math.min(1, confirmingStandbys);
  if (shape.span === "site") return Math.max(...countsBeside(leaders, confirming), 0) + 1;
  return Math.ceil(confirmingStandbys / 2);
}

/** How many others confirm in the site of each node that may lead. */
function countsBeside(
  leaders: readonly ResolvedNode[],
  confirming: readonly ResolvedNode[],
): readonly number[] {
  return leaders.map(
    (leader) =>
      confirming.filter((node) => node.site === leader.site && node.name !== leader.name).length,
  );
}

/**
 * One more than the confirming standbys that can be lost together with the leader and its site. Those that
 * may not lead do not count: they give no votes, and are made synchronous last.
 */
function countForSites(sites: number, { leaders, confirming }: CountCase): number {
  if (sites === 0) return 0;
  const counts = leaders.map((leader) => {
    const others = confirming.filter((node) => node.promotable && node.name !== leader.name);
    const bySite = new Map<string, number>();
    for (const { site } of others) bySite.set(site, (bySite.get(site) ?? 0) + 1);
    const beside = bySite.get(leader.site) ?? 0;
    bySite.delete(leader.site);
    const worst = [...bySite.values()].toSorted((a, b) => b - a).slice(0, sites - 1);
    return worst.reduce((sum, count) => sum + count, beside) + 1;
  });
  return Math.max(...counts, 0);
}
