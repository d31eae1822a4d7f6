import type { ResolvedNode } from "./resolve-cluster.ts";

/** Who leads by preference where no order is written: primary sites, then peers, then standby sites. */
const PREFERENCE = ["primary", "peer", "standby", "observer", "witness", "dr"] as const;

/** The place of a node among those that may lead, 0 first: its place in the written order, else by its role. */
export function leaderLevel({ name, role }: ResolvedNode, order: readonly string[]): number {
  const place = order.indexOf(name);
  return place === -1 ? order.length + PREFERENCE.indexOf(role) : place;
}
