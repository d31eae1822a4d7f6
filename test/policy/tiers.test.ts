import { describe, expect, test } from "vitest";
import { isJsonObject } from "../../src/core/json.ts";
import type { CompiledCluster } from "../../src/compiler/compiled-cluster.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { nodesOf, siteProject, type TestSite, type TestVoters } from "../support/site-project.ts";

const ONE = (count: number): Readonly<Record<string, TestSite>> => ({
  bj: { role: "primary", nodes: nodesOf("bj", count) },
});
const TWO: Readonly<Record<string, TestSite>> = {
  bj: { role: "peer", nodes: nodesOf("bj", 2) },
  sh: { role: "peer", nodes: nodesOf("sh", 2) },
  gz: { role: "witness" },
};
const THREE: Readonly<Record<string, TestSite>> = {
  bj: { role: "peer", nodes: nodesOf("bj", 1) },
  sh: { role: "peer", nodes: nodesOf("sh", 1) },
  gz: { role: "peer", nodes: nodesOf("gz", 1) },
};
const SPREAD: TestVoters = { bj: 1, sh: 1, gz: 1 };

/** Compiles a cluster that must have no errors. */
async function compiled(
  sites: Readonly<Record<string, TestSite>>,
  lines: string,
  patroni?: string,
): Promise<CompiledCluster> {
  const options = { voters: SPREAD, ...(patroni === undefined ? {} : { patroni }) };
  const { clusters, found } = await compileProject(siteProject(sites, `${lines}\n`, options));
  expect(found.filter(({ severity }) => severity === "error")).toEqual([]);
  const [cluster] = clusters;
  if (cluster === undefined) throw new Error("nothing was compiled");
  return cluster;
}

/** Mode, count and strictness, as short as they are decided. */
function sync({ dcs }: CompiledCluster): string {
  if (dcs["synchronous_mode"] === false) return "async";
  const values = [dcs["synchronous_mode"], dcs["synchronous_node_count"]].map((value) =>
    JSON.stringify(value).replaceAll('"', ""),
  );
  const strict = dcs["synchronous_mode_strict"] === true ? "strict" : "degrades";
  return `${values.join(" ")} ${strict}`;
}

describe("tiers compile to what each release understands", () => {
  const ORDER = "failover: { order: [bj-1] }";
  test.each([
    ["async", ONE(3), "durability: async", ["async", "async", "async"]],
    [
      "async-bounded",
      ONE(3),
      "durability: async-bounded\nfailover: { maxLoss: 16MiB }",
      ["async", "async", "async"],
    ],
    [
      "sync, two nodes",
      ONE(2),
      "durability: sync",
      ["true 1 degrades", "true 1 degrades", "true 1 degrades"],
    ],
    [
      "sync, three nodes",
      ONE(3),
      "durability: sync",
      ["true 1 degrades", "quorum 1 degrades", "quorum 1 degrades"],
    ],
    [
      "sync, five nodes",
      ONE(5),
      "durability: sync",
      ["true 2 degrades", "quorum 2 degrades", "quorum 2 degrades"],
    ],
    [
      "sync that blocks",
      ONE(3),
      "durability: { tier: sync, onStandbyLoss: block }",
      ["true 1 strict", "quorum 1 strict", "quorum 1 strict"],
    ],
    [
      "sync-strict",
      ONE(3),
      "durability: sync-strict",
      ["true 1 strict", "quorum 1 strict", "quorum 1 strict"],
    ],
    [
      "majority of three",
      ONE(3),
      "durability: majority",
      ["true 1 strict", "quorum 1 strict", "quorum 1 strict"],
    ],
    [
      "majority of five",
      ONE(5),
      "durability: majority",
      ["true 2 strict", "quorum 2 strict", "quorum 2 strict"],
    ],
    [
      "cross-site, three sites",
      THREE,
      "durability: cross-site",
      ["true 1 strict", "quorum 1 strict", "quorum 1 strict"],
    ],
    [
      "cross-site as an aim",
      TWO,
      "durability: { tier: cross-site, onStandbyLoss: degrade }",
      ["true 2 degrades", "true 2 degrades", "true 2 degrades"],
    ],
  ] as const)("%s", async (_name, sites, lines, want) => {
    const got = await Promise.all(
      ["3.2", "4.0.7", "4.1.5"].map(async (patroni) => sync(await compiled(sites, lines, patroni))),
    );
    expect(got).toEqual(want);
  });

  test.each([
    ["sync", "4.1.5", "true 1 degrades"],
    // Before 4.1.1 the order would not be followed in mode on either.
    ["sync", "4.1", "quorum 1 degrades"],
    ["sync-strict", "4.1.1", "true 1 strict"],
    // The promise of these needs the mode, whatever order is wished for.
    ["majority", "4.1.5", "quorum 1 strict"],
  ])("%s on %s with a written order: %s", async (tier, patroni, want) => {
    expect(sync(await compiled(ONE(3), `durability: ${tier}\n${ORDER}`, patroni))).toBe(want);
  });

  test.each(["sync", "sync-strict", "majority", "cross-site"])(
    "%s keeps the lag limit at 1 GiB and lets a silent standby go sooner than a lease ends",
    async (tier) => {
      const { dcs } = await compiled(THREE, `durability: ${tier}`);
      expect(dcs["maximum_lag_on_failover"]).toBe(1024 ** 3);
      expect(dcs["check_timeline"]).toBe(true);
      expect(dcs["primary_start_timeout"]).toBe(300);
      expect(dcs["postgresql"]).toMatchObject({
        parameters: { wal_sender_timeout: tier === "cross-site" ? "20s" : "10s" },
      });
    },
  );

  test.each([
    ["standard", 60],
    ["patient", 60],
    ["wan", 90],
  ])(
    "a leader that has to stop gets 60 s, and never less than a lease: %s",
    async (speed, wait) => {
      const { dcs } = await compiled(ONE(3), `durability: sync\nfailover: { speed: ${speed} }`);
      expect(dcs["primary_stop_timeout"]).toBe(wait);
    },
  );

  test("a tier that waits for nobody has no stop timeout, and none may be there", async () => {
    const { dcs, absent } = await compiled(ONE(3), "durability: async");
    expect(dcs).not.toHaveProperty("primary_stop_timeout");
    expect(absent).toContainEqual(["primary_stop_timeout"]);
    expect(absent).toContainEqual(["master_stop_timeout"]);
  });
});

