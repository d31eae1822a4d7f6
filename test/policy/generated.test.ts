import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CompiledCluster } from "../../src/compiler/compiled-cluster.ts";
import type { Diagnostic } from "../../src/core/diagnostic.ts";
import { isJsonObject } from "../../src/core/json.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { siteProject, type TestSite } from "../support/site-project.ts";

const SITES = ["bj", "sh", "gz"];

/** What a person could write of one node. */
const nodeKeys = fc.oneof(
  { weight: 12, arbitrary: fc.constant("") },
  {
    weight: 1,
    arbitrary: fc.constantFrom("promotable: false", "confirms: false", "confirms: true"),
  },
);

/** A cluster of up to three sites, with DCS voters on its nodes or apart from them. */
const cluster = fc.record({
  sites: fc.array(
    fc.record({
      role: fc.constantFrom("primary", "primary", "peer", "peer", "standby", "observer"),
      keys: fc.array(nodeKeys, { minLength: 1, maxLength: 3 }),
      voters: fc.nat(2),
      areOnNodes: fc.boolean(),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  tier: fc.constantFrom(
    "async",
    "sync",
    "sync-strict",
    "majority",
    "cross-site",
    "cross-site",
    "cross-site",
  ),
  onStandbyLoss: fc.constantFrom(undefined, undefined, undefined, undefined, "block", "degrade"),
  quorum: fc.constantFrom("auto", "auto", "auto", 1, 2, 3),
  nodes: fc.constantFrom(undefined, undefined, 0, 1, 2),
  lostSites: fc.constantFrom(undefined, undefined, 0, 1, 2),
  scope: fc.constantFrom("any-site", "any-site", "any-site", "same-site", "manual"),
  order: fc.boolean(),
  patroni: fc.constantFrom("3.2", "4.0.7", "4.1", "4.1.5"),
});
type Generated = (typeof cluster)["generate"] extends (...args: never) => {
  readonly value: infer T;
}
  ? T
  : never;

function projectOf(given: Generated, quorum: number | string = given.quorum) {
  const sites = given.sites.map(({ role, keys }, siteIndex): readonly [string, TestSite] => {
    const nodes = keys.map((text, index) => [`${SITES[siteIndex] ?? ""}-${index + 1}`, text]);
    return [SITES[siteIndex] ?? "", { role, nodes: Object.fromEntries(nodes) }];
  });
  const voters = given.sites.map(({ voters: count, areOnNodes, keys }, index) => {
    const names = keys.map((_text, node) => `${SITES[index] ?? ""}-${node + 1}`);
    return [SITES[index] ?? "", areOnNodes ? names.slice(0, count) : count] as const;
  });
  const { tier, onStandbyLoss, nodes, lostSites } = given;
  const durability = [
    `tier: ${tier}`,
    ...(onStandbyLoss === undefined ? [] : [`onStandbyLoss: ${onStandbyLoss}`]),
    // Accepted, so that more of them compile; where nothing has to be accepted it is a warning.
    ...(tier === "async"
      ? []
      : ["accept: [writes-block-on-any-standby-loss, commits-in-one-site]"]),
  ];
  const allowance = [
    ...(nodes === undefined ? [] : [`nodes: ${nodes}`]),
    ...(lostSites === undefined ? [] : [`sites: ${lostSites}`]),
  ];
  const lines = [
    `durability: { ${durability.join(", ")} }`,
    `quorum: ${quorum}`,
    `failover: { scope: ${given.scope}, allowance: { ${allowance.join(", ")} }${given.order ? ", order: [bj-1]" : ""} }`,
    "",
  ];
  const all = { ...Object.fromEntries(sites), hz: { role: "witness" } };
  return siteProject(all, lines.join("\n"), {
    voters: { ...Object.fromEntries(voters), hz: 2 },
    patroni: given.patroni,
  });
}

const ELECTION = /needs \d+ - \d+ \+ 1|at worst, the/;
const electionErrors = (found: readonly Diagnostic[]): readonly Diagnostic[] =>
  found.filter(({ rule, message }) => rule === "QUO021" && ELECTION.test(message));

/** What may never come out, in words; empty when all is well. */
function violations(compiled: CompiledCluster): readonly string[] {
  return [...tagViolations(compiled), ...countViolations(compiled)];
}

/** Patroni lets nofailover win over a priority, and may pick who never leads to confirm. */
function tagViolations({ nodes, resolved }: CompiledCluster): readonly string[] {
  return nodes.flatMap(({ name, config }) => {
    const tags = isJsonObject(config["tags"]) ? config["tags"] : {};
    const isWritten = resolved.nodes.find((node) => node.name === name)?.written.confirms === true;
    return [
      ...("nofailover" in tags && "failover_priority" in tags
        ? ["a priority of who never leads"]
        : []),
      ...("nosync" in tags && "sync_priority" in tags ? ["a priority of who never confirms"] : []),
      ...("nofailover" in tags && !("nosync" in tags) && !isWritten ? ["nofailover alone"] : []),
    ];
  });
}

function countViolations({ topology, dcs, resolved }: CompiledCluster): readonly string[] {
  const { quorumCount, confirmingStandbys, leaders, confirming } = topology;
  if (dcs["synchronous_mode"] === false) return [];
  const isGuarantee = resolved.tier === "cross-site" && dcs["synchronous_mode_strict"] === true;
  const beside = leaders.flatMap((leader) =>
    confirming.filter((node) => node.site === leader.site && node !== leader),
  );
  return [
    ...(quorumCount < 1 || quorumCount > confirmingStandbys ? ["a count that cannot be"] : []),
    ...(isGuarantee && beside.length > 0 ? ["a commit that one site alone confirms"] : []),
  ];
}

describe("generated clusters", () => {
  test("give output or findings with a place, and nothing that contradicts the tier", async () => {
    const seen = { compiled: 0, refused: 0, guaranteed: 0 };
    await fc.assert(
      fc.asyncProperty(cluster, async (given) => {
        const { clusters, found, hasErrors } = await compileProject(projectOf(given));
        seen[hasErrors ? "refused" : "compiled"] += 1;
        expect(clusters.length).toBe(hasErrors ? 0 : 1);
        expect(clusters.flatMap(violations)).toEqual([]);
        for (const { at, message, hint } of found) {
          expect(at.line).toBeGreaterThan(0);
          expect(`${message} ${hint ?? ""}`).not.toMatch(/undefined|NaN|null|  | -\d/);
        }
        seen.guaranteed += clusters.filter(({ resolved }) => resolved.tier === "cross-site").length;
      }),
      { numRuns: 200, seed: 20_261_122 },
    );
    expect(seen.compiled).toBeGreaterThan(30);
    expect(seen.refused).toBeGreaterThan(60);
    expect(seen.guaranteed).toBeGreaterThan(3);
  });

  test("quorum: auto is enough for the allowance, and one less is not", async () => {
    let raised = 0;
    const asked = cluster.map((drawn): Generated => ({
      ...drawn,
      tier: "sync",
      onStandbyLoss: undefined,
      scope: "any-site",
    }));
    await fc.assert(
      fc.asyncProperty(asked, async (given) => {
        const { clusters, found } = await compileProject(projectOf(given, "auto"));
        const [compiled] = clusters;
        if (compiled === undefined) return;
        expect(electionErrors(found)).toEqual([]);
        const { quorumCount, confirmingStandbys } = compiled.topology;
        // What the tier alone asks for is asked for by no allowance.
        if (quorumCount <= Math.ceil(confirmingStandbys / 2)) return;
        const less = await compileProject(projectOf(given, quorumCount - 1));
        expect(electionErrors(less.found).length, JSON.stringify(given)).toBeGreaterThan(0);
        raised += 1;
      }),
      { numRuns: 200, seed: 20_261_123 },
    );
    expect(raised).toBeGreaterThan(10);
  });
});
