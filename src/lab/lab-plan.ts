import { isIPv4 } from "node:net";
import { ok, type Result } from "../core/result.ts";
import { chooseClientAddress } from "./client-address.ts";
import type { LabCluster, LabNode, LabVoter } from "./lab-cluster.ts";
import { badInput, type LabRefusal } from "./lab-refusal.ts";

/** One machine of the lab: a network namespace with one address, and what runs there. */
export interface LabHost {
  readonly name: string;
  readonly site: string;
  readonly address: string;
  readonly node?: LabNode;
  readonly voter?: LabVoter;
}

/** Where everything of a cluster stands in its lab. A function of the {@link LabCluster} alone. */
export interface LabPlan {
  readonly cluster: string;
  /** Sorted. */
  readonly sites: readonly string[];
  /** Nodes in the order of the intent, then voters that have an address of their own. */
  readonly hosts: readonly LabHost[];
  readonly clientAddress: string;
}

/** Names become names of namespaces, folders and host names: letters, digits, `-` and `_`. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

/** Lays a cluster out on hosts, or says what the lab cannot stand up. */
export function planLab(cluster: LabCluster): Result<LabPlan, LabRefusal> {
  const problem = findProblem(cluster);
  if (problem !== undefined) return badInput(`${cluster.name}: ${problem}`);
  const hosts = layOutHosts(cluster);
  const taken = new Set(hosts.map((host) => host.address));
  const wanted = { allowlist: cluster.allowlist ?? [], clients: cluster.clients };
  const clientAddress = chooseClientAddress(wanted, taken);
  if (clientAddress === undefined)
    return badInput(`${cluster.name}: no address is left for the client`);
  const sites = [...new Set(hosts.map((host) => host.site))].toSorted();
  return ok({ cluster: cluster.name, sites, hosts, clientAddress });
}

/** True for a name that the lab can use for a cluster, a site or a host. */
export function isLabName(name: string): boolean {
  return NAME.test(name);
}

function findProblem(cluster: LabCluster): string | undefined {
  const members = [...cluster.nodes, ...cluster.voters];
  const odd = [cluster.name, ...members.flatMap((member) => [member.name, member.site])];
  const name = odd.find((candidate) => !isLabName(candidate));
  if (name !== undefined) return `"${name}" is not a name of letters, digits, - and _`;
  if (cluster.nodes.length === 0) return "there is no node to boot";
  if (cluster.voters.length === 0) return "there is no etcd voter to boot; the lab runs etcd3 only";
  const elsewhere = members.find((member) => !isIPv4(member.address));
  if (elsewhere !== undefined)
    return `${elsewhere.name} is at ${elsewhere.address}; the lab needs an IPv4 address`;
  // Names of voters need be unique in their own DCS only.
  const voters = cluster.voters.map((voter) => ({
    name: `${voter.dcs ?? ""} ${voter.name}`.trim(),
    address: voter.address,
  }));
  return findRepeat("node", cluster.nodes) ?? findRepeat("voter", voters);
}

function findRepeat(
  what: string,
  members: readonly { readonly name: string; readonly address: string }[],
): string | undefined {
  for (const key of ["name", "address"] as const) {
    const seen = new Set<string>();
    for (const member of members) {
      if (seen.has(member[key])) return `two ${what}s have the ${key} ${member[key]}`;
      seen.add(member[key]);
    }
  }
  return undefined;
}

function layOutHosts(cluster: LabCluster): readonly LabHost[] {
  const voterAt = new Map(cluster.voters.map((voter) => [voter.address, voter]));
  const names = new Set(cluster.nodes.map((node) => node.name));
  const hosts: LabHost[] = cluster.nodes.map((node) => {
    const voter = voterAt.get(node.address);
    voterAt.delete(node.address);
    const { name, site, address } = node;
    return { name, site, address, node, ...(voter === undefined ? {} : { voter }) };
  });
  for (const voter of voterAt.values()) {
    const name = names.has(voter.name) ? `${voter.name}_${voter.dcs ?? "etcd"}` : voter.name;
    names.add(name);
    hosts.push({ name, site: voter.site, address: voter.address, voter });
  }
  return hosts;
}
