import type { Diagnostic } from "../core/diagnostic.ts";
import type { Json } from "../core/json.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import type { SourcePath } from "../intent/source-offset.ts";
import { isAtLeast } from "../patroni/version.ts";
import type { SettingValue } from "./setting-value.ts";

/**
 * The settings that tie a dr site to the cluster it follows: there a permanent slot for each follower, on the
 * follower the section `standby_cluster`. Empty for a cluster that neither follows nor is followed.
 *
 * `host` is a comma list on every release: with a slot Patroni makes libpq look for the node that takes
 * writes (`target_session_attrs=read-write`), before 3.3 always and since then for a list.
 *
 * @see patroni/postgresql/config.py:build_recovery_params at v3.0.2, v4.0.7 and v4.1.5
 */
export function standbySettings(cluster: ResolvedCluster): readonly SettingValue[] {
  return [...slotSettings(cluster), ...followingSettings(cluster)];
}

/**
 * Only an intent's dr site makes a cluster follow another one: were the section set or removed elsewhere, a
 * whole cluster would change sides with it. Empty when nobody else sets it.
 */
export function checkStandbySettings(given: readonly SettingValue[]): readonly Diagnostic[] {
  return given
    .filter(({ path }) => path[0] === "standby_cluster")
    .map(({ path, keyAt, because }) => ({
      rule: "QUO047",
      severity: "error",
      message: `${path.join(".")} is set by ${because}: it would promote or demote a whole cluster`,
      at: keyAt,
      hint: "remove it; to let a cluster follow another one, give a site the role dr",
    }));
}

function maker(
  { source }: ResolvedCluster,
  because: string,
): (path: readonly string[], value: Json, written: SourcePath) => SettingValue {
  return (path, value, written) => ({
    path,
    value,
    rank: "intent",
    at: source.at(written),
    keyAt: source.at(written),
    because,
  });
}

function slotSettings(cluster: ResolvedCluster): readonly SettingValue[] {
  // A cluster that follows has no use for it: from 4.1 on Patroni can be told so.
  const knowsClusterType = isAtLeast(cluster.patroni, { major: 4, minor: 1, patch: 0 });
  return cluster.followers.flatMap(({ cluster: name, slot, namePath }) => {
    const make = maker(cluster, `${name} follows`);
    return [
      make(["slots", slot, "type"], "physical", namePath),
      ...(knowsClusterType ? [make(["slots", slot, "cluster_type"], "primary", namePath)] : []),
    ];
  });
}

function followingSettings(cluster: ResolvedCluster): readonly SettingValue[] {
  const { standbyOf, namePath, patroni } = cluster;
  if (standbyOf === undefined) return [];
  const make = maker(cluster, `follows ${standbyOf.cluster}`);
  const section: readonly (readonly [string, Json])[] = [
    ["create_replica_methods", ["basebackup"]],
    ["host", standbyOf.hosts.join(",")],
    ["port", standbyOf.port],
    ["primary_slot_name", standbyOf.slot],
  ];
  const settings = section.map(([key, value]) => make(["standby_cluster", key], value, namePath));
  if (!isAtLeast(patroni, FIRST_TO_IGNORE_SYNC))
    settings.push(make(["synchronous_mode"], false, namePath));
  return settings;
}

/**
 * The first release in which a standby cluster ignores `synchronous_mode`; before, its leader would make its
 * standbys synchronous, and switchovers inside the site would be refused.
 *
 * @see https://github.com/patroni/patroni/issues/2892
 */
export const FIRST_TO_IGNORE_SYNC = { major: 3, minor: 2, patch: 0 } as const;
