import type { JsonObject } from "../core/json.ts";
import type { ResolvedLogging } from "../intent/logging-intent.ts";

/** The `log` section of `patroni.yml`; no section where the intent says nothing. */
export function compileLogging(logging: ResolvedLogging): JsonObject {
  const { level, format, dir, fileSize, files, quietHeartbeats } = logging;
  const log: JsonObject = {
    ...(level === undefined ? {} : { level: level.toUpperCase() }),
    // Plain is what every release does; the key that says so came with 3.3.
    ...(format === "json" ? { type: "json" } : {}),
    ...(dir === undefined ? {} : { dir }),
    ...(fileSize === undefined ? {} : { file_size: fileSize }),
    ...(files === undefined ? {} : { file_num: files }),
    ...(quietHeartbeats === true ? { deduplicate_heartbeat_logs: true } : {}),
  };
  return Object.keys(log).length === 0 ? {} : { log };
}
