import type { Span } from "../core/diagnostic.ts";
import type { ResolvedCluster, ResolvedNode } from "../intent/resolve-cluster.ts";
import type { Source } from "../intent/source.ts";
import type { SourcePath } from "../intent/source-offset.ts";
import { writtenValue } from "../intent/written-value.ts";
import { overridePlace } from "./apply-node-overrides.ts";

/** Who set a key of a node's file, and where. */
export interface NodeOrigin {
  readonly rank: "default" | "project" | "intent" | "overrides";
  readonly at: Span;
  /** The word that was written, or the one that would change it. */
  readonly because: string;
}

/** A word that a key of a node's file comes from: of the node, of the cluster, or of the project. */
type Word = `node:${string}` | `cluster:${string}` | `project:${string}`;

/** Of several words the first that is written counts; without words Quorate makes the value itself. `*` stands for the cluster's own DCS. */
const WORDS: readonly (readonly [prefix: string, words: readonly Word[]])[] = [
  ["scope", ["cluster:cluster"]],
  ["namespace", ["project:dcs.*.namespace"]],
  ["name", ["node:name"]],
  ["bootstrap", []],
  ["etcd3.username", ["cluster:access.dcs.user", "project:dcs.*.auth.user"]],
  ["etcd3.hosts", ["project:dcs.*.voters"]],
  ["etcd3", ["cluster:access.dcs.tls", "project:dcs.*.tls"]],
  ["etcd.username", ["cluster:access.dcs.user", "project:dcs.*.auth.user"]],
  ["etcd.hosts", ["project:dcs.*.voters"]],
  ["etcd", ["cluster:access.dcs.tls", "project:dcs.*.tls"]],
  ["consul.host", ["project:dcs.*.agent"]],
  ["consul.dc", ["project:dcs.*.datacenter"]],
  ["consul.consistency", ["project:dcs.*.consistency"]],
  ["consul.register_service", ["project:dcs.*.registerService"]],
  ["consul", ["project:dcs.*.tls"]],
  ["zookeeper.hosts", ["project:dcs.*.voters"]],
  ["zookeeper", ["project:dcs.*.tls"]],
  ["postgresql.listen", ["node:address"]],
  ["postgresql.connect_address", ["node:address"]],
  ["postgresql.data_dir", ["node:dataDir"]],
  ["postgresql.bin_dir", ["node:binDir"]],
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
  ["postgresql.parameters", ["cluster:postgresql.archive"]],
  ["postgresql.recovery_conf", ["cluster:postgresql.restore"]],
  ["postgresql.callbacks", ["cluster:postgresql.callbacks"]],
  ["postgresql.custom_conf", ["cluster:postgresql.customConf"]],
  ["postgresql.pre_promote", ["cluster:postgresql.prePromote"]],
  ["postgresql.before_stop", ["cluster:postgresql.beforeStop"]],
  ["restapi.listen", ["node:address"]],
  ["restapi.connect_address", ["node:address"]],
  ["restapi.authentication", ["cluster:access.rest.user", "project:rest.user"]],
  ["restapi.allowlist", ["cluster:access.rest.allowlist", "project:rest.allowlist"]],
  ["restapi.verify_client", ["cluster:access.rest.verifyClient", "project:rest.verifyClient"]],
  ["restapi", ["project:nodes.tls"]],
  ["ctl", ["project:nodes.tls"]],
  ["watchdog.mode", ["cluster:fencing.watchdog"]],
  ["watchdog.safety_margin", ["cluster:fencing.margin", "cluster:failover.speed"]],
  ["watchdog.device", ["cluster:fencing.device"]],
  ["log", ["cluster:logging"]],
  ["tags.nofailover", ["node:promotable", "cluster:failover.scope", "node:name"]],
  ["tags.nosync", ["node:confirms", "node:promotable", "node:upstream", "node:name"]],
  ["tags.failover_priority", ["cluster:failover.order", "cluster:sites"]],
  ["tags.sync_priority", ["cluster:failover.order", "cluster:sites"]],
  ["tags.replicatefrom", ["node:upstream"]],
  ["tags.noloadbalance", ["node:serveReads"]],
  ["tags.clonefrom", ["node:cloneSource"]],
  ["tags.nostream", ["node:stream"]],
  ["tags.quorate_rev", []],
  ["tags.quorate_site", []],
  ["tags", ["node:tags"]],
];

/** Says where a key of a node's file comes from; undefined for a key that nothing compiles. */
export function nodeOrigin(
  path: readonly string[],
  node: ResolvedNode,
  cluster: ResolvedCluster,
): NodeOrigin | undefined {
  const { source } = cluster;
  const override = overridePlace(path, node.name, cluster);
  if (override !== undefined)
    return { rank: "overrides", at: source.at(override), because: override.join(".") };
  const name = path.join(".");
  const words = WORDS.find(([prefix]) => name === prefix || name.startsWith(`${prefix}.`))?.[1];
  if (words === undefined) return undefined;
  if (words.length === 0)
    return { rank: "default", at: source.at(node.path), because: "made by Quorate" };
  const places = words.flatMap((word) => placesOf(word, node, cluster));
  const written = places.find(([, place, from]) => writtenValue(from.value, place) !== undefined);
  const [first] = places;
  if (written === undefined) {
    const [word = name, place = node.path, from = source] = first ?? [];
    return { rank: "default", at: from.at(place), because: `${word}, which is not written` };
  }
  const [because, place, from] = written;
  const at = from.at(place);
  const isOfProject = at.file === cluster.project.source.file;
  return { rank: isOfProject ? "project" : "intent", at, because };
}

/** The places where a word may be written, the strongest first: each with the word as people know it. */
function placesOf(
  word: Word,
  node: ResolvedNode,
  { source, project, dcs }: ResolvedCluster,
): readonly (readonly [word: string, place: SourcePath, source: Source])[] {
  const [owner, rest = ""] = word.split(":");
  const keys = rest.split(".").map((key) => (key === "*" ? dcs.name : key));
  const said = keys.join(".");
  if (owner === "cluster") return [[said, keys, source]];
  if (owner === "project") return [[said, keys, project.source]];
  const [sites = "", site = 0] = node.path;
  return [
    [said, [...node.path, ...keys], source],
    [`defaults.${said}`, [sites, site, "defaults", ...keys], source],
    [`nodes.${said}`, ["nodes", ...keys], project.source],
  ];
}
