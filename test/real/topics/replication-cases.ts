import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { CommitWriter } from "../../../src/lab/commit-writer.ts";
import {
  bootTopicLab,
  firstCommit,
  longestGap,
  now,
  PATIENT,
  readSyncKey,
  sleepUntil,
  type TopicLab,
  WHILE,
} from "../../support/topic-lab.ts";
import { CLUSTER_FILE, topicProject } from "../../support/topic-project.ts";
import type { TierRow } from "./replication-rows.ts";

const LOOP_SECONDS = 5;
/** The longest pause of a tier that degrades: `wal_sender_timeout` of the tiers, the next HA loop, a hiccup. */
const STALL = 10 + LOOP_SECONDS + 2;

/** A release of Patroni, and the tiers that it is taken through, in this order. */
interface ReplicationCase {
  readonly release: string;
  readonly cluster: string;
  /** The first two numbers of all addresses. */
  readonly network: string;
  readonly rows: readonly TierRow[];
}

/** Takes a cluster of three from tier to tier by apply, and looks at what Patroni makes of each. */
export function declareReplicationCases({
  release,
  cluster,
  network,
  rows,
}: ReplicationCase): void {
  const nodes = [1, 2, 3].map((number) => `${cluster}-${number}`);
  const sites = nodes.map((name, index) => {
    const address = `${network}.${index + 1}.11`;
    return `  - { name: s${index + 1}, role: peer, nodes: [{ name: ${name}, address: ${address} }] }\n`;
  });
  const [firstRow] = rows;
  if (firstRow === undefined) throw new Error("there is no tier to begin with");
  // A voter on a host of its own: the DCS stays when nodes are lost.
  const project = topicProject(
    [`{ name: etcd-1, site: s1, address: ${network}.1.1 }`],
    `version: 1
cluster: ${cluster}
patroni: "${release}"
postgres: 15
sites:
${sites.join("")}${intentOf(firstRow)}
`,
  );

  describe(`three nodes on Patroni ${release}, taken from tier to tier by apply`, () => {
    let lab: TopicLab;
    let writer: CommitWriter;
    let leader = "";
    let standbys: readonly string[] = [];
    let current = firstRow;

    beforeAll(async () => {
      lab = await bootTopicLab(project, cluster);
      leader = await lab.leader();
      standbys = nodes.filter((node) => node !== leader);
      writer = await lab.write({ label: "client", to: [leader] });
    });
    afterEach(() => lab.mend());
    afterAll(async () => {
      await lab?.down();
      project.remove();
    });

    /** Waits until the standbys stream and play the roles that the tier gives them. */
    async function awaitRoles({ durability, roles }: TierRow): Promise<void> {
      await lab.awaitMembers(`${durability}: ${roles.join(", ")}`, 60, (found) => {
        const seen = found.filter(({ name }) => name !== leader).map(({ role }) => role);
        return found.every(({ ready }) => ready) && seen.toSorted().join() === roles.join();
      });
    }

    const shown = (name: string): Promise<string> => lab.sql(leader, `show ${name}`);

    /** Loses both standbys, waits until Patroni has noticed and a loop more, and says what writes did. */
    async function loseStandbys({ silently }: TierRow): Promise<string> {
      const at = await (silently ? lab.crash(...standbys) : lab.kill(...standbys));
      await expect
        .poll(async () => {
          const names = await shown("synchronous_standby_names");
          return standbys.filter((name) => names.includes(name));
        }, PATIENT)
        .toEqual([]);
      const until = now() + LOOP_SECONDS + 2;
      const goesOn = (): boolean => writer.acknowledged.some(({ sentAt }) => sentAt > at);
      while (now() < until && !goesOn()) await sleepUntil(now() + 0.1);
      if (!goesOn()) return (await lab.sql(leader, WAITING)) === "0" ? "try nothing" : "wait";
      const gap = longestGap(writer.acknowledged, at, now());
      return silently && (gap < WHILE || gap > STALL) ? `go on after ${gap} s` : "go on";
    }

    /** Stops the process that replays WAL on a standby, or lets it go on; what receives WAL always goes on. */
    async function replay(standby: string, signal: "STOP" | "CONT"): Promise<void> {
      const query = "select pid from pg_stat_activity where backend_type = 'startup'";
      const ended = await lab.exec(
        { on: standby },
        "kill",
        `-${signal}`,
        await lab.sql(standby, query),
      );
      expect(ended).toMatchObject({ code: 0 });
    }

    function declareReaders(): void {
      test("a commit returns once a reader on each standby sees it, not when their disks have it", async () => {
        const [first = "", second = ""] = standbys;
        const seenOn = (node: string): Promise<string> =>
          lab.sql(node, "select count(*) from public.quorate_lab_ledger where key = 'read'");
        for (const standby of standbys) await replay(standby, "STOP");
        const committed = lab.sql(
          leader,
          "insert into public.quorate_lab_ledger values ('read') returning key",
        );
        try {
          const state = (): Promise<string> => lab.sql(leader, UNREAD);
          await expect.poll(state, PATIENT).toBe("1 waits, 2 hold it unread");
          await replay(first, "CONT");
          await expect.poll(state, PATIENT).toBe("1 waits, 1 hold it unread");
          expect([await seenOn(first), await seenOn(second)]).toEqual(["1", "0"]);
        } finally {
          for (const standby of standbys) await replay(standby, "CONT");
          await committed;
        }
        expect([await seenOn(first), await seenOn(second)]).toEqual(["1", "1"]);
      });
    }

    function declareLoss(row: TierRow): void {
      const vanish = row.silently === true ? "vanish without a word" : "are killed";
      const does = row.alone === "wait" ? "wait until one is back" : "go on";
      test(`when both standbys ${vanish}, writes ${does}`, async () => {
        expect(await loseStandbys(row)).toBe(row.alone);
        const [first = "", second = ""] = standbys;
        const back = now();
        // One is enough, whatever the count: Patroni lowers it to the standbys that there are.
        const returning = row.count === undefined ? standbys : [first];
        await lab.revive(...returning);
        await firstCommit(writer, back, 60);
        await lab.revive(second);
        await awaitRoles(row);
      });
    }

    describe.each(rows)("$durability", (row) => {
      test("the key /sync, the roles, synchronous_standby_names and synchronous_commit are what the tier says", async () => {
        if (row !== current) project.edit(CLUSTER_FILE, intentOf(current), intentOf(row));
        current = row;
        expect(await lab.quorate("apply")).toMatchObject({ code: 0 });
        await awaitRoles(row);
        // Picked standbys come in any order.
        const names = (await shown("synchronous_standby_names")).replace(/"[^)]*"/, (list) =>
          list.split(",").toSorted().join(","),
        );
        expect(row.names(standbys)).toContain(names);
        expect(await shown("synchronous_commit")).toBe(row.commit);
        const held = standbys.filter((name) => names.includes(`"${name}"`));
        const key = await readSyncKey(lab, "etcd-1");
        const inKey = String(key?.["sync_standby"]).split(",").toSorted();
        const found = key && { leader: key["leader"], standbys: inKey, quorum: key["quorum"] };
        expect(found).toEqual(row.sync && { leader, standbys: held, quorum: row.sync.quorum });
      });

      if (row.commit === "remote_apply") declareReaders();
      if (row.alone !== undefined) declareLoss(row);
    });

    test("nothing that was acknowledged is lost", async () => {
      expect(writer.acknowledged.length).toBeGreaterThan(300);
      expect(await lab.lost(leader, writer.acknowledged)).toEqual([]);
    });
  });
}

/** How many sessions wait for a standby to confirm. */
const WAITING = "select count(*) from pg_stat_activity where wait_event = 'SyncRep'";

/** Whether the commit of the key `read` waits, and how many standbys have all WAL on disk and have not replayed it. */
const UNREAD = `select
  (select count(*) from pg_stat_activity where wait_event = 'SyncRep' and query like '%(''read'')%') || ' waits, ' ||
  (select count(*) from pg_stat_replication
    where flush_lsn >= pg_current_wal_flush_lsn() and replay_lsn < flush_lsn) || ' hold it unread'`;

/** The lines of the intent that say the tier. */
function intentOf({ durability, count }: TierRow): string {
  const loss = durability === "async-bounded" ? ", maxLoss: 64MiB" : "";
  const quorum = count === undefined ? "" : `\nquorum: ${count}`;
  return `durability: ${durability}${quorum}\nfailover: { speed: fast${loss} }`;
}
