import type { JsonObject } from "../core/json.ts";
import { joinRateKib } from "../intent/join-rate.ts";
import type { ResolvedCluster, ResolvedNode } from "../intent/resolve-cluster.ts";

/**
 * What a node's file says of its PostgreSQL besides where it is. Commands stand here and not in the DCS: there,
 * whoever may PATCH the configuration could change what runs on the nodes, and everyone could read it.
 *
 * @see patroni/config.py:_build_effective_configuration at v4.1.4: a local value replaces the one of the DCS
 */
export function compileServer(node: ResolvedNode, cluster: ResolvedCluster): JsonObject {
  const { server } = cluster;
  const rate = joinRateKib(node.site, cluster);
  const callbacks = callbacksOf(server.callbacks);
  return {
    ...(server.archive === undefined
      ? {}
      : {
          parameters: {
            archive_mode: "on",
            archive_command: server.archive.command,
            archive_timeout: `${server.archive.timeout}s`,
          },
        }),
    ...(server.restoreCommand === undefined
      ? {}
      : { recovery_conf: { restore_command: server.restoreCommand } }),
    ...(rate === undefined ? {} : { basebackup: { "max-rate": `${rate}k` } }),
    ...(server.customConf === undefined ? {} : { custom_conf: server.customConf }),
    ...(Object.keys(callbacks).length === 0 ? {} : { callbacks }),
    ...(server.prePromote === undefined ? {} : { pre_promote: server.prePromote }),
    ...(server.beforeStop === undefined ? {} : { before_stop: server.beforeStop }),
  };
}

const CALLBACK_KEYS = [
  ["on_start", "onStart"],
  ["on_stop", "onStop"],
  ["on_restart", "onRestart"],
  ["on_reload", "onReload"],
  ["on_role_change", "onRoleChange"],
] as const;

function callbacksOf(callbacks: ResolvedCluster["server"]["callbacks"]): JsonObject {
  return Object.fromEntries(
    CALLBACK_KEYS.flatMap(([key, word]): [string, string][] => {
      const command = callbacks[word];
      return command === undefined ? [] : [[key, command]];
    }),
  );
}
