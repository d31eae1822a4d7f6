import { Bug } from "../core/bug.ts";
import type { AccessRules } from "./access.ts";
import { createClusterStore } from "./cluster-store.ts";
import { isNoFailover } from "./choose-sync.ts";
import { listenForNode } from "./node-server.ts";
import { releaseOf } from "./release.ts";
import type { RouteContext } from "./routes.ts";
import type {
  SandboxCluster,
  SandboxEndpoint,
  SandboxNode,
  SandboxOptions,
} from "./sandbox-cluster.ts";
import { startStandIn, type StandIn } from "./stand-in.ts";

/** A running sandbox. */
export interface Sandbox {
  /** One per node, in the order of the input. */
  readonly endpoints: readonly SandboxEndpoint[];
  /** Closes every server and ends every loop; the document and all changes are gone. */
  stop(): Promise<void>;
}

/**
 * Starts a stand-in for Patroni's REST API per node: real HTTP or HTTPS on 127.0.0.1 and a port of the
 * system's choice, without PostgreSQL, a DCS or root. The nodes of a cluster share a document and
 * behave as Patroni of that release does: merge, compare and set, the loop that notices a change, what
 * waits for a restart. It plays no failure: nobody crashes, lags, fails over or loses the DCS, and the
 * document is not validated, as Patroni does not validate it either.
 *
 * A node notices another one's `PATCH` at its own next loop. Patroni does so with etcd v2, Consul and
 * the rest; with etcd v3 it is woken, so that the sandbox is the slower of the two.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const started: Started[] = [];
  async function stop(): Promise<void> {
    await Promise.all(started.map((part) => part.stop()));
  }
  const outcomes = await Promise.allSettled(
    options.clusters.map((cluster) => startCluster(cluster, options, started)),
  );
  const endpoints: SandboxEndpoint[] = [];
  for (const outcome of outcomes) {
    if (outcome.status === "fulfilled") endpoints.push(...outcome.value);
    else {
      await stop();
      throw outcome.reason;
    }
  }
  return { endpoints, stop };
}

interface Started {
  stop(): Promise<void>;
}

/** Starts the nodes of one cluster and notes each part in `started` as soon as it runs. */
async function startCluster(
  cluster: SandboxCluster,
  options: SandboxOptions,
  started: Started[],
): Promise<readonly SandboxEndpoint[]> {
  const { name: scope, postgresMajor } = cluster;
  const release = releaseOf(cluster.patroniVersion);
  const leader = leaderOf(cluster);
  const store = createClusterStore(cluster.config, leader.name);
  const { now, loopSeconds } = options;
  const standIns = new Map<SandboxNode, StandIn>();
  for (const node of startOrder(cluster.nodes, leader)) {
    const standIn = await startStandIn({ node, store, release, postgresMajor, now, loopSeconds });
    standIns.set(node, standIn);
    started.push(standIn);
  }
  const endpoints: SandboxEndpoint[] = [];
  const tls = cluster.plainHttp === true ? undefined : options.tls;
  const rules = accessOf(cluster, options);
  for (const node of cluster.nodes) {
    const standIn = standIns.get(node);
    if (standIn === undefined) throw new Bug(`${node.name} was not started`);
    standIn.wake();
    const context: RouteContext = {
      standIn,
      store,
      release,
      scope,
      dataOf: cluster.copyOf ?? scope,
      postgresMajor,
      ...rules,
    };
    const server = await listenForNode(context, tls);
    started.push({ stop: server.close });
    endpoints.push({ cluster: scope, node: node.name, url: server.url });
  }
  return endpoints;
}

function accessOf(
  cluster: SandboxCluster,
  { tls, authentication }: SandboxOptions,
): AccessRules & Pick<RouteContext, "clientCaPem"> {
  return {
    scheme: tls === undefined || cluster.plainHttp === true ? "http" : "https",
    verifyClient: cluster.verifyClient ?? tls?.verifyClient ?? "none",
    authentication: cluster.authentication ?? authentication,
    allowlist: cluster.allowlist ?? [],
    clientCaPem: cluster.clientCaPem,
  };
}

function leaderOf(cluster: SandboxCluster): SandboxNode {
  const release = releaseOf(cluster.patroniVersion);
  const named = cluster.nodes.find(({ name }) => name === cluster.leader);
  const leader = named ?? cluster.nodes.find(({ tags }) => !isNoFailover(tags, release));
  if (leader !== undefined) return leader;
  throw new Bug(`no node of ${cluster.name} may lead`);
}

/** The leader comes last, so that its first loop sees every standby and can choose among them. */
function startOrder(nodes: readonly SandboxNode[], leader: SandboxNode): readonly SandboxNode[] {
  return [...nodes.filter((node) => node !== leader), leader];
}
