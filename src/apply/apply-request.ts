import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import type { Clock, Endpoint, PatroniApi } from "../core/ports.ts";
import type { WantedDocument } from "../patroni/minimal-patch.ts";
import type { ClusterPlan } from "../plan/plan.ts";

/** The outside world, as far as applying needs it. */
export interface ApplyPorts {
  readonly api: PatroniApi;
  readonly clock: Clock;
  readonly progress: (text: string) => void;
}

/** One cluster to apply. */
export interface ApplyRequest {
  readonly compiled: CompiledCluster;
  readonly endpoints: readonly Endpoint[];
  /** The reviewed plan; undefined: whatever is needed now. */
  readonly plan: ClusterPlan | undefined;
  readonly baseline: WantedDocument | undefined;
  /** How long the nodes may take to run the new document. */
  readonly deadlineSeconds: number;
}
