import type { ResolvedCluster } from "../intent/resolve-cluster.ts";

/** What of a cluster takes walsenders and replication slots. */
type Consumers = Pick<
  ResolvedCluster,
  "nodes" | "relatives" | "streamers" | "slots" | "ignoreSlots"
>;

/**
 * Senders and slots of a cluster when nobody says otherwise: room for a base backup, which takes two senders
 * for a while, and for a lost member, whose slot stays. Clusters of one intent count alike: a standby must
 * allow at least what the leader that it follows does.
 */
export function connectionsByDefault(cluster: Consumers): number {
  return Math.max(10, 2 * cluster.streamers + 4 + outsideStreams(cluster));
}

/**
 * The fewest that a cluster can do with: a sender per standby and two for a base backup; a slot per standby and
 * one to spare; and one of each for every other stream. Undefined for a parameter that has no such floor.
 */
export function connectionsNeeded(name: string, cluster: Consumers): number | undefined {
  const members = cluster.streamers + outsideStreams(cluster);
  if (name === "max_wal_senders") return members + 1;
  return name === "max_replication_slots" ? members : undefined;
}

/** `3 members`, `3 members and 1 other slot`, `up to 5 members and followers of one leader`. */
export function consumersText(cluster: Consumers): string {
  const outside = outsideStreams(cluster);
  const others = outside === 0 ? "" : ` and ${outside} other ${outside === 1 ? "slot" : "slots"}`;
  return cluster.relatives.length === 0
    ? `${cluster.nodes.length} members${others}`
    : `up to ${cluster.streamers} members and followers of one leader${others}`;
}

/** One for each permanent slot, and one for each kind of slot that somebody else makes. */
function outsideStreams({ slots, ignoreSlots }: Consumers): number {
  return slots.filter((slot) => slot.type !== "absent").length + ignoreSlots.length;
}
