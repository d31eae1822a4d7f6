import { digestOf, shortDigest } from "../core/digest.ts";
import { hostNetwork } from "../core/ip.ts";
import { compareText, type JsonObject } from "../core/json.ts";
import { hostPort } from "../core/host-port.ts";
import type { ResolvedCluster, ResolvedNode } from "../intent/resolve-cluster.ts";
import { isAtLeast } from "../patroni/version.ts";
import type { Topology } from "../topology/derive-topology.ts";
import { compileAuthentication } from "./compile-authentication.ts";
import { compileDcsAccess } from "./compile-dcs-access.ts";
import type { CompiledNode } from "./compiled-cluster.ts";

/** What a node's file is made of besides the node itself. */
export interface NodeInput {
  readonly cluster: ResolvedCluster;
  readonly topology: Topology;
  readonly dcs: JsonObject;
  readonly hba: readonly string[];
}

/** Compiles one node's `patroni.yml` as plain data, in the order in which a person would read it. */
export function compileNode(node: ResolvedNode, input: NodeInput): CompiledNode {
  const { cluster } = input;
  const { nodes: defaults, rest } = cluster.project;
  const paths = { cluster: cluster.name, node: node.name, postgres: String(cluster.postgres) };
  const identity: JsonObject = {
    scope: cluster.name,
    namespace: cluster.dcs.namespace,
    name: node.name,
  };
  const dcsAccess = compileDcsAccess(cluster.dcs, cluster.name);
  const authentication = compileAuthentication(cluster);
  const running: JsonObject = {
    etcd3: {
      hosts: cluster.dcs.voters.map((voter) => hostPort(voter.address, voter.port)),
      ...dcsAccess.section,
    },
    postgresql: {
      listen: postgresListen(node.address, defaults.postgresPort),
      connect_address: hostPort(node.address, defaults.postgresPort),
      data_dir: fillIn(defaults.dataDir, paths),
      bin_dir: fillIn(defaults.binDir, paths),
      pgpass: fillIn(defaults.passFile, paths),
      authentication: authentication.section,
    },
    ...restSections(node, cluster),
    watchdog: { mode: WATCHDOG_MODES[cluster.watchdog], safety_margin: 5 },
  };
  const tags = tagsOf(node, input);
  // The bootstrap section counts once in a cluster's life: it is no part of what a running node runs.
  const revision = shortDigest(digestOf({ ...identity, ...running, tags }));
  const config: JsonObject = {
    ...identity,
    bootstrap: bootstrapOf(input),
    ...running,
    tags: { ...tags, quorate_rev: revision },
  };
  const restNames = [
    ...(rest.user?.kind === "reference" ? ["PATRONI_RESTAPI_USERNAME"] : []),
    ...(rest.password === undefined ? [] : ["PATRONI_RESTAPI_PASSWORD"]),
  ];
  return {
    name: node.name,
    site: node.site,
    address: node.address,
    config,
    revision,
    secretNames: [...authentication.secretNames, ...restNames, ...dcsAccess.secretNames],
    environment: dcsAccess.environment,
  };
}

/** @see patroni/watchdog/base.py:parse_mode at v4.1.4 */
const WATCHDOG_MODES = { off: "off", "best-effort": "automatic", required: "required" } as const;

function bootstrapOf({ cluster, dcs, hba }: NodeInput): JsonObject {
  const initdb = [{ encoding: "UTF8" }, "data-checksums"];
  // Only `--validate-config` of 3.x asks for it; the lines of the DCS document replace them at once.
  const needsHba = !isAtLeast(cluster.patroni, { major: 4, minor: 0, patch: 0 });
  return { dcs, initdb, ...(needsHba ? { pg_hba: hba } : {}) };
}

function restSections(node: ResolvedNode, { project, nodes }: ResolvedCluster): JsonObject {
  const { nodes: defaults, rest } = project;
  const address = hostPort(node.address, defaults.restPort);
  const tls = rest.scheme === "https" ? defaults.tls : undefined;
  const server =
    tls === undefined
      ? {}
      : {
          certfile: tls.certificate,
          keyfile: tls.key,
          cafile: tls.ca,
          verify_client: rest.verifyClient,
        };
  const user =
    rest.user?.kind === "literal" ? { authentication: { username: rest.user.name } } : {};
  // Members call each other with these: without a certificate of their own, `verify_client` would
  // silently end failover and failsafe.
  const ctl =
    tls === undefined
      ? {}
      : { ctl: { cacert: tls.ca, certfile: tls.certificate, keyfile: tls.key } };
  const listen = isHostName(node.address) ? `*:${defaults.restPort}` : address;
  const allowlist =
    rest.allowlist === undefined ? {} : { allowlist: allowlistOf(nodes, rest.allowlist) };
  return {
    restapi: { listen, connect_address: address, ...server, ...user, ...allowlist },
    ...ctl,
  };
}

/**
 * Every member, and whom the intent names. `allowlist_include_members` would not do: it does not count for
 * `POST /failsafe`, and while the DCS is away nobody knows the members.
 *
 * @see patroni/api.py:do_POST_failsafe at v4.1.4
 */
function allowlistOf(
  nodes: readonly ResolvedNode[],
  networks: readonly string[],
): readonly string[] {
  const members = nodes.map(({ address }) => hostNetwork(address)).toSorted(compareText);
  return [...new Set([...members, ...networks])];
}

function tagsOf(node: ResolvedNode, { topology }: NodeInput): JsonObject {
  const priority = topology.priorities.get(node.name);
  return {
    ...(node.promotable ? {} : { nofailover: true }),
    ...(node.confirms ? {} : { nosync: true }),
    ...(priority === undefined ? {} : { failover_priority: priority }),
    ...(node.upstream === undefined ? {} : { replicatefrom: node.upstream }),
    quorate_site: node.site,
  };
}

function fillIn(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => values[name] ?? "");
}

function postgresListen(address: string, port: number): string {
  if (isHostName(address)) return `*:${port}`;
  return `${address.includes(":") ? `[${address}]` : address},127.0.0.1:${port}`;
}

/** A node's own name often leads to loopback on the node itself, where the others would not reach it. */
function isHostName(address: string): boolean {
  return !address.includes(":") && !/^[\d.]+$/.test(address);
}
