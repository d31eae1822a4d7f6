import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bootTopicLab,
  firstCommit,
  now,
  readSyncKey,
  sleepUntil,
  twoLeaders,
  type TopicLab,
} from "../../support/topic-lab.ts";
import {
  printedBounds,
  threeNodeProject,
  type PrintedBounds,
} from "../../support/topic-project.ts";

const project = threeNodeProject({
  cluster: "pick",
  network: "10.38.1",
  firstVoter: 21,
  intent: `durability: sync
failover:
  speed: fast
  order: [pick-1, pick-3, pick-2]
`,
});
const NODES = project.nodes;

describe("tier sync with an order: only the picked standby may lead, so the order says whom Patroni picks", () => {
  let lab: TopicLab;
  let bounds: PrintedBounds;

  beforeAll(async () => {
    bounds = await printedBounds(project);
    lab = await bootTopicLab(project, "pick");
  });
  afterAll(async () => {
    await lab?.down();
    project.remove();
  });

  /** The standby that /sync holds, once it is the wanted one; else what it holds after the time. */
  async function syncStandby(wanted: string): Promise<unknown> {
    const end = now() + 60;
    for (;;) {
      const held = (await readSyncKey(lab, "etcd-1"))?.["sync_standby"];
      if (held === wanted || now() > end) return held;
      await sleepUntil(now() + 1);
    }
  }

  /** Under writes: whoever confirms has the most WAL, whoever does not may be behind. */
  async function crashLeader(leader: string): Promise<string> {
    const others = NODES.filter((node) => node !== leader);
    const before = await lab.write({ label: `before-${leader}`, to: NODES });
    await firstCommit(before, now(), 10);
    const at = await lab.crash(leader);
    const { node, at: seen } = await lab.firstWritable(others, at, bounds.replaced + 30);
    await before.stop();
    expect(seen - at).toBeLessThan(bounds.replaced);
    expect(await lab.lost(node, before.acknowledged)).toEqual([]);
    return node;
  }

  test("pick-3 is the synchronous standby of pick-1, and leads after it", async () => {
    await lab.awaitWhole();
    expect(await lab.leader()).toBe("pick-1");
    expect(await syncStandby("pick-3")).toBe("pick-3");
    expect(await crashLeader("pick-1")).toBe("pick-3");
  });

  test("pick-2 is picked while it is the only one", async () => {
    expect(await syncStandby("pick-2")).toBe("pick-2");
  });

  test("pick-1 takes its place once it is back, though pick-2 confirms already, and leads next", async () => {
    await lab.revive("pick-1");
    await lab.awaitWhole();
    expect(await syncStandby("pick-1")).toBe("pick-1");
    expect(await crashLeader("pick-3")).toBe("pick-1");
  });

  test("never did two lead at once", () => {
    expect(twoLeaders(lab.samples)).toEqual([]);
  });
});
