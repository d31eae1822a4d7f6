import { digestOf, shortDigest } from "../core/digest.ts";
import { hostNetwork } from "../core/ip.ts";
import { compareText, type JsonObject } from "../core/json.ts";
import { hostPort } from "../core/host-port.ts";
import type { ResolvedCluster, ResolvedNode } from "../intent/resolve-cluster.ts";
import { isAtLeast } from "../patroni/version.ts";
import type { Topology } from "../topology/derive-topology.ts";
import { applyNodeOverrides } from "./apply-node-overrides.ts";
import { compileAuthentication } from "./compile-authentication.ts";
import { compileDcsAccess } from "./compile-dcs-access.ts";
import { compileDcsSection, dcsSecretNames } from "./compile-dcs-section.ts";
import { compileFencing } from "./compile-fencing.ts";
import { compileLogging } from "./compile-logging.ts";
import { compileNodeTags } from "./compile-node-tags.ts";
import { compileServer } from "./compile-server.ts";
import { compileService } from "./compile-service.ts";
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
  const { rest: access } = cluster.project;
  const paths = { cluster: cluster.name, node: node.name, postgres: String(cluster.postgres) };
  const identity: JsonObject = {
    scope: cluster.name,
    namespace: cluster.dcs.namespace,
    name: node.name,
  };
  const dcsAccess = compileDcsAccess(cluster.dcs, cluster.name);
  const authentication = compileAuthentication(cluster);
  const running: JsonObject = {
    ...compileDcsSection(cluster.dcs, dcsAccess.section),
    postgresql: {
      listen: postgresListen(node.address, node.place.postgresPort),
      connect_address: hostPort(node.address, node.place.postgresPort),
      data_dir: fillIn(node.place.dataDir, paths),
      bin_dir: fillIn(node.place.binDir, paths),
      pgpass: fillIn(node.place.passFile, paths),
      authentication: authentication.section,
      ...compileServer(node, cluster),
    },
    ...restSections(node, cluster),
    watchdog: compileFencing(cluster.fencing),
    ...compileLogging(cluster.logging),
  };
  const tags = tagsOf(node, input);
  const { bootstrap, ...rest } = applyNodeOverrides(
    { ...identity, bootstrap: bootstrapOf(input), ...running },
    node.name,
    cluster,
  );
  // The bootstrap section counts once in a cluster's life: it is no part of what a running node runs.
  const revision = shortDigest(digestOf({ ...rest, tags }));
  const config: JsonObject = {
    ...identity,
    ...(bootstrap === undefined ? {} : { bootstrap }),
    ...rest,
    tags: { ...tags, quorate_rev: revision },
  };
  const secretNames = [
    ...authentication.secretNames,
    ...(access.user?.kind === "reference" ? ["PATRONI_RESTAPI_USERNAME"] : []),
    ...(access.password === undefined ? [] : ["PATRONI_RESTAPI_PASSWORD"]),
    ...dcsAccess.secretNames,
    ...dcsSecretNames(cluster.dcs),
  ];
  return {
    name: node.name,
    site: node.site,
    address: node.address,
    postgresPort: node.place.postgresPort,
    restPort: node.place.restPort,
    config,
    revision,
    secretNames,
    environment: dcsAccess.environment,
    service: compileService(cluster, input.dcs, secretNames),
  };
}

function bootstrapOf({ cluster, dcs, hba }: NodeInput): JsonObject {
  const initdb = [{ encoding: "UTF8" }, "data-checksums"];
  // Only `--validate-config` of 3.x asks for it; the lines of the DCS document replace them at once.
  const needsHba = !isAtLeast(cluster.patroni, { major: 4, minor: 0, patch: 0 });
  return { dcs: bootableDcs(dcs), initdb, ...(needsHba ? { pg_hba: hba } : {}) };
}

/**
 * A cluster that is paused from the start would never be: no node makes a data directory while it is paused.
 *
 * @see patroni/ha.py:_run_cycle at v4.1.4, "running with empty data directory"
 */
function bootableDcs(dcs: JsonObject): JsonObject {
  const { pause: _pause, ...bootable } = dcs;
  return bootable;
}

function restSections(node: ResolvedNode, { project, nodes }: ResolvedCluster): JsonObject {
  const { nodes: defaults, rest } = project;
  const address = hostPort(node.address, node.place.restPort);
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
  const listen = isHostName(node.address) ? `*:${node.place.restPort}` : address;
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
    ...compileNodeTags(node),
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
