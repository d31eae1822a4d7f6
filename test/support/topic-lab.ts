import { setTimeout as sleep } from "node:timers/promises";
import { isJsonObject } from "../../src/core/json.ts";
import type { Result } from "../../src/core/result.ts";
import {
  type Acknowledged,
  type CommitWriter,
  createLedger,
  readLedger,
  startWriter,
  type WriterOptions,
} from "../../src/lab/commit-writer.ts";
import { cutHosts, healLab } from "../../src/lab/cut.ts";
import { killHosts, startHosts, startVoters } from "../../src/lab/host-faults.ts";
import type { LabRefusal } from "../../src/lab/lab-refusal.ts";
import { labStatus } from "../../src/lab/lab-status.ts";
import type { LabMember } from "../../src/lab/member.ts";
import { overlaps, type RoleSample, watchRoles, writableSpans } from "../../src/lab/role-watch.ts";
import { bootRealLab, type RealLab } from "./real-lab.ts";
import type { RealProject } from "./real-project.ts";

/** Seconds: longer than a hiccup of a busy machine, shorter than anything that Patroni decides. */
export const WHILE = 5;

/** For what comes within a few loops of Patroni, however busy the machine is: milliseconds of `expect.poll`. */
export const PATIENT = { timeout: 60_000, interval: 300 };

/** A lab that is broken and mended on purpose, with everything seen and acknowledged meanwhile. */
export interface TopicLab extends RealLab {
  readonly cluster: string;
  /** The member that leads, as the members themselves say; empty when none does. */
  leader(): Promise<string>;
  /** Waits for a state of the members; a failure says what was there instead. */
  awaitMembers(
    what: string,
    seconds: number,
    done: (members: readonly LabMember[]) => boolean,
  ): Promise<readonly LabMember[]>;
  /** Waits until one leads and every other one streams. */
  awaitWhole(): Promise<readonly LabMember[]>;
  /** Crashes hosts, or all of a site, without a word: nothing is heard of them any more. Gives the moment. */
  crash(...hosts: readonly string[]): Promise<number>;
  /** Kills all that runs on hosts, or all of a site; peers see their connections reset. Gives the moment after. */
  kill(...hosts: readonly string[]): Promise<number>;
  /** Brings back hosts that were crashed or killed; heals every cut. */
  revive(...hosts: readonly string[]): Promise<void>;
  /** Cuts hosts off, together, from all others and from the client. Gives the moment. */
  cut(...hosts: readonly string[]): Promise<number>;
  heal(): Promise<void>;
  /** Brings back all that was crashed, cut, killed or frozen; does nothing where all is well. */
  mend(): Promise<void>;
  /** Starts a writer; it ends with the lab. */
  write(options: Omit<WriterOptions, "cluster">): Promise<CommitWriter>;
  /** What was seen of every node since the lab is up. */
  readonly samples: readonly RoleSample[];
  /** The first moment after `since` at which one of the nodes was seen open for writes; fails after `seconds`. */
  firstWritable(
    nodes: readonly string[],
    since: number,
    seconds: number,
  ): Promise<{ readonly node: string; readonly at: number }>;
  /** The last moment after `since` at which a node was seen open for writes; `since` when it never was. */
  lastWritable(node: string, since: number): number;
  /** Keys that were acknowledged before this call and that a node does not hold. */
  lost(node: string, acknowledged: readonly Acknowledged[]): Promise<readonly string[]>;
}

/** Boots a project's cluster and begins to watch it. */
export async function bootTopicLab(project: RealProject, cluster: string): Promise<TopicLab> {
  const lab = await bootRealLab(project, cluster);
  const watch = must(await watchRoles(cluster));
  const hosts = must(await labStatus(cluster)).hosts.map(({ name }) => name);
  const writers: CommitWriter[] = [];
  const members = async (): Promise<readonly LabMember[]> =>
    must(await labStatus(cluster)).hosts.flatMap(({ member }) => member ?? []);
  const topic: TopicLab = {
    ...lab,
    cluster,
    samples: watch.samples,
    awaitMembers: async (what, seconds, done) => {
      const end = now() + seconds;
      for (;;) {
        const found = await members();
        if (done(found)) return found;
        const shown = found.map(
          ({ name, role, state, ready }) => `${name} ${role} ${state} ${ready}`,
        );
        if (now() > end) throw new Error(`not in ${seconds} s: ${what}; ${shown.join(", ")}`);
        await sleep(300);
      }
    },
    awaitWhole: () =>
      topic.awaitMembers(
        "one leads and all others stream",
        90,
        (found) => found.every(({ ready }) => ready) && leadersOf(found).length === 1,
      ),
    leader: async () => leadersOf(await members())[0] ?? "",
    crash: async (...names) => {
      const at = await topic.cut(...names);
      must(await killHosts(cluster, names));
      return at;
    },
    kill: async (...names) => {
      must(await killHosts(cluster, names));
      return now();
    },
    revive: async (...names) => {
      await topic.heal();
      must(await startHosts(cluster, names));
    },
    cut: async (...names) => {
      must(await cutHosts(cluster, names));
      return now();
    },
    heal: async () => {
      must(await healLab(cluster));
    },
    mend: async () => {
      must(await healLab(cluster));
      must(await startVoters(cluster, []));
      must(await startHosts(cluster, hosts));
    },
    write: async (options) => {
      const writer = must(await startWriter({ ...options, cluster }));
      writers.push(writer);
      return writer;
    },
    firstWritable: async (nodes, since, seconds) => {
      while (now() < since + seconds) {
        const found = watch.samples.find(
          ({ node, role, askedAt }) =>
            role === "writable" && askedAt > since && nodes.includes(node),
        );
        if (found !== undefined) return { node: found.node, at: found.answeredAt };
        await sleep(50);
      }
      throw new Error(`none of ${nodes.join(", ")} is open for writes after ${seconds} s`);
    },
    lastWritable: (node, since) =>
      watch.samples
        .filter((sample) => sample.node === node && sample.role === "writable")
        .reduce((last, { askedAt }) => Math.max(last, askedAt), since),
    lost: async (node, acknowledged) => {
      const keys = acknowledged.map(({ key }) => key);
      const held = must(await readLedger(cluster, node));
      return keys.filter((key) => !held.has(key));
    },
    down: async () => {
      await Promise.all([watch.stop(), ...writers.map((writer) => writer.stop())]);
      await lab.down();
    },
  };
  must(await createLedger(cluster, await topic.leader()));
  return topic;
}

