import type { Diagnostic, Span } from "../core/diagnostic.ts";
import { nearest } from "../core/nearest.ts";
import { formatBytes } from "../core/units.ts";
import {
  FIRST_WITH_FAILOVER_PRIORITY,
  formatPatroniVersion,
  isAtLeast,
} from "../patroni/version.ts";
import { checkFailover } from "./check-failover.ts";
import { checkRelease } from "./check-release.ts";
import { checkSections } from "./check-sections.ts";
import type { ClusterIntent } from "./cluster-intent.ts";
import type { NodeSettings } from "./node-settings.ts";
import { writtenFor, type ResolvedCluster } from "./resolve-cluster.ts";
import type { SourcePath } from "./source-offset.ts";

/** The smallest lag limit that does not strand a healthy standby: one WAL segment. */
const SMALLEST_MAX_LOSS = 16 * 1024 ** 2;
/** Seconds; etcd grants longer leases, but no cluster wants one. */
const LONGEST_TTL = 86_400;

/**
 * Checks what the shape of an intent alone cannot say: names that point at each other, roles, timings
 * and parameters. Its dr sites are checked by {@link checkFollowers}. Empty when nothing is wrong.
 */
export function checkCluster(
  intent: ClusterIntent,
  cluster: ResolvedCluster,
): readonly Diagnostic[] {
  return [
    ...checkSites(intent, cluster),
    ...checkNodes(intent, cluster),
    ...checkOrder(cluster),
    ...checkTiming(cluster),
    ...checkMaxLoss(cluster),
    ...checkFailover(intent, cluster),
    ...checkRelease(cluster),
    ...checkSections(intent, cluster),
  ];
}

type Finding = Omit<Diagnostic, "severity" | "at"> & { readonly severity?: Diagnostic["severity"] };

function finding(at: Span, { severity, ...rest }: Finding): Diagnostic {
  return { severity: severity ?? "error", at, ...rest };
}

function checkSites(
  intent: ClusterIntent,
  { source, dcs, project }: ResolvedCluster,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const ofFollowers = intent.sites.flatMap((site) => project.dcs.get(site.dcs?.use ?? "") ?? []);
  const voters = [dcs, ...ofFollowers].flatMap((each) => each.voters);
  const seen = new Set<string>();
  for (const [index, site] of intent.sites.entries()) {
    const at = (...path: SourcePath): Span => source.at(["sites", index, ...path]);
    if (seen.has(site.name))
      found.push(
        finding(at("name"), {
          rule: "QUO005",
          message: `two sites are named ${site.name}`,
          hint: "rename one of them",
        }),
      );
    seen.add(site.name);
    const count = site.nodes?.length ?? 0;
    if (site.role === "witness" && count > 0)
      found.push(
        finding(at("nodes"), {
          rule: "QUO010",
          message: `${site.name} is a witness site and has ${count} nodes; a witness holds DCS voters and no data`,
          hint: "remove the nodes, or give the site another role",
        }),
      );
    if (
      site.role === "witness" &&
      dcs.voters.length > 0 &&
      !voters.some((voter) => voter.site === site.name)
    )
      found.push(
        finding(at("name"), {
          rule: "QUO010",
          message: `${site.name} is a witness site, but the DCS ${dcs.name} has no voter there`,
          hint: `add a voter with site: ${site.name} to ${dcs.name} in quorate.yaml`,
        }),
      );
    if (site.role !== "witness" && count === 0)
      found.push(
        finding(at(), {
          rule: "QUO010",
          message: `${site.name} has no nodes`,
          hint: "add nodes, or use role: witness for a site with DCS voters only",
        }),
      );
  }
  return found;
}

