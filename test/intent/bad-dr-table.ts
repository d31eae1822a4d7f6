import type { ProjectFiles } from "../../src/core/ports.ts";
import { edit, memoryProject, PROJECT } from "../support/memory-project.ts";
import type { BadInput } from "./bad-input-table.ts";

/** Two more DCS besides `main`: one that stands apart, one on a machine of `main`. */
const TWO_SITES = PROJECT.replace(
  "nodes:\n",
  `  far:
    kind: etcd3
    voters:
      - { name: etcd-1, site: dr, address: 10.2.0.1 }
      - { name: etcd-2, site: dr, address: 10.2.0.2 }
      - { name: etcd-3, site: gz, address: 10.2.0.3 }
  near:
    kind: etcd3
    voters:
      - { name: etcd-1, site: bj, address: 10.3.0.1 }
      - { name: etcd-2, site: bj, address: 10.3.0.2 }
      - { name: etcd-3, site: dr, address: 10.3.0.3 }
  shared:
    kind: etcd3
    voters:
      - { name: etcd-1, site: dr, address: 10.4.0.1 }
      - { name: etcd-2, site: dr, address: 10.4.0.2 }
      - { name: etcd-3, site: bj, address: 10.1.0.3 }
nodes:
`,
);

/** A cluster of two nodes and a dr site of two nodes that compile without a word. */
export const DR_CLUSTER = `version: 1
cluster: pay
patroni: "4.1.5"
postgres: 15
sites:
  - name: bj
    role: primary
    nodes:
      - { name: pay-1, address: 10.1.1.1 }
      - { name: pay-2, address: 10.1.1.2 }
  - name: dr
    role: dr
    dcs: { use: far }
    nodes:
      - { name: pay-8, address: 10.2.1.8 }
      - { name: pay-9, address: 10.2.1.9 }
durability: sync
dcs: { use: main }
rejoin: { walCap: 10GiB }
`;

/** A project with three DCS and these clusters; {@link DR_CLUSTER} when none is given. */
export function drProject(...given: readonly string[]): ProjectFiles {
  const clusters = given.length === 0 ? [DR_CLUSTER] : given;
  const files = clusters.map((text, index) => [`clusters/${index + 1}.yaml`, text] as const);
  return memoryProject({ "quorate.yaml": TWO_SITES, ...Object.fromEntries(files) });
}

function changed(...edits: readonly (readonly [from: string, to: string])[]): ProjectFiles {
  let text = DR_CLUSTER;
  for (const [from, to] of edits) text = edit(text, from, to);
  return drProject(text);
}

/** A tier x whose settings are these. */
function withTier(dcs: string): ProjectFiles {
  const text = edit(DR_CLUSTER, "durability: sync", "durability: x");
  return memoryProject({
    "quorate.yaml": TWO_SITES,
    "clusters/1.yaml": text,
    "policies/tiers/x.yaml": `tier: x\npromise: { loss: bounded, copies: 1, withoutStandby: continue }\nset:\n  - dcs: { synchronous_mode: false, ${dcs} }\n`,
  });
}

const OWN_VOTERS = "a dr site must go on when the other one is lost: give it voters of its own";

