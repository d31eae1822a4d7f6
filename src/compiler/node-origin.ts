import type { ResolvedCluster, ResolvedNode } from "../intent/resolve-cluster.ts";
import { overridePlace } from "./apply-node-overrides.ts";
import {
  notConfirmingWords,
  notLeadingWords,
  wordOrigin,
  type Origin,
  type Word,
} from "./word-origin.ts";

/** Of several words the first that is written counts; without words Quorate makes the value itself. */
const WORDS: readonly (readonly [prefix: string, words: readonly Word[]])[] = [
  ["scope", ["cluster:cluster"]],
  ["namespace", ["project:dcs.*.namespace"]],
  ["name", ["node:name"]],
  ["bootstrap", []],
  ["etcd3.username", ["cluster:access.dcs.user", "project:dcs.*.auth.user", "cluster:dcs.use"]],
  ["etcd3.hosts", ["project:dcs.*.voters", "cluster:dcs.use"]],
  ["etcd3", ["cluster:access.dcs.tls", "project:dcs.*.tls"]],
  ["etcd.username", ["cluster:access.dcs.user", "project:dcs.*.auth.user", "cluster:dcs.use"]],
  ["etcd.hosts", ["project:dcs.*.voters", "cluster:dcs.use"]],
  ["etcd", ["cluster:access.dcs.tls", "project:dcs.*.tls"]],
  ["consul.host", ["project:dcs.*.agent", "cluster:dcs.use"]],
  ["consul.dc", ["project:dcs.*.datacenter"]],
  ["consul.consistency", ["project:dcs.*.consistency"]],
  ["consul.register_service", ["project:dcs.*.registerService"]],
  ["consul", ["project:dcs.*.tls"]],
  ["zookeeper.hosts", ["project:dcs.*.voters", "cluster:dcs.use"]],
  ["zookeeper", ["project:dcs.*.tls"]],
  ["postgresql.listen", ["node:address", "node:postgresPort"]],
  ["postgresql.connect_address", ["node:address", "node:postgresPort"]],
  ["postgresql.data_dir", ["node:dataDir", "cluster:postgres"]],
  ["postgresql.bin_dir", ["node:binDir", "cluster:postgres"]],
  ["postgresql.pgpass", ["node:passFile"]],
  ...(["superuser", "replication", "rewind"] as const).map(
    (user): readonly [string, readonly Word[]] => [
      `postgresql.authentication.${user}.username`,
      [
        `cluster:access.postgres.users.${user}`,
        `project:access.postgres.users.${user}`,
        `project:nodes.users.${user}`,
      ],
    ],
  ),
  [
    "postgresql.authentication",
    ["cluster:access.postgres.tls", "project:access.postgres.tls", "project:nodes.tls"],
  ],
  ["postgresql.basebackup", ["cluster:rejoin.joinRate", "cluster:links"]],
  ["postgresql.parameters.archive_command", ["cluster:postgresql.archive.command"]],
  [
    "postgresql.parameters.archive_timeout",
    ["cluster:postgresql.archive.timeout", "cluster:postgresql.archive"],
  ],
  ["postgresql.parameters.archive_mode", ["cluster:postgresql.archive"]],
  ["postgresql.recovery_conf.restore_command", ["cluster:postgresql.restore.command"]],
  ["postgresql.callbacks.on_start", ["cluster:postgresql.callbacks.onStart"]],
  ["postgresql.callbacks.on_stop", ["cluster:postgresql.callbacks.onStop"]],
  ["postgresql.callbacks.on_restart", ["cluster:postgresql.callbacks.onRestart"]],
  ["postgresql.callbacks.on_reload", ["cluster:postgresql.callbacks.onReload"]],
  ["postgresql.callbacks.on_role_change", ["cluster:postgresql.callbacks.onRoleChange"]],
  ["postgresql.custom_conf", ["cluster:postgresql.customConf"]],
  ["postgresql.pre_promote", ["cluster:postgresql.prePromote"]],
  ["postgresql.before_stop", ["cluster:postgresql.beforeStop"]],
  ["restapi.listen", ["node:address", "node:restPort"]],
  ["restapi.connect_address", ["node:address", "node:restPort"]],
  ["restapi.authentication.username", ["cluster:access.rest.user", "project:rest.user"]],
  ["restapi.allowlist", ["cluster:access.rest.allowlist", "project:rest.allowlist"]],
  ["restapi.verify_client", ["cluster:access.rest.verifyClient", "project:rest.verifyClient"]],
  ...["certfile", "keyfile", "cafile"].map((key): readonly [string, readonly Word[]] => [
    `restapi.${key}`,
    ["project:nodes.tls", "cluster:access.rest.scheme", "project:rest.scheme"],
  ]),
  ["ctl", ["project:nodes.tls", "cluster:access.rest.scheme", "project:rest.scheme"]],
  ["watchdog.mode", ["cluster:fencing.watchdog"]],
  ["watchdog.safety_margin", ["cluster:fencing.margin", "cluster:failover.speed"]],
  ["watchdog.device", ["cluster:fencing.device"]],
  ["log.level", ["cluster:logging.level"]],
  ["log.type", ["cluster:logging.format"]],
  ["log.dir", ["cluster:logging.dir"]],
  ["log.file_size", ["cluster:logging.fileSize"]],
  ["log.file_num", ["cluster:logging.files"]],
  ["log.deduplicate_heartbeat_logs", ["cluster:logging.quietHeartbeats"]],
  [
    "tags.nofailover",
    ["node:promotable", "site:role", "cluster:failover.scope", "node:stream", "cluster:durability"],
  ],
  [
    "tags.nosync",
    [
      "node:confirms",
      "node:promotable",
      "node:upstream",
      "site:role",
      "cluster:failover.scope",
      "node:stream",
      "cluster:durability",
    ],
  ],
  ["tags.failover_priority", ["cluster:failover.order", "site:role", "cluster:sites"]],
  ["tags.sync_priority", ["cluster:failover.order", "site:role", "cluster:sites"]],
  ["tags.replicatefrom", ["node:upstream"]],
  ["tags.noloadbalance", ["node:serveReads"]],
  ["tags.clonefrom", ["node:cloneSource"]],
  ["tags.nostream", ["node:stream"]],
  ["tags.quorate_rev", []],
  ["tags.quorate_site", ["site:name"]],
  ["tags", ["node:tags"]],
];