describe("what an intent says besides the tier", () => {
  test.each([
    ["write", "remote_write"],
    ["flush", "on"],
    ["apply", "remote_apply"],
  ])("ack: %s is synchronous_commit %s", async (ack, level) => {
    const { dcs } = await compiled(ONE(3), `durability: { tier: sync, ack: ${ack} }`);
    expect(dcs["postgresql"]).toMatchObject({ parameters: { synchronous_commit: level } });
  });

  test("without ack nobody may set synchronous_commit", async () => {
    const { absent } = await compiled(ONE(3), "durability: { tier: sync }");
    expect(absent).toContainEqual(["postgresql", "parameters", "synchronous_commit"]);
  });

  test("waits are in seconds", async () => {
    const { dcs } = await compiled(
      ONE(3),
      "durability: sync\nfailover: { crashRecovery: { wait: 5m }, shutdown: { wait: 2m } }",
    );
    expect(dcs).toMatchObject({ primary_start_timeout: 300, primary_stop_timeout: 120 });
  });

  test("a crashed leader may be given up at once where two others may lead", async () => {
    const { dcs } = await compiled(
      ONE(3),
      "durability: sync\nfailover: { crashRecovery: { wait: 0s } }",
    );
    expect(dcs["primary_start_timeout"]).toBe(0);
  });

  test("scope manual pauses Patroni, but not a cluster that is yet to be made", async () => {
    const { dcs, nodes, absent } = await compiled(
      ONE(3),
      "durability: async\nfailover: { scope: manual }",
    );
    expect(dcs["pause"]).toBe(true);
    expect(absent).not.toContainEqual(["pause"]);
    const [node] = nodes;
    expect(node?.config["bootstrap"]).toMatchObject({ dcs: { ttl: 30 } });
    expect(node?.config["bootstrap"]).not.toHaveProperty("dcs.pause");
  });

  test("without it no pause is wanted: one that somebody began is theirs to end (see refusePause)", async () => {
    const { dcs, absent } = await compiled(ONE(3), "durability: async");
    expect(dcs).not.toHaveProperty("pause");
    expect(absent).toContainEqual(["pause"]);
  });
});

/** `failover_priority sync_priority` of every node, `-` for what it has not. */
function priorities({ nodes }: CompiledCluster): readonly string[] {
  return nodes.map(({ name, config }) => {
    const tags = isJsonObject(config["tags"]) ? config["tags"] : {};
    const told = ["failover_priority", "sync_priority"].map((tag) =>
      JSON.stringify(tags[tag] ?? "-").replaceAll('"', ""),
    );
    return `${name} ${told.join(" ")}`;
  });
}

