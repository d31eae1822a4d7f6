import { Bug } from "../core/bug.ts";
import { createClusterStore } from "./cluster-store.ts";
import { isNoFailover } from "./choose-sync.ts";
import { listenForNode, type NodeServer } from "./node-server.ts";
import { releaseOf } from "./release.ts";
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
  const started: { endpoint: SandboxEndpoint; server: NodeServer; standIn: StandIn }[] = [];
  for (const cluster of options.clusters) {
    const release = releaseOf(cluster.patroniVersion);
    const leader = leaderOf(cluster);
    const store = createClusterStore(cluster.config, leader.name);
    const standIns = new Map<string, StandIn>();
    for (const node of startOrder(cluster.nodes, leader)) {
      const standIn = await startStandIn({
        node,
        store,
        release,
        postgresMajor: cluster.postgresMajor,
        now: options.now,
        loopSeconds: options.loopSeconds,
      });
      standIns.set(node.name, standIn);
    }
    for (const node of cluster.nodes) {
      const standIn = standIns.get(node.name);
      if (standIn === undefined) throw new Bug(`node ${node.name} is twice in ${cluster.name}`);
      standIn.wake();
      const server = await listenForNode(
        {
          standIn,
          store,
          release,
          scope: cluster.name,
          postgresMajor: cluster.postgresMajor,
          scheme: options.tls === undefined ? "http" : "https",
          verifyClient: cluster.verifyClient ?? options.tls?.verifyClient ?? "none",
          authentication: cluster.authentication ?? options.authentication,
        },
        options.tls,
      );
      const endpoint = { cluster: cluster.name, node: node.name, url: server.url };
      started.push({ endpoint, server, standIn });
    }
  }
  return {
    endpoints: started.map(({ endpoint }) => endpoint),
    async stop() {
      await Promise.all(started.map(({ server }) => server.close()));
      await Promise.all(started.map(({ standIn }) => standIn.stop()));
    },
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
