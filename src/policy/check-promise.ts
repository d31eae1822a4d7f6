import type { Diagnostic } from "../core/diagnostic.ts";
import type { Json } from "../core/json.ts";
import type { DurabilityCase } from "./check-durability.ts";
import { exactSetterOf, modeOf } from "./setting-value.ts";

/**
 * Checks that the settings that came out are those that the promise is made of, whoever set them: strictness, how
 * many confirm, and that nobody leads on an old timeline. Empty when they are.
 *
 * @see patroni/global_config.py:min_synchronous_nodes and patroni/ha.py:_is_healthiest_node at v4.1.5
 */
export function checkPromise(given: DurabilityCase): readonly Diagnostic[] {
  if (given.tier.promise.loss !== "none" || modeOf(given.settings) === "off") return [];
  return [...checkStrict(given), ...checkCount(given), ...checkTimeline(given)];
}

/** A finding where the value was set; where nobody set it, at the tier's promise. */
function broken(
  { settings, tier }: DurabilityCase,
  key: string,
  said: Pick<Diagnostic, "message"> & { readonly hint: string },
): Diagnostic {
  const at = exactSetterOf(settings, key)?.at ?? tier.source.at(["promise"]);
  return { rule: "QUO011", severity: "error", at, ...said };
}

function valueOf({ settings }: DurabilityCase, key: string): Json | undefined {
  return exactSetterOf(settings, key)?.value;
}

function checkStrict(given: DurabilityCase): readonly Diagnostic[] {
  const { shape, tier } = given;
  const key = "synchronous_mode_strict";
  const isStrict = valueOf(given, key) === true;
  if (isStrict === (shape.withoutStandby === "block")) return [];
  const message = isStrict
    ? `${key} lets writes wait when no standby is left, but tier ${tier.name} goes on here`
    : `without ${key} writes go on with one copy when no standby is left, but tier ${tier.name} waits here`;
  return [
    broken(given, key, {
      message,
      hint: `write ${key}: "\${durability.onStandbyLoss == 'block'}"`,
    }),
  ];
}

function checkCount(given: DurabilityCase): readonly Diagnostic[] {
  const { tier, topology } = given;
  const key = "synchronous_node_count";
  // As Patroni reads it: one unless it says otherwise.
  const count = valueOf(given, key) ?? 1;
  if (count === topology.quorumCount) return [];
  return [
    broken(given, key, {
      message: `${key} is ${JSON.stringify(count)} by tier ${tier.name}, but the quorum of this cluster is ${topology.quorumCount}`,
      hint: `write ${key}: "\${quorum.count}"`,
    }),
  ];
}

function checkTimeline(given: DurabilityCase): readonly Diagnostic[] {
  const key = "check_timeline";
  if (valueOf(given, key) === true) return [];
  return [
    broken(given, key, {
      message: `without ${key} a node that missed a failover may lead, and what was committed since is lost`,
      hint: `remove ${key}: Quorate sets it`,
    }),
  ];
}
