import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { CommitWriter } from "../../../src/lab/commit-writer.ts";
import {
  bootTopicLab,
  longestGap,
  now,
  sleepUntil,
  twoAcknowledging,
  twoLeaders,
  type TopicLab,
  WHILE,
} from "../../support/topic-lab.ts";
import { printedBounds, topicProject, type PrintedBounds } from "../../support/topic-project.ts";

/** What a quorum count does to a cluster of five whose leader stands with one other node only. */
interface SplitCase {
  readonly count: 1 | 2;
  /** Whether the three others elect a leader of their own. */
  readonly othersElect: boolean;
}

const NUMBERS = [1, 2, 3, 4, 5];

/** Splits a cluster of five in two, with its leader in the larger part, then in the smaller one. */
export function declareSplitCases({ count, othersElect }: SplitCase): void {
  const cluster = `split-${count}`;
  const nodes = NUMBERS.map((number) => `${cluster}-${number}`);
  const project = topicProject(
    NUMBERS.map((number) => `{ name: etcd-${number}, site: hz, address: 10.32.1.1${number} }`),
    `version: 1
cluster: ${cluster}
patroni: "4.1.5"
postgres: 15
sites:
  - name: hz
    role: primary
    nodes:
${nodes.map((name, index) => `      - { name: ${name}, address: 10.32.1.1${index + 1} }\n`).join("")}durability: sync-strict
quorum: ${count}
failover:
  speed: fast
`,
  );

  describe(`five nodes split 2 against 3, each with a DCS voter; ${count} of four standbys confirm each commit`, () => {
    let lab: TopicLab;
    let bounds: PrintedBounds;
    const writers: CommitWriter[] = [];
    const acknowledged = () => writers.flatMap((writer) => writer.acknowledged);

    beforeAll(async () => {
      bounds = await printedBounds(project);
      lab = await bootTopicLab(project, cluster);
    });
    afterEach(() => lab.mend());
    afterAll(async () => {
      await lab?.down();
      project.remove();
    });

    /**
     * Splits off two nodes, with a writer on each side that reaches its own side only, waits for longer than
     * an election and all that follows can take, and says what each side did meanwhile.
     */
    async function split(pair: readonly string[]) {
      const rest = nodes.filter((node) => !pair.includes(node));
      const [inPair, inRest] = await Promise.all([
        lab.write({ label: `pair${writers.length}`, from: pair[1] ?? "", to: pair }),
        lab.write({ label: `rest${writers.length}`, from: rest[2] ?? "", to: rest }),
      ]);
      writers.push(inPair, inRest);
      await sleepUntil(now() + 2);
      const at = await lab.cut(...pair);
      const until = at + bounds.commits + WHILE;
      await sleepUntil(until);
      const seen = { pair: seenOf(pair, inPair, at), rest: seenOf(rest, inRest, at), at, until };
      const healedAt = now();
      await lab.heal();
      await lab.firstWritable(nodes, healedAt, bounds.replaced);
      await lab.awaitWhole();
      await Promise.all([inPair.stop(), inRest.stop()]);
      return seen;
    }

    function seenOf(side: readonly string[], { acknowledged: all }: CommitWriter, at: number) {
      const late = all.filter(({ sentAt }) => sentAt > at);
      const leading = lab.samples.filter(
        ({ node, role, askedAt }) => role === "writable" && askedAt > at && side.includes(node),
      );
      return {
        acknowledged: late,
        firstAck: (late[0]?.answeredAt ?? Infinity) - at,
        firstLed: (leading[0]?.answeredAt ?? Infinity) - at,
        lastLed: (leading.at(-1)?.askedAt ?? at) - at,
      };
    }

    async function awaitVoters(): Promise<string> {
      await lab.awaitMembers("four may confirm", 60, (found) => {
        const roles = found.map(({ role }) => role);
        return roles.filter((role) => role === "quorum_standby").length === 4;
      });
      return lab.leader();
    }

    test("the leader among the three goes on without a pause, and the two elect nobody", async () => {
      const leader = await awaitVoters();
      const { pair, rest, at, until } = await split(
        nodes.filter((node) => node !== leader).slice(-2),
      );
      expect(longestGap(rest.acknowledged, at, until)).toBeLessThan(WHILE);
      expect(pair).toMatchObject({ acknowledged: [], firstLed: Infinity });
      expect(await lab.leader()).toBe(leader);
    });

    const fate = othersElect
      ? "acknowledges nothing any more and gives up, and the three elect another"
      : "gives up, and the three elect nobody until the split is healed";
    test(`the leader among the two ${fate}`, async () => {
      const leader = await awaitVoters();
      const { pair, rest } = await split([leader, nodes.find((node) => node !== leader) ?? ""]);
      expect(pair.lastLed).toBeLessThan(bounds.stops);
      // Where the standby beside the old leader confirms alone, the others lack what it confirmed: so they
      // must not elect.
      expect({
        oldSideAcknowledges: pair.acknowledged.length > 10,
        oldSideAcknowledgesNothing: pair.acknowledged.length === 0,
        newLeaderInTime: rest.firstLed < bounds.replaced,
        newLeaderWritesInTime: rest.firstAck < bounds.commits,
        noNewLeader: rest.firstLed === Infinity,
      }).toEqual({
        oldSideAcknowledges: !othersElect,
        oldSideAcknowledgesNothing: othersElect,
        newLeaderInTime: othersElect,
        newLeaderWritesInTime: othersElect,
        noNewLeader: !othersElect,
      });
    });

    test("nothing that was acknowledged is lost, and never did two lead at once", async () => {
      const leader = await lab.leader();
      const all = acknowledged();
      expect(all.length).toBeGreaterThan(500);
      expect(await lab.lost(leader, all)).toEqual([]);
      expect(twoLeaders(lab.samples)).toEqual([]);
      expect(twoAcknowledging(all)).toEqual([]);
    });
  });
}
