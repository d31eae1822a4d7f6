import type { BitRate } from "../core/units.ts";
import { isBetween, type ResolvedLink } from "./links-intent.ts";
import type { ResolvedCluster } from "./resolve-cluster.ts";

/** The part of a link that a copy may take: the rest is for the WAL of those who are there. */
const SHARE = 0.5;
/**
 * What pg_basebackup takes for `--max-rate`, in KiB per second.
 *
 * @see https://www.postgresql.org/docs/current/app-pgbasebackup.html
 */
export const MAX_RATE_KIB = { least: 32, most: 1024 ** 2 } as const;

/** The slowest link with a known bandwidth between a site and the others that hold nodes; undefined: none. */
export function slowestLink(
  site: string,
  { links, nodes, relatives }: Pick<ResolvedCluster, "links" | "nodes" | "relatives">,
): (ResolvedLink & { readonly bandwidth: BitRate }) | undefined {
  const others = new Set([...nodes, ...relatives].map((node) => node.site));
  let slowest: (ResolvedLink & { readonly bandwidth: BitRate }) | undefined;
  for (const link of links) {
    const { bandwidth } = link;
    const leadsToNodes = [...others].some((other) => isBetween(link, site, other));
    if (bandwidth === undefined || !leadsToNodes) continue;
    if (slowest === undefined || bandwidth < slowest.bandwidth) slowest = { ...link, bandwidth };
  }
  return slowest;
}

/** What a copy may take of a link, in bytes per second. */
export function shareOf(bandwidth: BitRate): number {
  return Math.floor((bandwidth * SHARE) / 8);
}

/**
 * How fast a member of a site is copied, in KiB per second: as written, else half of its slowest link; undefined:
 * without a limit.
 */
export function joinRateKib(site: string, cluster: ResolvedCluster): number | undefined {
  const written = cluster.rejoin.joinRate;
  if (written !== undefined) return Math.floor(written / 1024);
  const link = slowestLink(site, cluster);
  if (link === undefined) return undefined;
  const share = Math.floor(shareOf(link.bandwidth) / 1024);
  return Math.min(Math.max(share, MAX_RATE_KIB.least), MAX_RATE_KIB.most);
}
