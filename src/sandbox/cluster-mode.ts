import type { Json, JsonObject } from "../core/json.ts";
import { readBoolean } from "../patroni/python-value.ts";
import { isStandbyCluster } from "../patroni/standby-cluster.ts";
import type { Release } from "./release.ts";

/** How the document says that commits are confirmed. */
export type SyncMode = "off" | "on" | "quorum";

/** True when the document pauses automatic failover. */
export function isPaused(document: JsonObject): boolean {
  return readBoolean(document["pause"]) === true;
}

/** The mode in force: a release before 4.0 takes `quorum` for no mode at all. */
export function syncModeOf(document: JsonObject, release: Release): SyncMode {
  if (release.standbyClusterIsAsync && isStandbyCluster(document)) return "off";
  const value = document["synchronous_mode"];
  if (release.knowsQuorumCommit && typeof value === "string" && value.toLowerCase() === "quorum")
    return "quorum";
  return readBoolean(value) === true ? "on" : "off";
}

/** A whole number from a document, also written as text; undefined for anything else. */
export function readInteger(value: Json | undefined): number | undefined {
  if (typeof value === "number") return Math.trunc(value);
  if (typeof value !== "string" || !/^\s*[+-]?\d+\s*$/.test(value)) return undefined;
  return Number(value);
}
