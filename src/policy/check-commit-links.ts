import type { Diagnostic } from "../core/diagnostic.ts";
import { isBetween } from "../intent/links-intent.ts";
import type { ResolvedNode } from "../intent/resolve-cluster.ts";
import type { SectionCase } from "./check-sections.ts";
import { exactSetterOf } from "./setting-value.ts";

/** What a confirmation across a link may add to every commit, in milliseconds: noticed, and refused. */
const NOTICED_MS = 10;
const REFUSED_MS = 50;

/** A link that commits wait for, and where the leader is then. */
interface Crossing {
  /** Its place among the links; -1: both are in one site, or nothing is known of what lies between. */
  readonly index: number;
  readonly rtt: number;
  readonly leaderSite: string;
}

/**
 * Checks how long commits wait across declared links, in a tier whose commits wait for standbys. In quorum mode
 * a commit waits for the k fastest standbys, otherwise Patroni may have picked any. A link without a written round
 * trip counts as fast. Empty when nothing is slow, or the person has accepted it.
 */
export function checkCommitLinks(given: SectionCase): readonly Diagnostic[] {
  const { cluster, tier } = given;
  if (tier.promise.loss !== "none") return [];
  const worst = new Map<number, Crossing>();
  for (const crossing of crossingsOf(given)) {
    if (cluster.links[crossing.index]?.commitsMayWait === true) continue;
    if ((worst.get(crossing.index)?.rtt ?? NOTICED_MS) < crossing.rtt)
      worst.set(crossing.index, crossing);
  }
  return [...worst.values()].map(({ index, rtt, leaderSite }) => {
    const far = cluster.links[index]?.between.find((site) => site !== leaderSite) ?? "";
    const isRefused = rtt > REFUSED_MS;
    return {
      rule: "QUO051",
      severity: isRefused ? "error" : "warn",
      message: `while a node in ${leaderSite} leads, every commit may wait for ${far}: at least ${rtt} ms, one round trip${isRefused ? ` (more than ${REFUSED_MS} ms)` : ""}`,
      at: cluster.source.at(["links", index, "rtt"]),
      hint: "let nodes nearby confirm (confirms: false on the far ones, or a smaller quorum), or write commitsMayWait: true on the link",
    };
  });
}

function crossingsOf({ cluster, topology, settings }: SectionCase): readonly Crossing[] {
  const mode = exactSetterOf(settings, "synchronous_mode")?.value;
  return topology.leaders.flatMap((leader) => {
    const reached = topology.confirming
      .filter((standby) => standby.name !== leader.name)
      .map((standby) => crossingTo(leader, standby, cluster.links))
      .toSorted((a, b) => a.rtt - b.rtt);
    const slowest = Math.min(topology.quorumCount, reached.length) - 1;
    return mode === "quorum" ? reached.slice(Math.max(slowest, 0), slowest + 1) : reached;
  });
}

function crossingTo(
  leader: ResolvedNode,
  standby: ResolvedNode,
  links: SectionCase["cluster"]["links"],
): Crossing {
  const index = links.findIndex((link) => isBetween(link, leader.site, standby.site));
  return { index, rtt: links[index]?.rtt ?? 0, leaderSite: leader.site };
}
