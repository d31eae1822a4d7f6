import { describe, expect, test } from "vitest";
import { nodeLosses, siteLosses } from "../../src/topology/losses.ts";
import {
  dcsSetback,
  leaderSetback,
  type Loss,
  type RideOutCase,
  type Setback,
} from "../../src/topology/ride-out.ts";

/** Nodes as `site:number`, each of which leads and confirms unless its flags say otherwise. */
function clusterOf(
  spec: Readonly<Record<string, number>>,
  flags: Readonly<Record<string, "async" | "follows">> = {},
): RideOutCase["nodes"] {
  return Object.entries(spec).flatMap(([site, count]) =>
    Array.from({ length: count }, (_, index) => {
      const name = `${site}${index + 1}`;
      const flag = flags[name];
      return {
        name,
        site,
        address: name,
        promotable: flag !== "follows",
        confirms: flag === undefined,
      };
    }),
  );
}

/** Voters as addresses: one that is a node's name dies with the node. */
function votersOf(...addresses: readonly string[]): RideOutCase["voters"] {
  return addresses.map((address) => ({
    name: `etcd-${address}`,
    site: address.replaceAll(/\d/g, ""),
    address,
  }));
}

const BASE = { mode: "quorum", count: 1, blocks: false, failsafe: true } as const;

/** Judges the loss of these nodes or sites under one leader. */
function judge(
  given: RideOutCase,
  leaderName: string,
  lost: readonly string[],
): Setback["kind"] | undefined {
  const isSite = lost.every((name) => given.nodes.every((node) => node.name !== name));
  const nodes = given.nodes.filter((node) => lost.includes(isSite ? node.site : node.name));
  const leader = given.nodes.find((node) => node.name === leaderName);
  if (leader === undefined) throw new Error(`no node ${leaderName}`);
  const loss: Loss = { leader, nodes, sites: isSite ? lost : [] };
  return (dcsSetback(given, loss) ?? leaderSetback(given, loss))?.kind;
}

const FIVE = {
  ...BASE,
  nodes: clusterOf({ a: 5 }),
  voters: votersOf("a1", "a2", "a3", "a4", "a5"),
};
const SPREAD = {
  ...BASE,
  nodes: clusterOf({ a: 2, b: 2, c: 1 }),
  voters: votersOf("a9", "b9", "c9"),
};
const THREE = { ...BASE, nodes: clusterOf({ a: 3 }), voters: votersOf("d1", "d2", "d3") };

