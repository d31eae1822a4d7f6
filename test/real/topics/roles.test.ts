import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { CommitWriter } from "../../../src/lab/commit-writer.ts";
import { labStatus } from "../../../src/lab/lab-status.ts";
import {
  bootTopicLab,
  firstCommit,
  must,
  now,
  readSyncKey,
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

const WITNESS = "etcd-w";
const LOOP_SECONDS = 5;
// The voter of site a dies with the node there; that of site b stands on a host of its own.
const project = topicProject(
  [
    "{ name: etcd-a, site: a, address: 10.35.1.11 }",
    "{ name: etcd-b, site: b, address: 10.35.2.1 }",
    `{ name: ${WITNESS}, site: w, address: 10.35.3.1 }`,
  ],
  `version: 1
cluster: roles
patroni: "4.1.5"
postgres: 15
sites:
  - name: a
    role: primary
    nodes: [{ name: roles-a, address: 10.35.1.11 }]
  - name: b
    role: peer
    nodes: [{ name: roles-b, address: 10.35.2.11 }]
  - name: w
    role: witness
  - name: o
    role: observer
    nodes: [{ name: roles-o, address: 10.35.4.11 }]
durability: sync
failover:
  speed: fast
`,
);

describe("two sites with data, a witness and an observer", () => {
  let lab: TopicLab;
  let bounds: PrintedBounds;
  let writer: CommitWriter;

  beforeAll(async () => {
    bounds = await printedBounds(project);
    lab = await bootTopicLab(project, "roles");
    writer = await lab.write({ label: "client", to: ["roles-a", "roles-b", "roles-o"] });
  });
  afterEach(() => lab.mend());
  afterAll(async () => {
    await lab?.down();
    project.remove();
  });

  /** Who streams from a node, and whether it confirms. */
  async function streamingTo(leader: string): Promise<string> {
    return lab.sql(
      leader,
      "select string_agg(application_name || ' ' || sync_state, ', ' order by application_name) from pg_stat_replication where state = 'streaming'",
    );
  }

  test("the observer follows and confirms nothing", async () => {
    await lab.awaitWhole();
    expect(await lab.leader()).toBe("roles-a");
    expect(await streamingTo("roles-a")).toBe("roles-b sync, roles-o async");
    expect(await lab.sql("roles-a", "show synchronous_standby_names")).toBe('"roles-b"');
    expect(await readSyncKey(lab, WITNESS)).toMatchObject({
      leader: "roles-a",
      sync_standby: "roles-b",
    });
    const listed = await lab.exec({ on: "roles-a" }, "patronictl", "list", "--format", "json");
    expect(JSON.parse(listed.stdout)).toContainEqual(
      expect.objectContaining({
        Member: "roles-o",
        Tags: expect.objectContaining({ nofailover: true, nosync: true }),
      }),
    );
  });

  test("the witness votes and holds no data", async () => {
    const { hosts } = must(await labStatus("roles"));
    const witness = hosts.find(({ name }) => name === WITNESS);
    expect(witness).toMatchObject({ site: "w", etcd: true, patroni: undefined, member: undefined });
    const processes = await lab.exec({ on: WITNESS }, "pgrep", "-l", "postgres|patroni");
    expect(processes).toMatchObject({ code: 1, stdout: "" });
  });

  test("the primary site dies with its node and voter: the other one leads, thanks to the witness", async () => {
    const at = await lab.crash("a");
    const found = await lab.firstWritable(["roles-b", "roles-o"], at, bounds.replaced + 20);
    expect(found.node).toBe("roles-b");
    expect(found.at - at).toBeLessThan(bounds.replaced);
    const commit = await firstCommit(writer, at, bounds.commits + 30);
    expect(commit.node).toBe("roles-b");
    expect(commit.answeredAt - at).toBeLessThan(bounds.commits);
    // Two loops later Patroni has made up its mind about who confirms: the observer does not, though nobody
    // else is left.
    await sleepUntil(now() + 2 * LOOP_SECONDS + 2);
    expect(await streamingTo("roles-b")).toBe("roles-o async");
    expect(await lab.sql("roles-b", "show synchronous_standby_names")).toBe("");
  });

  test("all that may lead die at once: the observer does not take over, though nothing else forbids it", async () => {
    await lab.awaitWhole();
    expect(await lab.leader()).toBe("roles-b");
    expect(await lab.lost("roles-b", writer.acknowledged)).toEqual([]);
    // With this tier Patroni would let every node lead that is not told otherwise.
    project.edit(CLUSTER_FILE, "durability: sync", "durability: async");
    expect(await lab.quorate("apply")).toMatchObject({ code: 0 });
    const at = await lab.crash("a", "roles-b");
    await sleepUntil(at + bounds.replaced + WHILE);
    // Two voters are left, so that it is not for want of a DCS that nobody leads.
    const health = [
      "env",
      "ETCDCTL_ENDPOINTS=http://127.0.0.1:2379",
      "etcdctl",
      "endpoint",
      "health",
    ];
    expect(await lab.exec({ on: WITNESS }, ...health)).toMatchObject({
      code: 0,
    });
    expect(lab.lastWritable("roles-o", at)).toBe(at);
    expect(await lab.sql("roles-o", "select pg_is_in_recovery()")).toBe("t");
    const back = now();
    await lab.revive("roles-b");
    const { node } = await lab.firstWritable(["roles-a", "roles-b", "roles-o"], back, 60);
    expect(node).toBe("roles-b");
  });

  test("when all are back, the observer follows, and never did two lead at once", async () => {
    await lab.awaitWhole();
    expect(await streamingTo("roles-b")).toBe("roles-a async, roles-o async");
    expect(twoLeaders(lab.samples)).toEqual([]);
  });
});
