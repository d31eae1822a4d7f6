import type { CompiledService } from "./compile-service.ts";
import type { Digest } from "../core/digest.ts";
import type { JsonObject } from "../core/json.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import type { SettingValue } from "../policy/setting-value.ts";
import type { Tier } from "../policy/tier.ts";
import type { Topology } from "../topology/derive-topology.ts";

/** One node's `patroni.yml` as plain data. */
export interface CompiledNode {
  readonly name: string;
  readonly site: string;
  readonly address: string;
  readonly postgresPort: number;
  readonly restPort: number;
  readonly config: JsonObject;
  /** What `tags.quorate_rev` says: which file a running node was started or reloaded with. */
  readonly revision: string;
  /** Environment variables from which Patroni takes what the file must not hold. */
  readonly secretNames: readonly string[];
  readonly service: CompiledService;
  /** Further environment variables that Patroni needs, which are no secrets. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Everything that Quorate wants of one cluster, as plain data, before it becomes text. */
export interface CompiledCluster {
  readonly resolved: ResolvedCluster;
  readonly topology: Topology;
  readonly tier: Tier;
  readonly settings: readonly SettingValue[];
  /** The dynamic configuration, keys sorted. */
  readonly dcs: JsonObject;
  /** Paths that must not be in the dynamic configuration. */
  readonly absent: readonly (readonly string[])[];
  readonly nodes: readonly CompiledNode[];
  /** Digest of everything the output depends on, whatever the order of its keys. */
  readonly input: Digest;
}
