import type { Diagnostic } from "../core/diagnostic.ts";
import type { Acceptable } from "../intent/durability-intent.ts";
import type { ResolvedNode } from "../intent/resolve-cluster.ts";
import { isSiteGuarantee } from "../topology/durability-shape.ts";
import type { DurabilityCase } from "./check-durability.ts";
import { tierPath } from "./find-tier.ts";

/** A risk that is an error unless the intent accepts it. */
interface Risk {
  readonly word: Acceptable;
  /** What would happen; undefined when it cannot. */
  readonly message: string | undefined;
  readonly hint: string;
  /** Why nothing has to be accepted. */
  readonly absence: string;
}

/**
 * Checks that risks which contradict what a reader of the tier expects are accepted in so many words, and that
 * no more is accepted than there is. Empty when nothing is wrong.
 */
export function checkAcceptance(given: DurabilityCase): readonly Diagnostic[] {
  const { cluster } = given;
  // There is nothing to accept where no commit waits: see checkOverrides.
  if (given.shape.loss !== "none") return [];
  return [standbyRisk(given), siteRisk(given)].flatMap(({ word, message, hint, absence }) => {
    const isAccepted = cluster.durability.accepts.includes(word);
    if (isAccepted === (message !== undefined)) return [];
    const found: Diagnostic =
      message === undefined
        ? {
            rule: "QUO025",
            severity: "warn",
            message: `nothing has to be accepted as ${word}: ${absence}`,
            at: cluster.source.at(["durability", "accept"]),
            hint: "remove the word, so that it does not hide a later risk",
          }
        : {
            rule: "QUO025",
            severity: "error",
            message,
            at: cluster.source.at(tierPath(cluster)),
            hint: `${hint}, or write accept: [${word}]`,
          };
    return [found];
  });
}

/** One standby that may confirm, and writes that wait for it: whatever happens to it stops the cluster. */
function standbyRisk({ cluster, tier, shape, topology }: DurabilityCase): Risk {
  const blocks = shape.withoutStandby === "block";
  const leader = topology.leaders.find(
    ({ name }) => topology.confirming.filter((node) => node.name !== name).length === 1,
  );
  const standby = topology.confirming.find(({ name }) => name !== leader?.name);
  const isAtRisk = blocks && leader !== undefined && standby !== undefined;
  const message = `while ${leader?.name ?? ""} leads, only ${standby?.name ?? ""} may confirm, so with tier ${cluster.tier} writes stop whenever it is away`;
  return {
    word: "writes-block-on-any-standby-loss",
    message: isAtRisk ? message : undefined,
    hint:
      tier.promise.span === "site"
        ? "add a node in a third site, write onStandbyLoss: degrade"
        : "add a node that confirms, use the tier sync",
    absence: blocks
      ? `${topology.confirmingStandbys} standbys may confirm, so that no single one stops writes`
      : "writes go on without a standby",
  };
}

/**
 * With no confirming standby left, Patroni up to 4.1 writes `*`, and then a node beside the leader confirms.
 * Measured on 4.1.5 with two sites of two nodes: with the other site gone, writes went on in one site.
 *
 * @see patroni/postgresql/sync.py:set_synchronous_standby_names at v4.1.4
 */
function siteRisk(given: DurabilityCase): Risk {
  const { cluster, shape } = given;
  const beside = bystanderBesideLeader(given);
  const message = `with every confirming standby away, Patroni up to 4.1 lets any node confirm, ${beside?.name ?? ""} beside the leader in ${beside?.site ?? ""} as well: such a commit is in one site only, but tier ${cluster.tier} promises two`;
  return {
    word: "commits-in-one-site",
    message: isSiteGuarantee(shape) && beside !== undefined ? message : undefined,
    hint: "have one node in each site, write onStandbyLoss: degrade to make two sites an aim",
    absence: isSiteGuarantee(shape)
      ? "no node that never confirms stands beside one that may lead"
      : "two sites are no promise here",
  };
}

/** A node that never confirms in the site of one that may lead: with `*` it alone confirms. */
export function bystanderBesideLeader({
  cluster,
  topology,
}: Pick<DurabilityCase, "cluster" | "topology">): ResolvedNode | undefined {
  return cluster.nodes.find(
    (node) => !node.confirms && topology.leaders.some(({ site }) => site === node.site),
  );
}
