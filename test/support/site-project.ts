import type { ProjectFiles } from "../../src/core/ports.ts";
import { memoryProject, PROJECT } from "./memory-project.ts";

/** A site for {@link siteProject}: its role, and each node's further keys by its name. */
export interface TestSite {
  readonly role: string;
  readonly nodes?: Readonly<Record<string, string>>;
}

/** How many DCS voters each site has, on machines of their own; `on` names nodes that have one. */
export interface TestVoters {
  readonly [site: string]: number | readonly string[];
}

/** Puts a cluster `pay` together: nodes get addresses by their place, further lines come last. */
export function siteIntent(
  sites: Readonly<Record<string, TestSite>>,
  lines: string,
  patroni = "4.1.5",
): string {
  const text = Object.entries(sites).map(([site, { role, nodes }], siteIndex) => {
    const list = Object.entries(nodes ?? {}).map(
      ([name, keys], index) =>
        `      - { name: ${name}, address: ${addressOf(siteIndex, index)}${keys === "" ? "" : `, ${keys}`} }\n`,
    );
    const head = `  - name: ${site}\n    role: ${role}\n`;
    return list.length === 0 ? head : `${head}    nodes:\n${list.join("")}`;
  });
  return `version: 1\ncluster: pay\npatroni: "${patroni}"\npostgres: 15\nsites:\n${text.join("")}${lines}`;
}

/** The same as a project whose DCS has these voters. */
export function siteProject(
  sites: Readonly<Record<string, TestSite>>,
  lines: string,
  { voters, patroni }: { readonly voters: TestVoters; readonly patroni?: string },
): ProjectFiles {
  const places = new Map(
    Object.values(sites).flatMap(({ nodes }, siteIndex) =>
      Object.keys(nodes ?? {}).map((name, index) => [name, addressOf(siteIndex, index)] as const),
    ),
  );
  const list = Object.entries(voters).flatMap(([site, on], siteIndex) => {
    const addresses =
      typeof on === "number"
        ? Array.from({ length: on }, (_, index) => `10.9.${siteIndex + 1}.${index + 1}`)
        : on.map((name) => places.get(name) ?? "");
    return addresses.map(
      (address, index) =>
        `      - { name: etcd-${site}-${index + 1}, site: ${site}, address: ${address} }\n`,
    );
  });
  const project = PROJECT.replace(/( {4}voters:\n)(?: {6}- .*\n)+/, `$1${list.join("")}`);
  return memoryProject({
    "quorate.yaml": project,
    "clusters/1.yaml": siteIntent(sites, lines, patroni),
  });
}

/** Nodes of a site without further keys: `bj-1`, `bj-2`, … */
export function nodesOf(site: string, count: number): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${site}-${index + 1}`, ""] as const),
  );
}

function addressOf(siteIndex: number, index: number): string {
  return `10.${siteIndex + 1}.1.${index + 1}`;
}
