import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import type { ClusterView, NodeStatus } from "../core/ports.ts";
import { isAtLeast, readRunningVersion } from "../patroni/version.ts";
import { isLeading } from "./observe-cluster.ts";

/** What a person should know of a standby cluster besides its configuration. Empty for one that leads. */
export function followingNotes(
  { resolved }: CompiledCluster,
  view: ClusterView,
  statuses: ReadonlyMap<string, NodeStatus>,
): readonly string[] {
  const { name, standbyOf } = resolved;
  if (standbyOf === undefined) return [];
  const source = standbyOf.cluster;
  const cutOff = [...statuses].filter(([, status]) => isLeading(status) && isCutOff(status));
  return [
    // patroni/ha.py:_get_node_to_follow at v4.1.4: in pause nobody takes over what a lost leader did.
    ...(view.paused
      ? [
          `without its leader nobody of ${name} follows ${source} while it is paused: resume it soon`,
        ]
      : []),
    ...cutOff.map(([node]) => `${node} leads ${name} and does not stream from ${source}`),
  ];
}

/** Before 3.0.4 Patroni does not say whether a node streams. */
function isCutOff({ patroniVersion, replicationState }: NodeStatus): boolean {
  const version = readRunningVersion(patroniVersion);
  const tells = version !== undefined && isAtLeast(version, { major: 3, minor: 0, patch: 4 });
  return tells && replicationState !== "streaming";
}
