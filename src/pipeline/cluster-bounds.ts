import { Bug } from "../core/bug.ts";
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

/** What the bounds of a cluster follow from. */
export interface ClusterLease extends LeaseFacts {
  readonly isPaused: boolean;
}

/** Computes the bounds of a cluster from its lease. */
export function leaseBounds(cluster: string, { isPaused, ...facts }: ClusterLease): ClusterBounds {
  const bounds = failoverBounds(facts);
  return { cluster, isPaused, ...bounds, withoutDcs: isPaused ? "goes-on" : bounds.withoutDcs };
}

/** Reads the lease of a compiled cluster from its documents, whatever set their values. */
export function clusterLease(compiled: CompiledCluster): ClusterLease {
  return { ...leaseFacts(compiled), isPaused: compiled.dcs["pause"] === true };
}

/** Writes a lease as JSON, to be kept until somebody wants its bounds. */
export function leaseText(lease: ClusterLease): string {
  return JSON.stringify(lease);
}

/** Reads what {@link leaseText} wrote. */
export function readLease(text: string): ClusterLease {
  const lease: unknown = JSON.parse(text);
  if (isLease(lease)) return lease;
  throw new Bug("a lease was remembered that is none");
}

function isLease(value: unknown): value is ClusterLease {
  return (
    isJsonObject(value) && typeof value["ttl"] === "number" && typeof value["members"] === "number"
  );
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
    members: nodes.length,
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
