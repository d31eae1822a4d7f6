import { describe, expect, test } from "vitest";
import type { CompiledCluster } from "../../src/compiler/compiled-cluster.ts";
import { isJsonObject, type Json, type JsonObject } from "../../src/core/json.ts";
import { valueAt } from "../../src/patroni/minimal-patch.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { CLUSTER, edit, memoryProject, PROJECT } from "../support/memory-project.ts";

async function compile(
  project: string,
  cluster: string,
): Promise<{ readonly cluster: CompiledCluster | undefined; readonly said: readonly string[] }> {
  const files = memoryProject({ "quorate.yaml": project, "clusters/pay.yaml": cluster });
  const { clusters, found } = await compileProject(files);
  const said = found.map(
    ({ at, rule, message }) => `${at.file}:${at.line}:${at.col} ${rule}: ${message}`,
  );
  return { cluster: clusters[0], said };
}

function parametersOf(cluster: CompiledCluster | undefined): Json | undefined {
  return cluster && valueAt(cluster.dcs, ["postgresql", "parameters"]);
}

function configOf(cluster: CompiledCluster | undefined, node: string): JsonObject {
  const found = cluster?.nodes.find(({ name }) => name === node)?.config;
  return isJsonObject(found) ? found : {};
}

/** Where a piece of text begins, as a finding would say it. */
function placeOf(file: string, text: string, piece: string): string {
  const before = text.slice(0, text.indexOf(piece));
  const lines = before.split("\n");
  return `${file}:${lines.length}:${(lines.at(-1) ?? "").length + 1}`;
}

describe("defaults of the project", () => {
  const defaults = `${PROJECT}defaults:
  failover: { speed: { ttl: 40s, loopWait: 5s, retryTimeout: 10s } }
  postgresql: { parameters: { work_mem: 16MB, jit: false } }
  dcs: { onOutage: read-only }
`;

  test("hold for a cluster that says nothing else", async () => {
    const { cluster, said } = await compile(defaults, CLUSTER);
    expect(said).toEqual([]);
    expect(cluster?.dcs).toMatchObject({ ttl: 40, loop_wait: 5, failsafe_mode: false });
    expect(parametersOf(cluster)).toMatchObject({ work_mem: "16MB", jit: false });
  });

  test("give way key by key, and to a word or a null as to a map", async () => {
    const own = `${CLUSTER}failover: { speed: fast }\npostgresql: { parameters: { work_mem: 8MB, jit: null } }\n`;
    const { cluster, said } = await compile(defaults, own);
    expect(said).toEqual([]);
    expect(cluster?.dcs).toMatchObject({ ttl: 20, loop_wait: 5, failsafe_mode: false });
    expect(parametersOf(cluster)).toMatchObject({ work_mem: "8MB" });
    expect(parametersOf(cluster)).not.toHaveProperty("jit");
  });

  test("are named as the place of what is wrong with them, and not where the cluster overrides it", async () => {
    const wrong = edit(defaults, "16MB", "16");
    const { said } = await compile(edit(wrong, "work_mem: 16", "work_mem: 16XB"), CLUSTER);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(
      `${placeOf("quorate.yaml", defaults, "16MB")} QUO014: work_mem is "16XB"`,
    );
    const budget = edit(defaults, "retryTimeout: 10s", "retryTimeout: 20s");
    const timing = await compile(budget, CLUSTER);
    expect(timing.said[0]).toContain(placeOf("quorate.yaml", budget, "{ ttl: 40s"));
    expect((await compile(budget, `${CLUSTER}failover: { speed: fast }\n`)).said).toEqual([]);
  });

  test("cannot say what is one cluster's own", async () => {
    const { said } = await compile(`${PROJECT}defaults: { cluster: pay }\n`, CLUSTER);
    expect(said[0]).toContain("QUO002: unknown key cluster in defaults");
  });

  test("may hold what every cluster must say", async () => {
    const bare = edit(edit(CLUSTER, 'patroni: "4.1"\n', ""), "durability: sync\n", "");
    const { cluster, said } = await compile(
      `${PROJECT}defaults: { patroni: "4.1", durability: sync }\n`,
      bare,
    );
    expect(said).toEqual([]);
    expect(cluster?.dcs["synchronous_mode"]).toBe("quorum");
  });
});

describe("defaults of a site", () => {
  const site = edit(
    CLUSTER,
    "    nodes:\n",
    '    defaults: { restPort: 8009, dataDir: "/data/{cluster}", confirms: false }\n    nodes:\n',
  );
  const some = edit(site, "{ name: pay-1,", "{ confirms: true, restPort: 8010, name: pay-1,");
  const two = edit(some, "{ name: pay-2,", "{ confirms: true, name: pay-2,");

  test("hold for its nodes, and a node's own word wins", async () => {
    const { cluster } = await compile(PROJECT, two);
    const [first, second] = ["pay-1", "pay-2"].map((node) => configOf(cluster, node));
    expect(valueAt(first ?? {}, ["restapi", "connect_address"])).toBe("10.1.1.1:8010");
    expect(valueAt(second ?? {}, ["restapi", "connect_address"])).toBe("10.1.1.2:8009");
    expect(valueAt(second ?? {}, ["postgresql", "data_dir"])).toBe("/data/pay");
    expect(valueAt(second ?? {}, ["tags", "nosync"])).toBeUndefined();
    expect(valueAt(configOf(cluster, "pay-3"), ["tags", "nosync"])).toBe(true);
  });

  test("are named as the place of a clash", async () => {
    const clash = edit(two, "restPort: 8009", "restPort: 5432");
    const { said } = await compile(PROJECT, clash);
    expect(said[0]).toBe(
      `${placeOf("clusters/pay.yaml", clash, "5432")} QUO005: PostgreSQL, the REST API and the DCS need ports of their own on pay-2`,
    );
  });
});
