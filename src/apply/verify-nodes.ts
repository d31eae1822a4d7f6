import type { Clock, Endpoint, NodeStatus, PatroniApi } from "../core/ports.ts";
import { differences, type WantedDocument } from "../patroni/minimal-patch.ts";
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
  readonly deadlineSeconds: number;
}

interface Progress {
  readonly endpoint: Endpoint;
  /** `dcs_last_seen` when the node's own view first held the document. */
  seenAt: number | undefined;
  /** HA loops that have ended since. */
  loops: number;
  waitsFor: string;
  waiting: WaitingRestart | undefined;
}

/** Loops after which a restart flag that has not come will not come. */
const FLAG_LOOPS = 2;

/**
 * Polls every node until its own view of the configuration is as wanted and an HA loop has ended after
 * that: a loop applies the document it has read, and `dcs_last_seen` moves when the next one begins.
 * Ends when all are there or the deadline passes. Makes no call that would move `dcs_last_seen` itself.
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

/** Counts the HA loops that have ended since the node saw the document. */
function note(node: Progress, status: NodeStatus, { expectsRestart }: Expectation): void {
  const { pendingRestart, pendingRestartReasons, dcsLastSeen } = status;
  node.waiting = pendingRestart
    ? { node: node.endpoint.node, reasons: pendingRestartReasons }
    : undefined;
  const lastSeen = dcsLastSeen ?? 0;
  if (node.seenAt !== undefined && lastSeen > node.seenAt) node.loops += 1;
  node.seenAt = Math.max(node.seenAt ?? lastSeen, lastSeen);
  if (node.loops === 0) node.waitsFor = "the end of its HA loop";
  else {
    const hasFlag = !expectsRestart || pendingRestart || node.loops >= FLAG_LOOPS;
    node.waitsFor = hasFlag ? "" : "its restart flag";
  }
}