/** Checks the nodes of one cluster of an intent. Empty when nothing is wrong. */
export function checkNodes(intent: ClusterIntent, cluster: ResolvedCluster): readonly Diagnostic[] {
  const { source, nodes } = cluster;
  const own = new Set(nodes.map(({ path }) => path.join(".")));
  const found = intent.sites.flatMap((site, siteIndex) =>
    (site.nodes ?? []).flatMap((node, index) => {
      const path = ["sites", siteIndex, "nodes", index];
      if (!own.has(path.join("."))) return [];
      // Where the node says nothing itself, its site's defaults are what was written.
      const at = (key: keyof NodeSettings): Span =>
        source.at(
          node[key] === undefined && site.defaults?.[key] !== undefined
            ? ["sites", siteIndex, "defaults", key]
            : [...path, key],
        );
      const written = { name: node.name, ...writtenFor(node, site) };
      return [
        ...checkConfirms(written, site.role === "observer", at),
        ...checkUpstream(node.name, at("upstream"), cluster),
        ...checkPorts(node.name, at, cluster),
      ];
    }),
  );
  const isLed = nodes.length === 0 || nodes.some((node) => node.promotable);
  if (isLed || cluster.standbyOf !== undefined) return found;
  return [
    ...found,
    finding(source.atKey(["sites"]), {
      rule: "QUO010",
      message: "no node may lead",
      hint: "give one site the role primary or peer, or remove promotable: false",
    }),
  ];
}

/** What is the same for every node is checked once, where the project says it. */
function checkPorts(
  name: string,
  at: (key: keyof NodeSettings) => Span,
  { nodes, project, dcs }: ResolvedCluster,
): readonly Diagnostic[] {
  const node = nodes.find((candidate) => candidate.name === name);
  if (node === undefined) return [];
  const { postgresPort, restPort } = node.place;
  const { nodes: defaults } = project;
  if (postgresPort === defaults.postgresPort && restPort === defaults.restPort) return [];
  const taken = dcs.voters
    .filter(({ address }) => address === node.address)
    .map(({ port }) => port);
  const clash = [postgresPort, ...taken].includes(restPort) ? "restPort" : "postgresPort";
  if (restPort !== postgresPort && !taken.includes(restPort) && !taken.includes(postgresPort))
    return [];
  return [
    finding(at(clash), {
      rule: "QUO005",
      message: `PostgreSQL, the REST API and the DCS need ports of their own on ${name}`,
      hint: "give each service another port",
    }),
  ];
}

function checkConfirms(
  { name, promotable, confirms, upstream }: NodeSettings & { readonly name: string },
  isObserver: boolean,
  at: (key: keyof NodeSettings) => Span,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  if (isObserver && (promotable === true || confirms === true))
    found.push(
      finding(at(promotable === true ? "promotable" : "confirms"), {
        rule: "QUO010",
        message: `${name} is an observer, which never leads and never confirms`,
        hint: "remove the key, or give the site the role standby",
      }),
    );
  if (confirms !== true) return found;
  if (upstream !== undefined)
    found.push(
      finding(at("confirms"), {
        rule: "QUO010",
        message: `${name} streams from ${upstream}, so it cannot confirm the leader's commits`,
        hint: "remove upstream or confirms",
      }),
    );
  else if (promotable === false && !isObserver)
    found.push(
      finding(at("confirms"), {
        rule: "QUO010",
        severity: "warn",
        message: `${name} may confirm commits but may not lead: after a loss they could exist only there`,
        hint: "write confirms: false, or let it lead",
      }),
    );
  return found;
}

function checkUpstream(
  name: string,
  at: Span,
  { name: cluster, nodes, relatives }: ResolvedCluster,
): readonly Diagnostic[] {
  const upstreamOf = new Map(nodes.map((node) => [node.name, node.upstream]));
  const upstream = upstreamOf.get(name);
  if (upstream === undefined) return [];
  if (relatives.some((node) => node.name === upstream))
    return [
      finding(at, {
        rule: "QUO044",
        message: `upstream ${upstream} is a node of another cluster of this intent; ${name} can stream only from nodes of ${cluster}`,
        hint: "remove upstream: a dr site follows the other cluster as a whole, through its own leader",
      }),
    ];
  if (!upstreamOf.has(upstream)) {
    const suggestion = nearest(upstream, upstreamOf.keys());
    return [
      finding(at, {
        rule: "QUO006",
        message: `upstream ${upstream} is not a node of this cluster`,
        hint:
          suggestion === undefined
            ? `nodes: ${[...upstreamOf.keys()].join(", ")}`
            : `did you mean ${suggestion}?`,
      }),
    ];
  }
  const visited = [name];
  for (let next: string | undefined = upstream; next !== undefined; next = upstreamOf.get(next)) {
    if (next === name)
      return [
        finding(at, {
          rule: "QUO010",
          message: `the upstreams of ${[...visited, name].join(", ")} go in a circle`,
          hint: "let one of them stream from the leader: remove its upstream",
        }),
      ];
    if (visited.includes(next)) return [];
    visited.push(next);
  }
  return [];
}

