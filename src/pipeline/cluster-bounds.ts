import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import {
  failoverBounds,
  type FailoverBounds,
  type LeaseFacts,
} from "../topology/failover-bound.ts";

/** The bounds of one cluster, by what it was compiled to. */
export interface ClusterBounds extends FailoverBounds {
  readonly cluster: string;
  /** While Patroni is paused none of the times holds. */
  readonly isPaused: boolean;
}

/** Computes the bounds of a compiled cluster from its documents, whatever set their values. */
export function clusterBounds(compiled: CompiledCluster): ClusterBounds {
  return {
    cluster: compiled.resolved.name,
    isPaused: compiled.dcs["pause"] === true,
    ...failoverBounds(leaseFacts(compiled)),
  };
}

/** Patroni's own defaults stand where the document says nothing. */
function leaseFacts({ dcs, resolved, topology, nodes }: CompiledCluster): LeaseFacts {
  const mode = dcs["synchronous_mode"];
  const sites = new Set(topology.leaders.map(({ site }) => site));
  return {
    ttl: numberAt(dcs, "ttl", 30),
    loopWait: numberAt(dcs, "loop_wait", 10),
    retryTimeout: numberAt(dcs, "retry_timeout", 10),
    failsafe: dcs["failsafe_mode"] === true,
    synchronousMode: mode === "quorum" ? "quorum" : mode === true || mode === "on" ? "on" : "off",
    strict: dcs["synchronous_mode_strict"] === true,
    candidates: topology.leaders.length,
    voterMayDieToo: resolved.dcs.voters.some(({ site }) => sites.has(site)),
    watchdogMargin: watchdogMargin(nodes[0]?.config["watchdog"]),
  };
}

function watchdogMargin(watchdog: unknown): number | undefined {
  if (!isJsonObject(watchdog) || watchdog["mode"] === "off") return undefined;
  return numberAt(watchdog, "safety_margin", 5);
}

function numberAt(document: JsonObject, key: string, standard: number): number {
  const value = document[key];
  return typeof value === "number" ? value : standard;
}
