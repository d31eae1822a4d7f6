import type { Diagnostic } from "../core/diagnostic.ts";
import { formatPatroniVersion, isAtLeast } from "../patroni/version.ts";
import type { DurabilityCase } from "./check-durability.ts";
import { FIRST_TO_IGNORE_SYNC } from "./standby-settings.ts";

/**
 * Checks a standby cluster for the day on which it is promoted. While it follows, its tier promises nothing:
 * what is acknowledged is acknowledged by the cluster that it follows, so nothing here is an error. Empty
 * when it could keep its tier's promise from its first day on.
 */
export function checkStandbyDurability(given: DurabilityCase): readonly Diagnostic[] {
  const { cluster, tier, facts, expressions } = given;
  const found: Diagnostic[] = [];
  const warn = (rule: string, message: string, hint: string): void => {
    found.push({ rule, severity: "warn", message, at: cluster.source.at(cluster.namePath), hint });
  };
  const holds = tier.when === undefined ? undefined : expressions.evaluate(tier.when, facts);
  if (holds !== undefined && !(holds.ok && holds.value === true))
    warn(
      "QUO045",
      `once promoted, ${cluster.name} could not keep tier ${tier.name}: ${tier.message ?? `it needs ${tier.when ?? ""}`}`,
      tier.fix ?? "add nodes to the site, or know that it promises less",
    );
  if (tier.promise.loss === "none" && !isAtLeast(cluster.patroni, FIRST_TO_IGNORE_SYNC))
    warn(
      "QUO045",
      `Patroni ${formatPatroniVersion(cluster.patroni)} does not ignore synchronous_mode in a standby cluster, so ${cluster.name} has it off: once promoted, no commit waits for a standby`,
      "switch it on with the promotion, or raise patroni to 3.2 or newer once every member runs it",
    );
  return found;
}
