import { readdir } from "node:fs/promises";
import { ok, type Result } from "../core/result.ts";
import type { LabRefusal } from "./lab-refusal.ts";
import type { LabPlan } from "./lab-plan.ts";
import { run } from "./run.ts";

/** Gateway of every host: the router of its site. Link-local, so it cannot clash with an intent. */
const SITE_GATEWAY = "169.254.0.1";
/** Gateway of every site, and of the client. */
const CORE_GATEWAY = "169.254.0.2";
/** Where `ip netns` keeps its names. */
const NAMESPACE_DIR = "/run/netns";

/** One network namespace: its name, whether it forwards packets, and `ip -batch` lines run inside. */
export interface NamespaceSetup {
  readonly name: string;
  readonly forwards: boolean;
  readonly commands: readonly string[];
}

/** The whole network of a lab as `ip -batch` lines, in the order in which they must run. */
export interface NetworkSetup {
  /** Run in the machine's own namespace; both ends of every link are made inside the lab. */
  readonly links: readonly string[];
  readonly namespaces: readonly NamespaceSetup[];
}

/** The name of a host's network namespace. Dots keep names of different labs apart. */
export function hostNamespace(cluster: string, host: string): string {
  return `${namespacePrefix(cluster)}host.${host}`;
}

/** The name of the client's network namespace. */
export function clientNamespace(cluster: string): string {
  return `${namespacePrefix(cluster)}client`;
}

/** The file that stands for a network namespace. */
export function namespaceFile(name: string): string {
  return `${NAMESPACE_DIR}/${name}`;
}

/**
 * Plans the network: `core` connects the sites' routers and the client, a site's router connects its
 * hosts. Every address is a /32 behind a link-local gateway, so any addresses work in any site.
 * Invariant: no link has an end, and no lab address a route, outside the lab's namespaces.
 */
export function planNetwork(plan: LabPlan): NetworkSetup {
  const core = coreNamespace(plan.cluster);
  const client = clientNamespace(plan.cluster);
  const links = [`link add client netns ${core} type veth peer name eth0 netns ${client}`];
  const coreCommands = [
    ...gateway(CORE_GATEWAY, "client"),
    `route add ${plan.clientAddress}/32 dev client`,
  ];
  const others: NamespaceSetup[] = [leaf(client, plan.clientAddress, CORE_GATEWAY)];
  for (const [siteIndex, site] of plan.sites.entries()) {
    const router = siteNamespace(plan.cluster, site);
    const port = `site${siteIndex}`;
    links.push(`link add ${port} netns ${core} type veth peer name core netns ${router}`);
    coreCommands.push(...gateway(CORE_GATEWAY, port));
    const routerCommands = [
      ...gateway(SITE_GATEWAY, "core"),
      `route add default via ${CORE_GATEWAY} dev core onlink`,
    ];
    for (const [hostIndex, host] of plan.hosts.entries()) {
      if (host.site !== site) continue;
      const name = hostNamespace(plan.cluster, host.name);
      links.push(
        `link add host${hostIndex} netns ${router} type veth peer name eth0 netns ${name}`,
      );
      coreCommands.push(`route add ${host.address}/32 via ${SITE_GATEWAY} dev ${port} onlink`);
      routerCommands.push(
        ...gateway(SITE_GATEWAY, `host${hostIndex}`),
        `route add ${host.address}/32 dev host${hostIndex}`,
      );
      others.push(leaf(name, host.address, SITE_GATEWAY));
    }
    others.push({ name: router, forwards: true, commands: routerCommands });
  }
  return { links, namespaces: [{ name: core, forwards: true, commands: coreCommands }, ...others] };
}

