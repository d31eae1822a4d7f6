import { hasErrors, type Diagnostic } from "../core/diagnostic.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import type { SourcePath } from "../intent/source-offset.ts";
import { formatPatroniVersion, isAtLeast } from "../patroni/version.ts";
import { isOff } from "../postgres/parameter-value.ts";
import { isSiteGuarantee, type DurabilityShape } from "../topology/durability-shape.ts";
import type { Topology } from "../topology/derive-topology.ts";
import { bystanderBesideLeader, checkAcceptance } from "./check-acceptance.ts";
import { checkAllowance } from "./check-allowance.ts";
import { checkOrder } from "./check-order.ts";
import { checkOverrides } from "./check-overrides.ts";
import { checkPromise } from "./check-promise.ts";
import { checkSites } from "./check-sites.ts";
import { checkStandbyDurability } from "./check-standby-durability.ts";
import { checkWaits } from "./check-waits.ts";
import type { Expressions } from "./expression.ts";
import { tierPath } from "./find-tier.ts";
import type { TierFacts } from "./tier-facts.ts";
import { exactSetterOf, modeOf, settingOf, type SettingValue } from "./setting-value.ts";
import type { Tier } from "./tier.ts";

/** Everything that decides whether a cluster can keep what its tier promises. */
export interface DurabilityCase {
  readonly cluster: ResolvedCluster;
  readonly topology: Topology;
  readonly tier: Tier;
  /** The tier's promise together with what the intent changes of it. */
  readonly shape: DurabilityShape;
  readonly facts: TierFacts;
  readonly settings: readonly SettingValue[];
  readonly expressions: Expressions;
}

/** Checks that the cluster can keep what its tier promises. Empty when nothing is wrong. */
export function checkDurability(given: DurabilityCase): readonly Diagnostic[] {
  if (given.cluster.standbyOf !== undefined) return checkStandbyDurability(given);
  const unmet = checkRequirement(given);
  const asked = [
    ...unmet,
    ...checkQuorum(given),
    ...checkOverrides(given),
    ...(unmet.length > 0 ? [] : checkAcceptance(given)),
    ...checkSites(given),
    ...checkMode(given),
  ];
  // Settings that follow from what is refused already are no findings of their own.
  const basics = [...asked, ...(hasErrors(asked) ? [] : checkPromise(given))];
  return [
    ...basics,
    ...checkMaxLoss(given),
    ...checkCommitLevel(given),
    ...checkWaits(given),
    ...checkBystanders(given),
    ...checkOrder(given),
    ...checkRelease(given),
    // What a cluster rides out that is not what it should be would only distract.
    ...(hasErrors(basics) ? [] : checkAllowance(given)),
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
  const fix = tier.fix ?? "choose another tier, or add nodes";
  return [refusal(given, tierPath(given.cluster), message, fix)];
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
      topology.confirmingStandbys === 0
        ? "add nodes that confirm"
        : `lower it to ${topology.confirmingStandbys}, or add nodes that confirm; Patroni would silently lower it`,
    ),
  ];
}

function checkMaxLoss(given: DurabilityCase): readonly Diagnostic[] {
  const { cluster, tier } = given;
  if (cluster.maxLossBytes === undefined) return [];
  const isBounded = tier.promise.loss === "bounded";
  if (cluster.maxLossBytes > 0 && !isBounded)
    return [
      refusal(
        given,
        ["failover", "maxLoss"],
        `tier ${tier.name} loses nothing; as a lag limit maxLoss would only keep healthy standbys from leading`,
        "write maxLoss: 0, or remove it",
      ),
    ];
  if (cluster.maxLossBytes > 0 || !isBounded) return [];
  return [
    refusal(
      given,
      ["failover", "maxLoss"],
      `maxLoss is 0, but tier ${tier.name} may lose commits in a failover`,
      "choose the tier sync or majority, or write how much may be lost (16MiB or more)",
    ),
  ];
}

