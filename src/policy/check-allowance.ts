import type { Diagnostic, Span } from "../core/diagnostic.ts";
import type { ResolvedDcs } from "../intent/dcs-intent.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import { automaticCount } from "../topology/automatic-count.ts";
import { nodeLosses, siteLosses } from "../topology/losses.ts";
import {
  dcsSetback,
  leaderSetback,
  type Loss,
  type RideOutCase,
  type Setback,
} from "../topology/ride-out.ts";
import type { DurabilityCase } from "./check-durability.ts";
import { tierPath } from "./find-tier.ts";
import { modeOf, settingOf } from "./setting-value.ts";
import { consequenceText, lossText } from "./setback-text.ts";

const KINDS = ["nodes", "sites"] as const;
type Kind = (typeof KINDS)[number];

/**
 * Checks by arithmetic that automatic failover rides out the losses that the intent allows for. It asks what
 * Patroni does after each loss from a healthy state, under every node that may lead and the worst choice of
 * synchronous standbys; networks that split and failures one after another are no part of it.
 *
 * Without a written allowance nothing is claimed. Then the loss of one node, and of one site where nodes of
 * several may lead, is looked at all the same, and what it would end is a warning: `allowance: { sites: 0 }`
 * says that it is meant to be so. Empty when nothing is wrong.
 */
export function checkAllowance(given: DurabilityCase): readonly Diagnostic[] {
  const { allowance, scope } = given.cluster.failover;
  // Nothing fails over by itself; what contradicts that is said of the scope.
  if (scope === "manual") return [];
  const situation = rideOutCase(given);
  return KINDS.flatMap((kind) =>
    JUDGES.flatMap((judge) => {
      const asked = allowance[kind];
      if (asked !== undefined) {
        const found = firstSetback(judge, situation, kind, asked);
        if (found !== undefined) return [broken(given, kind, found)];
        return judge === dcsSetback && kind === "nodes" ? checkLoneVoter(given, asked) : [];
      }
      const most = unasked(given, kind, judge);
      // That writes wait is what such a tier promises.
      const found = firstSetback(judge, { ...situation, blocks: false }, kind, most);
      if (found !== undefined) return [surprise(given, kind, { ...found, most })];
      return judge === dcsSetback && kind === "nodes" ? warnOfLoneVoter(given) : [];
    }),
  );
}

/**
 * Voters on machines of their own are no nodes, so that no loss of nodes takes them. But a DCS that no machine
 * may leave is not what a cluster stands on that rides out the loss of any one.
 */
function checkLoneVoter({ cluster }: DurabilityCase, asked: number): readonly Diagnostic[] {
  const { name, voters } = cluster.dcs;
  if (asked < 1 || voters.length > 2 || isUndeclared(cluster.dcs)) return [];
  const number = voters.length === 1 ? "one voter, and without it" : "two voters, and without one";
  return [
    {
      rule: "QUO021",
      severity: "error",
      message: `the DCS ${name} has ${number} nobody fails over: one machine less is more than this cluster rides out`,
      at: cluster.source.at(["failover", "allowance", "nodes"]),
      hint: "use 3 DCS voters on 3 machines; or write failover.allowance: { nodes: 0 }",
    },
  ];
}

/** Of two voters QUO017 warns, once for all clusters: the second one only costs. */
function warnOfLoneVoter({ cluster, topology }: DurabilityCase): readonly Diagnostic[] {
  const { name, voters } = cluster.dcs;
  if (voters.length > 1 || topology.leaders.length < 2 || isUndeclared(cluster.dcs)) return [];
  return [
    {
      rule: "QUO022",
      severity: "warn",
      message: `the DCS ${name} has one voter: while it is away nobody fails over`,
      at: cluster.project.source.atKey(["dcs", name, "voters"]),
      hint: "use 3 DCS voters on 3 machines; or write failover.allowance: { nodes: 0 } if it may be",
    },
  ];
}

/** A DCS without a name stands in for one that is not declared, which is an error of its own. */
function isUndeclared({ name }: ResolvedDcs): boolean {
  return name === "";
}

/** What the DCS does not get over, and after what nobody leads or writes. */
const JUDGES = [dcsSetback, leaderSetback] as const;
type Judge = (typeof JUDGES)[number];

/**
 * The losses that are looked at although nobody spoke of them. With a written `quorum: 1` of three standbys
 * or more it is two nodes: quorum mode then needs all that are left, so that a second one away, for whatever
 * reason, leaves nobody to lead.
 */
function unasked(
  { cluster, topology, settings }: DurabilityCase,
  kind: Kind,
  judge: Judge,
): number {
  const { leaders, confirmingStandbys } = topology;
  if (kind === "sites") return Number(new Set(leaders.map((node) => node.site)).size > 1);
  const isFragile = cluster.quorum === 1 && confirmingStandbys > 2 && modeOf(settings) === "quorum";
  if (isFragile && judge === leaderSetback) return 2;
  return Number(leaders.length > 1);
}

/** A loss that a cluster does not get over, and why. */
interface Counterexample {
  readonly loss: Loss;
  readonly setback: Setback;
}

function firstSetback(
  judge: Judge,
  given: RideOutCase,
  kind: Kind,
  most: number,
): Counterexample | undefined {
  const losses = kind === "nodes" ? nodeLosses : siteLosses;
  for (const loss of losses(given, most)) {
    const setback = judge(given, loss);
    if (setback !== undefined) return { loss, setback };
  }
  return undefined;
}

