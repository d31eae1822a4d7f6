import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { edit } from "./memory-project.ts";
import { BUNDLE, type RealProject } from "./real-project.ts";
import { run } from "./run.ts";

/** Where the one cluster of a {@link topicProject} is written. */
export const CLUSTER_FILE = "clusters/cluster.yaml";

/** A project of its own with one cluster: `voters` and `cluster` are YAML. Its tiers are this repository's. */
export function topicProject(voters: readonly string[], cluster: string): RealProject {
  const root = mkdtempSync(join(tmpdir(), "quorate-topic-"));
  mkdirSync(join(root, "clusters"));
  cpSync("policies", join(root, "policies"), { recursive: true });
  const list = voters.map((voter) => `      - ${voter}\n`).join("");
  writeFileSync(
    join(root, "quorate.yaml"),
    `version: 1
dcs:
  main:
    kind: etcd3
    voters:
${list}nodes:
  clients: [10.0.0.0/8]
  tls:
    certificate: /etc/patroni/tls/server.crt
    key: /etc/patroni/tls/server.key
    ca: /etc/patroni/tls/ca.crt
rest:
  scheme: https
  ca: file:/etc/quorate/ca.crt
  user: quorate
  password: env:QUORATE_REST_PASSWORD
`,
  );
  writeFileSync(join(root, CLUSTER_FILE), cluster);
  return {
    root,
    edit: (path, from, to) => {
      const file = join(root, path);
      writeFileSync(file, edit(readFileSync(file, "utf8"), from, to));
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** What makes one cluster of three nodes another one. */
export interface ThreeNodes {
  readonly cluster: string;
  /** The first three numbers of all addresses; no two tests share them. */
  readonly network: string;
  /** The last number of the first voter's address. The nodes have 11 to 13. */
  readonly firstVoter: number;
  /** YAML from `durability` on. */
  readonly intent: string;
}

/** A project with one cluster of three nodes in one site, on Patroni 4.1.5, and three voters. */
export function threeNodeProject({
  cluster,
  network,
  firstVoter,
  intent,
}: ThreeNodes): RealProject & { readonly nodes: readonly string[] } {
  const numbers = [1, 2, 3];
  const nodes = numbers.map((number) => `${cluster}-${number}`);
  const project = topicProject(
    numbers.map(
      (number) =>
        `{ name: etcd-${number}, site: bj, address: ${network}.${firstVoter + number - 1} }`,
    ),
    `version: 1
cluster: ${cluster}
patroni: "4.1.5"
postgres: 15
sites:
  - name: bj
    role: primary
    nodes:
${nodes.map((name, index) => `      - { name: ${name}, address: ${network}.${11 + index} }\n`).join("")}${intent}`,
  );
  return { ...project, nodes };
}

/** The times that `quorate check` printed for a cluster, in seconds. */
export interface PrintedBounds {
  /** From a silent crash of the leader's host to the next leader. */
  readonly replaced: number;
  /** From the same crash to the next acknowledged commit. */
  readonly commits: number;
  /** From the loss of the DCS, with keep-leading of a member as well, to the leader's last commit. */
  readonly stops: number;
}

/** Reads the bounds of the project's one cluster from what `quorate check` says to people. */
export async function printedBounds({ root }: RealProject): Promise<PrintedBounds> {
  const { stdout } = await run(process.execPath, [BUNDLE, "--project", root, "check"]);
  const find = (pattern: RegExp): number | undefined => {
    const found = pattern.exec(stdout)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const replaced = find(/a dead leader is replaced within (\d+) s/);
  const stops = find(
    /without the DCS it (?:goes on while every member answers, and )?stops within (\d+) s/,
  );
  if (replaced === undefined || stops === undefined) throw new Error(stdout);
  return { replaced, stops, commits: find(/commits go on within (\d+) s/) ?? replaced };
}