describe("the standbys that Patroni picks are the preferred ones", () => {
  const ORDER = "durability: sync\nfailover: { order: [bj-2, bj-1, bj-3] }";

  test("by a written order", async () => {
    expect(priorities(await compiled(ONE(3), ORDER))).toEqual(["bj-1 2 2", "bj-2 3 3", "bj-3 1 1"]);
  });

  test("whom the order leaves out is equal, and last", async () => {
    const lines = "durability: sync\nfailover: { order: [bj-2] }";
    expect(priorities(await compiled(ONE(3), lines))).toEqual(["bj-1 1 1", "bj-2 2 2", "bj-3 1 1"]);
  });

  test("by the roles of the sites", async () => {
    const sites = { ...TWO, sh: { role: "standby", nodes: nodesOf("sh", 2) } };
    const lines = "durability: { tier: cross-site, onStandbyLoss: degrade }";
    expect(priorities(await compiled(sites, lines))).toEqual([
      "bj-1 2 2",
      "bj-2 2 2",
      "sh-1 1 1",
      "sh-2 1 1",
    ]);
  });

  test("but who never confirms has none, nor has who may not lead", async () => {
    const sites = {
      bj: {
        role: "primary",
        nodes: {
          "bj-1": "",
          "bj-2": "",
          "bj-3": "confirms: false",
          "bj-4": "promotable: false, confirms: true",
          "bj-5": "promotable: false",
        },
      },
    };
    const lines = "durability: sync\nfailover: { order: [bj-2, bj-1] }";
    expect(priorities(await compiled(sites, lines))).toEqual([
      "bj-1 2 2",
      "bj-2 3 3",
      "bj-3 1 -",
      "bj-4 - -",
      "bj-5 - -",
    ]);
  });

  test.each([
    ["before 4.1", ORDER, "3.3"],
    ["in quorum mode", ORDER.replace("sync", "majority"), "4.1.5"],
    ["where no commit waits", ORDER.replace("sync", "async"), "4.1.5"],
  ])("not %s", async (_name, lines, patroni) => {
    expect(priorities(await compiled(ONE(3), lines, patroni))).toEqual([
      "bj-1 2 -",
      "bj-2 3 -",
      "bj-3 1 -",
    ]);
  });

  test("nor where all are equal", async () => {
    const lines = "durability: { tier: cross-site, onStandbyLoss: degrade }";
    const got = priorities(await compiled(TWO, lines));
    expect(got).toEqual(["bj-1 - -", "bj-2 - -", "sh-1 - -", "sh-2 - -"]);
  });
});

/** `leads confirms` of every node, `-` for what it does not. */
function roles({ resolved }: CompiledCluster): Readonly<Record<string, string>> {
  return Object.fromEntries(
    resolved.nodes.map(({ name, promotable, confirms }) => [
      name,
      `${promotable ? "leads" : "-"} ${confirms ? "confirms" : "-"}`,
    ]),
  );
}

const BOTH = "leads confirms";
const NEITHER = "- -";
const ACCEPTED = "accept: [writes-block-on-any-standby-loss, commits-in-one-site]";

describe("who leads and confirms", () => {
  test("with every commit in two sites, the first of each site; the tags say so", async () => {
    const cluster = await compiled(TWO, `durability: { tier: cross-site, ${ACCEPTED} }`);
    expect(roles(cluster)).toEqual({
      "bj-1": BOTH,
      "bj-2": NEITHER,
      "sh-1": BOTH,
      "sh-2": NEITHER,
    });
    expect(cluster.nodes.map(({ config }) => config["tags"])).toMatchObject([
      { quorate_site: "bj" },
      { nofailover: true, nosync: true },
      { quorate_site: "sh" },
      { nofailover: true, nosync: true },
    ]);
    expect(cluster.nodes[0]?.config["tags"]).not.toHaveProperty("nosync");
  });

  test("or the first of the order", async () => {
    const cluster = await compiled(
      TWO,
      `durability: { tier: cross-site, ${ACCEPTED} }\nfailover: { order: [sh-2] }`,
    );
    expect(roles(cluster)).toEqual({
      "bj-1": BOTH,
      "bj-2": NEITHER,
      "sh-1": NEITHER,
      "sh-2": BOTH,
    });
  });

  test("or the one that is written to confirm, whatever the order", async () => {
    const sites = { ...TWO, sh: { role: "peer", nodes: { "sh-1": "", "sh-2": "confirms: true" } } };
    const cluster = await compiled(
      sites,
      `durability: { tier: cross-site, ${ACCEPTED} }\nfailover: { order: [bj-2] }`,
    );
    expect(roles(cluster)).toEqual({
      "bj-1": NEITHER,
      "bj-2": BOTH,
      "sh-1": NEITHER,
      "sh-2": BOTH,
    });
  });

  test("or another one than the first, where that is written to do neither", async () => {
    const sites = {
      ...TWO,
      bj: { role: "peer", nodes: { "bj-1": "promotable: false", "bj-2": "" } },
    };
    const cluster = await compiled(sites, `durability: { tier: cross-site, ${ACCEPTED} }`);
    expect(roles(cluster)).toEqual({
      "bj-1": NEITHER,
      "bj-2": BOTH,
      "sh-1": BOTH,
      "sh-2": NEITHER,
    });
  });

  test("as an aim, all of them", async () => {
    const cluster = await compiled(TWO, "durability: { tier: cross-site, onStandbyLoss: degrade }");
    expect(new Set(Object.values(roles(cluster)))).toEqual(new Set([BOTH]));
  });

  test("with scope same-site, only those of the primary sites, unless written otherwise", async () => {
    const sites = {
      bj: { role: "primary", nodes: nodesOf("bj", 2) },
      sh: { role: "standby", nodes: { "sh-1": "", "sh-2": "promotable: true" } },
      gz: { role: "peer", nodes: { "gz-1": "confirms: true" } },
    };
    const cluster = await compiled(sites, "durability: sync\nfailover: { scope: same-site }");
    expect(roles(cluster)).toEqual({
      "bj-1": BOTH,
      "bj-2": BOTH,
      "sh-1": NEITHER,
      "sh-2": BOTH,
      "gz-1": "- confirms",
    });
  });
});
