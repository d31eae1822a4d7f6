import type { Diagnostic } from "../core/diagnostic.ts";
import { leaderLevel } from "../intent/leader-preference.ts";
import {
  FIRST_WITH_FAILOVER_PRIORITY,
  FIRST_WITH_SYNC_PRIORITY,
  formatPatroniVersion,
  isAtLeast,
} from "../patroni/version.ts";
import type { DurabilityCase } from "./check-durability.ts";
import { modeOf, settingOf } from "./setting-value.ts";

/** Why a preference is not followed, and what can be done about it. */
interface Ignored {
  readonly message: string;
  readonly hint: string;
}

/**
 * Checks that who should lead, by a written order or by the sites' roles, is who will lead. Empty when nobody
 * is preferred, or when the preference decides as far as it can: among nodes with equally much WAL.
 */
export function checkOrder(given: DurabilityCase): readonly Diagnostic[] {
  const { cluster, topology } = given;
  const hasOrder = cluster.order.some((name) => cluster.nodes.some((node) => node.name === name));
  // A written order that this release does not know at all is an error of its own.
  const knowsOrder = isAtLeast(cluster.patroni, FIRST_WITH_FAILOVER_PRIORITY);
  if (hasOrder && !knowsOrder) return [];
  if (cluster.failover.scope === "manual") return [];
  const hasPreference = hasOrder || new Set(topology.leaders.map(({ role }) => role)).size > 1;
  if (!hasPreference) return [];
  const at = cluster.source.at(hasOrder ? ["failover", "order"] : ["sites"]);
  return ignoredPreference(given).map((said) => ({
    rule: "QUO011",
    severity: "warn",
    at,
    ...said,
  }));
}

const WISH = "know that any node with the most WAL may lead; keep it as a wish";

/** @see Patroni documentation, "Quorum commit mode": failover_priority is not honoured there. */
function ignoredPreference(given: DurabilityCase): readonly Ignored[] {
  const { patroni } = given.cluster;
  if (!isAtLeast(patroni, FIRST_WITH_FAILOVER_PRIORITY)) {
    const message = `Patroni ${formatPatroniVersion(patroni)} knows no preference among nodes that may lead`;
    return [{ message, hint: WISH }];
  }
  switch (modeOf(given.settings)) {
    case "off":
      return [];
    case "quorum":
      return [
        {
          message:
            "in quorum mode Patroni takes the node with the most WAL; the order decides only among equals",
          hint: WISH,
        },
      ];
    case "on":
      return [...ignoredPick(given), ...neverPicked(given)];
    default:
      return [];
  }
}

/**
 * With `synchronous_mode` on only the standbys that Patroni picked may lead. It picks by `sync_priority`, else
 * by who confirms already and has the most WAL; among those it picked, `failover_priority` counted on none of
 * 4.0.0 to 4.1.0.
 *
 * @see patroni/ha.py:is_healthiest_node and patroni/postgresql/sync.py:_ReplicaList at v4.0.7 and v4.1.5;
 * docs/releases.rst, 4.1.1
 */
function ignoredPick({ cluster, topology, settings }: DurabilityCase): readonly Ignored[] {
  const { patroni } = cluster;
  const written = settingOf(settings, "synchronous_node_count");
  const count = typeof written === "number" ? written : 1;
  const choices = topology.confirmingStandbys;
  const release = `Patroni ${formatPatroniVersion(patroni)}`;
  const hint = "raise patroni to 4.1.1 once every member runs it, or keep the order as a wish";
  if (choices > count && !isAtLeast(patroni, FIRST_WITH_SYNC_PRIORITY))
    return [
      {
        message: `with synchronous_mode on only the standbys that Patroni picked may lead, here ${count} of ${choices}, and ${release} picks by who confirms already and has the most WAL, not by the order`,
        hint,
      },
    ];
  const isBroken =
    isAtLeast(patroni, { major: 4, minor: 0, patch: 0 }) &&
    !isAtLeast(patroni, { major: 4, minor: 1, patch: 1 });
  if (!isBroken || count < 2) return [];
  return [
    {
      message: `${release} ignores the order among the ${count} standbys that confirm; 4.1.1 and newer follow it`,
      hint,
    },
  ];
}

/** Whoever never confirms is never picked, and then leads by hand only, however much it is preferred. */
function neverPicked({ cluster, topology }: DurabilityCase): readonly Ignored[] {
  const levelOf = (node: (typeof topology.leaders)[number]): number =>
    leaderLevel(node, cluster.order);
  const last = Math.max(...topology.leaders.filter(({ confirms }) => confirms).map(levelOf));
  const names = topology.leaders
    .filter((node) => !node.confirms && levelOf(node) < last)
    .map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    {
      message: `with synchronous_mode on only a standby that confirms may lead by itself: ${names.join(", ")} never confirms, so the order passes it over`,
      hint: "let it confirm, or put it last",
    },
  ];
}
