import { readFileSync } from "node:fs";
import type { ProjectFiles } from "../../src/core/ports.ts";
import { ok } from "../../src/core/result.ts";
import { nodesOf, siteProject, type TestSite, type TestVoters } from "../support/site-project.ts";

/** A cluster, everything that is said of it, and the way out of the first finding. */
export interface DurabilityFinding {
  readonly name: string;
  readonly files: ProjectFiles;
  readonly want: readonly string[];
  readonly hint?: string;
}

type Sites = Readonly<Record<string, TestSite>>;

const ONE = (count: number): Sites => ({ bj: { role: "primary", nodes: nodesOf("bj", count) } });
const TWO: Sites = {
  bj: { role: "peer", nodes: nodesOf("bj", 2) },
  sh: { role: "peer", nodes: nodesOf("sh", 2) },
};
const THREE_TWO: Sites = {
  bj: { role: "peer", nodes: nodesOf("bj", 3) },
  sh: { role: "peer", nodes: nodesOf("sh", 2) },
};
const THREE_TWO_ONE: Sites = { ...THREE_TWO, gz: { role: "witness" } };
const THREE: Sites = {
  bj: { role: "peer", nodes: nodesOf("bj", 1) },
  sh: { role: "peer", nodes: nodesOf("sh", 1) },
  gz: { role: "peer", nodes: nodesOf("gz", 1) },
};
/** One voter in each of three sites, on machines of their own. */
const SPREAD: TestVoters = { bj: 1, sh: 1, gz: 1 };

interface Options {
  readonly sites?: Sites;
  readonly voters?: TestVoters;
  readonly patroni?: string;
}

function cluster(lines: string, options: Options = {}): ProjectFiles {
  const { sites = ONE(3), voters = SPREAD, patroni } = options;
  return siteProject(sites, `${lines}\n`, {
    voters,
    ...(patroni === undefined ? {} : { patroni }),
  });
}

/** A cluster of a tier whose file has another text in one place. */
function editedTier(
  tier: string,
  from: string | RegExp,
  to: string,
  sites: Sites = ONE(3),
  patroni = "4.1.5",
): ProjectFiles {
  const path = `policies/tiers/${tier}.yaml`;
  const text = readFileSync(path, "utf8");
  const edited = text.replace(from, () => to);
  if (edited === text) throw new Error(`${path} has no ${String(from)}`);
  const files = cluster(`durability: ${tier}`, { sites, patroni });
  return {
    ...files,
    read: async (asked) => (asked === path ? ok(edited) : files.read(asked)),
  };
}

const silent = (name: string, lines: string, options: Options = {}): DurabilityFinding => ({
  name: `${name}: nothing to say`,
  files: cluster(lines, options),
  want: [],
});

const DEGRADE = "{ tier: cross-site, onStandbyLoss: degrade }";

