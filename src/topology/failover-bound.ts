/** What decides how long a cluster can be without a leader. Times in seconds. */
export interface LeaseFacts {
  readonly ttl: number;
  readonly loopWait: number;
  readonly retryTimeout: number;
  /** `failsafe_mode`: the leader asks every member before it gives up. */
  readonly failsafe: boolean;
  /** How many members the cluster has, the leader included. */
  readonly members: number;
  readonly synchronousMode: "off" | "on" | "quorum";
  readonly strict: boolean;
  /** How many nodes may lead. */
  readonly candidates: number;
  /** True when a DCS voter stands in a site from which a node may lead: both can die at once. */
  readonly voterMayDieToo: boolean;
  /** `safety_margin` of the watchdog; undefined when there is none. -1 fires after half of the ttl. */
  readonly watchdogMargin: number | undefined;
}

/** One summand of a bound, with where it comes from. */
export interface BoundPart {
  readonly name: string;
  readonly seconds: number;
  readonly source: string;
}

/** The longest time that something takes, and what it is made of. */
export interface TimeBound {
  readonly seconds: number;
  readonly parts: readonly BoundPart[];
}

/**
 * What a leader without the DCS does: it stops, goes on while every member answers, or goes on whatever happens,
 * because there is nobody to ask.
 *
 * @see patroni/ha.py:check_failsafe_topology at v3.0.2, v4.0.7 and v4.1.5 ("A single node cluster")
 */
export type WithoutDcs = "stops" | "asks-members" | "goes-on";

/** The times that follow from a cluster's lease. */
export interface FailoverBounds {
  /** From a silent crash of the leader's host to the next leader. Undefined when nobody else may lead. */
  readonly replaced: TimeBound | undefined;
  /** From the same crash to the next acknowledged commit. */
  readonly commits: TimeBound | undefined;
  /** Whether a leader without the DCS gives up. */
  readonly withoutDcs: WithoutDcs;
  /**
   * From the loss of the DCS to the leader's last commit, when it has to give up; with `asks-members` from the
   * moment at which both the DCS and a member are gone.
   */
  readonly stops: TimeBound;
  /** From the last renewal of the lease to the reset of a leader that hangs. Undefined without watchdog. */
  readonly resets: TimeBound | undefined;
  /**
   * Seconds between the leader's own end and the earliest moment at which another may lead. Negative: both
   * could be open for writes for so long, when the DCS fails as slowly as it may.
   */
  readonly marginSeconds: number;
  /** Seconds that are left to stop PostgreSQL before the watchdog fires; undefined without watchdog. */
  readonly watchdogSlackSeconds: number | undefined;
}

/**
 * Computes how long a cluster can be without a leader. A lower bound is no business of this: on average a
 * leader is replaced about half a loop earlier, and one that dies with its connections reset as well.
 */
export function failoverBounds(facts: LeaseFacts): FailoverBounds {
  const { ttl, loopWait, retryTimeout, failsafe, members, watchdogMargin } = facts;
  const replaced = facts.candidates < 2 ? undefined : bound(replacementParts(facts));
  const stops = bound([
    part("loop_wait", loopWait, "the next HA loop begins", "patroni/ha.py:run_cycle at v4.1.4"),
    part(
      "2 retry_timeout",
      2 * retryTimeout,
      "it reads the cluster, then renews its lease, each for up to retry_timeout",
      "patroni/dcs/etcd3.py:_update_leader at v4.1.4",
    ),
    ...(failsafe ? [FAILSAFE] : []),
  ]);
  const resetSeconds =
    watchdogMargin === undefined
      ? undefined
      : watchdogMargin === -1
        ? Math.floor(ttl / 2)
        : ttl - watchdogMargin;
  return {
    replaced,
    commits: replaced && bound([...replaced.parts, ...commitParts(facts)]),
    withoutDcs: !failsafe ? "stops" : members > 1 ? "asks-members" : "goes-on",
    stops,
    resets:
      resetSeconds === undefined
        ? undefined
        : bound([part("ttl - margin", resetSeconds, "", "patroni/watchdog/base.py at v4.1.4")]),
    marginSeconds: ttl - stops.seconds,
    watchdogSlackSeconds:
      resetSeconds === undefined ? undefined : resetSeconds - loopWait - retryTimeout,
  };
}

function replacementParts(facts: LeaseFacts): readonly BoundPart[] {
  return [
    part(
      "ttl",
      facts.ttl,
      "the lease of a leader that died right after it had renewed it",
      "patroni/dcs/etcd3.py:_update_leader at v4.1.4",
    ),
    facts.voterMayDieToo ? DCS_ELECTION : DCS_EXPIRY,
    part(
      "REST",
      2,
      "the candidates ask the dead member, too, and wait for its answer",
      "patroni/ha.py:fetch_node_status at v4.1.4 (timeout=2, retries=0)",
    ),
    part(
      "promotion",
      1,
      "longer while received WAL is still being replayed",
      "measured on an idle PostgreSQL 15",
    ),
  ];
}

/**
 * A new leader of etcd gives every lease its whole ttl again, and an election timeout (1 s by default) more;
 * until it is elected up to two election timeouts go by; it looks for expired leases every half second.
 */
const DCS_ELECTION = part(
  "DCS",
  4,
  "its own leader may die with the host, and its next one starts every lease anew",
  "etcd server/lease/lessor.go:Promote at v3.5.16",
);
const DCS_EXPIRY = part(
  "DCS",
  1,
  "it looks for expired leases every half second",
  "etcd server/lease/lessor.go:runLoop at v3.5.16",
);
const FAILSAFE = part(
  "failsafe",
  4,
  "it asks every member, twice for up to 2 s",
  "patroni/ha.py:call_failsafe_member at v4.1.4 (timeout=2, retries=1)",
);

/**
 * In quorum mode the first `synchronous_standby_names` of a new leader still holds those who died; in strict
 * mode a commit waits for the first standby that follows the new leader.
 */
function commitParts({ synchronousMode, strict, loopWait }: LeaseFacts): readonly BoundPart[] {
  const waits = synchronousMode === "quorum" || (synchronousMode === "on" && strict);
  if (!waits) return [];
  return [
    part(
      "loop_wait",
      loopWait,
      "until the new leader counts on no dead standby",
      "patroni/ha.py:process_sync_replication at v4.1.4; measured",
    ),
  ];
}

function part(name: string, seconds: number, because: string, source: string): BoundPart {
  return { name, seconds, source: because === "" ? source : `${because} (${source})` };
}

function bound(parts: readonly BoundPart[]): TimeBound {
  return { seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0), parts };
}
