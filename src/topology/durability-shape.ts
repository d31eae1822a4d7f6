/** What a cluster's durability comes to, the tier's promise together with what the intent changes of it. */
export interface DurabilityShape {
  /** What an automatic failover may lose of acknowledged commits. */
  readonly loss: "none" | "bounded";
  /** What the copies of a commit must not have in common: `site` puts them into two sites. */
  readonly span: "node" | "site";
  /** What writes do when no standby is left to confirm them. */
  readonly withoutStandby: "block" | "continue";
}

/**
 * True when every acknowledged commit must be in two sites, always. Patroni lowers its count to one while
 * standbys are missing and knows no sites, so that only one node of each site may confirm.
 *
 * @see patroni/global_config.py:min_synchronous_nodes and patroni/postgresql/sync.py at v4.1.4
 */
export function isSiteGuarantee({ loss, span, withoutStandby }: DurabilityShape): boolean {
  return loss === "none" && span === "site" && withoutStandby === "block";
}
