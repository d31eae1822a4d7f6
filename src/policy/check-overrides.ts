import type { Diagnostic } from "../core/diagnostic.ts";
import type { SourcePath } from "../intent/source-offset.ts";
import { isSiteGuarantee } from "../topology/durability-shape.ts";
import { leastCount } from "../topology/automatic-count.ts";
import type { DurabilityCase } from "./check-durability.ts";
import { settingOf } from "./setting-value.ts";

/**
 * Checks that what an intent changes of its tier makes the promise stronger, never weaker: a result that is
 * another tier has to bear that tier's name. Empty when nothing is wrong.
 */
export function checkOverrides(given: DurabilityCase): readonly Diagnostic[] {
  if (given.tier.promise.loss !== "none") return uselessOverrides(given);
  return [...weakerLoss(given), ...weakerAck(given), ...weakerCount(given)];
}

function refusal(
  { cluster }: DurabilityCase,
  path: SourcePath,
  message: string,
  hint: string,
): Diagnostic {
  return { rule: "QUO020", severity: "error", message, at: cluster.source.at(path), hint };
}

/** A tier that waits for nobody has nothing to say about who confirms what. */
function uselessOverrides(given: DurabilityCase): readonly Diagnostic[] {
  const { cluster, tier } = given;
  const { ack, onStandbyLoss, accepts } = cluster.durability;
  const written: readonly (readonly [string, boolean])[] = [
    ["ack", ack !== undefined],
    ["onStandbyLoss", onStandbyLoss !== undefined],
    ["accept", accepts.length > 0],
  ];
  return written.flatMap(([key, isWritten]): Diagnostic[] => {
    if (!isWritten) return [];
    const message = `with tier ${tier.name} no commit waits for a standby, so ${key} says nothing`;
    const hint = `remove ${key}, or choose a tier that waits`;
    return [refusal(given, ["durability", key], message, hint)];
  });
}

/** What the result is called, given that commits wait for `count` standbys. */
function resultName({ shape }: DurabilityCase, count: number): string {
  return `${shape.withoutStandby === "block" ? "sync-strict" : "sync"} with count ${count}`;
}

/**
 * `cross-site` may be an aim instead of a guarantee: its copies are in two sites as long as the standbys are
 * there. For any other tier that blocks, going on alone is just what it promises not to do.
 */
function weakerLoss(given: DurabilityCase): readonly Diagnostic[] {
  const { tier, shape, topology } = given;
  const isAim = tier.promise.span === "site";
  if (tier.promise.withoutStandby !== "block" || shape.withoutStandby === "block" || isAim)
    return [];
  const message = `onStandbyLoss: degrade lets writes go on with one copy: that is ${resultName(given, topology.quorumCount)}, not ${tier.name}`;
  return [
    refusal(
      given,
      ["durability", "onStandbyLoss"],
      message,
      "remove onStandbyLoss, or use the tier sync",
    ),
  ];
}

/**
 * `remote_write` is confirmed when the standby's operating system has it: the standby's host may lose it.
 * Tiers that block promise two copies that last.
 */
function weakerAck(given: DurabilityCase): readonly Diagnostic[] {
  const { cluster, settings, tier } = given;
  const level = settingOf(settings, "postgresql.parameters.synchronous_commit");
  if (tier.promise.withoutStandby !== "block" || level !== "remote_write") return [];
  const isAck = cluster.durability.ack === "write";
  const path = isAck ? ["durability", "ack"] : ["postgresql", "parameters", "synchronous_commit"];
  const name = isAck ? "ack: write" : "synchronous_commit remote_write";
  return [
    refusal(
      given,
      path,
      `${name} confirms what a standby's disk does not have yet: that is sync with ack: write, not ${tier.name}`,
      "write ack: flush or apply, or use the tier sync",
    ),
  ];
}

function weakerCount(given: DurabilityCase): readonly Diagnostic[] {
  const { cluster, tier, shape, topology } = given;
  const isPromised =
    tier.promise.majority === true || (shape.span === "site" && !isSiteGuarantee(shape));
  if (cluster.quorum === "auto" || !isPromised) return [];
  const least = leastCount({ ...topology, shape });
  if (cluster.quorum >= least) return [];
  const { quorum } = cluster;
  const message =
    tier.promise.majority === true
      ? `quorum ${quorum} of ${topology.confirmingStandbys} standbys is no majority with the leader: that is ${resultName(given, quorum)}, not ${tier.name}`
      : `quorum ${quorum} can be reached within the leader's site: that is ${resultName(given, quorum)}, not ${tier.name}`;
  const other = shape.withoutStandby === "block" ? "sync-strict" : "sync";
  const hint = `write quorum: ${least} or auto, or use the tier ${other}`;
  return [refusal(given, ["quorum"], message, hint)];
}