/** Kinds of durability and failover that are refused or risky, with their silent neighbours. */
export const DURABILITY_FINDINGS: readonly DurabilityFinding[] = [
  // How durability is written.
  {
    name: "a map without a tier",
    files: cluster("durability: { ack: flush }"),
    want: ["clusters/1.yaml ^durability: { ^ QUO004: durability has no tier"],
    hint: "add tier:",
  },
  {
    name: "a word that is none",
    files: cluster("durability: { tier: sync, ack: flsh }"),
    want: ['clusters/1.yaml ^flsh }^ QUO003: ack: "flsh" is not one of write, flush, apply'],
    hint: "did you mean flush?",
  },
  {
    name: "an unknown key",
    files: cluster("durability: { tier: sync, onStandbyLos: block }"),
    want: ["clusters/1.yaml ^onStandbyLos: ^ QUO002: unknown key onStandbyLos in durability"],
    hint: "did you mean onStandbyLoss?",
  },
  {
    name: "an acceptance of what nobody knows",
    files: cluster("durability: { tier: sync, accept: [all] }"),
    want: [
      'clusters/1.yaml ^all] }^ QUO003: accept: "all" is not one of writes-block-on-any-standby-loss, commits-in-one-site',
    ],
    hint: "write one of these words",
  },
  {
    name: "an acceptance of nothing",
    files: cluster("durability: { tier: sync, accept: [] }"),
    want: ["clusters/1.yaml ^[] }^ QUO003: durability.accept is empty"],
    hint: "write at least one",
  },
  {
    name: "an unknown tier in a map",
    files: cluster("durability: { tier: snyc }"),
    want: ["clusters/1.yaml ^snyc }^ QUO006: durability snyc is not a tier of this project"],
    hint: "did you mean sync?",
  },
  {
    name: "an allowance that is none",
    files: cluster('durability: sync\nfailover: { allowance: { nodes: 11, sites: "1" } }'),
    want: [
      'clusters/1.yaml ^11, sites: "1"^ QUO003: nodes: 11 is not a number of nodes',
      'clusters/1.yaml ^"1" } }^ QUO003: sites: "1" is not a number of sites',
    ],
    hint: "write a whole number from 0 to 10",
  },
  {
    name: "a scope that is none",
    files: cluster("durability: sync\nfailover: { scope: same-sites }"),
    want: [
      'clusters/1.yaml ^same-sites }^ QUO003: scope: "same-sites" is not one of any-site, same-site, manual',
    ],
    hint: "did you mean same-site?",
  },

  // What an intent may not change of its tier.
  {
    name: "async with everything",
    files: cluster(
      "durability: { tier: async, ack: flush, onStandbyLoss: block, accept: [commits-in-one-site] }",
    ),
    want: [
      "clusters/1.yaml ^flush, onStand^ QUO020: with tier async no commit waits for a standby, so ack says nothing",
      "clusters/1.yaml ^block, accept:^ QUO020: with tier async no commit waits for a standby, so onStandbyLoss says nothing",
      "clusters/1.yaml ^[commits-in-on^ QUO020: with tier async no commit waits for a standby, so accept says nothing",
    ],
    hint: "remove ack, or choose a tier that waits",
  },
  {
    name: "majority that degrades",
    files: cluster("durability: { tier: majority, onStandbyLoss: degrade }", { sites: ONE(5) }),
    want: [
      "clusters/1.yaml ^degrade }^ QUO020: onStandbyLoss: degrade lets writes go on with one copy: that is sync with count 2, not majority",
    ],
    hint: "remove onStandbyLoss, or use the tier sync",
  },
  {
    name: "sync-strict that degrades",
    files: cluster("durability: { tier: sync-strict, onStandbyLoss: degrade }"),
    want: [
      "clusters/1.yaml ^degrade }^ QUO020: onStandbyLoss: degrade lets writes go on with one copy: that is sync with count 1, not sync-strict",
    ],
    hint: "remove onStandbyLoss, or use the tier sync",
  },
  silent("majority that blocks", "durability: { tier: majority, onStandbyLoss: block }"),
  {
    name: "majority with ack: write",
    files: cluster("durability: { tier: majority, ack: write }"),
    want: [
      "clusters/1.yaml ^write }^ QUO020: ack: write confirms what a standby's disk does not have yet: that is sync with ack: write, not majority",
    ],
    hint: "write ack: flush or apply, or use the tier sync",
  },
  {
    name: "sync-strict with synchronous_commit remote_write",
    files: cluster(
      "durability: sync-strict\npostgresql: { parameters: { synchronous_commit: remote_write } }",
    ),
    want: [
      "clusters/1.yaml ^remote_write }^ QUO020: synchronous_commit remote_write confirms what a standby's disk does not have yet: that is sync with ack: write, not sync-strict",
    ],
    hint: "write ack: flush or apply, or use the tier sync",
  },
  silent("sync with ack: write", "durability: { tier: sync, ack: write }"),
  silent("majority with ack: apply", "durability: { tier: majority, ack: apply }"),
  {
    name: "ack twice",
    files: cluster(
      "durability: { tier: sync, ack: apply }\npostgresql: { parameters: { synchronous_commit: remote_write } }",
    ),
    want: [
      "clusters/1.yaml ^apply }^ QUO019: postgresql.parameters.synchronous_commit is set twice with different values by durability.ack",
    ],
    hint: "keep one of the two",
  },
  {
    name: "majority with too few",
    files: cluster("durability: majority\nquorum: 1", { sites: ONE(5) }),
    want: [
      "clusters/1.yaml ^1^ QUO020: quorum 1 of 4 standbys is no majority with the leader: that is sync-strict with count 1, not majority",
    ],
    hint: "write quorum: 2 or auto, or use the tier sync-strict",
  },
  silent("majority with just enough", "durability: majority\nquorum: 2", { sites: ONE(5) }),
  {
    name: "sync with one of four",
    files: cluster("durability: sync\nquorum: 1", { sites: ONE(5) }),
    want: [
      "clusters/1.yaml ^1^ QUO022: losing bj-1 and bj-2 at once takes the leader bj-1 and 1 of 4 standbys; 3 voters are left, and quorum 1 needs 4 - 1 + 1 = 4 to elect another",
    ],
    hint: "raise quorum to 2; or write failover.allowance: { nodes: 1 } if it may be",
  },
  silent(
    "sync with one of four, said to be so",
    "durability: sync\nquorum: 1\nfailover: { allowance: { nodes: 1 } }",
    { sites: ONE(5) },
  ),
  silent("sync with one of two", "durability: sync\nquorum: 1"),
  silent("sync with one of four in mode on", "durability: sync\nquorum: 1", {
    sites: ONE(5),
    patroni: "3.3",
  }),
  {
    name: "two sites as an aim, with too few",
    files: cluster(`durability: ${DEGRADE}\nquorum: 1\nfailover: { allowance: { sites: 0 } }`, {
      sites: TWO,
    }),
    want: [
      "clusters/1.yaml ^1^ QUO020: quorum 1 can be reached within the leader's site: that is sync with count 1, not cross-site",
    ],
    hint: "write quorum: 2 or auto, or use the tier sync",
  },
  silent("two sites as an aim, with just enough", `durability: ${DEGRADE}\nquorum: 2`, {
    sites: TWO,
  }),

  // What a tier needs.
  {
    name: "async-bounded without a bound",
    files: cluster("durability: async-bounded"),
    want: [
      "clusters/1.yaml ^async-bounded^ QUO011: tier async-bounded needs three nodes that may lead, and failover.maxLoss, the loss that is not exceeded",
    ],
    hint: "write failover.maxLoss (16MiB or more) and add nodes, or use the tier async",
  },
  {
    name: "async-bounded with two nodes",
    files: cluster("durability: async-bounded\nfailover: { maxLoss: 64MiB }", { sites: ONE(2) }),
    want: [
      "clusters/1.yaml ^async-bounded^ QUO011: tier async-bounded needs three nodes that may lead, and failover.maxLoss, the loss that is not exceeded",
    ],
    hint: "write failover.maxLoss (16MiB or more) and add nodes, or use the tier async",
  },
  {
    name: "cross-site within one site",
    files: cluster("durability: { tier: cross-site }"),
    want: [
      "clusters/1.yaml ^cross-site }^ QUO011: tier cross-site needs nodes that may confirm commits in two sites",
    ],
    hint: "add a node in another site, or remove confirms/promotable from one there",
  },
  {
    name: "cross-site and same-site",
    files: cluster("durability: cross-site\nfailover: { scope: same-site }", {
      sites: { ...THREE, bj: { role: "primary", nodes: nodesOf("bj", 1) } },
    }),
    want: [
      "clusters/1.yaml ^cross-site^ QUO011: tier cross-site needs nodes that may confirm commits in two sites",
      "clusters/1.yaml ^cross-site^ QUO011: with no confirming standby left, Patroni up to 4.1 lets any node confirm, here sh-1, gz-1, which may not lead or not confirm",
    ],
    hint: "add a node in another site, or remove confirms/promotable from one there",
  },
  {
    name: "sync-strict with two nodes",
    files: cluster("durability: sync-strict", { sites: ONE(2) }),
    want: [
      "clusters/1.yaml ^sync-strict^ QUO025: while bj-1 leads, only bj-2 may confirm, so with tier sync-strict writes stop whenever it is away",
    ],
    hint: "add a node that confirms, use the tier sync, or write accept: [writes-block-on-any-standby-loss]",
  },
  {
    name: "sync that blocks, with two nodes",
    files: cluster("durability: { tier: sync, onStandbyLoss: block }", { sites: ONE(2) }),
    want: [
      "clusters/1.yaml ^sync, onStandb^ QUO025: while bj-1 leads, only bj-2 may confirm, so with tier sync writes stop whenever it is away",
    ],
    hint: "add a node that confirms, use the tier sync, or write accept: [writes-block-on-any-standby-loss]",
  },
  silent(
    "sync-strict with two nodes, accepted",
    "durability: { tier: sync-strict, accept: [writes-block-on-any-standby-loss] }",
    { sites: ONE(2) },
  ),
  {
    name: "an acceptance that nothing needs",
    files: cluster("durability: { tier: sync-strict, accept: [writes-block-on-any-standby-loss] }"),
    want: [
      "clusters/1.yaml ^[writes-block-^ QUO025: nothing has to be accepted as writes-block-on-any-standby-loss: 2 standbys may confirm, so that no single one stops writes",
    ],
    hint: "remove the word, so that it does not hide a later risk",
  },
  {
    name: "acceptances where writes go on and sites do not count",
    files: cluster(
      "durability: { tier: sync, accept: [writes-block-on-any-standby-loss, commits-in-one-site] }",
      { sites: ONE(2) },
    ),
    want: [
      "clusters/1.yaml ^[writes-block-^ QUO025: nothing has to be accepted as commits-in-one-site: two sites are no promise here",
      "clusters/1.yaml ^[writes-block-^ QUO025: nothing has to be accepted as writes-block-on-any-standby-loss: writes go on without a standby",
    ],
    hint: "remove the word, so that it does not hide a later risk",
  },
  {
    name: "cross-site with two sites of two",
    files: cluster("durability: cross-site", { sites: TWO }),
    want: [
      "clusters/1.yaml ^cross-site^ QUO025: while bj-1 leads, only sh-1 may confirm, so with tier cross-site writes stop whenever it is away",
      "clusters/1.yaml ^cross-site^ QUO025: with every confirming standby away, Patroni up to 4.1 lets any node confirm, bj-2 beside the leader in bj as well: such a commit is in one site only, but tier cross-site promises two",
    ],
    hint: "add a node in a third site, write onStandbyLoss: degrade, or write accept: [writes-block-on-any-standby-loss]",
  },
  silent("cross-site with three sites of one", "durability: cross-site", { sites: THREE }),
  {
    name: "cross-site with an acceptance too many",
    files: cluster("durability: { tier: cross-site, accept: [commits-in-one-site] }", {
      sites: THREE,
    }),
    want: [
      "clusters/1.yaml ^[commits-in-on^ QUO025: nothing has to be accepted as commits-in-one-site: no node that never confirms stands beside one that may lead",
    ],
    hint: "remove the word, so that it does not hide a later risk",
  },
  {
    name: "cross-site with two that confirm in one site",
    files: cluster("durability: { tier: cross-site, accept: [commits-in-one-site] }", {
      sites: {
        ...TWO,
        bj: { role: "peer", nodes: { "bj-1": "confirms: true", "bj-2": "confirms: true" } },
        gz: { role: "peer", nodes: nodesOf("gz", 1) },
      },
    }),
    want: [
      "clusters/1.yaml ^bj-2, address:^ QUO027: while bj-1 leads, bj-2 in the same site could alone confirm a commit, but tier cross-site promises it in two sites",
    ],
    hint: "let one node of bj lead and confirm, and remove promotable and confirms from the others; or write onStandbyLoss: degrade to make it an aim",
  },
  {
    name: "cross-site with another that may lead",
    files: cluster("durability: { tier: cross-site, accept: [commits-in-one-site] }", {
      sites: {
        ...TWO,
        bj: { role: "peer", nodes: { "bj-1": "", "bj-2": "promotable: true" } },
        gz: { role: "peer", nodes: nodesOf("gz", 1) },
      },
    }),
    want: [
      "clusters/1.yaml ^bj-2, address:^ QUO027: while bj-2 leads, bj-1 in the same site could alone confirm a commit, but tier cross-site promises it in two sites",
    ],
    hint: "let one node of bj lead and confirm, and remove promotable and confirms from the others; or write onStandbyLoss: degrade to make it an aim",
  },

  // Losses that are to be ridden out.
  {
    name: "two of three nodes with their DCS voters",
    files: cluster("durability: sync\nfailover: { allowance: { nodes: 2 } }", {
      voters: { bj: ["bj-1", "bj-2", "bj-3"] },
    }),
    want: [
      "clusters/1.yaml ^2 } }^ QUO021: losing bj-1 and bj-2 at once leaves 1 of 3 DCS voters, where 2 are needed: nobody is elected in place of bj-1",
    ],
    hint: "use 5 DCS voters on 5 machines; or lower failover.allowance.nodes",
  },
  silent(
    "one of three nodes with its DCS voter",
    "durability: sync\nfailover: { allowance: { nodes: 1 } }",
    { voters: { bj: ["bj-1", "bj-2", "bj-3"] } },
  ),
  silent(
    "two of five nodes with their DCS voters",
    "durability: majority\nfailover: { allowance: { nodes: 2 } }",
    { sites: ONE(5), voters: { bj: ["bj-1", "bj-2", "bj-3", "bj-4", "bj-5"] } },
  ),
  {
    name: "two of five nodes with quorum 1",
    files: cluster("durability: sync\nquorum: 1\nfailover: { allowance: { nodes: 2 } }", {
      sites: ONE(5),
    }),
    want: [
      "clusters/1.yaml ^2 } }^ QUO021: losing bj-1 and bj-2 at once takes the leader bj-1 and 1 of 4 standbys; 3 voters are left, and quorum 1 needs 4 - 1 + 1 = 4 to elect another",
    ],
    hint: "raise quorum to 2; or lower failover.allowance.nodes",
  },
  {
    name: "two of three nodes, mode on",
    files: cluster("durability: sync\nquorum: 1\nfailover: { allowance: { nodes: 2 } }", {
      patroni: "3.3",
    }),
    want: [
      "clusters/1.yaml ^2 } }^ QUO021: losing bj-1 and bj-2 at once takes the leader bj-1 and, at worst, the one standby that Patroni made synchronous; no other may lead",
    ],
    hint: "raise quorum to 2; or lower failover.allowance.nodes",
  },
  {
    name: "a site of three with quorum 1",
    files: cluster("durability: sync\nquorum: 1\nfailover: { allowance: { nodes: 0, sites: 1 } }", {
      sites: THREE_TWO_ONE,
    }),
    want: [
      "clusters/1.yaml ^1 } }^ QUO021: losing site bj takes the leader bj-1 and 2 of 4 standbys; 2 voters are left, and quorum 1 needs 4 - 1 + 1 = 4 to elect another",
    ],
    hint: "raise quorum to 3; or lower failover.allowance.sites",
  },
  silent(
    "a site of three with quorum auto",
    "durability: sync\nfailover: { allowance: { sites: 1 } }",
    { sites: THREE_TWO_ONE },
  ),
  {
    name: "two of three sites",
    files: cluster("durability: sync\nfailover: { allowance: { sites: 2 } }", { sites: THREE }),
    want: [
      "clusters/1.yaml ^2 } }^ QUO021: losing the sites bj and sh leaves 1 of 3 DCS voters, where 2 are needed: nobody is elected in place of bj-1",
    ],
    hint: "spread 5 DCS voters over 5 sites; or write failover.allowance.sites: 1, at the cost of every write while bj and sh are away",
  },
  {
    name: "a site with the DCS majority, and a count too small",
    files: cluster("durability: sync\nquorum: 2\nfailover: { allowance: { sites: 1 } }", {
      sites: THREE_TWO,
      voters: { bj: ["bj-1", "bj-2", "bj-3"], sh: ["sh-1", "sh-2"] },
    }),
    want: [
      "clusters/1.yaml ^1 } }^ QUO021: losing site bj leaves 2 of 5 DCS voters, where 3 are needed: nobody is elected in place of bj-1",
      "clusters/1.yaml ^1 } }^ QUO021: losing site bj takes the leader bj-1 and 2 of 4 standbys; 2 voters are left, and quorum 2 needs 4 - 2 + 1 = 3 to elect another",
    ],
    hint: "spread 5 DCS voters over 3 sites, 2-2-1, at the cost of a machine in the third; or give sh the role dr with a DCS of its own, at the cost of a failover by hand that may lose what had not arrived there; or write failover.allowance.sites: 0, at the cost of every write while bj is away",
  },
  {
    name: "a site of voters only",
    files: cluster(
      "durability: sync\ndcs: { onOutage: read-only }\nfailover: { allowance: { sites: 1 } }",
      {
        sites: { bj: { role: "primary", nodes: nodesOf("bj", 3) }, gz: { role: "witness" } },
        voters: { gz: 3 },
      },
    ),
    want: [
      "clusters/1.yaml ^1 } }^ QUO021: losing site bj takes the leader bj-1, and no node that is left may lead",
      "clusters/1.yaml ^1 } }^ QUO021: losing site gz leaves 0 of 3 DCS voters, where 2 are needed: the leader bj-1 stops writing (without the DCS it is read-only)",
    ],
    hint: "let nodes of another site lead; or lower failover.allowance.sites",
  },
  {
    name: "all but one of the nodes of a tier that blocks",
    files: cluster("durability: sync-strict\nfailover: { allowance: { nodes: 2 } }"),
    want: [
      "clusters/1.yaml ^2 } }^ QUO021: losing bj-1 and bj-2 at once takes the leader bj-1, and the next one finds no standby to confirm: writes wait",
    ],
    hint: "add nodes that confirm; or write durability.onStandbyLoss: degrade; or lower failover.allowance.nodes",
  },
  {
    name: "the primary site with scope same-site",
    files: cluster("durability: sync\nfailover: { scope: same-site, allowance: { sites: 1 } }", {
      sites: {
        bj: { role: "primary", nodes: nodesOf("bj", 2) },
        sh: { role: "peer", nodes: nodesOf("sh", 1) },
        gz: { role: "witness" },
      },
    }),
    want: [
      "clusters/1.yaml ^1 } }^ QUO021: losing site bj takes the leader bj-1, and no node that is left may lead",
    ],
    hint: "let nodes of another site lead; or lower failover.allowance.sites",
  },

  {
    name: "a voter in a site that is a slip for another one",
    files: cluster("durability: sync\nfailover: { allowance: { sites: 1 } }", {
      sites: THREE,
      voters: { bj: 1, hs: 1, gz: 1 },
    }),
    want: [
      "clusters/1.yaml ^1 } }^ QUO024: the DCS voter etcd-hs-1 is in hs, which is no site of this cluster (bj, sh, gz): it cannot be counted on when one of these is lost",
    ],
    hint: "did you mean sh? Correct it in quorate.yaml, or add the site hs with role: witness",
  },
  {
    name: "a voter in a site that the cluster does not name",
    files: cluster("durability: sync\nfailover: { allowance: { sites: 1 } }", {
      sites: { ...TWO, sh: { role: "peer", nodes: nodesOf("sh", 1) } },
    }),
    want: [
      "clusters/1.yaml ^1 } }^ QUO024: the DCS voter etcd-gz-1 is in gz, which is no site of this cluster (bj, sh): it cannot be counted on when one of these is lost",
    ],
    hint: "add the site gz with role: witness",
  },
  silent(
    "voters in sites that the cluster does not name, where no loss of a site is claimed",
    "durability: sync\nfailover: { allowance: { nodes: 1, sites: 0 } }",
    { sites: { ...TWO, sh: { role: "peer", nodes: nodesOf("sh", 1) } } },
  ),

  // Losses that nobody spoke of.
  {
    name: "a DCS of one voter on a node",
    files: cluster("durability: sync", { voters: { bj: ["bj-1"] } }),
    want: [
      "clusters/1.yaml ^sites:^ QUO022: losing bj-1 leaves 0 of 1 DCS voters, where 1 is needed: nobody is elected in place of bj-1",
    ],
    hint: "use 3 DCS voters on 3 machines; or write failover.allowance: { nodes: 0 } if it may be",
  },
  silent(
    "a DCS of one voter on a node, said to be so",
    "durability: sync\nfailover: { allowance: { nodes: 0 } }",
    { voters: { bj: ["bj-1"] } },
  ),
  silent("a single node", "durability: async", { sites: ONE(1), voters: { bj: ["bj-1"] } }),
  {
    name: "all DCS voters in one of two sites",
    files: cluster("durability: sync", { sites: TWO, voters: { bj: 3 } }),
    want: [
      "clusters/1.yaml ^sites:^ QUO022: losing site bj leaves 0 of 3 DCS voters, where 2 are needed: nobody is elected in place of bj-1",
    ],
    hint: "spread 3 DCS voters over 3 sites, 1-1-1, at the cost of a machine in the third; or give sh the role dr with a DCS of its own, at the cost of a failover by hand that may lose what had not arrived there; or write failover.allowance: { sites: 0 } if it may be",
  },
  silent(
    "all DCS voters in one of two sites, said to be so",
    "durability: sync\nfailover: { allowance: { sites: 0 } }",
    { sites: TWO, voters: { bj: 3 } },
  ),
  silent(
    "all DCS voters in the one site that leads",
    "durability: sync\nfailover: { scope: same-site }",
    { sites: { ...TWO, bj: { role: "primary", nodes: nodesOf("bj", 2) } }, voters: { bj: 3 } },
  ),
  {
    name: "a quorum too small for a site",
    files: cluster("durability: sync\nquorum: 2", { sites: THREE_TWO }),
    want: [
      "clusters/1.yaml ^2^ QUO022: losing site bj takes the leader bj-1 and 2 of 4 standbys; 2 voters are left, and quorum 2 needs 4 - 2 + 1 = 3 to elect another",
    ],
    hint: "raise quorum to 3; or write failover.allowance: { sites: 0 } if it may be",
  },
  {
    name: "a DCS of one voter",
    files: cluster("durability: async", { voters: { bj: 1 } }),
    want: [
      "quorate.yaml ^voters:^ QUO022: the DCS main has one voter: while it is away nobody fails over",
    ],
    hint: "use 3 DCS voters on 3 machines; or write failover.allowance: { nodes: 0 } if it may be",
  },
  {
    name: "a DCS of one voter, where the loss of a node must be ridden out",
    files: cluster("durability: async\nfailover: { allowance: { nodes: 1 } }", {
      voters: { bj: 1 },
    }),
    want: [
      "clusters/1.yaml ^1 } }^ QUO021: the DCS main has one voter, and without it nobody fails over: one machine less is more than this cluster rides out",
    ],
    hint: "use 3 DCS voters on 3 machines; or write failover.allowance: { nodes: 0 }",
  },
  {
    name: "a DCS of two voters, where the loss of a node must be ridden out",
    files: cluster("durability: async\nfailover: { allowance: { nodes: 1 } }", {
      voters: { bj: 2 },
    }),
    want: [
      "clusters/1.yaml ^1 } }^ QUO021: the DCS main has two voters, and without one nobody fails over: one machine less is more than this cluster rides out",
      "quorate.yaml ^voters:^ QUO017: main has 2 voters, which survive no more losses than 1 would",
    ],
    hint: "use 3 DCS voters on 3 machines; or write failover.allowance: { nodes: 0 }",
  },
  {
    name: "a DCS of two voters",
    files: cluster("durability: async", { voters: { bj: 2 } }),
    want: [
      "quorate.yaml ^voters:^ QUO017: main has 2 voters, which survive no more losses than 1 would",
    ],
    hint: "use 3 or 5 voters",
  },
  {
    name: "a voter on a machine of another site",
    files: cluster("durability: sync\nfailover: { allowance: { sites: 0 } }", {
      sites: TWO,
      voters: { bj: ["bj-1", "sh-1"], gz: 1 },
    }),
    want: [
      "clusters/1.yaml ^10.2.1.1 }^ QUO024: sh-1 in sh shares its machine with the DCS voter etcd-bj-2, of which main says that it is in bj",
    ],
    hint: "write site: sh for etcd-bj-2 in quorate.yaml, or correct the address or the site's name",
  },

  // Where failover may go.
  {
    name: "same-site without a primary site",
    files: cluster("durability: async\nfailover: { scope: same-site }", { sites: THREE }),
    want: [
      "clusters/1.yaml ^same-site }^ QUO023: scope same-site keeps the lead in the primary sites, but no site has that role",
    ],
    hint: "give a site the role primary, or write scope: any-site",
  },
  {
    name: "manual",
    files: cluster("durability: async\nfailover: { scope: manual }"),
    want: [
      "clusters/1.yaml ^manual }^ QUO023: scope manual pauses Patroni for good: nobody fails over, but a PostgreSQL that ended is not started again either, a new node gets no data, and a leader without its DCS goes on writing",
    ],
    hint: "move the lead by a switchover to a named node; start PostgreSQL again by POST /restart; see docs/intent.md for the whole price",
  },
  {
    name: "manual and what it rules out",
    files: cluster(
      "durability: async\nfailover: { scope: manual, allowance: { nodes: 1 } }\nfencing: { watchdog: required }\ndcs: { onOutage: read-only }",
    ),
    want: [
      "clusters/1.yaml ^manual, allowa^ QUO023: scope manual pauses Patroni for good: nobody fails over, but a PostgreSQL that ended is not started again either, a new node gets no data, and a leader without its DCS goes on writing",
      "clusters/1.yaml ^{ nodes: 1 } }^ QUO023: with scope manual nothing fails over by itself, so no loss can be ridden out",
      "clusters/1.yaml ^required }^ QUO023: with scope manual Patroni is paused, and a paused Patroni does not use the watchdog",
      "clusters/1.yaml ^read-only }^ QUO023: with scope manual Patroni is paused, and a paused leader goes on writing without its DCS",
    ],
    hint: "move the lead by a switchover to a named node; start PostgreSQL again by POST /restart; see docs/intent.md for the whole price",
  },

  // Older rules that had no case of their own.
  {
    name: "a lag limit below one WAL segment",
    files: cluster("durability: async\nfailover: { maxLoss: 15MiB }"),
    want: [
      "clusters/1.yaml ^15MiB }^ QUO003: maxLoss is 15 MiB; less than one WAL segment (16 MiB) leaves no standby that may lead",
    ],
    hint: "write 0 with a tier that loses nothing, or 16MiB or more",
  },
  silent("a lag limit of one WAL segment", "durability: async\nfailover: { maxLoss: 16MiB }"),
  {
    name: "one that confirms and may not lead",
    files: cluster("durability: sync", {
      sites: {
        bj: {
          role: "primary",
          nodes: { "bj-1": "", "bj-2": "", "bj-3": "promotable: false, confirms: true" },
        },
      },
    }),
    want: [
      "clusters/1.yaml ^true }^ QUO010: bj-3 may confirm commits but may not lead: after a loss they could exist only there",
    ],
    hint: "write confirms: false, or let it lead",
  },
  silent("one that neither leads nor confirms", "durability: sync", {
    sites: {
      bj: { role: "primary", nodes: { "bj-1": "", "bj-2": "", "bj-3": "promotable: false" } },
    },
  }),
  {
    name: "sync-strict with one node",
    files: cluster("durability: sync-strict", { sites: ONE(1) }),
    want: [
      "clusters/1.yaml ^sync-strict^ QUO011: tier sync-strict needs two nodes that may confirm commits",
    ],
    hint: "add a node, or remove confirms/promotable from one",
  },
  {
    name: "a watchdog that a slow DCS sets off",
    files: cluster(
      "durability: sync\nfailover: { speed: { ttl: 20s, loopWait: 10s, retryTimeout: 5s } }\nfencing: { watchdog: required }",
    ),
    want: [
      "clusters/1.yaml ^{ ttl: 20s, lo^ QUO012: the watchdog fires 15 s after its last keepalive (ttl 20 s - margin 5 s), but a leader whose DCS is slow needs loopWait + retryTimeout = 15 s before it stops by itself: the machine would be reset first",
    ],
    hint: "raise ttl to 21s, or lower fencing.margin to 4s",
  },
  silent(
    "a watchdog with a second to spare",
    "durability: sync\nfailover: { speed: { ttl: 21s, loopWait: 10s, retryTimeout: 5s } }\nfencing: { watchdog: required }",
  ),
  {
    name: "an order in quorum mode",
    files: cluster("durability: majority\nfailover: { order: [bj-2] }"),
    want: [
      "clusters/1.yaml ^[bj-2] }^ QUO011: in quorum mode Patroni takes the node with the most WAL; the order decides only among equals",
    ],
    hint: "know that any node with the most WAL may lead; keep it as a wish",
  },
  {
    name: "an order in mode on, among those picked, before it is followed",
    files: cluster(`durability: ${DEGRADE}\nfailover: { order: [bj-2] }`, {
      sites: TWO,
      patroni: "4.1",
    }),
    want: [
      "clusters/1.yaml ^[bj-2] }^ QUO011: Patroni 4.1 ignores the order among the 2 standbys that confirm; 4.1.1 and newer follow it",
    ],
    hint: "raise patroni to 4.1.1 once every member runs it, or keep the order as a wish",
  },
  {
    name: "an order in mode on, before Patroni could be told whom to pick",
    files: cluster("durability: sync\nfailover: { order: [bj-2] }", { patroni: "3.3" }),
    want: [
      "clusters/1.yaml ^[bj-2] }^ QUO011: with synchronous_mode on only the standbys that Patroni picked may lead, here 1 of 2, and Patroni 3.3 picks by who confirms already and has the most WAL, not by the order",
    ],
    hint: "raise patroni to 4.1.1 once every member runs it, or keep the order as a wish",
  },
  silent(
    "an order in mode on of two, of which the other one is picked on any release",
    "durability: sync\nfailover: { order: [bj-2] }",
    { sites: ONE(2), patroni: "4.1" },
  ),
  silent(
    "an order among all others, which are all picked",
    "durability: sync\nquorum: 2\nfailover: { order: [bj-2] }",
    { patroni: "3.3" },
  ),
  {
    name: "an order that prefers who never confirms",
    files: cluster("durability: sync\nfailover: { order: [bj-3, bj-1] }", {
      sites: {
        bj: { role: "primary", nodes: { "bj-1": "", "bj-2": "", "bj-3": "confirms: false" } },
      },
    }),
    want: [
      "clusters/1.yaml ^[bj-3, bj-1] }^ QUO011: with synchronous_mode on only a standby that confirms may lead by itself: bj-3 never confirms, so the order passes it over",
    ],
    hint: "let it confirm, or put it last",
  },
  silent(
    "an order that has who never confirms last",
    "durability: sync\nfailover: { order: [bj-1, bj-2, bj-3] }",
    {
      sites: {
        bj: { role: "primary", nodes: { "bj-1": "", "bj-2": "", "bj-3": "confirms: false" } },
      },
    },
  ),
  silent("an order in mode on", "durability: sync\nfailover: { order: [bj-2] }"),
  {
    name: "a tier that blocks, and a node that never confirms",
    files: cluster("durability: sync-strict", {
      sites: {
        bj: {
          role: "primary",
          nodes: { "bj-1": "", "bj-2": "", "bj-3": "", "bj-4": "confirms: false" },
        },
      },
    }),
    want: [
      "clusters/1.yaml ^sync-strict^ QUO011: with no confirming standby left, Patroni up to 4.1 lets any node confirm, here bj-4, which may not lead or not confirm",
    ],
    hint: "know that such a commit may exist only there and on the leader; keep two confirming standbys up",
  },

  // What a tier's own file says against its promise.
  {
    name: "a tier with a lag limit of nothing",
    files: editedTier("sync", "maximum_lag_on_failover: 1073741824", "maximum_lag_on_failover: 0"),
    want: [
      "policies/tiers/sync.yaml ^0 # 1 GiB^ QUO011: maximum_lag_on_failover is 0 B; less than one WAL segment (16 MiB) leaves no standby that may lead",
    ],
    hint: "write at least 16777216",
  },
  {
    name: "a tier that blocks without strict",
    files: editedTier("sync-strict", "strict: true", "strict: false"),
    want: [
      "policies/tiers/sync-strict.yaml ^false^ QUO011: without synchronous_mode_strict writes go on with one copy when no standby is left, but tier sync-strict waits here",
    ],
    hint: `write synchronous_mode_strict: "\${durability.onStandbyLoss == 'block'}"`,
  },
  {
    name: "a tier that goes on with strict",
    files: editedTier("sync", `"\${durability.onStandbyLoss == 'block'}"`, "true"),
    want: [
      "policies/tiers/sync.yaml ^true^ QUO011: synchronous_mode_strict lets writes wait when no standby is left, but tier sync goes on here",
    ],
    hint: `write synchronous_mode_strict: "\${durability.onStandbyLoss == 'block'}"`,
  },
  {
    name: "a tier that says nothing of strict and blocks",
    files: editedTier("sync-strict", /.*strict: true\n/, ""),
    want: [
      "policies/tiers/sync-strict.yaml ^{ loss: none, ^ QUO011: without synchronous_mode_strict writes go on with one copy when no standby is left, but tier sync-strict waits here",
    ],
    hint: `write synchronous_mode_strict: "\${durability.onStandbyLoss == 'block'}"`,
  },
  {
    name: "a tier with a count of its own",
    files: editedTier("majority", `"\${quorum.count}"`, "1", ONE(5)),
    want: [
      "policies/tiers/majority.yaml ^1^ QUO011: synchronous_node_count is 1 by tier majority, but the quorum of this cluster is 2",
    ],
    hint: `write synchronous_node_count: "\${quorum.count}"`,
  },
  {
    name: "a tier that lets a node on an old timeline lead",
    files: editedTier(
      "sync",
      "      maximum_lag",
      "      check_timeline: false\n      maximum_lag",
    ),
    want: [
      "policies/tiers/sync.yaml ^false^ QUO011: without check_timeline a node that missed a failover may lead, and what was committed since is lost",
    ],
    hint: "remove check_timeline: Quorate sets it",
  },
  {
    name: "a tier that gives a crashed leader up at once",
    files: editedTier("sync", "primary_start_timeout: 300", "primary_start_timeout: 0"),
    want: [
      "policies/tiers/sync.yaml ^0^ QUO026: primary_start_timeout is 0 by tier sync: a crashed leader would be given up at once, although tier sync waits so that no commit gets lost",
    ],
    hint: "leave it to the tier (300), and write failover.crashRecovery.wait: 0s in a cluster that wants it",
  },
  {
    name: "an override that gives a crashed leader up at once",
    files: cluster("durability: sync\noverrides: { dcs: { primary_start_timeout: 0 } }"),
    want: [
      "clusters/1.yaml ^0 } }^ QUO026: primary_start_timeout is 0 by overrides.dcs.primary_start_timeout: a crashed leader would be given up at once, although tier sync waits so that no commit gets lost",
    ],
    hint: "leave it to the tier (300), and write failover.crashRecovery.wait: 0s in a cluster that wants it",
  },
  {
    name: "an override that gives a crashed leader up at once, of two",
    files: cluster("durability: async\noverrides: { dcs: { primary_start_timeout: 0 } }", {
      sites: ONE(2),
    }),
    want: [
      "clusters/1.yaml ^0 } }^ QUO026: with primary_start_timeout 0 a crashed leader is given up at once, but only 2 nodes may lead",
    ],
    hint: "let three nodes lead, or write a timeout such as 60",
  },
  {
    name: "a tier with a stop timeout after which the watchdog is disarmed",
    files: editedTier(
      "sync",
      /primary_stop_timeout: .*/,
      "primary_stop_timeout: 24",
      ONE(3),
      "4.1.3",
    ),
    want: [
      "policies/tiers/sync.yaml ^24^ QUO050: primary_stop_timeout is 24 s, less than the 25 s of the watchdog: Patroni 4.1.3 disarms it then, while clients may still be writing",
    ],
    hint: 'write at least 25, or patroni: "4.1.4" once every member runs it',
  },
  {
    name: "two sites promised, and an observer that could confirm",
    files: cluster("durability: cross-site\ndcs: { onOutage: keep-leading }", {
      sites: { ...THREE, hk: { role: "observer", nodes: nodesOf("hk", 1) } },
    }),
    want: [
      "clusters/1.yaml ^cross-site^ QUO011: with no confirming standby left, Patroni up to 4.1 lets any node confirm, here hk-1, which may not lead or not confirm",
    ],
    hint: "know that such a commit may exist only there and on the leader; keep two confirming standbys up",
  },
  {
    name: "a leader that goes on without its DCS, before failsafe mode saw every outage",
    files: cluster("durability: async\ndcs: { onOutage: keep-leading }", { patroni: "4.0.6" }),
    want: [
      "clusters/1.yaml ^keep-leading }^ QUO028: Patroni 4.0.6 does not always see that etcd is away: where etcd hangs rather than refuses, a leader with onOutage: keep-leading may stop all the same",
    ],
    hint: 'write patroni: "4.0.7" or newer once every member runs it, or onOutage: read-only',
  },
  silent("the same since", "durability: async\ndcs: { onOutage: keep-leading }", {
    patroni: "4.0.7",
  }),
  silent("a leader that stops without its DCS", "durability: async\ndcs: { onOutage: read-only }", {
    patroni: "3.0",
  }),

  // Waits.
  {
    name: "a crashed leader given up at once, of two",
    files: cluster("durability: sync\nfailover: { crashRecovery: { wait: 0s } }", {
      sites: ONE(2),
    }),
    want: [
      "clusters/1.yaml ^0s } }^ QUO026: with wait: 0s a crashed leader is given up at once, but only 2 nodes may lead",
    ],
    hint: "let three nodes lead, or write a wait such as 1m",
  },
  {
    name: "a shutdown that async cannot end",
    files: cluster("durability: async\nfailover: { shutdown: { wait: 1m } }"),
    want: [
      "clusters/1.yaml ^1m } }^ QUO026: Patroni kills a leader that does not stop only where a standby has its commits, and tier async waits for none",
    ],
    hint: "remove shutdown, or choose a tier that waits",
  },
  {
    name: "a shutdown shorter than the watchdog before 4.1.4",
    files: cluster("durability: sync\nfailover: { shutdown: { wait: 24s } }", { patroni: "4.1.3" }),
    want: [
      "clusters/1.yaml ^24s } }^ QUO026: after 24 s Patroni 4.1.3 puts the watchdog to sleep, even while clients still write; it fires only after 25 s",
    ],
    hint: "write wait: 25s or more, or raise patroni to 4.1.4 once every member runs it",
  },
  silent(
    "a shutdown as long as the watchdog before 4.1.4",
    "durability: sync\nfailover: { shutdown: { wait: 25s } }",
    { patroni: "4.1.3" },
  ),
  silent("a short shutdown since 4.1.4", "durability: sync\nfailover: { shutdown: { wait: 5s } }", {
    patroni: "4.1.4",
  }),
  silent(
    "a short shutdown without watchdog",
    "durability: sync\nfailover: { shutdown: { wait: 5s } }\nfencing: { watchdog: off }".replace(
      "off",
      '"off"',
    ),
    { patroni: "4.1.3" },
  ),
  {
    name: "silence longer than a lease",
    files: cluster("durability: sync\npostgresql: { parameters: { wal_sender_timeout: 31s } }"),
    want: [
      "clusters/1.yaml ^31s } }^ QUO026: a standby that falls silent may hold up commits for wal_sender_timeout (31s), which is longer than ttl (30 s), in which a dead leader is replaced",
    ],
    hint: "write wal_sender_timeout: 30s or less",
  },
  silent(
    "silence as long as a lease",
    "durability: sync\npostgresql: { parameters: { wal_sender_timeout: 30s } }",
  ),
  silent(
    "long silence where nobody waits",
    "durability: async\npostgresql: { parameters: { wal_sender_timeout: 5min } }",
  ),

  // Remote members and releases.
  {
    name: "an observer and keep-leading",
    files: cluster("durability: sync", {
      sites: { ...ONE(3), hk: { role: "observer", nodes: nodesOf("hk", 1) } },
    }),
    want: [
      "clusters/1.yaml ^observer^ QUO028: while the DCS is out, the leader goes on only as long as every node answers within 2 s, hk-1 too: a cut or slow way to hk would then end the writes",
    ],
    hint: "give the site the role dr, so that it is a cluster of its own; or write dcs.onOutage: keep-leading to say that the two outages together may be one",
  },
  silent(
    "an observer and a written keep-leading",
    "durability: sync\ndcs: { onOutage: keep-leading }",
    {
      sites: { ...ONE(3), hk: { role: "observer", nodes: nodesOf("hk", 1) } },
    },
  ),
  silent("an observer and read-only", "durability: sync\ndcs: { onOutage: read-only }", {
    sites: { ...ONE(3), hk: { role: "observer", nodes: nodesOf("hk", 1) } },
  }),
  {
    name: "quorum mode on what may be 4.0.5",
    files: cluster("durability: sync", { patroni: "4.0" }),
    want: [
      'clusters/1.yaml ^"4.0"^ QUO029: patroni is 4.0, so a member may run 4.0.5, which refuses every switchover by hand in quorum mode',
    ],
    hint: 'write patroni: "4.0.6" or newer once every member runs it',
  },
  silent("quorum mode on 4.0.6", "durability: sync", { patroni: "4.0.6" }),
  silent("mode on, on what may be 4.0.5", "durability: sync", { sites: ONE(2), patroni: "4.0" }),
  silent("mode on before 4.0", "durability: sync", { patroni: "3.3" }),
];
