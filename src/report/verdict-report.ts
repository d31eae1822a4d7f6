import type { MovedKey, NodeFailure, Verdict } from "../apply/verdict.ts";
import type { RestFailure } from "../core/ports.ts";
import type { Change } from "../plan/plan.ts";
import { changeLines, waitingLines } from "./plan-report.ts";
import { count, field, printable, valueText } from "./value-text.ts";

/** How applying one cluster ended, as people read it: what is done, what is not, and how to go on. */
export function verdictText(verdict: Verdict): string {
  return printable(verdictLines(verdict).join("\n"));
}

function verdictLines(verdict: Verdict): readonly string[] {
  const { cluster } = verdict;
  switch (verdict.kind) {
    case "unchanged":
      return [
        `${cluster}: no changes`,
        ...nodeFileLines(cluster, verdict.nodes),
        ...waitingLines(verdict.waiting),
      ];
    case "applied":
      return [
        `${cluster}: applied ${count(verdict.changes.length, "key")}, ${ranText(verdict.changes)} (${verdict.seconds} s)`,
        ...changeLines(verdict.changes),
        ...nodeFileLines(cluster, verdict.nodes),
        ...waitingLines(verdict.waiting),
      ];
    case "stale":
      return [
        `${cluster}: the plan is stale, nothing was written: ${verdict.reason}`,
        ...verdict.moved.map(movedLine),
        "  go on: make a new plan and have it reviewed",
      ];
    case "unreachable":
      return [
        `${cluster}: stopped, nothing was written`,
        ...verdict.failures.map((failure) => `  ${failureText(failure)}`),
      ];
    case "uncertain":
      return [
        `${cluster}: stopped: the change was sent, and may have been written`,
        ...verdict.failures.map((failure) => `  ${failureText(failure)}`),
        "  go on: run plan to see what is there, then apply again; it writes nothing twice",
      ];
    case "refused":
      return [
        `${cluster}: refused, nothing was written`,
        ...verdict.reasons.map((reason) => `  ${field(reason)}`),
      ];
    case "surprised":
      return [
        `${cluster}: stopped: ${verdict.reason}`,
        ...verdict.keys.map(movedLine),
        "  the PATCH was sent once; go on: look who else writes, then run plan and apply again",
      ];
    case "unverified":
      return [
        verdict.changes.length === 0
          ? `${cluster}: nothing to write, but not every node runs what is there after ${verdict.seconds} s`
          : `${cluster}: wrote ${count(verdict.changes.length, "key")}, but not every node runs them after ${verdict.seconds} s`,
        ...verdict.missing.map(
          ({ node, waitsFor }) => `  ${node} still waits for ${field(waitsFor)}`,
        ),
        "  go on: look at these nodes, then run apply again; it writes nothing twice",
      ];
    default:
      return verdict satisfies never;
  }
}

/** What needs a restart has arrived everywhere, but runs nowhere yet. */
function ranText(changes: readonly Change[]): string {
  const waiting = changes.filter((change) => change.effect === "restart").length;
  if (waiting === 0) return "every node runs them";
  return `every node has them, ${waiting} of them from the next restart on (patronictl restart)`;
}

function nodeFileLines(
  cluster: string,
  nodes: readonly { readonly node: string; readonly wanted: string }[],
): readonly string[] {
  return nodes.map(
    ({ node, wanted }) =>
      `  node file: ${node} does not run revision ${wanted} yet; run quorate compile and install rendered/${cluster}/nodes/${node}/patroni.yml`,
  );
}

function movedLine({ path, planned, found, wanted }: MovedKey): string {
  return `  ${field(path.join("."))}: the plan saw ${valueText(planned)}, now it is ${valueText(found)}, wanted is ${valueText(wanted)}`;
}

/** One failed call in one line: the node, the call, what happened. */
export function failureText({ node, call, failure }: NodeFailure): string {
  return field(`${node}: ${call}: ${restFailureText(failure)}`);
}

/** What Patroni's refusals come to that are not about a password. */
const REFUSALS: ReadonlyMap<string, string> = new Map([
  ["Access is denied", "takes no changes from this address, which is not in rest.allowlist"],
  ["client certificate required", "asks for a client certificate, and got none"],
]);

function restFailureText(failure: RestFailure): string {
  switch (failure.kind) {
    case "timeout":
      return `no answer within ${failure.seconds} s`;
    case "unreachable":
      return `cannot be reached (${failure.detail})`;
    case "tls":
      return `TLS: ${failure.detail}`;
    case "unauthorized":
      return `${REFUSALS.get(failure.detail) ?? "refused our credentials"} (${failure.status}${failure.detail === "" ? "" : `: ${failure.detail}`})`;
    case "conflict":
      return "kept losing the race against other writers (409)";
    case "no-config":
      return "has no configuration in its DCS (502 or 503)";
    case "bad-answer":
      return `answered ${failure.status}, ${failure.detail}`;
    default:
      return failure satisfies never;
  }
}
