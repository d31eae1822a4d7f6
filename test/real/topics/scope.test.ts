import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { PATRONI_YML } from "../../../src/lab/host-tree.ts";
import {
  bootTopicLab,
  now,
  PATIENT,
  sleepUntil,
  twoLeaders,
  type TopicLab,
  WHILE,
} from "../../support/topic-lab.ts";
import {
  CLUSTER_FILE,
  printedBounds,
  topicProject,
  type PrintedBounds,
} from "../../support/topic-project.ts";

const NODES = ["scopes-1", "scopes-2", "scopes-3"];
/** Alone in the standby site. */
const STANDBY = "scopes-3";
const LOOP_SECONDS = 5;
// The tier lets every node lead that is not told otherwise; the voter stays when either site's nodes are gone.
const project = topicProject(
  ["{ name: etcd-1, site: sh, address: 10.36.2.1 }"],
  `version: 1
cluster: scopes
patroni: "4.1.5"
postgres: 15
sites:
  - name: bj
    role: primary
    nodes:
      - { name: scopes-1, address: 10.36.1.11 }
      - { name: scopes-2, address: 10.36.1.12 }
  - name: sh
    role: standby
    nodes: [{ name: ${STANDBY}, address: 10.36.2.11 }]
durability: async
failover:
  speed: fast
  scope: same-site
`,
);

