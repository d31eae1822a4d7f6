import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  bootTopicLab,
  firstCommit,
  leadEtcdFrom,
  sleepUntil,
  now,
  twoLeaders,
  type TopicLab,
} from "../../support/topic-lab.ts";
import {
  printedBounds,
  threeNodeProject,
  type PrintedBounds,
} from "../../support/topic-project.ts";

const TTL = 20;
const project = threeNodeProject({
  cluster: "first",
  network: "10.31.1",
  firstVoter: 11,
  intent: `durability: async
failover:
  speed: fast
  order: [first-1, first-3, first-2]
`,
});
const NODES = project.nodes;

describe("the leader's host crashes without a word: three nodes, tier async, with an order", () => {
  let lab: TopicLab;
  let bounds: PrintedBounds;

  beforeAll(async () => {
    bounds = await printedBounds(project);
    lab = await bootTopicLab(project, "first");
  });
  afterEach(() => lab.mend());
  afterAll(async () => {
    await lab?.down();
    project.remove();
  });

  /** Idle at the crash: both others hold the same WAL, so that nothing but the order decides. */
  async function crashLeader(leader: string): Promise<{ node: string; seconds: number }> {
    await sleepUntil(now() + 2);
    const at = await lab.crash(leader);
    const others = NODES.filter((node) => node !== leader);
    const writer = await lab.write({ label: `after-${leader}`, to: others });
    const { node, at: seen } = await lab.firstWritable(others, at, bounds.replaced + 30);
    const commit = await firstCommit(writer, at, bounds.commits + 30);
    expect(commit.node).toBe(node);
    expect(commit.answeredAt - at).toBeLessThan(bounds.commits);
    await writer.stop();
    return { node, seconds: seen - at };
  }

  async function bringBack(node: string): Promise<void> {
    await lab.revive(node);
    await lab.awaitWhole();
  }

  test("first-3 follows first-1 within what check printed, though the leader of etcd dies with the host", async () => {
    await lab.awaitWhole();
    expect(await lab.leader()).toBe("first-1");
    await leadEtcdFrom(lab, "first-1");
    const { node, seconds } = await crashLeader("first-1");
    expect(node).toBe("first-3");
    expect(seconds).toBeLessThan(bounds.replaced);
    // The next leader of etcd starts every lease anew: that is what the bound has its DCS part for.
    expect(seconds).toBeGreaterThan(TTL + 1);
    await bringBack("first-1");
  });

  test("first-1 follows first-3, as the order says and not as the names go", async () => {
    await leadEtcdFrom(lab, "first-2");
    const { node, seconds } = await crashLeader("first-3");
    expect(node).toBe("first-1");
    expect(seconds).toBeLessThan(bounds.replaced);
    await bringBack("first-3");
  });

  test("cut off with its client, the leader acknowledges commits until it gives up, and these are lost", async () => {
    const leader = await lab.leader();
    const others = NODES.filter((node) => node !== leader);
    const writer = await lab.write({ label: "inside", from: leader, to: [leader] });
    await firstCommit(writer, now(), 10);
    const at = await lab.cut(leader);
    const next = await lab.firstWritable(others, at, bounds.replaced + 20);
    expect(next.at - at).toBeLessThan(bounds.replaced);
    expect(lab.lastWritable(leader, at) - at).toBeLessThan(bounds.stops);
    await writer.stop();
    const late = writer.acknowledged.filter(({ sentAt }) => sentAt > at).map(({ key }) => key);
    expect(late.length).toBeGreaterThan(10);
    // The tier says so: this is what the others do not do, and how we know that we would see it.
    const lost = await lab.lost(next.node, writer.acknowledged);
    expect(lost).toEqual(expect.arrayContaining(late));
    await lab.heal();
    await lab.awaitWhole();
    expect(await lab.lost(leader, writer.acknowledged)).toEqual(lost);
  });

  test("never did two lead at once", () => {
    expect(twoLeaders(lab.samples)).toEqual([]);
  });
});
