import type { Diagnostic } from "../core/diagnostic.ts";
import { isSiteGuarantee } from "../topology/durability-shape.ts";
import type { DurabilityCase } from "./check-durability.ts";

/**
 * Checks a tier that promises every commit in two sites: under no leader may another node of its own site
 * confirm. The compiler chooses one node of each site; only what a person wrote of a node can contradict.
 * Empty when nothing is wrong.
 */
export function checkSites(given: DurabilityCase): readonly Diagnostic[] {
  const { cluster, shape, tier, topology } = given;
  if (!isSiteGuarantee(shape)) return [];
  return cluster.sites.flatMap(({ name }): Diagnostic[] => {
    const leaders = topology.leaders.filter((node) => node.site === name);
    const confirming = topology.confirming.filter((node) => node.site === name);
    const pair = leaders
      .flatMap((leader) => confirming.map((node) => [leader, node] as const))
      .find(([leader, node]) => leader !== node);
    if (pair === undefined) return [];
    const [leader, node] = pair;
    const message = `while ${leader.name} leads, ${node.name} in the same site could alone confirm a commit, but tier ${tier.name} promises it in two sites`;
    return [
      {
        rule: "QUO027",
        severity: "error",
        message,
        at: cluster.source.at([
          ...(leader.written.promotable === true ? leader : node).path,
          "name",
        ]),
        hint: `let one node of ${name} lead and confirm, and remove promotable and confirms from the others; or write onStandbyLoss: degrade to make it an aim`,
      },
    ];
  });
}
