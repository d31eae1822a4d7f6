import type { Diagnostic } from "../core/diagnostic.ts";
import { isJsonObject, type Json } from "../core/json.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import type { SourcePath } from "../intent/source-offset.ts";
import type { Topology } from "../topology/derive-topology.ts";
import type { Expressions, TierFacts } from "./expression.ts";
import type { SettingValue } from "./setting-value.ts";
import type { Tier } from "./tier.ts";

/** Everything that decides whether a cluster can keep what its tier promises. */
export interface DurabilityCase {
  readonly cluster: ResolvedCluster;
  readonly topology: Topology;
  readonly tier: Tier;
  readonly facts: TierFacts;
  readonly settings: readonly SettingValue[];
  readonly expressions: Expressions;
}

/** Checks that the cluster can keep what its tier promises. Empty when nothing is wrong. */
export function checkDurability(given: DurabilityCase): readonly Diagnostic[] {
  return [
    ...checkRequirement(given),
    ...checkQuorum(given),
    ...checkMaxLoss(given),
    ...checkCommitLevel(given),
    ...checkOrder(given),
  ];
}

function refusal(
  { cluster }: DurabilityCase,
  path: SourcePath,
  message: string,
  hint: string,
  severity: Diagnostic["severity"] = "error",
): Diagnostic {
  return { rule: "QUO011", severity, message, at: cluster.source.at(path), hint };
}

function checkRequirement(given: DurabilityCase): readonly Diagnostic[] {
  const { tier, facts, expressions } = given;
  if (tier.when === undefined) return [];
  const holds = expressions.evaluate(tier.when, facts);
  if (holds.ok && holds.value === true) return [];
  const message = tier.message ?? `tier ${tier.name} needs ${tier.when}`;
  return [refusal(given, ["durability"], message, tier.fix ?? "choose another tier, or add nodes")];
}

function checkQuorum(given: DurabilityCase): readonly Diagnostic[] {
  const { cluster, topology, tier } = given;
  if (cluster.quorum === "auto") return [];
  if (tier.promise.loss !== "none")
    return [
      refusal(
        given,
        ["quorum"],
        `quorum is ${cluster.quorum}, but with tier ${tier.name} no commit waits for a standby`,
        "remove quorum, or choose a tier that waits",
      ),
    ];
  if (cluster.quorum <= topology.confirmingStandbys) return [];
  return [
    refusal(
      given,
      ["quorum"],
      `quorum is ${cluster.quorum}, but only ${topology.confirmingStandbys} standbys may confirm`,
      `lower it to ${topology.confirmingStandbys}, or add nodes that confirm; Patroni would silently lower it`,
    ),
  ];
}

function checkMaxLoss(given: DurabilityCase): readonly Diagnostic[] {
  const { cluster, tier } = given;
  if (cluster.maxLossBytes !== 0 || tier.promise.loss === "none") return [];
  return [
    refusal(
      given,
      ["failover", "maxLoss"],
      `maxLoss is 0, but tier ${tier.name} may lose commits in a failover`,
      "choose the tier sync or majority, or write how much may be lost (16MiB or more)",
    ),
  ];
}

/** A lower commit level makes every promise about confirmed commits void. */
function checkCommitLevel(given: DurabilityCase): readonly Diagnostic[] {
  if (given.tier.promise.loss !== "none") return [];
  const level = valueOf(given, "postgresql.parameters.synchronous_commit");
  if (level === undefined || (level !== "off" && level !== "local" && level !== false)) return [];
  return [
    refusal(
      given,
      ["postgresql", "parameters", "synchronous_commit"],
      `synchronous_commit ${String(level)} does not wait for a standby, but tier ${given.tier.name} promises it`,
      "remove synchronous_commit, or choose the tier async",
    ),
  ];
}

/** @see Patroni documentation, "Quorum commit mode": failover_priority is not honoured there. */
function checkOrder(given: DurabilityCase): readonly Diagnostic[] {
  if (given.cluster.order.length === 0) return [];
  if (valueOf(given, "synchronous_mode") !== "quorum") return [];
  return [
    refusal(
      given,
      ["failover", "order"],
      "in quorum mode Patroni takes the node with the most WAL; the order decides only among equals",
      "keep it as a preference, or remove it",
      "warn",
    ),
  ];
}

function valueOf({ settings }: DurabilityCase, name: string): Json | undefined {
  const found = settings.find((setting) => setting.path.join(".").toLowerCase() === name);
  return found === undefined || isJsonObject(found.value) ? undefined : found.value;
}