describe("what a loss does", () => {
  test.each([
    // Measured on real clusters: five nodes, quorum mode, count 1 and 2.
    ["the leader of five, count 1", FIVE, "a1", ["a1"], undefined],
    ["the leader and one of four, count 1", FIVE, "a1", ["a1", "a2"], "no-votes"],
    ["the leader and one of four, count 2", { ...FIVE, count: 2 }, "a1", ["a1", "a2"], undefined],
    [
      "three of five with their DCS voters",
      { ...FIVE, count: 2 },
      "a1",
      ["a1", "a2", "a3"],
      "no-dcs",
    ],
    ["a site with the leader and one more, count 1", SPREAD, "a1", ["a"], "no-votes"],
    [
      "a site with the leader and one more, count 2",
      { ...SPREAD, count: 2 },
      "a1",
      ["a"],
      undefined,
    ],
    ["a site with the leader alone, count 1", SPREAD, "c1", ["c"], undefined],
    // Measured in mode on, count 1: the one that Patroni picked dies with the leader.
    ["the leader and the picked one", { ...THREE, mode: "on" }, "a1", ["a1", "a2"], "no-sync"],
    ["the leader, two picked", { ...THREE, mode: "on", count: 2 }, "a1", ["a1", "a2"], undefined],
    [
      "the leader of two",
      { ...THREE, nodes: clusterOf({ a: 2 }), mode: "on" },
      "a1",
      ["a1"],
      undefined,
    ],
    ["all that could lead", { ...THREE, mode: "off" }, "a1", ["a1", "a2", "a3"], "no-candidate"],
    ["the leader, async", { ...THREE, mode: "off" }, "a1", ["a1", "a2"], undefined],
  ] as const)("losing %s", (_name, given, leader, lost, want) => {
    expect(judge(given, leader, lost)).toBe(want);
  });

  test.each([
    // A leader that is left: writes wait where a tier blocks, and only there.
    ["both standbys, degrading", THREE, ["a2", "a3"], undefined],
    ["both standbys, blocking", { ...THREE, blocks: true }, ["a2", "a3"], "blocked"],
    ["one standby, blocking", { ...THREE, blocks: true }, ["a2"], undefined],
    [
      "the leader of two, blocking",
      { ...THREE, nodes: clusterOf({ a: 2 }), mode: "on", blocks: true },
      ["a1"],
      "blocked",
    ],
    ["the leader of three, blocking", { ...THREE, blocks: true }, ["a1"], undefined],
  ] as const)("whether writes go on after losing %s", (_name, given, lost, want) => {
    expect(judge(given, "a1", lost)).toBe(want);
  });

  const WITNESS = {
    ...BASE,
    nodes: clusterOf({ a: 2, b: 2 }),
    voters: votersOf("a9", "w1", "w2"),
    count: 2,
  };

  test.each([
    ["keep-leading, every node answers", WITNESS, undefined],
    ["read-only", { ...WITNESS, failsafe: false }, "no-dcs"],
  ] as const)("a site without nodes takes the DCS majority: %s", (_name, given, want) => {
    expect(judge(given, "a1", ["w"])).toBe(want);
  });

  test("failsafe is no help when the site that is lost holds a node", () => {
    const given = { ...WITNESS, voters: votersOf("a9", "b8", "b9") };
    expect(judge(given, "a1", ["b"])).toBe("no-dcs");
  });

  test("exactly half of the DCS voters is no majority", () => {
    const given = {
      ...FIVE,
      nodes: clusterOf({ a: 4 }),
      voters: votersOf("a1", "a2", "a3", "a4"),
      count: 2,
    };
    expect(judge(given, "a1", ["a1", "a2"])).toBe("no-dcs");
    expect(judge(given, "a1", ["a1"])).toBe(undefined);
  });

  test("a DCS that is not declared is no reason of its own", () => {
    expect(judge({ ...THREE, voters: [] }, "a1", ["a1"])).toBe(undefined);
  });

  test("who may confirm but not lead gives no vote, and is picked last", () => {
    const nodes = THREE.nodes.map((node) => ({ ...node, promotable: node.name !== "a3" }));
    expect(judge({ ...THREE, nodes }, "a1", ["a1"])).toBe(undefined);
    expect(judge({ ...THREE, nodes, count: 2 }, "a1", ["a1"])).toBe(undefined);
    expect(judge({ ...THREE, nodes, mode: "on" }, "a1", ["a1", "a3"])).toBe(undefined);
    expect(judge({ ...THREE, nodes }, "a1", ["a1", "a2"])).toBe("no-candidate");
  });

  test("says the numbers that decide an election", () => {
    const [leader] = FIVE.nodes;
    if (leader === undefined) throw new Error("no leader");
    const loss: Loss = { leader, nodes: FIVE.nodes.slice(0, 2), sites: [] };
    expect(leaderSetback(FIVE, loss)).toEqual({
      kind: "no-votes",
      standbys: 4,
      standbysLost: 1,
      votersLeft: 3,
      count: 1,
      votersNeeded: 4,
    });
    // Where fewer may lead than have to confirm, some who may not lead become voters, too.
    const few = FIVE.nodes.map((node) => ({
      ...node,
      promotable: ["a1", "a2", "a3"].includes(node.name),
      confirms: node.name !== "a3",
    }));
    const [first, second] = few;
    if (first === undefined || second === undefined) throw new Error("no leader");
    expect(
      leaderSetback(
        { ...FIVE, nodes: few, count: 2 },
        { leader: first, nodes: [first, second], sites: [] },
      ),
    ).toEqual({
      kind: "no-votes",
      standbys: 2,
      standbysLost: 1,
      votersLeft: 0,
      count: 2,
      votersNeeded: 1,
    });
  });

  test("a leader that is lost and one that is left are different losses", () => {
    const losses = [...nodeLosses({ ...THREE, nodes: clusterOf({ a: 2 }) }, 1)];
    expect(losses.map(({ leader, nodes }) => [leader.name, nodes.map(({ name }) => name)])).toEqual(
      [
        ["a1", ["a1"]],
        ["a2", ["a1"]],
      ],
    );
  });
});

/** Every subset of up to `most` nodes, every leader: slow, plain, and without any notion of kinds. */
function* everyNodeLoss(given: RideOutCase, most: number): Generator<Loss> {
  for (let bits = 1; bits < 1 << given.nodes.length; bits += 1) {
    const nodes = given.nodes.filter((_node, index) => (bits & (1 << index)) !== 0);
    if (nodes.length <= most)
      for (const leader of given.nodes) if (leader.promotable) yield { leader, nodes, sites: [] };
  }
}

function* everySiteLoss(given: RideOutCase, most: number): Generator<Loss> {
  const sites = [...new Set([...given.nodes, ...given.voters].map(({ site }) => site))];
  for (let bits = 1; bits < 1 << sites.length; bits += 1) {
    const lost = sites.filter((_site, index) => (bits & (1 << index)) !== 0);
    const nodes = given.nodes.filter(({ site }) => lost.includes(site));
    if (lost.length <= most)
      for (const leader of given.nodes) if (leader.promotable) yield { leader, nodes, sites: lost };
  }
}

