import { leaderLevel } from "../intent/leader-preference.ts";
import type { ResolvedCluster, ResolvedNode } from "../intent/resolve-cluster.ts";
import { FIRST_WITH_FAILOVER_PRIORITY, isAtLeast } from "../patroni/version.ts";
import type { DurabilityShape } from "./durability-shape.ts";
import { automaticCount } from "./automatic-count.ts";

/** Who may lead, who may confirm commits, and how many confirmations a commit waits for. */
export interface Topology {
  readonly leaders: readonly ResolvedNode[];
  readonly confirming: readonly ResolvedNode[];
  /** The fewest standbys that may confirm, over every node that may lead. */
  readonly confirmingStandbys: number;
  /** How many of them must confirm each commit (`synchronous_node_count`). */
  readonly quorumCount: number;
  /** `failover_priority` by node; empty when all are equal or the release has no priorities. */
  readonly priorities: ReadonlyMap<string, number>;
}

/**
 * Derives the topology of a resolved cluster whose nodes have their final roles.
 *
 * @see automaticCount for what `quorum: auto` is
 */
export function deriveTopology(cluster: ResolvedCluster, shape: DurabilityShape): Topology {
  const leaders = cluster.nodes.filter((node) => node.promotable);
  const confirming = cluster.nodes.filter((node) => node.confirms);
  const confirmingStandbys = fewestStandbys(leaders, confirming);
  // Of no effect while a cluster follows another one; but a document with 0 would be refused.
  const least = cluster.standbyOf === undefined ? 0 : 1;
  return {
    leaders,
    confirming,
    confirmingStandbys,
    quorumCount:
      cluster.quorum === "auto"
        ? Math.max(
            least,
            automaticCount(cluster, { leaders, confirming, confirmingStandbys, shape }),
          )
        : cluster.quorum,
    priorities: derivePriorities(cluster, leaders),
  };
}

function fewestStandbys(
  leaders: readonly ResolvedNode[],
  confirming: readonly ResolvedNode[],
): number {
  const counts = leaders.map(
    (leader) => confirming.filter((node) => node.name !== leader.name).length,
  );
  return counts.length === 0 ? 0 : Math.min(...counts);
}

/** Who leads by preference, highest first. */
function derivePriorities(
  { order, patroni }: ResolvedCluster,
  leaders: readonly ResolvedNode[],
): ReadonlyMap<string, number> {
  if (!isAtLeast(patroni, FIRST_WITH_FAILOVER_PRIORITY)) return new Map();
  const levelOf = (node: ResolvedNode): number => leaderLevel(node, order);
  const levels = [...new Set(leaders.map(levelOf))].toSorted((a, b) => a - b);
  if (levels.length < 2) return new Map();
  return new Map(leaders.map((node) => [node.name, levels.length - levels.indexOf(levelOf(node))]));
}
