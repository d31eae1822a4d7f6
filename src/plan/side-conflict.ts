import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import type { JsonObject } from "../core/json.ts";
import { isStandbyCluster } from "../patroni/standby-cluster.ts";

/**
 * Says why a live document must not be brought to the compiled one: the whole cluster would change sides, from
 * following another one to leading or the other way. Undefined when both say the same.
 *
 * To remove `standby_cluster` promotes a cluster while the one that it follows may still take writes; to add
 * it demotes a cluster, and pg_rewind then throws away what only that one has.
 *
 * @see patroni/ha.py:process_healthy_cluster and patroni/ha.py:demote at v4.1.4
 */
export function sideConflict(
  { resolved }: CompiledCluster,
  config: JsonObject,
): string | undefined {
  const { name, standbyOf } = resolved;
  const follows = isStandbyCluster(config);
  if (follows && standbyOf === undefined)
    return `${name} follows another cluster (standby_cluster), and its intent says that it leads: this would promote the whole cluster, beside the one that it follows; where that one is fenced, promote it by hand (PATCH standby_cluster: null), else give its site the role dr`;
  if (!follows && standbyOf !== undefined)
    return `${name} leads by itself, and its intent says that it follows ${standbyOf.cluster}: this would demote the whole cluster, and what only it holds would be lost; was it promoted in an emergency, leave it so and change the intent`;
  return undefined;
}

/** True for a key by which a cluster that leads would be made to follow. */
export function isDemotion(path: readonly string[], config: JsonObject): boolean {
  return path[0] === "standby_cluster" && !isStandbyCluster(config);
}