/** What can be wrong with a dr site, each with exactly what is found. */
export const BAD_DR_SITES: readonly BadInput[] = [
  {
    name: "a dr site without a DCS",
    files: changed(["    dcs: { use: far }\n", ""]),
    want: [
      "clusters/1.yaml ^dr^ QUO040: dr is a dr site and names no DCS: its cluster pay-dr needs one of its own",
    ],
    hint: "add dcs: { use: NAME }: one of far, near, shared",
  },
  {
    name: "a dr site on the DCS of the cluster that it follows",
    files: changed(["use: far", "use: main"]),
    want: ["clusters/1.yaml ^main }^ QUO040: pay-dr uses main, the DCS of pay"],
    hint: OWN_VOTERS,
  },
  {
    name: "a dr site whose DCS stands on a machine of the other one",
    files: changed(["use: far", "use: shared"]),
    want: [
      "clusters/1.yaml ^shared }^ QUO040: shared shares machines with main, the DCS of pay: etcd-3 (10.1.0.3)",
    ],
    hint: OWN_VOTERS,
  },
  {
    name: "a dr site whose DCS dies with the site that it is to replace",
    files: changed(["use: far", "use: near"]),
    want: [
      "clusters/1.yaml ^near }^ QUO040: 2 of the 3 voters of near stand in bj: without that site pay-dr has no DCS and no leader",
    ],
    hint: "keep the majority of its voters out of the sites of pay",
  },
  {
    name: "a dr site with a DCS that is not declared",
    files: changed(["use: far", "use: faar"]),
    want: ["clusters/1.yaml ^faar }^ QUO006: the DCS faar is not declared in quorate.yaml"],
    hint: "did you mean far?",
  },
  {
    name: "a DCS of its own for a site that is no dr site",
    files: changed(["role: primary\n", "role: primary\n    dcs: { use: far }\n"]),
    want: [
      "clusters/1.yaml ^dcs: { use: fa^ QUO040: bj has a DCS of its own, but only a dr site is a cluster of its own",
    ],
    hint: "remove dcs, or give the site the role dr",
  },
  {
    name: "a dr site that would have to follow two ports",
    files: changed(["{ name: pay-2,", "{ postgresPort: 5433, name: pay-2,"]),
    want: [
      "clusters/1.yaml ^5433, name: pa^ QUO048: pay-1 serves PostgreSQL on port 5432 and pay-2 on 5433: a dr site follows all that may lead on one port",
    ],
    hint: "give the nodes that may lead the same postgresPort",
  },
  {
    name: "a dr site whose cluster would have too long a name",
    files: changed(["name: dr\n", "name: the-second-site-of-the-northern-district\n"]),
    want: [
      "clusters/1.yaml ^the-second-sit^ QUO041: the cluster of this site would be named pay-the-second-site-of-the-northern-district, which is 44 long, at most 40 are allowed",
    ],
    hint: "shorten the name of the site or of the cluster",
  },
  {
    name: "a dr site whose cluster has the name of another cluster",
    files: drProject(
      DR_CLUSTER,
      edit(DR_CLUSTER.split("  - name: dr")[0] ?? "", "cluster: pay", "cluster: pay-dr")
        .replaceAll("pay-1", "x-1")
        .replaceAll("pay-2", "x-2")
        .replaceAll("10.1.1", "10.1.2") + "durability: sync\ndcs: { use: main }\n",
    ),
    want: ["clusters/2.yaml ^pay-dr^ QUO005: two clusters are named pay-dr"],
    hint: "give one of them its own",
  },
  {
    name: "a member whose slot is that of the dr site",
    files: changed(["name: pay-2", "name: pay.dr"]),
    want: [
      "clusters/1.yaml ^dr^ QUO042: the slot of pay-dr is pay_dr, which is also that of the member pay.dr",
    ],
    hint: "rename the site or the member",
  },
  {
    name: "a dr site's own member whose slot is that of the site",
    files: changed(["name: pay-9", "name: pay-dr"]),
    want: [
      "clusters/1.yaml ^dr^ QUO042: the slot of pay-dr is pay_dr, which is also that of the member pay-dr",
    ],
    hint: "rename the site or the member",
  },
  {
    name: "a dr site in which nobody may lead",
    files: changed(
      ["10.2.1.8 }", "10.2.1.8, promotable: false }"],
      ["10.2.1.9 }", "10.2.1.9, promotable: false }"],
    ),
    want: [
      "clusters/1.yaml ^dr^ QUO043: no node of pay-dr may lead, so none of them would follow pay",
      "clusters/1.yaml ^dr^ QUO045: once promoted, pay-dr could not keep tier sync: tier sync needs two nodes that may confirm commits",
    ],
    hint: "remove promotable: false from one of them: only a leader streams from the other cluster",
  },
  {
    name: "a dr site in which only one of two may lead",
    files: changed(["10.2.1.9 }", "10.2.1.9, promotable: false }"]),
    want: [
      "clusters/1.yaml ^dr^ QUO043: only pay-8 may lead pay-dr: without it, nobody there follows pay",
      "clusters/1.yaml ^dr^ QUO045: once promoted, pay-dr could not keep tier sync: tier sync needs two nodes that may confirm commits",
    ],
    hint: "remove promotable: false from another one",
  },
  {
    name: "a dr site of one node, whose tier needs two",
    files: changed(["      - { name: pay-9, address: 10.2.1.9 }\n", ""]),
    want: [
      "clusters/1.yaml ^dr^ QUO045: once promoted, pay-dr could not keep tier sync: tier sync needs two nodes that may confirm commits",
    ],
    hint: "add a node, or remove confirms/promotable from one",
  },
  {
    name: "a dr site without nodes",
    files: changed([
      "    nodes:\n      - { name: pay-8, address: 10.2.1.8 }\n      - { name: pay-9, address: 10.2.1.9 }\n",
      "",
    ]),
    want: [
      "clusters/1.yaml ^name: dr^ QUO010: dr has no nodes",
      "clusters/1.yaml ^dr^ QUO045: once promoted, pay-dr could not keep tier sync: tier sync needs two nodes that may confirm commits",
    ],
    hint: "add nodes, or use role: witness for a site with DCS voters only",
  },
  {
    name: "dr sites alone",
    files: changed(["role: primary\n", "role: dr\n    dcs: { use: near }\n"]),
    want: [
      "clusters/1.yaml ^sites:^ QUO010: pay has dr sites and no nodes that they could follow",
      "clusters/1.yaml ^sync^ QUO011: tier sync needs two nodes that may confirm commits",
    ],
    hint: "give one site the role primary",
  },
  {
    name: "a node of a dr site that streams from the other cluster",
    files: changed(["10.2.1.9 }", "10.2.1.9, upstream: pay-1 }"]),
    want: [
      "clusters/1.yaml ^dr^ QUO045: once promoted, pay-dr could not keep tier sync: tier sync needs two nodes that may confirm commits",
      "clusters/1.yaml ^pay-1 }^ QUO044: upstream pay-1 is a node of another cluster of this intent; pay-9 can stream only from nodes of pay-dr",
    ],
    hint: "add a node, or remove confirms/promotable from one",
  },
  {
    name: "a node that streams from a dr site",
    files: changed(["10.1.1.2 }", "10.1.1.2, upstream: pay-8, confirms: false }"]),
    want: [
      "clusters/1.yaml ^pay-8, confirm^ QUO044: upstream pay-8 is a node of another cluster of this intent; pay-2 can stream only from nodes of pay",
      "clusters/1.yaml ^sync^ QUO011: tier sync needs two nodes that may confirm commits",
    ],
    hint: "remove upstream: a dr site follows the other cluster as a whole, through its own leader",
  },
  {
    name: "a dr site whose slot nothing caps",
    files: changed(["rejoin: { walCap: 10GiB }\n", ""]),
    want: [
      "clusters/1.yaml ^dr^ QUO052: while nobody reads pay_dr, WAL piles up on every node until a disk is full: nothing caps it",
    ],
    hint: "write rejoin.walCap, well below the size of the WAL's disk; beyond it pay-dr must be copied anew",
  },
  {
    name: "a dr site under Patroni 3.0",
    files: changed([`"4.1.5"`, `"3.0"`]),
    want: [
      'clusters/1.yaml ^"3.0"^ QUO046: Patroni 3.0 keeps the slot of a dr site on the leader of pay only: a new leader makes it anew, and WAL that the site had not received may be gone',
      "clusters/1.yaml ^dr^ QUO045: Patroni 3.0 does not ignore synchronous_mode in a standby cluster, so pay-dr has it off: once promoted, no commit waits for a standby",
      "clusters/1.yaml ^10GiB }^ QUO053: a slot that went beyond walCap stays lost on Patroni 3.0 until somebody drops it; 4.1.4 and newer make it again",
    ],
    hint: "raise patroni to 3.2 or newer once every member runs it, or set wal_keep_size to what a site may lag behind",
  },
  {
    name: "a strict tier, whose last confirmation a dr site could give",
    files: memoryProject({
      "quorate.yaml": TWO_SITES,
      "clusters/1.yaml": edit(
        edit(DR_CLUSTER, "durability: sync", "durability: majority"),
        "10.1.1.2 }\n",
        "10.1.1.2 }\n      - { name: pay-3, address: 10.1.1.3 }\n",
      ),
    }),
    want: [
      "clusters/1.yaml ^dr^ QUO045: once promoted, pay-dr could not keep tier majority: tier majority needs three nodes that may confirm commits",
      "clusters/1.yaml ^majority^ QUO011: with no confirming standby left, Patroni up to 4.1 lets any node confirm, here the leader of pay-dr, which may not lead or not confirm",
    ],
    hint: "add nodes, or use the tier sync",
  },
  {
    name: "too few senders for the members and the dr site",
    files: drProject(`${DR_CLUSTER}postgresql: { parameters: { max_wal_senders: 3 } }\n`),
    want: [
      "clusters/1.yaml ^3 } }^ QUO014: max_wal_senders is 3, but up to 3 members and followers of one leader need 4",
    ],
    hint: "raise it, or leave it out: Quorate computes it",
  },
  ...["standby_cluster: { host: 10.9.9.9 }", "standby_cluster: null"].map((dcs): BadInput => {
    const isNull = dcs.endsWith("null");
    const key = isNull ? dcs : "host: 10.9.9.9";
    const name = isNull ? "standby_cluster" : "standby_cluster.host";
    const at = `${key} } }`.slice(0, 14).trimEnd();
    return {
      name: `a tier with ${dcs}`,
      files: withTier(dcs),
      want: [
        `policies/tiers/x.yaml ^${at}^ QUO047: ${name} is set by tier x: it would promote or demote a whole cluster`,
      ],
      hint: "remove it; to let a cluster follow another one, give a site the role dr",
    };
  }),
];
