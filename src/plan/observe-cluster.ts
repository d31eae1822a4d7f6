import type { JsonObject } from "../core/json.ts";
import type { ClusterView, Endpoint, NodeStatus, PatroniApi, RestFailure } from "../core/ports.ts";
import type { Result } from "../core/result.ts";

/** What a cluster's nodes answered when they were asked once, all at the same time. */
export interface Observation {
  readonly statuses: ReadonlyMap<string, Result<NodeStatus, RestFailure>>;
  /** The node that was asked for the two below: the leader, or the first that answered. */
  readonly source: Endpoint | undefined;
  readonly config: Result<JsonObject, RestFailure> | undefined;
  readonly view: Result<ClusterView, RestFailure> | undefined;
}

/** Reads a live cluster: `/patroni` of every node, then `/config` and `/cluster` of the best one. */
export async function observeCluster(
  api: PatroniApi,
  endpoints: readonly Endpoint[],
): Promise<Observation> {
  const answers = await Promise.all(
    endpoints.map(async (endpoint): Promise<[string, Result<NodeStatus, RestFailure>]> => [
      endpoint.node,
      await api.readStatus(endpoint),
    ]),
  );
  const statuses = new Map(answers);
  const source = chooseSource(endpoints, statuses);
  if (source === undefined) return { statuses, source, config: undefined, view: undefined };
  const [config, view] = await Promise.all([api.readConfig(source), api.readCluster(source)]);
  return { statuses, source, config, view };
}

/** What the nodes that answered say of themselves. */
export function answeredStatuses({ statuses }: Observation): ReadonlyMap<string, NodeStatus> {
  const answered = new Map<string, NodeStatus>();
  for (const [node, status] of statuses) if (status.ok) answered.set(node, status.value);
  return answered;
}

/** True for every word by which Patroni 3.0 to 4.1 calls a node that leads. */
export function isLeading({ role }: { readonly role: string }): boolean {
  return ["primary", "master", "leader", "standby_leader"].includes(role);
}

function chooseSource(
  endpoints: readonly Endpoint[],
  statuses: ReadonlyMap<string, Result<NodeStatus, RestFailure>>,
): Endpoint | undefined {
  const answered = endpoints.filter((endpoint) => statuses.get(endpoint.node)?.ok === true);
  const leader = answered.find((endpoint) => {
    const status = statuses.get(endpoint.node);
    return status?.ok === true && isLeading(status.value);
  });
  return leader ?? answered[0];
}