/** The words that a key of a node's file comes from, whoever wrote them; undefined for a key that nothing compiles. */
export function nodeWords(path: readonly string[]): readonly Word[] | undefined {
  const name = path.join(".");
  return WORDS.find(([prefix]) => name === prefix || name.startsWith(`${prefix}.`))?.[1];
}

/** The keys of a node's file, or the sections of it, that come from words. */
export function nodeKeysOf(wanted: (word: Word) => boolean): readonly string[] {
  return WORDS.flatMap(([prefix, words]) => (words.some(wanted) ? [prefix] : []));
}

/** Says where a key of a node's file comes from; undefined for a key that nothing compiles. */
export function nodeOrigin(
  path: readonly string[],
  node: ResolvedNode,
  cluster: ResolvedCluster,
): Origin | undefined {
  const override = overridePlace(path, node.name, cluster);
  if (override !== undefined)
    return { rank: "overrides", at: cluster.source.at(override), because: override.join(".") };
  const words = causesOf(path.join("."), node, cluster) ?? nodeWords(path);
  return words === undefined ? undefined : wordOrigin(words, cluster, { node });
}

/** Tags that several words may cause: those of this node. */
function causesOf(
  name: string,
  node: ResolvedNode,
  cluster: ResolvedCluster,
): readonly Word[] | undefined {
  if (name === "tags.nofailover") return notLeadingWords(node, cluster);
  return name === "tags.nosync" ? notConfirmingWords(node, cluster) : undefined;
}
