import type { Diagnostic } from "../core/diagnostic.ts";
import { formatBitRate, formatByteRate, formatBytes } from "../core/units.ts";
import { formatPatroniVersion, isAtLeast } from "../patroni/version.ts";
import { MAX_RATE_KIB, shareOf, slowestLink } from "./join-rate.ts";
import type { ResolvedCluster } from "./resolve-cluster.ts";

/** One WAL segment; a cap below two leaves no room for the segment that is being read. */
const SMALLEST_CAP = 2 * 16 * 1024 ** 2;

/** Checks how members come back, as far as the tier does not matter. Empty when nothing is wrong. */
export function checkRejoin(cluster: ResolvedCluster): readonly Diagnostic[] {
  return [
    ...checkWipe(cluster),
    ...checkJoinRate(cluster),
    ...checkRetention(cluster),
    ...checkCap(cluster),
  ];
}

type Severity = Diagnostic["severity"];

function finding(
  { source }: ResolvedCluster,
  key: string,
  [severity, message, hint]: readonly [Severity, string, string],
): Diagnostic {
  return { rule: "QUO053", severity, message, at: source.at(["rejoin", key]), hint };
}

function checkWipe(cluster: ResolvedCluster): readonly Diagnostic[] {
  const { rejoin, nodes } = cluster;
  if (rejoin.onRewindFailure !== "wipe")
    return rejoin.wipeMayLoseCommits
      ? [
          finding(cluster, "wipeMayLoseCommits", [
            "error",
            "wipeMayLoseCommits has no effect: nothing is wiped",
            "remove it, or write onRewindFailure: wipe",
          ]),
        ]
      : [];
  if (nodes.length >= 3) return [];
  return [
    finding(cluster, "onRewindFailure", [
      "error",
      `with ${nodes.length} nodes, wiping one leaves a single copy until it is copied anew`,
      "write onRewindFailure: keep-data, or add a node",
    ]),
  ];
}

function checkJoinRate(cluster: ResolvedCluster): readonly Diagnostic[] {
  const { rejoin, sites } = cluster;
  if (rejoin.joinRate === undefined) return [];
  const kib = Math.floor(rejoin.joinRate / 1024);
  if (kib < MAX_RATE_KIB.least || kib > MAX_RATE_KIB.most)
    return [
      finding(cluster, "joinRate", [
        "error",
        `joinRate is ${kib} KiB/s; pg_basebackup takes ${MAX_RATE_KIB.least} KiB/s to ${MAX_RATE_KIB.most / 1024} MiB/s`,
        "write a rate in between, such as 100MB/s",
      ]),
    ];
  for (const { name } of sites) {
    const link = slowestLink(name, cluster);
    if (link === undefined || rejoin.joinRate <= shareOf(link.bandwidth)) continue;
    const [a, b] = link.between;
    return [
      finding(cluster, "joinRate", [
        "error",
        `joinRate is ${formatByteRate(rejoin.joinRate)}, more than half of the link between ${a} and ${b} (${formatBitRate(link.bandwidth)}): a copy would hold up everybody's WAL`,
        `write at most ${asWritten(shareOf(link.bandwidth))}, or leave it out: Quorate takes half of each site's slowest link`,
      ]),
    ];
  }
  return [];
}

/** A rate as the intent takes it, rounded down. */
function asWritten(bytesPerSecond: number): string {
  return bytesPerSecond < 1e6
    ? `${Math.floor(bytesPerSecond / 1e3)}kB/s`
    : `${Math.floor(bytesPerSecond / 1e6)}MB/s`;
}

function checkRetention(cluster: ResolvedCluster): readonly Diagnostic[] {
  const { rejoin, patroni } = cluster;
  if (rejoin.slotRetention === undefined || isAtLeast(patroni, { major: 4, minor: 0, patch: 0 }))
    return [];
  return [
    {
      ...finding(cluster, "slotRetention", [
        "error",
        `Patroni ${formatPatroniVersion(patroni)} drops a member's slot as soon as its key in the DCS ends; slotRetention (member_slots_ttl) came with 4.0`,
        "raise patroni: once every member runs 4.0 or newer, or declare a physical slot named after the member under slots: together with walCap",
      ]),
      rule: "QUO013",
    },
  ];
}

function checkCap(cluster: ResolvedCluster): readonly Diagnostic[] {
  const { rejoin, patroni, parameters } = cluster;
  const { walCap } = rejoin;
  if (walCap === undefined) return [];
  const found: Diagnostic[] = [];
  const other = Object.keys(parameters).find(
    (name) => name.toLowerCase() === "max_slot_wal_keep_size",
  );
  if (other !== undefined)
    found.push(
      finding(cluster, "walCap", [
        "error",
        `walCap and postgresql.parameters.${other} are the same setting`,
        "keep walCap",
      ]),
    );
  if (walCap < SMALLEST_CAP || walCap % 1024 ** 2 !== 0)
    found.push(
      finding(cluster, "walCap", [
        "error",
        `walCap is ${formatBytes(walCap)}, expected whole MiB and at least ${formatBytes(SMALLEST_CAP)} (two WAL segments)`,
        "write a size that outlasts a member's usual absence, such as 10GiB",
      ]),
    );
  if (!isAtLeast(patroni, { major: 4, minor: 1, patch: 4 }))
    found.push(
      finding(cluster, "walCap", [
        "warn",
        `a slot that went beyond walCap stays lost on Patroni ${formatPatroniVersion(patroni)} until somebody drops it; 4.1.4 and newer make it again`,
        'write patroni: "4.1.4" once every member runs it, and watch wal_status of pg_replication_slots until then',
      ]),
    );
  return found;
}
