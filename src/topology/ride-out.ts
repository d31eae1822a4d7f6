/** A data node, as far as a loss is concerned. */
export interface RideOutNode {
  readonly name: string;
  readonly site: string;
  readonly address: string;
  readonly promotable: boolean;
  readonly confirms: boolean;
}

/** Everything that decides what a cluster does after a loss. */
export interface RideOutCase {
  readonly nodes: readonly RideOutNode[];
  /** DCS voters. One at a node's address dies with the node. */
  readonly voters: readonly {
    readonly name: string;
    readonly site: string;
    readonly address: string;
  }[];
  readonly mode: "off" | "on" | "quorum";
  /** `synchronous_node_count`. */
  readonly count: number;
  /** Writes wait when no standby is left to confirm them. */
  readonly blocks: boolean;
  /** The leader goes on without the DCS as long as every member answers. */
  readonly failsafe: boolean;
}

/** What is lost at once, and who leads until then. */
export interface Loss {
  readonly leader: RideOutNode;
  readonly nodes: readonly RideOutNode[];
  /** Whole sites, with every node and DCS voter in them; empty when single nodes are lost. */
  readonly sites: readonly string[];
}

/** Why a cluster does not get over a loss. Counts are of what is left unless they say otherwise. */
export type Setback =
  | {
      readonly kind: "no-dcs";
      readonly votersLeft: number;
      readonly voters: number;
      readonly leaderIsLost: boolean;
    }
  | { readonly kind: "no-candidate" }
  | {
      readonly kind: "no-votes";
      /** Standbys that voted before the loss. */
      readonly standbys: number;
      readonly standbysLost: number;
      readonly votersLeft: number;
      /** `synchronous_node_count`, or all standbys where they are fewer. */
      readonly count: number;
      /** standbys - count + 1 */
      readonly votersNeeded: number;
    }
  | { readonly kind: "no-sync"; readonly picked: number }
  | { readonly kind: "blocked"; readonly leaderIsLost: boolean };

/**
 * Says why the DCS would not get over a loss; undefined when it does, or when it is not needed: a leader
 * that still reaches every member goes on in failsafe mode.
 *
 * @see patroni/ha.py:_handle_dcs_error and check_failsafe_topology at v4.1.4
 */
export function dcsSetback(given: RideOutCase, loss: Loss): Setback | undefined {
  const addresses = new Set(loss.nodes.map((node) => node.address));
  const left = given.voters.filter(
    (voter) => !loss.sites.includes(voter.site) && !addresses.has(voter.address),
  );
  const voters = given.voters.length;
  // A DCS that is not declared is a finding of its own.
  if (voters === 0 || left.length * 2 > voters) return undefined;
  const leaderIsLost = loss.nodes.includes(loss.leader);
  if (!leaderIsLost && given.failsafe && loss.nodes.length === 0) return undefined;
  return { kind: "no-dcs", votersLeft: left.length, voters, leaderIsLost };
}

/**
 * Says why nobody would lead, or nobody could write, after a loss that the DCS gets over; undefined when
 * somebody leads and writes go on. Of the choices that are Patroni's (whom it makes synchronous, who of
 * several wins) the worst counts.
 */
export function leaderSetback(given: RideOutCase, loss: Loss): Setback | undefined {
  const isLeft = (node: RideOutNode): boolean => !loss.nodes.includes(node);
  const leaderIsLost = !isLeft(loss.leader);
  if (leaderIsLost) {
    if (!given.nodes.some((node) => node.promotable && isLeft(node)))
      return { kind: "no-candidate" };
    const refused = electionSetback(given, loss, isLeft);
    if (refused !== undefined) return refused;
  }
  if (!given.blocks || given.mode === "off") return undefined;
  const confirming = given.nodes.filter((node) => node.confirms && isLeft(node));
  const writers = leaderIsLost ? confirming.filter((node) => node.promotable) : [loss.leader];
  const isAlone =
    confirming.length === 0 ||
    writers.some((writer) => confirming.every((node) => node === writer));
  return isAlone ? { kind: "blocked", leaderIsLost } : undefined;
}

function electionSetback(
  { nodes, mode, count }: RideOutCase,
  loss: Loss,
  isLeft: (node: RideOutNode) => boolean,
): Setback | undefined {
  const standbys = nodes.filter((node) => node.confirms && node !== loss.leader);
  switch (mode) {
    case "off":
      return undefined;
    case "on":
      return pickedSetback(standbys, count, isLeft);
    case "quorum":
      return votesSetback(standbys, count, isLeft);
    default:
      return mode satisfies never;
  }
}

/**
 * Mode `on`: only those that Patroni picked may lead. It knows no sites, so at worst it picked all that are
 * lost; nodes that may not lead it picks last.
 *
 * @see patroni/postgresql/sync.py:current_state and patroni/ha.py:is_healthiest_node at v4.1.4
 */
function pickedSetback(
  standbys: readonly RideOutNode[],
  count: number,
  isLeft: (node: RideOutNode) => boolean,
): Setback | undefined {
  const able = standbys.filter((node) => node.promotable);
  const picked = Math.min(count, able.length);
  const lost = able.filter((node) => !isLeft(node)).length;
  return lost < picked ? undefined : { kind: "no-sync", picked: Math.min(count, standbys.length) };
}

/**
 * Quorum mode: of R voters R - k + 1 must be left, the candidate included. Nodes that may not lead become
 * voters only where the others are fewer than the count, and their votes do not count.
 *
 * @see patroni/ha.py:_is_healthiest_node and patroni/postgresql/sync.py:current_state at v4.1.4
 */
function votesSetback(
  standbys: readonly RideOutNode[],
  count: number,
  isLeft: (node: RideOutNode) => boolean,
): Setback | undefined {
  const able = standbys.filter((node) => node.promotable);
  const voters = Math.min(Math.max(able.length, count), standbys.length);
  const effective = Math.min(count, voters);
  const needed = voters - effective + 1;
  const left = able.filter(isLeft).length;
  if (left >= needed) return undefined;
  return {
    kind: "no-votes",
    standbys: voters,
    standbysLost: able.length - left,
    votersLeft: left,
    count: effective,
    votersNeeded: needed,
  };
}
