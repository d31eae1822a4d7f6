import type { CertificateAuthority } from "../adapters/certificate-authority.ts";
import { ok, type Result } from "../core/result.ts";
import { type Awaited, awaitEtcd, awaitMembers } from "./await-lab.ts";
import { type EtcdAccess, ETCD_TLS, etcdCommand } from "./etcd.ts";
import { secureEtcd } from "./etcd-auth.ts";
import { startHost, startService, writeInit } from "./host.ts";
import {
  type HostTree,
  PATRONI_YML,
  planFileTree,
  planNodeTree,
  STAND_IN_DIR,
  writeHostTree,
} from "./host-tree.ts";
import { type LabNode, type LabVoter, patroniClusters } from "./lab-cluster.ts";
import { CLIENT, labPaths } from "./lab-paths.ts";
import type { LabHost, LabPlan } from "./lab-plan.ts";
import { findLabProcesses, hostInits } from "./lab-processes.ts";
import type { LabPrograms } from "./lab-programs.ts";
import { interruption, type LabRefusal, refuse } from "./lab-refusal.ts";
import { secretFiles } from "./lab-secrets.ts";
import { hasLeader, type LabMember } from "./member.ts";
import { claimMountPoints } from "./mount-points.ts";
import { clientNamespace, createNetwork, hostNamespace } from "./network.ts";
import type { TlsContent } from "./node-files.ts";
import type { RenderedCluster, RenderedNode } from "./rendered-cluster.ts";

/** Everything that is known before the first process of a lab starts. */
export interface LabStart {
  readonly plan: LabPlan;
  readonly rendered: RenderedCluster;
  readonly programs: LabPrograms;
  readonly authority: CertificateAuthority;
  readonly awaited: Awaited;
}

/** A host of the lab, with its private directories. */
interface PreparedHost {
  readonly name: string;
  readonly hostname: string;
  readonly namespace: string;
  readonly tree: HostTree;
}

/** Starts network, hosts, etcd and, once etcd has a leader, Patroni everywhere. */
export async function startLab(start: LabStart): Promise<Result<undefined, LabRefusal>> {
  const { plan, awaited } = start;
  const network = createNetwork(plan);
  await writeInit(plan.cluster);
  const prepared = await Promise.all(plan.hosts.map(async (host) => prepareHost(start, host)));
  const hosts = [...prepared, await prepareClient(start)];
  const made = await network;
  if (!made.ok) return made;
  const claimed = await claimMountPoints(
    plan.cluster,
    hosts.flatMap(({ tree }) => tree.mounts),
  );
  if (!claimed.ok) return claimed;
  const started = await Promise.all(
    hosts.map(async ({ name, hostname, namespace, tree }) =>
      startHost({ cluster: plan.cluster, host: name, hostname, namespace, mounts: tree.mounts }),
    ),
  );
  const failed = started.find((result) => !result.ok);
  if (failed !== undefined) return failed;
  if (awaited.interrupted.aborted) return interruption(awaited.interrupted);
  return startServices(start);
}

async function startServices(start: LabStart): Promise<Result<undefined, LabRefusal>> {
  const { plan, awaited } = start;
  const inits = hostInits(await findLabProcesses(plan.cluster));
  await Promise.all(plan.hosts.map(async (host) => startEtcd(start, host, inits.get(host.name))));
  awaited.onProgress(`etcd: ${awaited.cluster.voters.length} started`);
  for (const dcs of new Set(awaited.cluster.voters.map((voter) => voter.dcs))) {
    const access = accessTo(start, dcs);
    if (access === undefined) return refuse(`${dcs ?? plan.cluster} has no node`);
    const voters = onlyVoters(awaited, dcs);
    const healthy = await awaitEtcd(voters, access);
    if (!healthy.ok) return healthy;
    const secured = await secureEtcd(voters.cluster, access, awaited.secrets);
    if (!secured.ok) return secured;
  }
  const [own = plan.cluster, ...followers] = patroniClusters(awaited.cluster);
  const led = await startMembers(start, own, inits);
  if (!led.ok || followers.length === 0) return led;
  // A standby leader that finds nobody to clone from gives up and ends.
  const source = await awaitMembers(onlyMembers(awaited, own), isSource);
  if (!source.ok) return source;
  const following = await Promise.all(
    followers.map(async (name) => startMembers(start, name, inits)),
  );
  return following.find((result) => !result.ok) ?? ok(undefined);
}

/** How the nodes of an etcd cluster talk to it; undefined when it has none. */
function accessTo({ awaited, rendered }: LabStart, dcs: LabVoter["dcs"]): EtcdAccess | undefined {
  const user = awaited.cluster.nodes.find((node) => node.dcs === dcs);
  return rendered.nodes.find(({ name }) => name === user?.name)?.files.etcd;
}

/** The first node that may lead bootstraps its cluster, so every boot has the same leaders. */
async function startMembers(
  start: LabStart,
  cluster: string,
  inits: ReadonlyMap<string, number>,
): Promise<Result<undefined, LabRefusal>> {
  const { rendered, awaited } = start;
  const { nodes } = onlyMembers(awaited, cluster).cluster;
  const members = rendered.nodes.filter(({ name }) => nodes.some((node) => node.name === name));
  const first = members.find(({ files }) => files.mayLead);
  if (first !== undefined) {
    await startPatroni(start, first, inits.get(first.name));
    const isFirst = ({ name }: { readonly name: string }): boolean => name === first.name;
    const begun = await awaitMembers(onlyNodes(awaited, isFirst), isBootstrapping);
    if (!begun.ok) return begun;
  }
  const others = members.filter((node) => node !== first);
  await Promise.all(others.map(async (node) => startPatroni(start, node, inits.get(node.name))));
  return ok(undefined);
}

