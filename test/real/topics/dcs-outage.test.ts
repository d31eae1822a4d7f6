import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { CommitWriter } from "../../../src/lab/commit-writer.ts";
import { startVoters, stopVoters } from "../../../src/lab/host-faults.ts";
import {
  bootTopicLab,
  leadEtcdFrom,
  longestGap,
  must,
  now,
  PATIENT,
  sleepUntil,
  twoLeaders,
  type TopicLab,
  WHILE,
} from "../../support/topic-lab.ts";
import { CLUSTER_FILE, printedBounds, threeNodeProject } from "../../support/topic-project.ts";

/** Until the end of tomorrow. */
const PAUSE = `maintenance:
  pause:
    owner: dba
    reason: the DCS is moved
    until: ${new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)}
`;

const project = threeNodeProject({
  cluster: "outage",
  network: "10.33.1",
  firstVoter: 11,
  intent: `durability: sync
failover:
  speed: fast
dcs:
  onOutage: keep-leading
`,
});
const NODES = project.nodes;

describe("three nodes with a DCS voter each lose their DCS", () => {
  let lab: TopicLab;
  let writer: CommitWriter;

  beforeAll(async () => {
    lab = await bootTopicLab(project, "outage");
    writer = await lab.write({ label: "client", to: NODES });
  });
  afterEach(() => lab.mend());
  afterAll(async () => {
    await lab?.down();
    project.remove();
  });

  /** Stops every voter, and gives the moment. */
  async function loseDcs(fault: "kill" | "freeze"): Promise<number> {
    await lab.awaitWhole();
    await sleepUntil(now() + 2);
    const at = now();
    must(await stopVoters("outage", [], fault));
    return at;
  }

  async function regainDcs(): Promise<void> {
    const at = now();
    must(await startVoters("outage", []));
    await lab.firstWritable(NODES, at, 30);
  }

  test("one voter of three, the leader of etcd, is lost without an interruption", async () => {
    const leader = await lab.leader();
    const { replaced } = await printedBounds(project);
    await leadEtcdFrom(lab, leader);
    await sleepUntil(now() + 2);
    const at = now();
    must(await stopVoters("outage", [leader], "kill"));
    await sleepUntil(at + replaced);
    expect(longestGap(writer.acknowledged, at, at + replaced)).toBeLessThan(WHILE);
    expect(await lab.leader()).toBe(leader);
    must(await startVoters("outage", [leader]));
  });

  test("keep-leading: writes go on without the DCS, until a member is lost as well", async () => {
    const { stops } = await printedBounds(project);
    const at = await loseDcs("kill");
    const leader = await lab.leader();
    await sleepUntil(at + stops + WHILE);
    expect(longestGap(writer.acknowledged, at, at + stops + WHILE)).toBeLessThan(WHILE);

    const member = NODES.find((node) => node !== leader) ?? "";
    const crashedAt = await lab.crash(member);
    await sleepUntil(crashedAt + stops + WHILE);
    expect(lab.lastWritable(leader, crashedAt) - crashedAt).toBeLessThan(stops);
    for (const node of NODES)
      expect(lab.lastWritable(node, crashedAt + stops)).toBe(crashedAt + stops);
    await lab.revive(member);
    await regainDcs();
  });

  test("read-only: the leader gives up without the DCS in the time that check printed", async () => {
    project.edit(CLUSTER_FILE, "onOutage: keep-leading", "onOutage: read-only");
    await lab.awaitWhole();
    expect(await lab.quorate("apply")).toMatchObject({ code: 0 });
    const { stops } = await printedBounds(project);
    const at = await loseDcs("freeze");
    const leader = await lab.leader();
    await sleepUntil(at + stops + WHILE);
    expect(lab.lastWritable(leader, at) - at).toBeLessThan(stops);
    expect(writer.acknowledged.filter(({ sentAt }) => sentAt > at + stops)).toEqual([]);
    await regainDcs();
  });

  test("paused by the intent: writes go on without the DCS and without a member, read-only or not", async () => {
    const { stops } = await printedBounds(project);
    await lab.awaitWhole();
    project.edit(CLUSTER_FILE, "durability: sync", `${PAUSE}durability: sync`);
    // What is rendered tells the next apply that the pause is the intent's own.
    expect(await lab.quorate("compile")).toMatchObject({ code: 0 });
    expect(await lab.quorate("apply")).toMatchObject({ code: 0 });
    const leader = await lab.leader();
    const member = NODES.find((node) => node !== leader) ?? "";
    const at = await loseDcs("kill");
    const until = (await lab.crash(member)) + stops + WHILE;
    await sleepUntil(until);
    expect(longestGap(writer.acknowledged, at, until)).toBeLessThan(WHILE);
    expect(lab.lastWritable(leader, at)).toBeGreaterThan(until - WHILE);
    await lab.revive(member);
    await regainDcs();
    expect(lab.lastWritable(member, at)).toBe(at);

    // A paused Patroni starts no PostgreSQL by itself.
    await expect.poll(() => restart(member), PATIENT).toBe(0);
    await lab.awaitWhole();
    project.edit(CLUSTER_FILE, PAUSE, "");
    expect(await lab.quorate("apply")).toMatchObject({ code: 0 });
  });

  /** Starts PostgreSQL on a node by hand. Gives the exit code. */
  async function restart(node: string): Promise<number | null> {
    const command = ["patronictl", "restart", "outage", node, "--force"];
    return (await lab.exec({ on: node }, ...command)).code;
  }

  test("nothing that was acknowledged is lost, and never did two lead at once", async () => {
    await lab.awaitWhole();
    expect(writer.acknowledged.length).toBeGreaterThan(500);
    expect(await lab.lost(await lab.leader(), writer.acknowledged)).toEqual([]);
    expect(twoLeaders(lab.samples)).toEqual([]);
  });
});