/** What makes every promise about confirmed commits void, however it is spelt. */
function checkCommitLevel(given: DurabilityCase): readonly Diagnostic[] {
  if (given.tier.promise.loss !== "none") return [];
  return [
    ...voids(
      given,
      "synchronous_commit",
      (value) => isOff(value) ?? value === "local",
      "does not wait for a standby",
    ),
    ...voids(
      given,
      "fsync",
      (value) => isOff(value) ?? false,
      "loses commits when a machine crashes",
    ),
    ...voids(
      given,
      "full_page_writes",
      (value) => isOff(value) ?? false,
      "can spoil the data when a machine crashes",
    ),
    ...voids(
      given,
      "wal_sender_timeout",
      (value) => /^0+\w*$/.test(String(value)),
      "lets a silent standby hold up commits for ever",
    ),
  ];
}

function voids(
  given: DurabilityCase,
  name: string,
  isVoid: (value: boolean | number | string) => boolean,
  why: string,
): readonly Diagnostic[] {
  const setting = exactSetterOf(given.settings, `postgresql.parameters.${name}`);
  const value = setting?.value;
  if (setting === undefined || value === undefined || value === null || typeof value === "object")
    return [];
  const plain = typeof value === "string" ? value.toLowerCase() : value;
  if (!isVoid(plain)) return [];
  const message = `${name} ${String(value)} ${why}, but tier ${given.tier.name} promises that nothing is lost`;
  return [
    {
      rule: "QUO011",
      severity: "error",
      message,
      at: setting.at,
      hint: `remove ${name}, or choose the tier async`,
    },
  ];
}

/** The settings that come out must be of the kind that the promise needs. */
function checkMode(given: DurabilityCase): readonly Diagnostic[] {
  const mode = settingOf(given.settings, "synchronous_mode");
  const waits = mode === "quorum" || mode === true || mode === "on";
  const { tier } = given;
  if (waits === (tier.promise.loss === "none")) return [];
  const message = waits
    ? `tier ${tier.name} promises no more than bounded loss, but its settings wait for standbys`
    : `tier ${tier.name} promises that nothing is lost, but its settings wait for no standby`;
  return [
    {
      rule: "QUO011",
      severity: "error",
      message,
      at: tier.source.at(["promise"]),
      hint: "set synchronous_mode in every case of the tier",
    },
  ];
}

/**
 * @see patroni/postgresql/sync.py:set_synchronous_standby_names at v4.1.4: without a confirming standby it
 * writes `*`, and then any node that streams may confirm.
 */
function checkBystanders(given: DurabilityCase): readonly Diagnostic[] {
  const { cluster, shape } = given;
  const others = [
    ...cluster.nodes.filter((node) => !node.confirms).map((node) => node.name),
    ...cluster.followers.map((follower) => `the leader of ${follower.cluster}`),
  ];
  if (shape.withoutStandby !== "block" || others.length === 0) return [];
  // A commit in one site, where two are promised, is more than a warning: see checkAcceptance.
  if (isSiteGuarantee(shape) && bystanderBesideLeader(given) !== undefined) return [];
  return [
    refusal(
      given,
      tierPath(cluster),
      `with no confirming standby left, Patroni up to 4.1 lets any node confirm, here ${others.join(", ")}, which may not lead or not confirm`,
      "know that such a commit may exist only there and on the leader; keep two confirming standbys up",
      "warn",
    ),
  ];
}

/** @see https://github.com/patroni/patroni/issues/3307, which came with 4.0.5 */
function checkRelease(given: DurabilityCase): readonly Diagnostic[] {
  const { patroni } = given.cluster;
  const isMended = isAtLeast(patroni, { major: 4, minor: 0, patch: 6 });
  if (modeOf(given.settings) !== "quorum" || isMended) return [];
  const message = `patroni is ${formatPatroniVersion(patroni)}, so a member may run 4.0.5, which refuses every switchover by hand in quorum mode`;
  return [
    {
      rule: "QUO029",
      severity: "warn",
      message,
      at: given.cluster.source.at(["patroni"]),
      hint: 'write patroni: "4.0.6" or newer once every member runs it',
    },
  ];
}
