import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { CommitWriter } from "../../../src/lab/commit-writer.ts";
import {
  bootTopicLab,
  firstCommit,
  longestGap,
  now,
  readSyncKey,
  sleepUntil,
  type TopicLab,
  WHILE,
} from "../../support/topic-lab.ts";
import { CLUSTER_FILE, topicProject } from "../../support/topic-project.ts";

const NODES = ["tiers-1", "tiers-2", "tiers-3"];
/** The longest pause of a tier that degrades: `wal_sender_timeout` of the tiers, the next HA loop, a hiccup. */
const STALL = 10 + 5 + 2;

/** What a tier makes of three nodes, by the standbys' names in order. */
interface TierRow {
  readonly tier: string;
  /** `quorum` of the intent. */
  readonly count?: number;
  /** What `synchronous_standby_names` on the leader may be. */
  readonly names: (standbys: readonly string[]) => readonly string[];
  /** Who stands in the key /sync: nobody, those that `synchronous_standby_names` names, and with which quorum. */
  readonly sync: undefined | { readonly quorum?: number };
  /** Roles of the standbys as Patroni tells them. */
  readonly roles: readonly string[];
  /** What writes do when both standbys vanish without a word; undefined: nothing to see. */
  readonly alone: undefined | "pause" | "wait";
}

const quoted = (standbys: readonly string[]): string =>
  standbys.map((name) => `"${name}"`).join(",");

const ASYNC: TierRow = {
  tier: "async",
  names: () => [""],
  sync: undefined,
  roles: ["replica", "replica"],
  alone: undefined,
};

const ASYNC_BOUNDED: TierRow = { ...ASYNC, tier: "async-bounded" };

/** One picked standby confirms; with the tier sync writes go on without it, with the strict ones they wait. */
const ONE_PICKED: TierRow = {
  tier: "sync",
  names: (standbys) => standbys.map((name) => `"${name}"`),
  sync: {},
  roles: ["replica", "sync_standby"],
  alone: "pause",
};

/** Any one of the two confirms. */
const ANY_ONE: TierRow = {
  tier: "sync",
  names: (standbys) => [`ANY 1 (${quoted(standbys)})`],
  sync: { quorum: 1 },
  roles: ["quorum_standby", "quorum_standby"],
  alone: "pause",
};

/** Before 4.0 Patroni picks as many standbys as must confirm, and only those may lead. */
const PICKED: readonly TierRow[] = [
  ASYNC,
  ASYNC_BOUNDED,
  ONE_PICKED,
  // That a strict tier waits is seen with majority: it takes half a minute each time.
  { ...ONE_PICKED, tier: "sync-strict", alone: undefined },
  { ...ONE_PICKED, tier: "cross-site", alone: undefined },
  {
    tier: "majority",
    count: 2,
    names: (standbys) => [`2 (${quoted(standbys)})`],
    sync: {},
    roles: ["sync_standby", "sync_standby"],
    alone: "wait",
  },
];

/** From 4.0 on all may confirm, as many as needed must; `quorum` is how many votes a candidate needs of others. */
const QUORUM: readonly TierRow[] = [
  ASYNC,
  ASYNC_BOUNDED,
  ANY_ONE,
  { ...ANY_ONE, tier: "sync-strict", alone: undefined },
  { ...ANY_ONE, tier: "cross-site", alone: undefined },
  {
    tier: "majority",
    count: 2,
    names: (standbys) => [`ANY 2 (${quoted(standbys)})`],
    sync: { quorum: 0 },
    roles: ["quorum_standby", "quorum_standby"],
    alone: "wait",
  },
];

/** What writes do without standbys is seen with the oldest and the newest release: each mode once. */
const RELEASES = [
  { release: "3.0", rows: PICKED },
  { release: "4.0", rows: QUORUM.map((row) => ({ ...row, alone: undefined })) },
  { release: "4.1", rows: QUORUM },
] as const;

