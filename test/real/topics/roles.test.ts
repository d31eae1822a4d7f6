import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
import { printedBounds, topicProject, type PrintedBounds } from "../../support/topic-project.ts";

const WITNESS = "etcd-w";
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
  afterAll(async () => {
    await lab?.down();
    project.remove();
  });

  async function streamingTo(leader: string): Promise<string> {
    return lab.sql(
      leader,
      "select string_agg(application_name || ' ' || sync_state, ', ' order by application_name desc) from pg_stat_replication where state = 'streaming'",
    );
  }

  test("the observer follows and confirms nothing; the witness votes and holds no data", async () => {
    await lab.awaitWhole();
    expect(await lab.leader()).toBe("roles-a");
    expect(await streamingTo("roles-a")).toBe("roles-o async, roles-b sync");
    expect(await lab.sql("roles-a", "show synchronous_standby_names")).toBe('"roles-b"');
    expect(await readSyncKey(lab, WITNESS)).toMatchObject({
      leader: "roles-a",
      sync_standby: "roles-b",
    });
    const { hosts } = must(await labStatus("roles"));
    const witness = hosts.find(({ name }) => name === WITNESS);
    expect(witness).toMatchObject({ site: "w", etcd: true, patroni: undefined, member: undefined });
    const data = await lab.exec({ on: WITNESS }, "pgrep", "-l", "postgres|patroni");
    expect(data).toMatchObject({ code: 1, stdout: "" });
  });

  test("the primary site dies with its node and voter: the other site leads, thanks to the witness", async () => {
    await sleepUntil(now() + 2);
    const at = await lab.crash("a");
    const found = await lab.firstWritable(["roles-b", "roles-o"], at, bounds.replaced + 20);
    expect(found.node).toBe("roles-b");
    expect(found.at - at).toBeLessThan(bounds.replaced);
    const commit = await firstCommit(writer, at, bounds.commits + 30);
    expect(commit.node).toBe("roles-b");
    expect(commit.answeredAt - at).toBeLessThan(bounds.commits);
    await expect.poll(() => streamingTo("roles-b"), { timeout: 30_000 }).toBe("roles-o async");
    expect(await lab.sql("roles-b", "show synchronous_standby_names")).toBe("");
  });

  test("the last node that may lead dies: the observer does not take over, though the DCS would let it", async () => {
    const at = await lab.crash("roles-b");
    await sleepUntil(at + bounds.replaced + WHILE);
    const health = await lab.exec({ on: WITNESS }, "etcdctl", "endpoint", "health");
    expect(health).toMatchObject({ code: 0 });
    expect(lab.lastWritable("roles-o", at)).toBe(at);
    expect(writer.acknowledged.filter(({ sentAt }) => sentAt > at)).toEqual([]);
    expect(await lab.sql("roles-o", "select pg_is_in_recovery()")).toBe("t");
  });

  test("all come back: site b leads, site a and the observer follow, nothing is lost", async () => {
    const at = now();
    await lab.revive("roles-b");
    expect((await lab.firstWritable(["roles-a", "roles-b", "roles-o"], at, 60)).node).toBe(
      "roles-b",
    );
    await lab.revive("a");
    await lab.awaitWhole();
    await expect
      .poll(() => streamingTo("roles-b"), { timeout: 30_000 })
      .toBe("roles-o async, roles-a sync");
    expect(await lab.lost("roles-b", writer.acknowledged)).toEqual([]);
    expect(twoLeaders(lab.samples)).toEqual([]);
  });
});
