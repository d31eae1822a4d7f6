import { readdirSync, readFileSync } from "node:fs";
import type { ProjectFiles } from "../../src/core/ports.ts";
import { err, ok } from "../../src/core/result.ts";

/** A project whose files are given by path; the tiers are this repository's own. */
export function memoryProject(files: Readonly<Record<string, string>>): ProjectFiles {
  const all = new Map(Object.entries({ ...TIERS, ...files }));
  return {
    read: async (path) => {
      const text = all.get(path);
      return text === undefined ? err({ kind: "missing" }) : ok(text);
    },
    list: async (folder) => ({
      files: [...all.keys()].filter((path) => path.startsWith(`${folder}/`)).toSorted(),
      failures: [],
    }),
  };
}

const TIERS = Object.fromEntries(
  readdirSync("policies/tiers").map((name) => [
    `policies/tiers/${name}`,
    readFileSync(`policies/tiers/${name}`, "utf8"),
  ]),
);

/** A `quorate.yaml` with one DCS of three voters, TLS and a password by reference. */
export const PROJECT = `version: 1
dcs:
  main:
    kind: etcd3
    voters:
      - { name: etcd-1, site: bj, address: 10.1.0.1 }
      - { name: etcd-2, site: bj, address: 10.1.0.2 }
      - { name: etcd-3, site: bj, address: 10.1.0.3 }
nodes:
  tls: { certificate: /etc/patroni/server.crt, key: /etc/patroni/server.key, ca: /etc/patroni/ca.crt }
rest:
  ca: file:/etc/quorate/ca.crt
  user: quorate
  password: env:REST_PASSWORD
`;

/** A cluster of three nodes that compiles. */
export const CLUSTER = `version: 1
cluster: pay
patroni: "4.1"
postgres: 15
sites:
  - name: bj
    role: primary
    nodes:
      - { name: pay-1, address: 10.1.1.1 }
      - { name: pay-2, address: 10.1.1.2 }
      - { name: pay-3, address: 10.1.1.3 }
durability: sync
`;

/** The project of {@link PROJECT} with these clusters, named `clusters/<n>.yaml` in the given order. */
export function projectWith(...clusters: readonly string[]): ProjectFiles {
  const files = clusters.map((text, index): [string, string] => [
    `clusters/${index + 1}.yaml`,
    text,
  ]);
  return memoryProject({ "quorate.yaml": PROJECT, ...Object.fromEntries(files) });
}

/** Replaces one piece of a text that must be there exactly once. */
export function edit(text: string, from: string, to: string): string {
  const parts = text.split(from);
  if (parts.length !== 2)
    throw new Error(`${JSON.stringify(from)} stands ${parts.length - 1} times in the text`);
  return parts.join(to);
}
