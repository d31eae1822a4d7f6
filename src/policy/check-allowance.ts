import type { Diagnostic, Span } from "../core/diagnostic.ts";
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
  const { cluster, topology } = given;
  const { allowance, scope } = cluster.failover;
  // Nothing fails over by itself; what contradicts that is said of the scope.
  if (scope === "manual") return [];
  const situation = rideOutCase(given);
  const leadingSites = new Set(topology.leaders.map((node) => node.site)).size;
  const unasked = { nodes: Number(topology.leaders.length > 1), sites: Number(leadingSites > 1) };
  return KINDS.flatMap((kind) => {
    const asked = allowance[kind];
    if (asked !== undefined)
      return firstSetbacks(situation, kind, asked).map((each) => broken(given, kind, each));
    // That writes wait is what such a tier promises.
    const found = firstSetbacks({ ...situation, blocks: false }, kind, unasked[kind]);
    return found.map((each) => surprise(given, kind, each));
  });
}

/** A loss that a cluster does not get over, and why. */
interface Counterexample {
  readonly loss: Loss;
  readonly setback: Setback;
}

/** The smallest loss that the DCS does not get over, and the smallest after which nobody leads or writes. */
function firstSetbacks(given: RideOutCase, kind: Kind, most: number): readonly Counterexample[] {
  return [dcsSetback, leaderSetback].flatMap(
    (judge) => firstSetback(judge, given, kind, most) ?? [],
  );
}

function firstSetback(
  judge: typeof dcsSetback,
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

function surprise(given: DurabilityCase, kind: Kind, found: Counterexample): Diagnostic {
  const ways = waysOut(given, kind, found);
  return {
    rule: "QUO022",
    severity: "warn",
    message: sentenceOf(given, found),
    at: placeOf(given.cluster, found.setback),
    hint: [...ways, `write failover.allowance: { ${kind}: 0 } if it may be`].join("; or "),
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
  return `write failover.allowance.sites: 0, at the cost of every write while ${loss.sites.join(" or ")} is away`;
}

/** What would make the counterexample go away, the cheapest first, each with what it costs. */
function waysOut(given: DurabilityCase, kind: Kind, found: Counterexample): readonly string[] {
  const { loss, setback } = found;
  switch (setback.kind) {
    case "no-dcs":
      return kind === "sites" ? siteWaysOut(given, found) : [nodeWayOut(given)];
    case "no-votes":
    case "no-sync":
      return [countWayOut(given, kind)];
    case "no-candidate":
      return [`let a node lead that is not lost with ${loss.leader.name}`];
    case "blocked":
      return ["add nodes that confirm", "write durability.onStandbyLoss: degrade"];
    default:
      return setback satisfies never;
  }
}

function siteWaysOut(
  { cluster, topology }: DurabilityCase,
  { loss }: Counterexample,
): readonly string[] {
  const spread = cluster.dcs.voters.length > 4 ? "2-2-1" : "1-1-1";
  const third = `spread the DCS voters ${spread} over three sites, at the cost of a machine in the third`;
  const left = new Set(topology.leaders.map(({ site }) => site));
  for (const site of loss.sites) left.delete(site);
  if (left.size === 0) return [third];
  const dr = `give ${[...left].join(" and ")} the role dr with a DCS of its own, at the cost of a failover by hand that may lose what had not arrived there`;
  return [third, dr];
}

function nodeWayOut({ cluster }: DurabilityCase): string {
  const needed = 2 * (cluster.failover.allowance.nodes ?? 1) + 1;
  return cluster.dcs.voters.length < needed
    ? `use ${needed} DCS voters on ${needed} machines`
    : "put DCS voters on machines of their own";
}

/** The smallest count that would do, found by trying. */
function countWayOut({ cluster, topology, shape, settings }: DurabilityCase, kind: Kind): string {
  const base = rideOutCase({ cluster, settings });
  const wanted = cluster.failover.allowance[kind] ?? 1;
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
