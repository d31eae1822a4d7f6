/** What a tier makes of three nodes in three sites, by the standbys' names in order. */
export interface TierRow {
  /** `durability` of the intent: YAML in one line. */
  readonly durability: string;
  /** `quorum` of the intent. */
  readonly count?: number;
  /** What `synchronous_standby_names` on the leader may be. */
  readonly names: (standbys: readonly string[]) => readonly string[];
  /** What `synchronous_commit` is: when a standby confirms. */
  readonly commit: "on" | "remote_write" | "remote_apply";
  /** Who stands in the key /sync: nobody, those that `synchronous_standby_names` names, and with which quorum. */
  readonly sync: undefined | { readonly quorum?: number };
  /** Roles of the standbys as Patroni tells them. */
  readonly roles: readonly string[];
  /** What writes do when both standbys vanish; undefined: nothing to see, or seen in another row. */
  readonly alone: undefined | "go on" | "wait";
  /** They vanish without a word: nothing ends their connections but `wal_sender_timeout`. */
  readonly silently?: boolean;
}

const quoted = (standbys: readonly string[]): string =>
  standbys.map((name) => `"${name}"`).join(",");

const ASYNC: TierRow = {
  durability: "async",
  names: () => [""],
  commit: "on",
  sync: undefined,
  roles: ["replica", "replica"],
  alone: undefined,
};

const ASYNC_BOUNDED: TierRow = { ...ASYNC, durability: "async-bounded" };

/** One standby that Patroni picked confirms, or as many picked ones as `count` says. */
const PICKED_SYNC: TierRow = {
  durability: "sync",
  names: (standbys) => standbys.map((name) => `"${name}"`),
  commit: "on",
  sync: {},
  roles: ["replica", "sync_standby"],
  alone: "go on",
};
const PICKED_BOTH: TierRow = {
  ...PICKED_SYNC,
  durability: "majority",
  count: 2,
  names: (standbys) => [`2 (${quoted(standbys)})`],
  roles: ["sync_standby", "sync_standby"],
  alone: "wait",
};

/** Any of the two confirms, or both; `quorum` is how many votes a candidate needs of others. */
const QUORUM_SYNC: TierRow = {
  ...PICKED_SYNC,
  names: (standbys) => [`ANY 1 (${quoted(standbys)})`],
  sync: { quorum: 1 },
  roles: ["quorum_standby", "quorum_standby"],
};
const QUORUM_BOTH: TierRow = {
  ...QUORUM_SYNC,
  durability: "majority",
  count: 2,
  names: (standbys) => [`ANY 2 (${quoted(standbys)})`],
  sync: { quorum: 0 },
  alone: "wait",
};

/** A tier that goes on alone, made to wait, and its standbys to confirm what their readers see. */
function strictReaders(both: TierRow): TierRow {
  return {
    ...both,
    durability: "{ tier: sync, ack: apply, onStandbyLoss: block }",
    commit: "remote_apply",
  };
}

/** Two sites as an aim: Patroni picks in every release (4.x leaves a quorum in the key), and writes go on without. */
const CROSS_SITE_AIM: TierRow = {
  ...PICKED_SYNC,
  durability: "{ tier: cross-site, onStandbyLoss: degrade }",
  sync: { quorum: 0 },
};

/** What all releases have, from one standby that confirms and both. */
function tierRows(sync: TierRow, both: TierRow): readonly TierRow[] {
  const strict: TierRow = {
    ...sync,
    durability: "sync-strict",
    commit: "on",
    alone: "wait",
  };
  return [
    ASYNC,
    ASYNC_BOUNDED,
    { ...sync, silently: true },
    strict,
    { ...strict, durability: "cross-site" },
    both,
  ];
}

/** Before 4.0 Patroni picks as many standbys as must confirm, and only those may lead. */
export const ROWS_3_0: readonly TierRow[] = [
  ...tierRows(PICKED_SYNC, PICKED_BOTH),
  // That writes wait is seen with majority, which has the same settings but for `ack`.
  { ...strictReaders(PICKED_BOTH), alone: undefined },
];

/**
 * From 4.0 on all may confirm, as many as needed must. In `sync` before their disks have it: it goes on alone.
 * To save time, standbys vanish silently with the other releases, and with cross-site only there.
 */
export const ROWS_4_0: readonly TierRow[] = tierRows(
  { ...QUORUM_SYNC, durability: "{ tier: sync, ack: write }", commit: "remote_write" },
  QUORUM_BOTH,
).map((row) => ({
  ...row,
  silently: false,
  alone: row.durability === "cross-site" ? undefined : row.alone,
}));

/** The newest release has everything. */
export const ROWS_4_1: readonly TierRow[] = [
  ...tierRows(QUORUM_SYNC, QUORUM_BOTH),
  CROSS_SITE_AIM,
  strictReaders(QUORUM_BOTH),
];
