import { digestOf, shortDigest } from "../core/digest.ts";
import { hostNetwork } from "../core/ip.ts";
import { compareText, joinObjects, type JsonObject } from "../core/json.ts";
import { hostPort } from "../core/host-port.ts";
import type { ResolvedCluster, ResolvedNode } from "../intent/resolve-cluster.ts";
import { FIRST_WITH_SYNC_PRIORITY, isAtLeast } from "../patroni/version.ts";
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

/** Compiles the `patroni.yml` of every node as plain data. Parts that are the same in all are one object. */
export function compileNodes(input: NodeInput): readonly CompiledNode[] {
  const common = commonOf(input);
  return input.cluster.nodes.map((node) => compileNode(node, input, common));
}

/** What the files of all nodes of a cluster have in common. */
interface Common {
  readonly bootstrap: JsonObject;
  readonly dcs: JsonObject;
  readonly authentication: JsonObject;
  /** What `restapi` holds besides addresses, and the section `ctl`. */
  readonly rest: JsonObject;
  readonly ctl: JsonObject;
  readonly watchdog: JsonObject;
  readonly logging: JsonObject;
  readonly secretNames: readonly string[];
  readonly environment: CompiledNode["environment"];
  readonly service: CompiledNode["service"];
  /** Parts that were digested, and paths that were filled in, for another node. */
  readonly digested: Map<JsonObject, string>;
  readonly filledIn: Map<string, string>;
}

function commonOf(input: NodeInput): Common {
  const { cluster } = input;
  const { rest: access } = cluster.project;
  const dcsAccess = compileDcsAccess(cluster.dcs, cluster.name);
  const authentication = compileAuthentication(cluster);
  const secretNames = [
    ...authentication.secretNames,
    ...(access.user?.kind === "reference" ? ["PATRONI_RESTAPI_USERNAME"] : []),
    ...(access.password === undefined ? [] : ["PATRONI_RESTAPI_PASSWORD"]),
    ...dcsAccess.secretNames,
    ...dcsSecretNames(cluster.dcs),
  ];
  return {
    bootstrap: bootstrapOf(input),
    dcs: compileDcsSection(cluster.dcs, dcsAccess.section),
    authentication: authentication.section,
    ...restSections(cluster),
    watchdog: compileFencing(cluster.fencing),
    logging: compileLogging(cluster.logging),
    secretNames,
    environment: dcsAccess.environment,
    service: compileService(cluster, input.dcs, secretNames),
    digested: new Map(),
    filledIn: new Map(),
  };
}

/** One node's file, in the order in which a person would read it. */
function compileNode(node: ResolvedNode, input: NodeInput, common: Common): CompiledNode {
  const { cluster } = input;
  const fillIn = (template: string): string => filledIn(template, node.name, cluster, common);
  const identity: JsonObject = {
    scope: cluster.name,
    namespace: cluster.dcs.namespace,
    name: node.name,
  };
  const postgresql = {
    listen: postgresListen(node.address, node.place.postgresPort),
    connect_address: hostPort(node.address, node.place.postgresPort),
    data_dir: fillIn(node.place.dataDir),
    bin_dir: fillIn(node.place.binDir),
    pgpass: fillIn(node.place.passFile),
    authentication: common.authentication,
  };
  const made = joinObjects(
    identity,
    { bootstrap: common.bootstrap },
    common.dcs,
    {
      postgresql: joinObjects(postgresql, compileServer(node, cluster)),
      restapi: joinObjects(restAddresses(node), common.rest),
    },
    common.ctl,
    { watchdog: common.watchdog },
    common.logging,
  );
  const config = applyNodeOverrides(made, node.name, cluster);
  const tags = tagsOf(node, input);
  // The bootstrap section counts once in a cluster's life: it is no part of what a running node runs.
  const revision = shortDigest(
    digestOf(joinObjects(withoutBootstrap(config), { tags }), common.digested),
  );
  return {
    name: node.name,
    site: node.site,
    address: node.address,
    postgresPort: node.place.postgresPort,
    restPort: node.place.restPort,
    config: joinObjects(config, { tags: joinObjects(tags, { quorate_rev: revision }) }),
    revision,
    secretNames: common.secretNames,
    environment: common.environment,
    service: common.service,
  };
}

function withoutBootstrap(config: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).filter(([key]) => key !== "bootstrap"));
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
  if (dcs["pause"] === undefined) return dcs;
  const { pause: _pause, ...bootable } = dcs;
  return bootable;
}

function restAddresses(node: ResolvedNode): JsonObject {
  const address = hostPort(node.address, node.place.restPort);
  const listen = isHostName(node.address) ? `*:${node.place.restPort}` : address;
  return { listen, connect_address: address };
}

function restSections({ project, nodes }: ResolvedCluster): Pick<Common, "rest" | "ctl"> {
  const { nodes: defaults, rest } = project;
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
  const ctl: JsonObject =
    tls === undefined
      ? {}
      : { ctl: { cacert: tls.ca, certfile: tls.certificate, keyfile: tls.key } };
  const allowlist =
    rest.allowlist === undefined ? {} : { allowlist: allowlistOf(nodes, rest.allowlist) };
  return { rest: { ...server, ...user, ...allowlist }, ctl };
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

function tagsOf(node: ResolvedNode, { cluster, topology, dcs }: NodeInput): JsonObject {
  const priority = topology.priorities.get(node.name);
  const isPicked = node.confirms && picksByPriority(cluster, dcs);
  return joinObjects(
    node.promotable ? {} : { nofailover: true },
    node.confirms ? {} : { nosync: true },
    priority === undefined ? {} : { failover_priority: priority },
    priority === undefined || !isPicked ? {} : { sync_priority: priority },
    node.upstream === undefined ? {} : { replicatefrom: node.upstream },
    compileNodeTags(node),
    { quorate_site: node.site },
  );
}

/**
 * With `synchronous_mode` on only a standby that Patroni picked may lead, so the preference must decide who is
 * picked. In quorum mode every eligible standby is, and the tag does nothing. Patroni 4.1 and newer.
 *
 * @see patroni/postgresql/sync.py:_ReplicaList and patroni/ha.py:is_healthiest_node at v4.1.5
 */
function picksByPriority({ patroni }: ResolvedCluster, dcs: JsonObject): boolean {
  const mode = dcs["synchronous_mode"];
  return (mode === true || mode === "on") && isAtLeast(patroni, FIRST_WITH_SYNC_PRIORITY);
}

function filledIn(
  template: string,
  node: string,
  { name, postgres }: ResolvedCluster,
  { filledIn: known }: Common,
): string {
  const before = known.get(template);
  if (before !== undefined) return before;
  const text = template
    .replaceAll("{cluster}", name)
    .replaceAll("{postgres}", String(postgres))
    .replaceAll("{node}", node);
  if (!template.includes("{node}")) known.set(template, text);
  return text;
}

function postgresListen(address: string, port: number): string {
  if (isHostName(address)) return `*:${port}`;
  return `${address.includes(":") ? `[${address}]` : address},127.0.0.1:${port}`;
}

/** A node's own name often leads to loopback on the node itself, where the others would not reach it. */
function isHostName(address: string): boolean {
  return !address.includes(":") && !/^[\d.]+$/.test(address);
}
