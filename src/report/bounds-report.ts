import type { FailoverBounds, TimeBound } from "../topology/failover-bound.ts";
import { field } from "./value-text.ts";

/** The bounds of one cluster, in one line. */
export function boundsText(cluster: string, bounds: FailoverBounds): string {
  const { replaced, commits, resets } = bounds;
  const sentences = [
    replaced === undefined
      ? "nobody replaces a dead leader"
      : `a dead leader is replaced within ${sum(replaced)}${commitsText(replaced, commits)}`,
    `without the DCS it ${withoutDcsText(bounds)}`,
    ...(resets === undefined
      ? []
      : [`a watchdog resets one that hangs within ${resets.seconds} s`]),
  ];
  return field(`${cluster}: ${sentences.join("; ")}`);
}

/** The same of a cluster that its intent has paused: then no time is bounded. */
export function pausedText(cluster: string): string {
  return field(
    `${cluster}: paused: nobody replaces a dead leader, and no loss of the DCS stops one`,
  );
}

function withoutDcsText({ withoutDcs, stops }: FailoverBounds): string {
  switch (withoutDcs) {
    case "stops":
      return `stops within ${stops.seconds} s`;
    case "asks-members":
      return `goes on while every member answers, and stops within ${stops.seconds} s once one does not`;
    case "goes-on":
      return "goes on";
    default:
      return withoutDcs satisfies never;
  }
}

function commitsText(replaced: TimeBound, commits: TimeBound | undefined): string {
  const more = commits?.parts.slice(replaced.parts.length) ?? [];
  if (commits === undefined || more.length === 0) return "";
  const parts = more.map(({ name, seconds }) => `${name} ${seconds}`).join(" + ");
  return `, commits go on within ${commits.seconds} s (+ ${parts})`;
}

/** `37 s (ttl 30 + DCS 4 + REST 2 + promotion 1)`. */
function sum({ seconds, parts }: TimeBound): string {
  return `${seconds} s (${parts.map((part) => `${part.name} ${part.seconds}`).join(" + ")})`;
}