function checkOrder(cluster: ResolvedCluster): readonly Diagnostic[] {
  const { order, patroni, source } = cluster;
  const nodes = [...cluster.nodes, ...cluster.relatives];
  const found: Diagnostic[] = [];
  for (const [index, name] of order.entries()) {
    const at = source.at(["failover", "order", index]);
    const node = nodes.find((candidate) => candidate.name === name);
    const suggestion = nearest(
      name,
      nodes.map((candidate) => candidate.name),
    );
    if (node === undefined)
      found.push(
        finding(at, {
          rule: "QUO006",
          message: `${name} is not a node of this cluster`,
          hint:
            suggestion === undefined
              ? "name nodes that stand under sites"
              : `did you mean ${suggestion}?`,
        }),
      );
    else if (!node.promotable)
      found.push(
        finding(at, {
          rule: "QUO010",
          message: `${name} may not lead`,
          hint: "take it out of the order",
        }),
      );
    if (order.indexOf(name) < index)
      found.push(
        finding(at, {
          rule: "QUO005",
          message: `${name} stands twice in the order`,
          hint: "keep the first",
        }),
      );
  }
  if (order.length > 0 && !isAtLeast(patroni, FIRST_WITH_FAILOVER_PRIORITY))
    found.push(
      finding(source.atKey(["failover", "order"]), {
        rule: "QUO013",
        message: `Patroni ${formatPatroniVersion(patroni)} knows no order of candidates (failover_priority came with 3.2)`,
        hint: "remove failover.order, or raise patroni: once every member runs 3.2 or newer",
      }),
    );
  return found;
}

function checkTiming({ timing, source }: ResolvedCluster): readonly Diagnostic[] {
  const { ttl, loopWait, retryTimeout } = timing;
  const found: Diagnostic[] = [];
  const minima = [
    ["ttl", ttl, 20],
    ["loopWait", loopWait, 1],
    ["retryTimeout", retryTimeout, 3],
  ] as const;
  for (const [key, value, least] of minima)
    if (value < least)
      found.push(
        finding(source.at(["failover", "speed", key]), {
          rule: "QUO012",
          message: `${key} is ${value} s, Patroni takes no less than ${least} s`,
          hint: `Patroni would silently use ${least} s: write it`,
        }),
      );
  const budget = loopWait + 2 * retryTimeout;
  if (budget > ttl)
    found.push(
      finding(source.at(["failover", "speed"]), {
        rule: "QUO012",
        message: `ttl is ${ttl} s but loopWait + 2 x retryTimeout is ${budget} s: a leader could outlive its lease`,
        hint: `raise ttl to ${budget}s, or lower the other two`,
      }),
    );
  if (ttl > LONGEST_TTL)
    found.push(
      finding(source.at(["failover", "speed", "ttl"]), {
        rule: "QUO012",
        message: `ttl is ${ttl} s, which is longer than a day: nobody would lead for that long after a crash`,
        hint: "write at most 1d",
      }),
    );
  return found;
}

function checkMaxLoss({ maxLossBytes, source }: ResolvedCluster): readonly Diagnostic[] {
  if (maxLossBytes === undefined || maxLossBytes === 0 || maxLossBytes >= SMALLEST_MAX_LOSS)
    return [];
  return [
    finding(source.at(["failover", "maxLoss"]), {
      rule: "QUO003",
      message: `maxLoss is ${formatBytes(maxLossBytes)}; less than one WAL segment (16 MiB) leaves no standby that may lead`,
      hint: "write 0 with a tier that loses nothing, or 16MiB or more",
    }),
  ];
}
