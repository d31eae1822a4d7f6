import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { ok, type Result } from "../core/result.ts";
import type { LabRefusal } from "./lab-refusal.ts";
import { openSession } from "./psql-session.ts";
import { findRunningLab, type RunningLab } from "./running-lab.ts";

/** What a node's PostgreSQL was at one look: open for writes, in recovery, or not to be reached. */
export type SeenRole = "writable" | "recovering" | "down";

/** One look at one node, in seconds of this process' monotonic clock. */
export interface RoleSample {
  readonly node: string;
  readonly role: SeenRole;
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** A span in which a node was open for writes for certain. */
export interface WritableSpan {
  readonly node: string;
  readonly from: number;
  readonly to: number;
}

/** A watch that runs. */
export interface RoleWatch {
  /** Every look so far. Grows while the watch runs. */
  readonly samples: readonly RoleSample[];
  stop(): Promise<void>;
}

const PAUSE_MILLISECONDS = 150;

/**
 * Looks at every node's PostgreSQL about five times a second, each from inside its own host, so that no cut
 * hides one.
 */
export async function watchRoles(cluster: string): Promise<Result<RoleWatch, LabRefusal>> {
  const lab = await findRunningLab(cluster);
  if (!lab.ok) return lab;
  const samples: RoleSample[] = [];
  const stopped = new AbortController();
  const watching = lab.value.state.cluster.nodes.map(async ({ name }) =>
    watchNode(lab.value, name, samples, stopped.signal),
  );
  return ok({
    samples,
    stop: async () => {
      stopped.abort();
      await Promise.all(watching);
    },
  });
}

/**
 * The spans in which nodes were open for writes, each from the first answer that said so to the last
 * question that was answered so. A look that says otherwise ends a span.
 */
export function writableSpans(samples: readonly RoleSample[]): readonly WritableSpan[] {
  const spans: WritableSpan[] = [];
  const open = new Map<string, WritableSpan>();
  for (const { node, role, askedAt, answeredAt } of samples) {
    const span = open.get(node);
    if (role === "writable") open.set(node, { node, from: span?.from ?? answeredAt, to: askedAt });
    else if (span !== undefined) {
      spans.push(span);
      open.delete(node);
    }
  }
  return [...spans, ...open.values()].filter(({ from, to }) => from <= to);
}

/** Pairs of spans of different nodes that share a moment: two leaders at once. Empty when all is well. */
export function overlaps(
  spans: readonly WritableSpan[],
): readonly (readonly [WritableSpan, WritableSpan])[] {
  return spans.flatMap((one, index) =>
    spans
      .slice(index + 1)
      .filter((other) => other.node !== one.node && one.from < other.to && other.from < one.to)
      .map((other): readonly [WritableSpan, WritableSpan] => [one, other]),
  );
}

async function watchNode(
  lab: RunningLab,
  node: string,
  samples: RoleSample[],
  stopped: AbortSignal,
): Promise<void> {
  let session = openSession(lab, { from: node, node });
  stopped.addEventListener("abort", () => session.close());
  while (!stopped.aborted) {
    const askedAt = performance.now() / 1000;
    const answer = await session.query("select pg_is_in_recovery()");
    const answeredAt = performance.now() / 1000;
    if (stopped.aborted) break;
    const found = answer.ok ? answer.value : undefined;
    const role = found === "f" ? "writable" : found === "t" ? "recovering" : "down";
    samples.push({ node, role, askedAt, answeredAt });
    await sleep(PAUSE_MILLISECONDS);
    if (!session.isOpen && !stopped.aborted) session = openSession(lab, { from: node, node });
  }
  session.close();
}