describe.each(RELEASES)(
  "three nodes on Patroni $release, taken from tier to tier by apply",
  ({ release, rows }) => {
    // A voter on a host of its own: the DCS stays when nodes are lost.
    const project = topicProject(
      ["{ name: etcd-1, site: bj, address: 10.34.1.1 }"],
      `version: 1
cluster: tiers
patroni: "${release}"
postgres: 15
sites:
  - { name: bj, role: peer, nodes: [{ name: tiers-1, address: 10.34.1.11 }] }
  - { name: sh, role: peer, nodes: [{ name: tiers-2, address: 10.34.2.12 }] }
  - { name: gz, role: peer, nodes: [{ name: tiers-3, address: 10.34.3.13 }] }
${intentOf(ASYNC)}
`,
    );
    let lab: TopicLab;
    let writer: CommitWriter;
    let leader = "";
    let standbys: readonly string[] = [];
    let current: TierRow = ASYNC;

    beforeAll(async () => {
      lab = await bootTopicLab(project, "tiers");
      leader = await lab.leader();
      standbys = NODES.filter((node) => node !== leader);
      writer = await lab.write({ label: "client", to: [leader] });
    });
    afterEach(() => lab.mend());
    afterAll(async () => {
      await lab?.down();
      project.remove();
    });

    /** Waits until the standbys stream and play the roles that the tier gives them. */
    async function awaitRoles({ tier, roles }: TierRow): Promise<void> {
      await lab.awaitMembers(`${tier}: ${roles.join(", ")}`, 60, (found) => {
        const seen = found.filter(({ name }) => name !== leader).map(({ role }) => role);
        return found.every(({ ready }) => ready) && seen.toSorted().join() === roles.join();
      });
    }

    describe.each(rows)("$tier", (row) => {
      test("the key /sync, the roles and synchronous_standby_names are what the tier says", async () => {
        if (row !== current) project.edit(CLUSTER_FILE, intentOf(current), intentOf(row));
        current = row;
        expect(await lab.quorate("apply")).toMatchObject({ code: 0 });
        await awaitRoles(row);
        const shown = await lab.sql(leader, "show synchronous_standby_names");
        // Picked standbys come in any order.
        const names = shown.replace(/"[^)]*"/, (list) => list.split(",").toSorted().join(","));
        expect(row.names(standbys)).toContain(names);
        const held = standbys.filter((name) => names.includes(`"${name}"`));
        const key = await readSyncKey(lab, "etcd-1");
        const inKey = String(key?.["sync_standby"]).split(",").toSorted();
        const found = key && { leader: key["leader"], standbys: inKey, quorum: key["quorum"] };
        expect(found).toEqual(row.sync && { leader, standbys: held, quorum: row.sync.quorum });
      });

      if (row.alone === undefined) return;
      const doing = row.alone === "wait" ? "wait until one is back" : "pause, then go on";
      test(`when both standbys vanish, writes ${doing}`, async () => {
        const at = await lab.crash(...standbys);
        await sleepUntil(at + STALL + WHILE);
        expect(whatWritesDid(writer, at)).toBe(row.alone);
        // One is enough to go on: Patroni lowers the count to the standbys that there are.
        const [first = "", second = ""] = standbys;
        const back = now();
        await lab.revive(first);
        await firstCommit(writer, back, 60);
        await lab.revive(second);
        await awaitRoles(row);
      });
    });

    test("nothing that was acknowledged is lost", async () => {
      expect(writer.acknowledged.length).toBeGreaterThan(300);
      expect(await lab.lost(leader, writer.acknowledged)).toEqual([]);
    });
  },
);

/** The lines of the intent that say the tier. */
function intentOf({ tier, count }: TierRow): string {
  const loss = tier === "async-bounded" ? ", maxLoss: 64MiB" : "";
  const quorum = count === undefined ? "" : `\nquorum: ${count}`;
  return `durability: ${tier}${quorum}\nfailover: { speed: fast${loss} }`;
}

/** What writes did since a moment. */
function whatWritesDid({ acknowledged }: CommitWriter, at: number): string {
  if (!acknowledged.some(({ sentAt }) => sentAt > at)) return "wait";
  const gap = longestGap(acknowledged, at, at + STALL + WHILE);
  if (gap < WHILE) return "go on";
  return gap < STALL ? "pause" : `pause for ${gap} s`;
}
