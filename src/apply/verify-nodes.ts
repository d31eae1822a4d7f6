import type { Clock, Endpoint, NodeStatus, PatroniApi } from "../core/ports.ts";
import { differences, type WantedDocument } from "../patroni/minimal-patch.ts";
import { shownReasons } from "../plan/plan-cluster.ts";
import type { WaitingRestart } from "../plan/plan.ts";

/** How the nodes stood when verification ended. */
export interface Verification {
  /** Nodes that do not run the document yet, and what they wait for. Empty: all run it. */
  readonly missing: readonly { readonly node: string; readonly waitsFor: string }[];
  readonly waiting: readonly WaitingRestart[];
}

/** What a node is expected to do after a change. */
export interface Expectation {
  readonly wanted: WantedDocument;
  /** A parameter that needs a restart changed, so each node is expected to say so. */
  readonly expectsRestart: boolean;
  /** HA loops that must have begun on a node after it was seen to hold the document; 0: seen is enough. */
  readonly loops: number;
  readonly deadlineSeconds: number;
}

interface Progress {
  readonly endpoint: Endpoint;
  /** `dcs_last_seen` when the node's own view first held the document. */
  seenAt: number | undefined;
  /** HA loops that have begun since. */
  loops: number;
  waitsFor: string;
  waiting: WaitingRestart | undefined;
}

/** Loops of a node after which it runs a document that it holds, and shows what waits for a restart. */
export const LOOPS_TO_RUN = 2;
/** Further loops after which a restart flag that has not come will not come. */
const FLAG_LOOPS = 2;

/**
 * Polls every node until its PostgreSQL runs, its own view of the configuration is as wanted, and enough HA
 * loops have begun after that. Patroni's REST API has no proof that a node runs a document. This is the
 * nearest: `dcs_last_seen` moves when a loop reads the DCS, and a loop applies what it has read before the
 * next begins. One move may be the loop in which the document was seen, or somebody else's `GET /cluster`
 * on that node; so two are waited for, and no call is made here that would move it. Ends when all nodes are
 * there or the deadline passes.
 *
 * @see patroni/ha.py:_run_cycle and patroni/dcs/__init__.py:get_cluster at v4.1.4
 */
export async function verifyNodes(
  ports: { readonly api: PatroniApi; readonly clock: Clock },
  endpoints: readonly Endpoint[],
  expectation: Expectation,
): Promise<Verification> {
  const end = ports.clock.monotonicSeconds() + expectation.deadlineSeconds;
  const nodes = endpoints.map((endpoint): Progress => ({
    endpoint,
    seenAt: undefined,
    loops: 0,
    waitsFor: "the new configuration",
    waiting: undefined,
  }));
  let open = nodes;
  while (open.length > 0) {
    await Promise.all(open.map((node) => look(ports.api, node, expectation)));
    open = open.filter((node) => node.waitsFor !== "");
    if (open.length === 0 || ports.clock.monotonicSeconds() >= end) break;
    await ports.clock.sleep(0.5);
  }
  return {
    missing: open.map(({ endpoint, waitsFor }) => ({ node: endpoint.node, waitsFor })),
    waiting: nodes.flatMap(({ waiting }) => (waiting === undefined ? [] : [waiting])),
  };
}

/** Looks at one node and updates its progress; `waitsFor` becomes empty when it is there. */
async function look(api: PatroniApi, node: Progress, expectation: Expectation): Promise<void> {
  if (node.seenAt === undefined) {
    const config = await api.readConfig(node.endpoint);
    if (!config.ok || differences(config.value, expectation.wanted).length > 0) {
      node.waitsFor = config.ok ? "the new configuration" : "an answer";
      return;
    }
  }
  const status = await api.readStatus(node.endpoint);
  if (status.ok) note(node, status.value, expectation);
  else node.waitsFor = "an answer";
}

/** Counts the HA loops that have begun since the node held the document. */
function note(node: Progress, status: NodeStatus, expectation: Expectation): void {
  const { pendingRestart, pendingRestartReasons, dcsLastSeen, state } = status;
  node.waiting = pendingRestart
    ? { node: node.endpoint.node, reasons: shownReasons(pendingRestartReasons) }
    : undefined;
  const lastSeen = dcsLastSeen ?? 0;
  if (node.seenAt !== undefined && lastSeen > node.seenAt) node.loops += 1;
  node.seenAt = Math.max(node.seenAt ?? lastSeen, lastSeen);
  node.waitsFor =
    state === "running"
      ? missingLoop(node, pendingRestart, expectation)
      : `PostgreSQL, which is ${state}`;
}

function missingLoop(
  node: Progress,
  hasFlag: boolean,
  { expectsRestart, loops }: Expectation,
): string {
  if (node.loops < loops) return "its next HA loop";
  const isDone = !expectsRestart || hasFlag || node.loops >= loops + FLAG_LOOPS;
  return isDone ? "" : "its restart flag";
}
