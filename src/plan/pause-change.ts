import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import type { WantedDocument } from "../patroni/minimal-patch.ts";
import { readBoolean } from "../patroni/python-value.ts";

/**
 * What becomes of a cluster's pause: it stays as it is, the intent begins one or goes on with it, one that the intent
 * had declared ends, or somebody paused the cluster by hand, which is not Quorate's to end.
 */
export type PauseChange = "none" | "begins" | "goes-on" | "ends" | "by-hand";

/** Tells what becomes of the pause; `baseline` is what was wanted before. */
export function pauseChange(
  isPaused: boolean,
  { dcs }: CompiledCluster,
  baseline: WantedDocument | undefined,
): PauseChange {
  const isWanted = readBoolean(dcs["pause"]) === true;
  if (isWanted) return isPaused ? "goes-on" : "begins";
  if (!isPaused) return "none";
  return readBoolean(baseline?.values["pause"]) === true ? "ends" : "by-hand";
}

/** What people must know of a pause; empty: the cluster is not paused, and is not to be. */
export function pauseNotes(change: PauseChange, { settings }: CompiledCluster): readonly string[] {
  const why = settings.find(({ path }) => path.join(".") === "pause")?.because ?? "";
  switch (change) {
    case "none":
      return [];
    case "begins":
      return [
        `this pauses the cluster (${why}): from the next loop on nobody fails over, nothing fences, no watchdog is armed, and a stopped PostgreSQL stays down`,
      ];
    case "goes-on":
      return [`the cluster is paused (${why}): nobody fails over and nothing fences`];
    case "ends":
      return [
        "this ends the declared pause: from the next loop on a dead leader is replaced, a stopped PostgreSQL is started, and the watchdog is armed",
      ];
    case "by-hand":
      return ["the cluster is paused: nobody fails over until it is resumed"];
    default:
      return change satisfies never;
  }
}
