import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import type { WantedDocument } from "../patroni/minimal-patch.ts";
import { pauseChange } from "../plan/pause-change.ts";

/** Why a paused cluster is not touched; undefined: it is not paused, or its pause is the intent's own. */
export function refusePause(
  isPaused: boolean,
  compiled: CompiledCluster,
  baseline: WantedDocument | undefined,
): string | undefined {
  if (pauseChange(isPaused, compiled, baseline) !== "by-hand") return undefined;
  return "the cluster is paused, and no intent says so; resume it first (patronictl resume), declare maintenance.pause, or name with --since the commit that declared it";
}
