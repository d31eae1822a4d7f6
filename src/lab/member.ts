import { z } from "zod";
import type { LabCluster } from "./lab-cluster.ts";
import { type Round, restUrl } from "./rest-probe.ts";

/** The parts of `GET /patroni` that the lab shows or waits for. */
const PatroniAnswer = z.object({
  state: z.string(),
  role: z.string(),
  server_version: z.number().nullish(),
  timeline: z.number().nullish(),
  cluster_unlocked: z.boolean().optional(),
  sync_standby: z.boolean().optional(),
  quorum_standby: z.boolean().optional(),
  patroni: z.object({ version: z.string() }),
  replication: z.array(z.object({ application_name: z.string(), state: z.string() })).optional(),
  tags: z.object({ nostream: z.boolean().optional() }).optional(),
});

/** The parts of `GET /cluster` that `GET /patroni` does not hold. */
const ClusterAnswer = z.object({
  members: z.array(
    z.object({ name: z.string(), lag: z.union([z.number(), z.string()]).optional() }),
  ),
});

/** A member as its own REST API describes it. */
export interface LabMember {
  readonly name: string;
  /** The Patroni cluster that it belongs to. */
  readonly cluster: string;
  readonly address: string;
  readonly site: string;
  /** `no answer: …` when the REST API gave none. */
  readonly state: string;
  /** Base URL of its REST API. */
  readonly url: string;
  /** As `GET /cluster` says it: a synchronous replica is a `sync_standby` or a `quorum_standby`. */
  readonly role: string;
  /** Null where Patroni cannot find it out. */
  readonly timeline?: number | null | undefined;
  /** Bytes, or `unknown`, as Patroni says it; absent on the leader. */
  readonly lag?: number | string | undefined;
  readonly patroni?: string;
  readonly postgres?: string;
  /** True for a leader that runs and holds its lock, and for a replica or standby leader that WAL is streamed to. */
  readonly ready: boolean;
}

/** How Patroni calls a PostgreSQL that runs, in any of its versions. */
const RUNNING: ReadonlySet<string> = new Set(["running", "streaming", "in archive recovery"]);

const SYNC_ROLES: ReadonlySet<string> = new Set(["sync_standby", "quorum_standby"]);

/** The URLs that {@link readMembers} reads. */
export function memberUrls(cluster: LabCluster): readonly string[] {
  return cluster.nodes.flatMap((node) => {
    const url = restUrl(cluster, node);
    return [`${url}/patroni`, `${url}/cluster`];
  });
}

/** Describes every member, in the order of the intent. */
export function readMembers(cluster: LabCluster, round: Round): readonly LabMember[] {
  const answers = cluster.nodes.map((node) => {
    const answer = round.get(`${restUrl(cluster, node)}/patroni`);
    const body = answer !== undefined && "body" in answer ? answer.body : undefined;
    const problem = answer !== undefined && "error" in answer ? answer.error : "not Patroni's";
    return { node, problem, patroni: PatroniAnswer.safeParse(body).data };
  });
  const streaming = new Set(
    answers
      .flatMap(({ patroni }) => patroni?.replication ?? [])
      .filter(({ state }) => state === "streaming")
      .map((entry) => entry.application_name),
  );
  const lags = readLags(round);
  return answers.map(({ node, problem, patroni }): LabMember => {
    const { name, address, site, cluster: own = cluster.name } = node;
    const url = restUrl(cluster, node);
    const known = { name, cluster: own, address, site, url };
    if (patroni === undefined)
      return { ...known, state: `no answer: ${problem}`, role: "-", ready: false };
    const { state, role, timeline, tags, server_version: server } = patroni;
    const isStreaming = streaming.has(name) || tags?.nostream === true;
    const isServed = isPrimary(role) ? patroni.cluster_unlocked !== true : isStreaming;
    return {
      ...known,
      state,
      role: clusterRole(patroni),
      timeline,
      lag: lags.get(name),
      patroni: patroni.patroni.version,
      ...(server === undefined || server === null ? {} : { postgres: formatServerVersion(server) }),
      ready: RUNNING.has(state) && isServed,
    };
  });
}

/**
 * True when every cluster has a leader, every member is ready and, in a synchronous cluster, Patroni has
 * chosen who confirms: before that, no other member could take over. Clusters that follow choose nobody.
 */
export function areReady(members: readonly LabMember[], synchronous: boolean): boolean {
  const own = members.filter(({ cluster }) => cluster === members[0]?.cluster);
  const hasSync = own.length === 1 || own.some(({ role }) => SYNC_ROLES.has(role));
  const areLed = members.every(({ cluster }) =>
    hasLeader(members.filter((member) => member.cluster === cluster)),
  );
  return areLed && members.every(({ ready }) => ready) && (hasSync || !synchronous);
}

/** Writes `150020` as `15.20`. */
export function formatServerVersion(version: number): string {
  return `${Math.floor(version / 10_000)}.${version % 10_000}`;
}

/** True when a member leads, ready or not. */
export function hasLeader(members: readonly LabMember[]): boolean {
  return members.some(({ role }) => isLeader(role));
}

/** A standby cluster has a `standby_leader`. */
function isLeader(role: string): boolean {
  return isPrimary(role) || role === "standby_leader";
}

/** Patroni before 4 says `master`. */
function isPrimary(role: string): boolean {
  return ["primary", "master", "leader"].includes(role);
}

function clusterRole(patroni: z.infer<typeof PatroniAnswer>): string {
  if (patroni.sync_standby === true) return "sync_standby";
  return patroni.quorum_standby === true ? "quorum_standby" : patroni.role;
}

function readLags(round: Round): ReadonlyMap<string, number | string> {
  const lags = new Map<string, number | string>();
  for (const [url, answer] of round) {
    if (!url.endsWith("/cluster") || !("body" in answer)) continue;
    const members = ClusterAnswer.safeParse(answer.body).data?.members ?? [];
    for (const { name, lag } of members) if (lag !== undefined) lags.set(name, lag);
  }
  return lags;
}