/** A second opinion on an election, from Patroni's own words: every choice that it may have made is tried. */
function electsByTrying(
  { nodes, mode, count }: RideOutCase,
  { leader, nodes: lost }: Loss,
): boolean {
  const left = nodes.filter((node) => !lost.includes(node));
  const candidates = left.filter((node) => node.promotable);
  if (!lost.includes(leader)) return true;
  if (mode === "off") return candidates.length > 0;
  const eligible = nodes
    .filter((node) => node.confirms && node !== leader)
    .toSorted((a, b) => Number(b.promotable) - Number(a.promotable));
  if (mode === "on") {
    const worst = worstPicks(eligible, count);
    return worst.every((picked) => picked.some((node) => candidates.includes(node)));
  }
  const voters = eligible.filter((node, index) => node.promotable || index < count);
  const quorum = voters.length - Math.min(count, voters.length);
  return candidates.some((candidate) => {
    let votes = voters.includes(candidate) ? 0 : -1;
    for (const node of candidates) if (node !== candidate && voters.includes(node)) votes += 1;
    return votes >= quorum;
  });
}

/** Every set of `count` that Patroni may pick: those that may lead before those that may not. */
function worstPicks<Node extends { readonly promotable: boolean }>(
  eligible: readonly Node[],
  count: number,
): readonly (readonly Node[])[] {
  const able = eligible.filter((node) => node.promotable);
  const others = eligible.filter((node) => !node.promotable);
  if (able.length <= count) return [[...able, ...others.slice(0, count - able.length)]];
  const sets: Node[][] = [];
  for (let bits = 0; bits < 1 << able.length; bits += 1) {
    const picked = able.filter((_node, index) => (bits & (1 << index)) !== 0);
    if (picked.length === count) sets.push(picked);
  }
  return sets;
}

describe("enumeration by kinds", () => {
  const MODES = ["off", "on", "quorum"] as const;

  /** Small clusters of every mixture: two bits for each node, and where its DCS voter is. */
  function* smallClusters(): Generator<RideOutCase> {
    for (let seed = 0; seed < 400; seed += 1) {
      const size = 2 + (seed % 4);
      const nodes = Array.from({ length: size }, (_, index) => {
        const bits = Math.floor(seed / 4) >> index;
        return {
          name: `n${index}`,
          site: `s${(index * (1 + (seed % 3))) % 3}`,
          address: `n${index}`,
          promotable: index === 0 || (bits & 1) === 0 || seed % 5 === 0,
          confirms: (bits & 2) === 0 || seed % 7 === 0,
        };
      });
      const hosts = [`n${seed % size}`, "n0", "d1", `n${(seed + 1) % size}`, "d2"];
      const voters = [...new Set(hosts)].map((address, index) => ({
        name: address,
        site: nodes.find((node) => node.address === address)?.site ?? `s${index % 4}`,
        address,
      }));
      for (const mode of MODES)
        for (const count of [1, 2])
          yield { nodes, voters, mode, count, blocks: seed % 2 === 0, failsafe: seed % 3 === 0 };
    }
  }

  test("finds a setback exactly where trying every loss finds one, and none that is larger", () => {
    let setbacks = 0;
    for (const given of smallClusters())
      for (const most of [1, 2])
        for (const [some, every] of [
          [nodeLosses, everyNodeLoss],
          [siteLosses, everySiteLoss],
        ] as const)
          for (const verdict of [dcsSetback, leaderSetback]) {
            const sizes = (losses: Iterable<Loss>): readonly number[] =>
              [...losses]
                .filter((loss) => verdict(given, loss) !== undefined)
                .map((loss) => loss.sites.length || loss.nodes.length);
            const found = sizes(some(given, most));
            const wanted = sizes(every(given, most));
            expect(Math.min(...found)).toBe(Math.min(...wanted));
            // The first that is found is one of the smallest.
            expect(found[0]).toBe(wanted.length === 0 ? undefined : Math.min(...wanted));
            setbacks += found.length === 0 ? 0 : 1;
          }
    expect(setbacks).toBeGreaterThan(1000);
  });

  test("says that nobody is elected exactly where Patroni's own rule, tried out, elects nobody", () => {
    const counts = { elected: 0, refused: 0 };
    for (const given of smallClusters())
      for (const loss of everyNodeLoss(given, 3)) {
        const elects = electsByTrying(given, loss);
        const setback = leaderSetback({ ...given, blocks: false }, loss);
        expect(setback === undefined, JSON.stringify({ given, loss, setback })).toBe(elects);
        counts[elects ? "elected" : "refused"] += 1;
      }
    expect(counts.elected).toBeGreaterThan(1000);
    expect(counts.refused).toBeGreaterThan(1000);
  });

  test("stays small for large clusters", () => {
    const nodes = clusterOf({ a: 50 });
    const losses = [...nodeLosses({ ...BASE, nodes, voters: votersOf("a1", "a2", "a3") }, 10)];
    expect(losses.length).toBeLessThan(300);
  });
});
