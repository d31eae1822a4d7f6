import type { Diagnostic } from "../core/diagnostic.ts";
import { checkDcsLease } from "./check-dcs.ts";
import { checkFencing } from "./check-fencing.ts";
import { checkLinks } from "./check-links.ts";
import { checkLogging } from "./check-logging.ts";
import { checkNodeKeys } from "./check-node-keys.ts";
import { checkOverrides } from "./check-overrides.ts";
import { checkRejoin } from "./check-rejoin.ts";
import { checkServer } from "./check-server.ts";
import { checkSlots } from "./check-slots.ts";
import type { ClusterIntent } from "./cluster-intent.ts";
import type { ResolvedCluster } from "./resolve-cluster.ts";

/** Checks every section that has a file of its own, as far as the tier does not matter. */
export function checkSections(
  intent: ClusterIntent,
  cluster: ResolvedCluster,
): readonly Diagnostic[] {
  return [
    ...checkFencing(intent, cluster),
    ...checkLinks(intent, cluster),
    ...checkSlots(intent, cluster),
    ...checkRejoin(cluster),
    ...checkServer(cluster),
    ...checkLogging(cluster),
    ...checkNodeKeys(intent, cluster),
    ...checkOverrides(intent, cluster),
    ...checkDcsLease(cluster),
  ];
}
