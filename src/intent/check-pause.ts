import type { Diagnostic } from "../core/diagnostic.ts";
import { formatInstant, type Instant } from "../core/instant.ts";
import type { ResolvedCluster } from "./resolve-cluster.ts";

const SECONDS_PER_DAY = 86_400;
/** A pause that is longer than a month is no maintenance. */
const LONGEST_DAYS = 31;

/**
 * Judges a declared pause by the time. An ended one is an error: to go on would leave the cluster without
 * failover longer than anybody said, and to lift it could surprise whoever still works on it. What is compiled
 * does not depend on the time. Empty when there is no pause, or it runs.
 */
export function checkPauseEnd(
  { pause, name, source }: ResolvedCluster,
  now: Instant,
): readonly Diagnostic[] {
  if (pause === undefined) return [];
  const at = source.at(["maintenance", "pause", "until"]);
  if (pause.end <= now)
    return [
      {
        rule: "QUO057",
        severity: "error",
        message: `the pause of ${name} ended ${formatInstant(pause.end)}, now it is ${formatInstant(now)} (owner: ${pause.owner}; reason: ${pause.reason})`,
        at,
        hint: "remove maintenance.pause and apply, so that the cluster fails over again, or write a later until",
      },
    ];
  const days = Math.ceil((pause.end - now) / SECONDS_PER_DAY);
  if (days <= LONGEST_DAYS) return [];
  return [
    {
      rule: "QUO057",
      severity: "warn",
      message: `${name} is to be paused for ${days} more days: nobody fails over and nothing fences until then`,
      at,
      hint: `write an end within ${LONGEST_DAYS} days, and extend it when it is needed`,
    },
  ];
}
