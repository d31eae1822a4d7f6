import { describe, expect, test } from "vitest";
import type { CompiledCluster } from "../../src/compiler/compiled-cluster.ts";
import { renderCluster } from "../../src/compiler/render-cluster.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { drProject, DR_CLUSTER } from "../intent/bad-dr-table.ts";
import { edit } from "../support/memory-project.ts";

/** The clusters of one intent, by name; it must have no error. */
async function compile(text = DR_CLUSTER): Promise<ReadonlyMap<string, CompiledCluster>> {
  const { clusters, found } = await compileProject(drProject(text));
  expect(found.filter(({ severity }) => severity === "error")).toEqual([]);
  return new Map(clusters.map((cluster) => [cluster.resolved.name, cluster]));
}

function prioritiesOf(cluster: CompiledCluster | undefined): readonly unknown[] {
  return (cluster?.nodes ?? []).map(({ config }) => Object(config["tags"])["failover_priority"]);
}

function withWitness(site: string): string {
  return edit(DR_CLUSTER, "durability", `  - { name: ${site}, role: witness }\ndurability`);
}

const THREE_SITES = DR_CLUSTER.replace(
  "  - name: dr\n",
  `  - name: sh
    role: peer
    nodes:
      - { name: pay-3, address: 10.1.2.1 }
      - { name: pay-4, address: 10.1.2.2, promotable: false }
  - name: dr
`,
);