/** Seconds of the clock that all times of a lab are given in. */
export function now(): number {
  return performance.now() / 1000;
}

/** Sleeps until a moment of that clock. */
export async function sleepUntil(moment: number): Promise<void> {
  await sleep(Math.max(0, moment - now()) * 1000);
}

/** The first commit that was sent after a moment and acknowledged; fails after `seconds`. */
export async function firstCommit(
  { acknowledged }: CommitWriter,
  since: number,
  seconds: number,
): Promise<Acknowledged> {
  while (now() < since + seconds) {
    const found = acknowledged.find(({ sentAt }) => sentAt > since);
    if (found !== undefined) return found;
    await sleep(50);
  }
  throw new Error(`no commit is acknowledged after ${seconds} s`);
}

/** The longest time without an acknowledged commit in a span. */
export function longestGap(
  acknowledged: readonly Acknowledged[],
  from: number,
  to: number,
): number {
  const times = acknowledged
    .map(({ answeredAt }) => answeredAt)
    .filter((at) => at > from && at < to)
    .toSorted((a, b) => a - b);
  const marks = [from, ...times, to];
  return Math.max(...marks.slice(1).map((at, index) => at - (marks[index] ?? at)));
}

/** Pairs of spans in which two nodes were open for writes at once. Empty when all is well. */
export function twoLeaders(samples: readonly RoleSample[]): readonly unknown[] {
  return overlaps(writableSpans(samples));
}

/** Pairs of leaders that acknowledged commits by turns: two at once. Empty when all is well. */
export function twoAcknowledging(acknowledged: readonly Acknowledged[]): readonly unknown[] {
  const terms = new Map<string, Acknowledged[]>();
  for (const commit of acknowledged) {
    const term = `${commit.node} on ${commit.timeline}`;
    terms.set(term, [...(terms.get(term) ?? []), commit]);
  }
  return overlaps(
    [...terms].map(([node, commits]) => ({
      node,
      from: Math.min(...commits.map(({ answeredAt }) => answeredAt)),
      to: Math.max(...commits.map(({ sentAt }) => sentAt)),
    })),
  );
}

/**
 * Makes the voter on a node's host the leader of etcd: the worst one to lose. The lab's etcd must answer
 * without TLS.
 */
export async function leadEtcdFrom(lab: TopicLab, node: string): Promise<void> {
  const etcdctl = async (endpoint: string, ...command: readonly string[]): Promise<string> => {
    const ended = await lab.exec(
      { on: node },
      // etcdctl takes no flag for what its environment says already.
      "env",
      `ETCDCTL_ENDPOINTS=${endpoint}`,
      "etcdctl",
      ...command,
    );
    if (ended.code !== 0) throw new Error(ended.stderr);
    return ended.stdout;
  };
  // `http://10.1.1.1:2379, 409a23f5ce81994c, 3.5.16, 49 kB, true, ...`: true for the leader.
  const read = await etcdctl("http://127.0.0.1:2379", "endpoint", "status", "--cluster");
  const voters = read.split("\n").map((line) => line.split(", "));
  const address = (await lab.exec({ on: node }, "hostname", "-I")).stdout.trim();
  const wanted = voters.find(([url]) => url?.includes(`//${address}:`))?.[1] ?? "";
  const leading = voters.find((fields) => fields[4] === "true");
  if (leading?.[1] !== wanted) await etcdctl(leading?.[0] ?? "", "move-leader", wanted);
}

/** Patroni's key /sync as a voter holds it; undefined when there is none or nobody in it. */
export async function readSyncKey(
  lab: TopicLab,
  voter: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const command = ["get", "--print-value-only", `/service/${lab.cluster}/sync`];
  const ended = await lab.exec({ on: voter }, "etcdctl", ...command);
  if (ended.code !== 0) throw new Error(ended.stderr);
  const key: unknown = ended.stdout.trim() === "" ? undefined : JSON.parse(ended.stdout);
  return isJsonObject(key) && typeof key["leader"] === "string" ? key : undefined;
}

/** The value, or the lab's own words as a failure of the test. */
export function must<Value>(result: Result<Value, LabRefusal>): Value {
  if (result.ok) return result.value;
  throw new Error("message" in result.error ? result.error.message : result.error.kind);
}

function leadersOf(members: readonly LabMember[]): readonly string[] {
  return members
    .filter(({ role }) => ["primary", "master", "leader"].includes(role))
    .map(({ name }) => name);
}