describe("two nodes in a primary site and one in a standby site", () => {
  let lab: TopicLab;
  let bounds: PrintedBounds;
  /** Seconds in which another node led after PostgreSQL had ended on the leader, where nobody waits for it. */
  let handover = 0;

  beforeAll(async () => {
    bounds = await printedBounds(project);
    lab = await bootTopicLab(project, "scopes");
  });
  afterEach(() => lab.mend());
  afterAll(async () => {
    await lab?.down();
    project.remove();
  });

  /** Changes the intent, installs the nodes' files as a deployment would, and applies. */
  async function change(from: string, to: string): Promise<void> {
    await lab.awaitWhole();
    project.edit(CLUSTER_FILE, from, to);
    expect(await lab.quorate("compile")).toMatchObject({ code: 0 });
    for (const node of NODES) {
      const file = join(project.root, "rendered/scopes/nodes", node, "patroni.yml");
      expect(await lab.exec({ on: node }, "cp", file, PATRONI_YML)).toMatchObject({ code: 0 });
    }
    await patronictl("reload", "scopes", "--force");
    expect(await lab.quorate("apply")).toMatchObject({ code: 0 });
  }

  async function patronictl(...command: readonly string[]): Promise<string> {
    const ended = await lab.exec({ on: STANDBY }, "patronictl", ...command);
    if (ended.code !== 0) throw new Error(`${ended.stdout}${ended.stderr}`);
    return ended.stdout;
  }

  /** Kills PostgreSQL on a node under a Patroni that goes on. Gives the moment at which it was seen to be gone. */
  async function killPostgres(node: string): Promise<number> {
    const pidFile = `${await lab.sql(node, "show data_directory")}/postmaster.pid`;
    const killedAt = now();
    const script = `kill -KILL $(head -n 1 ${pidFile})`;
    expect(await lab.exec({ on: node }, "sh", "-c", script)).toMatchObject({ code: 0 });
    const isDown = (): boolean =>
      lab.samples.some(
        (sample) => sample.node === node && sample.role === "down" && sample.askedAt > killedAt,
      );
    await expect.poll(isDown, { ...PATIENT, interval: 50 }).toBe(true);
    return now();
  }

  /** Tags of a member, as Patroni shows them. */
  async function tagsOf(node: string): Promise<unknown> {
    const listed: unknown = JSON.parse(await patronictl("list", "--format", "json"));
    const members: readonly unknown[] = Array.isArray(listed) ? listed : [];
    const found = members.map((member) => Object(member)).find(({ Member }) => Member === node);
    return found?.["Tags"];
  }

  /** What the DCS holds under a key of the cluster; empty when there is none. */
  async function dcsKey(key: string): Promise<string> {
    const command = ["get", "--print-value-only", `/service/scopes/${key}`];
    const ended = await lab.exec({ on: "etcd-1" }, "etcdctl", ...command);
    if (ended.code !== 0) throw new Error(ended.stderr);
    return ended.stdout.trim();
  }

  const timelineOf = (node: string): Promise<string> =>
    lab.sql(node, "select timeline_id from pg_control_checkpoint()");

  test("PostgreSQL dies on the leader: it is started again there, and nobody else leads", async () => {
    await lab.awaitWhole();
    const leader = await lab.leader();
    const timeline = await timelineOf(leader);
    const at = await killPostgres(leader);
    expect(await lab.firstWritable(NODES, at, 60)).toMatchObject({ node: leader });
    await lab.awaitWhole();
    expect(await timelineOf(leader)).toBe(timeline);
  });

  test("same-site: the other node of the site leads, and when it is gone as well, nobody does", async () => {
    await lab.awaitWhole();
    const leader = await lab.leader();
    const mate = mateOf(leader);
    expect(["scopes-1", "scopes-2"]).toContain(leader);
    expect(await tagsOf(STANDBY)).toMatchObject({ nofailover: true, nosync: true });

    const at = await lab.crash(leader);
    const next = await lab.firstWritable([mate, STANDBY], at, bounds.replaced + 20);
    expect(next.node).toBe(mate);
    expect(next.at - at).toBeLessThan(bounds.replaced);

    // A leader that dies before its first loop leaves no trace in the DCS, and the old one may lead again.
    await expect.poll(() => dcsKey("history"), PATIENT).toContain(`"${mate}"`);
    await lab.awaitMembers("the standby streams", 60, (found) =>
      found.some(({ name, ready }) => name === STANDBY && ready),
    );
    const goneAt = await lab.crash(mate);
    await sleepUntil(goneAt + bounds.replaced + WHILE);
    expect(lab.lastWritable(STANDBY, at)).toBe(at);
    expect(await lab.sql(STANDBY, "select pg_is_in_recovery()")).toBe("t");
    // It is not for want of a DCS: there the lock has ended, and nobody took it.
    expect(await dcsKey("leader")).toBe("");
    const back = now();
    await lab.revive("bj");
    const { node } = await lab.firstWritable(NODES, back, 60);
    expect(node).toBe(mate);
  });

  test("crashRecovery 0 s: PostgreSQL dies on the leader, and the other node of its site leads, not the standby", async () => {
    await change("scope: same-site", "scope: any-site\n  crashRecovery: { wait: 0s }");
    await expect.poll(() => tagsOf(STANDBY), PATIENT).not.toHaveProperty("nofailover");
    await lab.awaitWhole();
    const leader = await lab.leader();
    const at = await killPostgres(leader);
    const next = await lab.firstWritable(NODES, at, 60);
    expect(next.node).toBe(mateOf(leader));
    handover = next.at - at;
  });

  test("any-site: when the whole site is gone, the standby leads within what check printed", async () => {
    await lab.awaitWhole();
    expect(await lab.leader()).not.toBe(STANDBY);
    bounds = await printedBounds(project);
    const at = await lab.crash("bj");
    const next = await lab.firstWritable([STANDBY], at, bounds.replaced + 20);
    expect(next.at - at).toBeLessThan(bounds.replaced);
  });

  test("manual: a person moves the lead, and nothing else does, nor starts PostgreSQL again", async () => {
    await change("scope: any-site", "scope: manual");
    const leader = "scopes-1";
    await patronictl("switchover", "--leader", STANDBY, "--candidate", leader, "--force");
    await lab.awaitWhole();
    expect(await lab.leader()).toBe(leader);

    const at = await killPostgres(leader);
    expect(handover).toBeGreaterThan(0);
    await sleepUntil(at + handover + 2 * LOOP_SECONDS);
    for (const node of NODES) expect(lab.lastWritable(node, at)).toBe(at);
    const restarted = now();
    await patronictl("restart", "scopes", leader, "--force");
    expect(await lab.firstWritable(NODES, restarted, 60)).toMatchObject({ node: leader });
  });

  test("never did two lead at once", () => {
    expect(twoLeaders(lab.samples)).toEqual([]);
  });
});

/** The other node of the primary site. */
function mateOf(leader: string): string {
  return leader === "scopes-1" ? "scopes-2" : "scopes-1";
}
