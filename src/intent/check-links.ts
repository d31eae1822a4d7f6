import type { Diagnostic } from "../core/diagnostic.ts";
import { nearest } from "../core/nearest.ts";
import type { ClusterIntent } from "./cluster-intent.ts";
import type { ResolvedLink } from "./links-intent.ts";
import type { ResolvedCluster } from "./resolve-cluster.ts";

/**
 * How long a member may take to answer the leader in an outage of the DCS, in milliseconds.
 *
 * @see patroni/ha.py:call_failsafe_member at v4.1.5: `timeout=2, retries=1`
 */
const FAILSAFE_LIMIT_MS = 2000;
/** TCP, two for TLS, and the request itself: what a first answer over a fresh connection takes. */
const ROUND_TRIPS_TO_ANSWER = 4;
/** etcd's default election timeout, in milliseconds, and how many round trips it should cover. */
const ELECTION_MS = 1000;
const ROUND_TRIPS_PER_ELECTION = 10;

/**
 * Checks the declared links: the sites that they name, and what their round trips do to failsafe mode and to the
 * voters' own elections. Empty when nothing is wrong, or no link is declared.
 */
export function checkLinks(intent: ClusterIntent, cluster: ResolvedCluster): readonly Diagnostic[] {
  return cluster.links.flatMap((link, index) => {
    const named = checkNames({ link, index }, intent, cluster);
    if (named.length > 0) return named;
    return [...checkFailsafe(link, index, cluster), ...checkElection(link, index, cluster)];
  });
}

function checkNames(
  { link, index }: { readonly link: ResolvedLink; readonly index: number },
  { sites }: ClusterIntent,
  { links, dcs, source, project }: ResolvedCluster,
): readonly Diagnostic[] {
  const [a, b] = link.between;
  const at = source.at(["links", index, "between"]);
  const wrong = (rule: string, message: string, hint: string): readonly Diagnostic[] => [
    { rule, severity: "error", message, at, hint },
  ];
  if (a === b)
    return wrong(
      "QUO051",
      `a link lies between two different sites, this one begins and ends in ${a}`,
      "name the site at its other end",
    );
  // A DCS that is not declared may be meant for any that is.
  const possible = dcs.voters.length > 0 ? [dcs] : [...project.dcs.values()];
  const known = new Set([
    ...sites.map((site) => site.name),
    ...possible.flatMap(({ voters }) => voters.map((voter) => voter.site)),
  ]);
  const unknown = link.between.find((name) => !known.has(name));
  if (unknown !== undefined) {
    const suggestion = nearest(unknown, known);
    return wrong(
      "QUO006",
      `${unknown} is not a site of this cluster`,
      suggestion === undefined ? `sites: ${[...known].join(", ")}` : `did you mean ${suggestion}?`,
    );
  }
  const first = links.findIndex((other) => other.between.includes(a) && other.between.includes(b));
  if (first === index) return [];
  return wrong("QUO005", `the link between ${a} and ${b} is declared twice`, "keep one of the two");
}

function checkFailsafe(
  { between, rtt, reliable }: ResolvedLink,
  index: number,
  { nodes, onOutage, source }: ResolvedCluster,
): readonly Diagnostic[] {
  const holdsNodes = between.every((site) => nodes.some((node) => node.site === site));
  if (onOutage !== "keep-leading" || !holdsNodes) return [];
  const [a, b] = between;
  const needed = (rtt ?? 0) * ROUND_TRIPS_TO_ANSWER;
  if (needed >= FAILSAFE_LIMIT_MS)
    return [
      {
        rule: "QUO051",
        severity: "error",
        message: `keep-leading needs an answer of every member within ${FAILSAFE_LIMIT_MS} ms when the DCS is gone; between ${a} and ${b} one takes ${needed} ms (${ROUND_TRIPS_TO_ANSWER} round trips of ${rtt ?? 0} ms)`,
        at: source.at(["links", index, "rtt"]),
        hint: "write dcs.onOutage: read-only, or make the far site a cluster of its own that follows this one",
      },
    ];
  if (reliable) return [];
  return [
    {
      rule: "QUO051",
      severity: "warn",
      message: `the link between ${a} and ${b} is not reliable, but keep-leading needs every member to answer when the DCS is gone: if the link fails too, the leader stops`,
      at: source.at(["links", index, "reliable"]),
      hint: "know that it may, write dcs.onOutage: read-only, or make the far site a cluster of its own that follows this one",
    },
  ];
}

/** @see https://etcd.io/docs/v3.5/tuning/: an election timeout of ten round trips, heartbeats of one */
function checkElection(
  { between, rtt }: ResolvedLink,
  index: number,
  { dcs, timing, source }: ResolvedCluster,
): readonly Diagnostic[] {
  const isEtcd = dcs.kind === "etcd3" || dcs.kind === "etcd";
  const holdsVoters = between.every((site) => dcs.voters.some((voter) => voter.site === site));
  const wanted = (rtt ?? 0) * ROUND_TRIPS_PER_ELECTION;
  if (!isEtcd || !holdsVoters || wanted <= ELECTION_MS) return [];
  const [a, b] = between;
  const at = source.at(["links", index, "rtt"]);
  const found: Diagnostic[] = [
    {
      rule: "QUO051",
      severity: "warn",
      message: `the voters of ${dcs.name} in ${a} and ${b} are ${rtt ?? 0} ms apart; etcd's default election timeout of ${ELECTION_MS} ms is less than ${ROUND_TRIPS_PER_ELECTION} round trips, so slow answers look like a dead leader`,
      at,
      hint: `start the voters with heartbeat-interval ${rtt ?? 0} and election-timeout ${wanted}, or keep them closer together`,
    },
  ];
  // Two terms may pass before a new etcd leader stands; Patroni waits retryTimeout for it.
  if (2 * wanted >= timing.retryTimeout * 1000)
    found.push({
      rule: "QUO051",
      severity: "error",
      message: `electing a new etcd leader may take two terms of ${wanted} ms, but Patroni waits only retryTimeout (${timing.retryTimeout} s) for it: the leader would stop`,
      at,
      hint: "choose failover.speed: wan, or keep the voters closer together",
    });
  return found;
}
