import type { Ack, OnStandbyLoss } from "../intent/durability-intent.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import type { PatroniVersion } from "../patroni/version.ts";
import type { DurabilityShape } from "../topology/durability-shape.ts";
import type { Topology } from "../topology/derive-topology.ts";

/** What an expression in a tier sees. */
export interface TierFacts {
  readonly patroni: PatroniVersion;
  readonly postgres: number;
  readonly nodes: readonly {
    readonly name: string;
    readonly site: string;
    readonly role: string;
    readonly promotable: boolean;
    readonly confirms: boolean;
  }[];
  readonly sites: readonly {
    readonly name: string;
    readonly role: string;
    /** How many of its nodes may confirm commits. */
    readonly confirming: number;
  }[];
  readonly quorum: { readonly count: number };
  readonly durability: { readonly ack: Ack; readonly onStandbyLoss: OnStandbyLoss };
  readonly failover: {
    /** An order is written. */
    readonly ordered: boolean;
    /** Bytes; -1 when the intent does not say. */
    readonly maxLoss: number;
    /** Seconds. */
    readonly ttl: number;
  };
}

/** Gathers what a tier's expressions see of a cluster. */
export function tierFacts(
  cluster: ResolvedCluster,
  topology: Topology,
  shape: DurabilityShape,
): TierFacts {
  return {
    patroni: cluster.patroni,
    postgres: cluster.postgres,
    nodes: cluster.nodes.map(({ name, site, role, promotable, confirms }) => ({
      name,
      site,
      role,
      promotable,
      confirms,
    })),
    sites: cluster.sites.map(({ name, role }) => ({
      name,
      role,
      confirming: topology.confirming.filter((node) => node.site === name).length,
    })),
    quorum: { count: topology.quorumCount },
    durability: {
      ack: cluster.durability.ack ?? "flush",
      onStandbyLoss: shape.withoutStandby === "block" ? "block" : "degrade",
    },
    failover: {
      ordered: cluster.order.length > 0,
      maxLoss: cluster.maxLossBytes ?? -1,
      ttl: cluster.timing.ttl,
    },
  };
}