/** The same lab as if it had only some of its nodes. */
function onlyNodes(awaited: Awaited, isWanted: (node: LabNode) => boolean): Awaited {
  const nodes = awaited.cluster.nodes.filter(isWanted);
  const names = new Set(nodes.map(({ name }) => name));
  const hosts = awaited.hosts.filter(({ node }) => node !== undefined && names.has(node.name));
  return { ...awaited, cluster: { ...awaited.cluster, nodes }, hosts };
}

/** The same lab as if it had only one of its Patroni clusters. */
function onlyMembers(awaited: Awaited, cluster: string): Awaited {
  const { name: own } = awaited.cluster;
  return onlyNodes(awaited, (node) => (node.cluster ?? own) === cluster);
}

/** The same lab as if it had only one of its etcd clusters. */
function onlyVoters(awaited: Awaited, dcs: LabVoter["dcs"]): Awaited {
  const voters = awaited.cluster.voters.filter((voter) => voter.dcs === dcs);
  const hosts = awaited.hosts.filter(({ voter }) => voter !== undefined && voter.dcs === dcs);
  return { ...awaited, cluster: { ...awaited.cluster, voters }, hosts };
}

/** True when another cluster can be cloned from these members: their leader runs and holds its lock. */
function isSource(members: readonly LabMember[]): boolean {
  return hasLeader(members.filter(({ ready }) => ready));
}

/** True from the moment on at which no other member can bootstrap the cluster. */
function isBootstrapping(members: readonly LabMember[]): boolean {
  return members.every(({ role, state }) => role !== "-" && state !== "stopped");
}

async function startEtcd(start: LabStart, host: LabHost, init = 0): Promise<void> {
  const { plan, programs, authority, awaited } = start;
  const { voter } = host;
  const access = accessTo(start, voter?.dcs);
  if (voter === undefined || access === undefined) return;
  const folder = labPaths(plan.cluster).etcd(host.name);
  const { ca, certificate, key } = await issuePems(authority, host);
  const files = [
    { path: ETCD_TLS.ca, text: ca, secret: false },
    { path: ETCD_TLS.certificate, text: certificate, secret: false },
    { path: ETCD_TLS.key, text: key, secret: true },
  ];
  const tree = { mounts: [], files: access.tls ? files : [], owned: new Map([[".", 0o755]]) };
  await writeHostTree(folder, tree, programs.user);
  const argv = etcdCommand(voter, awaited.cluster, { programs, access, folder });
  const { environment } = programs;
  await startService({
    cluster: plan.cluster,
    host: host.name,
    role: "etcd",
    init,
    argv,
    environment,
  });
}

async function startPatroni(start: LabStart, node: RenderedNode, init = 0): Promise<void> {
  const { plan, programs, awaited } = start;
  const config = node.files.watchdogRequired ? STAND_IN_DIR : PATRONI_YML;
  await startService({
    cluster: plan.cluster,
    host: node.name,
    role: "patroni",
    init,
    argv: [programs.patroni, config],
    environment: {
      ...programs.environment,
      ...awaited.secrets.patroni,
      HOME: programs.user.home,
      PYTHONUNBUFFERED: "1",
    },
  });
}

async function prepareHost(start: LabStart, host: LabHost): Promise<PreparedHost> {
  const { plan, rendered, programs, authority } = start;
  const node = rendered.nodes.find(({ name }) => host.node !== undefined && name === host.name);
  const pems = await issuePems(authority, host);
  const tree = node === undefined ? planFileTree(new Map()) : planNodeTree(node, pems);
  await writeHostTree(labPaths(plan.cluster).hostTree(host.name), tree, programs.user);
  const namespace = hostNamespace(plan.cluster, host.name);
  return { name: host.name, hostname: host.name, namespace, tree };
}

async function prepareClient({ plan, awaited }: LabStart): Promise<PreparedHost> {
  const tree = planFileTree(secretFiles(awaited.cluster, awaited.secrets));
  await writeHostTree(labPaths(plan.cluster).hostTree(CLIENT), tree, { uid: 0, gid: 0 });
  const namespace = clientNamespace(plan.cluster);
  return { name: CLIENT, hostname: `${plan.cluster}-client`, namespace, tree };
}

async function issuePems(
  authority: CertificateAuthority,
  host: LabHost,
): Promise<Readonly<Record<TlsContent, string>>> {
  const names = [host.name, host.address, "localhost", "127.0.0.1"];
  const commonName = host.node?.commonName ?? host.name;
  const { certificatePem, keyPem } = await authority.issue({ commonName, names });
  const forDcs = await authority.issue({ names });
  return {
    ca: authority.caPem,
    certificate: certificatePem,
    key: keyPem,
    dcsCertificate: forDcs.certificatePem,
    dcsKey: forDcs.keyPem,
  };
}