function rideOutCase({
  cluster,
  settings,
}: Pick<DurabilityCase, "cluster" | "settings">): RideOutCase {
  const blocks = settingOf(settings, "synchronous_mode_strict") === true;
  const count = settingOf(settings, "synchronous_node_count");
  return {
    nodes: cluster.nodes,
    voters: cluster.dcs.voters,
    mode: modeOf(settings),
    // As Patroni reads it: one unless it says otherwise.
    count: typeof count === "number" ? count : 1,
    blocks,
    failsafe: cluster.onOutage === "keep-leading",
  };
}

function broken(given: DurabilityCase, kind: Kind, found: Counterexample): Diagnostic {
  return {
    rule: "QUO021",
    severity: "error",
    message: sentenceOf(given, found),
    at: given.cluster.source.at(["failover", "allowance", kind]),
    hint: [...waysOut(given, kind, found), lowering(kind, found)].join("; or "),
  };
}

function surprise(
  given: DurabilityCase,
  kind: Kind,
  found: Counterexample & { readonly most: number },
): Diagnostic {
  const ways = waysOut(given, kind, found);
  const less = `write failover.allowance: { ${kind}: ${found.most - 1} } if it may be`;
  return {
    rule: "QUO022",
    severity: "warn",
    message: sentenceOf(given, found),
    at: placeOf(given.cluster, found.setback),
    hint: [...ways, less].join("; or "),
  };
}

function sentenceOf(given: DurabilityCase, { loss, setback }: Counterexample): string {
  return `${lossText(loss)} ${consequenceText(setback, loss, rideOutCase(given))}`;
}

function placeOf(cluster: ResolvedCluster, { kind }: Setback): Span {
  if (kind !== "no-votes" && kind !== "no-sync") return cluster.source.atKey(["sites"]);
  return cluster.source.at(cluster.quorum === "auto" ? tierPath(cluster) : ["quorum"]);
}

function lowering(kind: Kind, { loss, setback }: Counterexample): string {
  if (kind === "nodes" || setback.kind !== "no-dcs") return `lower failover.allowance.${kind}`;
  const away =
    loss.sites.length > 1 ? `${loss.sites.join(" and ")} are` : `${loss.sites.join("")} is`;
  return `write failover.allowance.sites: ${loss.sites.length - 1}, at the cost of every write while ${away} away`;
}

/** What would make the counterexample go away, the cheapest first, each with what it costs. */
function waysOut(given: DurabilityCase, kind: Kind, found: Counterexample): readonly string[] {
  const { loss, setback } = found;
  switch (setback.kind) {
    case "no-dcs":
      return kind === "sites" ? siteWaysOut(given, found) : [nodeWayOut(given)];
    case "no-votes":
    case "no-sync":
      return [countWayOut(given, kind, found)];
    case "no-candidate":
      return kind === "sites"
        ? ["let nodes of another site lead"]
        : [`let a node lead that is not lost with ${loss.leader.name}`];
    case "blocked":
      return ["add nodes that confirm", "write durability.onStandbyLoss: degrade"];
    default:
      return setback satisfies never;
  }
}

/** Any s sites may be lost when 2 s + 1 of them have voters, and no s of them half or more. */
function siteWaysOut(
  { cluster, topology }: DurabilityCase,
  { loss, setback }: Counterexample,
): readonly string[] {
  const lost = loss.sites.length;
  const voters = Math.max(cluster.dcs.voters.length, 2 * lost + 1);
  const spread = `spread ${voters} DCS voters over ${2 * lost + 1} sites`;
  if (lost > 1) return [spread];
  const third = `${spread}, ${voters > 4 ? "2-2-1" : "1-1-1"}, at the cost of a machine in the third`;
  const left = [...new Set(topology.leaders.map(({ site }) => site))].filter(
    (site) => !loss.sites.includes(site),
  );
  if (setback.kind !== "no-dcs" || !setback.leaderIsLost || left.length === 0) return [third];
  const dr = `give ${left.join(" and ")} the role dr with a DCS of its own, at the cost of a failover by hand that may lose what had not arrived there`;
  return [third, dr];
}

function nodeWayOut({ cluster }: DurabilityCase): string {
  const needed = 2 * (cluster.failover.allowance.nodes ?? 1) + 1;
  return cluster.dcs.voters.length < needed
    ? `use ${needed} DCS voters on ${needed} machines`
    : "put DCS voters on machines of their own";
}

/** The smallest count that would do, found by trying. */
function countWayOut(
  { cluster, topology, shape, settings }: DurabilityCase,
  kind: Kind,
  { loss }: Counterexample,
): string {
  const base = rideOutCase({ cluster, settings });
  const lost = kind === "sites" ? loss.sites.length : loss.nodes.length;
  const wanted = cluster.failover.allowance[kind] ?? lost;
  const asked = {
    ...cluster.failover,
    allowance: { ...cluster.failover.allowance, [kind]: wanted },
  };
  const auto = automaticCount({ ...cluster, failover: asked }, { ...topology, shape });
  for (let count = base.count + 1; count <= topology.confirmingStandbys; count += 1) {
    const next = firstSetback(leaderSetback, { ...base, count }, kind, wanted)?.setback.kind;
    if (next === "no-votes" || next === "no-sync") continue;
    return cluster.quorum === "auto" && auto === count
      ? `write failover.allowance: { ${kind}: ${wanted} }, which makes quorum: auto ${count}`
      : `raise quorum to ${count}`;
  }
  return "add nodes that may lead and confirm elsewhere";
}
