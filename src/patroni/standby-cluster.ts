import { isJsonObject, type JsonObject } from "../core/json.ts";
import { isTruthy } from "./python-value.ts";

/**
 * True when the document makes the cluster follow another one. A section without any of the three keys
 * does not: then the cluster leads by itself.
 *
 * @see patroni/global_config.py:is_standby_cluster at v4.1.4
 */
export function isStandbyCluster(document: JsonObject): boolean {
  const section = document["standby_cluster"];
  if (!isJsonObject(section)) return false;
  return ["host", "port", "restore_command"].some((key) => isTruthy(section[key]));
}