/** Makes the namespaces and links of a lab. On a failure, what was made stays: {@link removeNetwork}. */
export async function createNetwork(plan: LabPlan): Promise<Result<undefined, LabRefusal>> {
  const { links, namespaces } = planNetwork(plan);
  const names = namespaces.map(({ name }) => `netns add ${name}`);
  const made = await run("ip", ["-batch", "-"], { input: lines([...names, ...links]) });
  if (!made.ok) return made;
  const results = await Promise.all(
    namespaces.map(({ name, forwards, commands }) =>
      run(
        "nsenter",
        [`--net=${namespaceFile(name)}`, "sh", "-c", SET_UP, "lab-net", forwards ? "1" : "0"],
        {
          input: lines(commands),
        },
      ),
    ),
  );
  return results.find((result) => !result.ok) ?? ok(undefined);
}

/** Removes the names of every namespace of a lab; gives how many there were. */
export async function removeNetwork(cluster: string): Promise<Result<number, LabRefusal>> {
  const names = (await listNamespaces()).filter((name) =>
    name.startsWith(namespacePrefix(cluster)),
  );
  if (names.length === 0) return ok(0);
  const removed = await run("ip", ["-force", "-batch", "-"], {
    input: lines(names.map((name) => `netns del ${name}`)),
  });
  return removed.ok ? ok(names.length) : removed;
}

/** The clusters that have namespaces on this machine, sorted. */
export async function clustersWithNamespaces(): Promise<readonly string[]> {
  const names = await listNamespaces();
  const clusters = names.flatMap((name) => /^qlab\.([^.]+)\./.exec(name)?.[1] ?? []);
  return [...new Set(clusters)].toSorted();
}

/**
 * Cuts a site off from every other one and from the client: packets vanish without an answer, as
 * behind a dead line. Hosts of the site still reach each other.
 */
export async function cutSite(cluster: string, site: string): Promise<Result<string, LabRefusal>> {
  return changeSite(cluster, site, [
    "route replace blackhole default",
    "rule add iif core blackhole",
  ]);
}

/** Undoes {@link cutSite}. */
export async function healSite(cluster: string, site: string): Promise<Result<string, LabRefusal>> {
  return changeSite(cluster, site, [
    "route del blackhole default",
    `route replace default via ${CORE_GATEWAY} dev core onlink`,
    "rule del iif core blackhole",
  ]);
}

/**
 * Settings of a new namespace, before it has links that would inherit others: `$1` says whether it
 * forwards. Asymmetric ways are wanted here, redirects are not.
 */
const SET_UP = `set -eu
cd /proc/sys/net/ipv4
echo "$1" >ip_forward
for group in all default; do
  echo 0 >"conf/$group/rp_filter"
  echo 0 >"conf/$group/send_redirects"
  echo 0 >"conf/$group/accept_redirects"
done
exec ip -batch -`;

function leaf(name: string, address: string, via: string): NamespaceSetup {
  const commands = [
    "link set lo up",
    `address add ${address}/32 dev eth0`,
    "link set eth0 up",
    `route add default via ${via} dev eth0 onlink`,
  ];
  return { name, forwards: false, commands };
}

function gateway(address: string, device: string): readonly string[] {
  return [`address add ${address}/32 dev ${device}`, `link set ${device} up`];
}

async function changeSite(
  cluster: string,
  site: string,
  commands: readonly string[],
): Promise<Result<string, LabRefusal>> {
  return run("ip", ["-n", siteNamespace(cluster, site), "-batch", "-"], { input: lines(commands) });
}

function namespacePrefix(cluster: string): string {
  return `qlab.${cluster}.`;
}

function coreNamespace(cluster: string): string {
  return `${namespacePrefix(cluster)}core`;
}

/** The name of the network namespace of a site's router. */
export function siteNamespace(cluster: string, site: string): string {
  return `${namespacePrefix(cluster)}site.${site}`;
}

function lines(commands: readonly string[]): string {
  return `${commands.join("\n")}\n`;
}

async function listNamespaces(): Promise<readonly string[]> {
  try {
    return await readdir(NAMESPACE_DIR);
  } catch {
    return []; // the folder appears with the machine's first namespace
  }
}
