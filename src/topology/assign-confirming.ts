import type { ResolvedCluster, ResolvedNode } from "../intent/resolve-cluster.ts";
import { isSiteGuarantee, type DurabilityShape } from "./durability-shape.ts";

/**
 * Settles who may lead and confirm, as far as the tier has a say in it: where every commit must be in two
 * sites, one node of each site does both (the first of `failover.order`, else the first listed) and the
 * others of the site do neither. What a person wrote of a node stays as written.
 *
 * Two nodes of one site that both confirm would do for each other: Patroni counts standbys, not sites.
 */
export function assignConfirming(
  cluster: ResolvedCluster,
  shape: DurabilityShape,
): ResolvedCluster {
  // A cluster that follows another one stands in one site, and any of its nodes may lead it there.
  if (!isSiteGuarantee(shape) || cluster.standbyOf !== undefined) return cluster;
  const chosen = new Set(
    cluster.sites.flatMap(({ name }) => chooseOfSite(name, cluster).map((node) => node.name)),
  );
  const nodes = cluster.nodes.map((node): ResolvedNode => {
    if (chosen.has(node.name)) return node;
    return {
      ...node,
      promotable: node.written.promotable ?? false,
      confirms: node.written.confirms ?? false,
    };
  });
  return { ...cluster, nodes };
}

/** Those that a person wrote, else the first that may. */
function chooseOfSite(site: string, { nodes, order }: ResolvedCluster): readonly ResolvedNode[] {
  const able = nodes.filter((node) => node.site === site && node.confirms);
  const written = able.filter((node) => node.written.confirms === true);
  if (written.length > 0) return written;
  const place = (node: ResolvedNode): number => {
    const index = order.indexOf(node.name);
    return index === -1 ? order.length : index;
  };
  return able.toSorted((a, b) => place(a) - place(b)).slice(0, 1);
}