describe("an intent with a dr site", () => {
  test("gives two clusters, each with its own scope, DCS, nodes and folder", async () => {
    const clusters = await compile();
    expect([...clusters.keys()]).toEqual(["pay", "pay-dr"]);
    const shown = [...clusters.values()].map((cluster) => ({
      scopes: new Set(cluster.nodes.map(({ config }) => config["scope"])),
      etcd: cluster.nodes[0]?.config["etcd3"],
      nodes: cluster.nodes.map(({ name }) => name),
      folders: new Set(renderCluster(cluster, "1").map(({ path }) => path.split("/")[0])),
    }));
    expect(shown).toMatchObject([
      { scopes: new Set(["pay"]), nodes: ["pay-1", "pay-2"], folders: new Set(["pay"]) },
      { scopes: new Set(["pay-dr"]), nodes: ["pay-8", "pay-9"], folders: new Set(["pay-dr"]) },
    ]);
    expect(shown[0]?.etcd).toMatchObject({ hosts: expect.arrayContaining(["10.1.0.1:2379"]) });
    expect(shown[1]?.etcd).toMatchObject({ hosts: expect.arrayContaining(["10.2.0.1:2379"]) });
  });

  test("has neither dr nodes in the cluster that leads nor a section there", async () => {
    const pay = (await compile()).get("pay");
    expect(pay?.dcs).not.toHaveProperty("standby_cluster");
    expect(pay?.absent.some(([first]) => first === "standby_cluster")).toBe(false);
    expect(pay?.resolved.sites).toEqual([{ name: "bj", role: "primary" }]);
  });

  test("names the hosts to follow in the order of preference, without those that never lead", async () => {
    const section = (await compile(THREE_SITES)).get("pay-dr")?.dcs["standby_cluster"];
    expect(section).toEqual({
      create_replica_methods: ["basebackup"],
      host: "10.1.1.1,10.1.1.2,10.1.2.1",
      port: 5432,
      primary_slot_name: "pay_dr",
    });
    const ordered = `${THREE_SITES}failover: { order: [pay-3, pay-2] }\n`;
    expect((await compile(ordered)).get("pay-dr")?.dcs["standby_cluster"]).toMatchObject({
      host: "10.1.2.1,10.1.1.2,10.1.1.1",
    });
  });

  test("forbids in the section what would change what it follows, and never the section itself", async () => {
    const absent = (await compile()).get("pay-dr")?.absent.map((path) => path.join("."));
    expect(absent?.filter((path) => path.startsWith("standby_cluster"))).toEqual([
      "standby_cluster.archive_cleanup_command",
      "standby_cluster.recovery_min_apply_delay",
      "standby_cluster.restore_command",
    ]);
  });

  test.each([
    ["3.0", { type: "physical" }],
    ["4.0", { type: "physical" }],
    ["4.1", { type: "physical", cluster_type: "primary" }],
  ])("keeps a permanent slot on Patroni %s: %j", async (release, slot) => {
    const clusters = await compile(edit(DR_CLUSTER, '"4.1.5"', `"${release}"`));
    expect(clusters.get("pay")?.dcs["slots"]).toEqual({ pay_dr: slot });
    expect(clusters.get("pay-dr")?.dcs).not.toHaveProperty("slots");
  });

  test.each([
    ["3.1", false],
    ["3.2", true],
    ["4.1", true],
  ])("asks for synchronous standbys in the standby cluster on %s: %s", async (release, sync) => {
    const clusters = await compile(edit(DR_CLUSTER, '"4.1.5"', `"${release}"`));
    expect(clusters.get("pay")?.dcs["synchronous_mode"]).toBe(true);
    expect(clusters.get("pay-dr")?.dcs["synchronous_mode"]).toBe(sync);
  });

  test("lets every node of both replicate and rewind from every other", async () => {
    for (const { dcs } of (await compile()).values())
      for (const address of ["10.1.1.1", "10.1.1.2", "10.2.1.8", "10.2.1.9"])
        expect(dcs["postgresql"]).toMatchObject({
          pg_hba: expect.arrayContaining([
            `hostssl replication replicator ${address}/32 scram-sha-256`,
            `hostssl all rewinder ${address}/32 scram-sha-256`,
          ]),
        });
  });

  test("allows as many senders and slots on both sides, however small one of them is", async () => {
    const many = Array.from(
      { length: 6 },
      (_, index) => `      - { name: more-${index}, address: 10.5.0.${index + 1} }\n`,
    ).join("");
    for (const place of ["10.1.1.2 }\n", "10.2.1.9 }\n"]) {
      const clusters = await compile(edit(DR_CLUSTER, place, place + many));
      for (const { dcs } of clusters.values())
        expect(dcs["postgresql"]).toMatchObject({
          // Eight members and one follower, two each, and four to spare.
          parameters: { max_wal_senders: 22, max_replication_slots: 22 },
        });
    }
  });

  test("counts a written quorum on the cluster that leads only", async () => {
    const text = `${THREE_SITES}quorum: 2\n`;
    const clusters = await compile(text);
    expect(clusters.get("pay")?.dcs["synchronous_node_count"]).toBe(2);
    expect(clusters.get("pay-dr")?.dcs["synchronous_node_count"]).toBe(1);
  });

  test("takes an order of candidates for the dr site only where it names its nodes", async () => {
    const before = await compile(`${DR_CLUSTER}failover: { order: [pay-2, pay-1] }\n`);
    expect(prioritiesOf(before.get("pay"))).toEqual([1, 2]);
    expect(prioritiesOf(before.get("pay-dr"))).toEqual([undefined, undefined]);
    const after = await compile(`${DR_CLUSTER}failover: { order: [pay-9] }\n`);
    expect(prioritiesOf(after.get("pay"))).toEqual([undefined, undefined]);
    expect(prioritiesOf(after.get("pay-dr"))).toEqual([1, 2]);
  });

  test("says of which cluster the passwords of a dr node are", async () => {
    const cluster = (await compile()).get("pay-dr");
    const files = cluster === undefined ? [] : renderCluster(cluster, "1");
    const secrets = files.filter(({ path }) => path.endsWith("secrets.env.example"));
    expect(secrets).toHaveLength(2);
    for (const { text } of secrets)
      expect(text).toContain("come here with the data of pay: their passwords are the same");
  });

  test("with two dr sites keeps a slot for each, and each admits the other", async () => {
    const second = `  - name: far
    role: dr
    dcs: { use: near }
    nodes:
      - { name: pay-7, address: 10.3.1.7 }
durability`;
    const clusters = await compile(edit(DR_CLUSTER, "durability", second));
    expect([...clusters.keys()]).toEqual(["pay", "pay-dr", "pay-far"]);
    expect(Object.keys(Object(clusters.get("pay")?.dcs["slots"]))).toEqual(["pay_dr", "pay_far"]);
    expect(JSON.stringify(clusters.get("pay-far")?.dcs)).toContain("10.2.1.8/32");
    expect(clusters.get("pay-far")?.dcs["standby_cluster"]).toMatchObject({
      host: "10.1.1.1,10.1.1.2",
      primary_slot_name: "pay_far",
    });
  });

  test("finds a witness site's voters in the DCS of the dr site too", async () => {
    expect((await compileProject(drProject(withWitness("gz")))).found).toEqual([]);
    const { found } = await compileProject(drProject(withWitness("hk")));
    expect(found.map(({ message }) => message)).toEqual([
      "hk is a witness site, but the DCS main has no voter there",
    ]);
  });
});
