import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { renderCluster } from "../../src/compiler/render-cluster.ts";
import { yamlText } from "../../src/compiler/yaml-text.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { CLUSTER, edit, memoryProject, PROJECT, projectWith } from "../support/memory-project.ts";
import { shuffled } from "../support/shuffled.ts";

async function bytesOf(project: string, cluster: string): Promise<string> {
  const files = memoryProject({ "quorate.yaml": project, "clusters/1.yaml": cluster });
  const { clusters, found } = await compileProject(files);
  expect(found).toEqual([]);
  return clusters
    .flatMap((compiled) => renderCluster(compiled, "1.2.3"))
    .map(({ path, text }) => `${path}\n${text}`)
    .join("\n");
}

/** The revision of the second node. */
async function revisionOf(cluster: string): Promise<string | undefined> {
  return (await compileProject(projectWith(cluster))).clusters[0]?.nodes[1]?.revision;
}

describe("compiled output", () => {
  test("is the same bytes for any order of keys", async () => {
    const rich = `${CLUSTER}quorum: 1\nfailover: { speed: { ttl: 40s, loopWait: 5s, retryTimeout: 10s }, maxLoss: 0 }\npostgresql: { parameters: { work_mem: 8MB, max_connections: 200, jit: off } }\nlabels: { env: test, team: x }\n`;
    const wanted = await bytesOf(PROJECT, rich);
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        async (stream) => {
          const random = (): number => stream.next().value ?? 0;
          const cluster = stringify(shuffled(parse(rich), random));
          const project = stringify(shuffled(parse(PROJECT), random));
          expect(await bytesOf(project, cluster)).toBe(wanted);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("has in bootstrap.dcs exactly the dynamic configuration", async () => {
    const { clusters } = await compileProject(projectWith(CLUSTER));
    for (const { dcs, nodes } of clusters)
      for (const { config } of nodes) expect(config["bootstrap"]).toMatchObject({ dcs });
    expect(clusters).toHaveLength(1);
  });

  test("keeps a node's revision when only the dynamic configuration changes, and not when its tags do", async () => {
    const before = await revisionOf(CLUSTER);
    expect(before).toMatch(/^[0-9a-f]{12}$/);
    expect(await revisionOf(`${CLUSTER}failover: { speed: fast }\n`)).toBe(before);
    expect(await revisionOf(edit(CLUSTER, "name: pay-2", "confirms: false, name: pay-2"))).not.toBe(
      before,
    );
  });

  test("demands that a parameter written as null is not there", async () => {
    const { clusters } = await compileProject(
      projectWith(`${CLUSTER}postgresql: { parameters: { work_mem: null } }\n`),
    );
    expect(clusters[0]?.absent).toContainEqual(["postgresql", "parameters", "work_mem"]);
    expect(JSON.stringify(clusters[0]?.dcs)).not.toContain("work_mem");
  });
});

describe("the emitted YAML", () => {
  test("is read by YAML 1.2 to exactly the value that was meant", () => {
    const word = fc.oneof(
      fc.string({ maxLength: 10 }),
      fc.constantFrom("on", "no", "null", "0x1f", "1e3", "12:30", "- a", "a: b", "\u0085", ""),
    );
    const value = fc.oneof(
      word,
      fc.boolean(),
      fc.integer(),
      fc.array(word, { maxLength: 3 }),
      fc.dictionary(word, fc.array(fc.dictionary(word, word), { maxLength: 2 }), { maxKeys: 2 }),
    );
    fc.assert(
      fc.property(fc.dictionary(word, value, { maxKeys: 5 }), (document) => {
        const plain: unknown = JSON.parse(JSON.stringify(document));
        expect(parse(yamlText(document))).toEqual(plain);
      }),
      { numRuns: 2000 },
    );
  });

  test("quotes what YAML 1.1 would take for something else", () => {
    const words = {
      a: "on",
      b: "no",
      c: "017",
      d: "12:30:45",
      e: "2026-11-22",
      f: "~",
      g: "8MB",
      h: "host all all",
    };
    expect(yamlText(words)).toBe(
      'a: "on"\nb: "no"\nc: "017"\nd: "12:30:45"\ne: "2026-11-22"\nf: "~"\ng: "8MB"\nh: host all all\n',
    );
  });
});

describe("quorum auto", () => {
  test.each([
    { nodes: 2, count: 1 },
    { nodes: 3, count: 1 },
    { nodes: 4, count: 2 },
    { nodes: 5, count: 2 },
    { nodes: 7, count: 3 },
  ])(
    "of $nodes nodes waits for $count standbys: with the leader a majority",
    async ({ nodes, count }) => {
      const list = Array.from(
        { length: nodes },
        (_, index) => `      - { name: pay-${index + 1}, address: 10.1.1.${index + 1} }`,
      ).join("\n");
      const cluster = CLUSTER.replace(/ {6}- [^]*?\ndurability/, `${list}\ndurability`);
      const { clusters, found } = await compileProject(projectWith(cluster));
      expect(found).toEqual([]);
      expect(clusters[0]?.dcs["synchronous_node_count"]).toBe(count);
    },
  );
});
