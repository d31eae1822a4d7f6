import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import type { CompiledCluster } from "../../src/compiler/compiled-cluster.ts";
import { renderCluster } from "../../src/compiler/render-cluster.ts";
import { isJsonObject, type Json, type JsonObject } from "../../src/core/json.ts";
import type { ProjectFiles } from "../../src/core/ports.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { KNOWN_PATRONI_LINES } from "../../src/patroni/version.ts";
import { CLUSTER, edit, memoryProject, PROJECT, projectWith } from "../support/memory-project.ts";
import { shuffled } from "../support/shuffled.ts";

const TWO_SITES = edit(
  edit(CLUSTER, "role: primary", "role: peer"),
  "      - { name: pay-3",
  "  - name: sh\n    role: peer\n    nodes:\n      - { name: pay-3",
);

const RESTORE = "postgresql: { restore: { command: cp /a/%f %p } }";

async function compiled(files: ProjectFiles): Promise<CompiledCluster> {
  const { clusters, found } = await compileProject(files);
  const [cluster] = clusters;
  const errors = found.filter(({ severity }) => severity === "error");
  if (cluster === undefined || errors.length > 0) throw new Error(JSON.stringify(found));
  return cluster;
}

const withLines = (lines: string, cluster = CLUSTER): Promise<CompiledCluster> =>
  compiled(projectWith(`${cluster}${lines}\n`));

function at(document: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = document;
  for (const key of path.split(".")) value = isJsonObject(value) ? value[key] : undefined;
  return value;
}

function nodeOf(cluster: CompiledCluster, name: string): CompiledCluster["nodes"][number] {
  const node = cluster.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`no ${name}`);
  return node;
}

describe("every section", () => {
  const text = readFileSync("test/golden/every-section/cluster.yaml", "utf8");
  const project = readFileSync("test/golden/quorate.yaml", "utf8");
  const bytesOf = async (cluster: string): Promise<string> => {
    const files = memoryProject({ "quorate.yaml": project, "clusters/1.yaml": cluster });
    return renderCluster(await compiled(files), "1")
      .map((file) => `${file.path}\n${file.text}`)
      .join("\n");
  };

  test("compiles to the same bytes for any order of keys", async () => {
    const wanted = await bytesOf(text);
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        async (stream) => {
          const random = (): number => stream.next().value ?? 0;
          expect(await bytesOf(stringify(shuffled(parse(text), random)))).toBe(wanted);
        },
      ),
      { numRuns: 30 },
    );
  });
});

const timeout = async (lines: string, cluster = TWO_SITES): Promise<Json | undefined> =>
  at((await withLines(lines, cluster)).dcs, "postgresql.parameters.wal_sender_timeout");
const link = (more: string): string => `links: [{ between: [bj, sh], ${more} }]`;

describe("a silent standby", () => {
  test.each([
    { name: "nearby gets the tier's 10 s", lines: link("rtt: 10ms"), want: "10s" },
    { name: "behind a far link gets 20 s", lines: link("rtt: 11ms"), want: "20s" },
    {
      name: "behind a link that fails gets 30 s where the lease is longer",
      lines: `failover: { speed: patient }\n${link("reliable: false")}`,
      want: "30s",
    },
    { name: "never gets as much as the lease", lines: link("reliable: false"), want: "20s" },
    {
      name: "gets no more than the tier's where the lease is short",
      lines: `failover: { speed: fast }\n${link("rtt: 11ms")}`,
      want: "10s",
    },
    {
      name: "gets what the intent says",
      lines: `${link("rtt: 11ms")}\npostgresql: { parameters: { Wal_Sender_Timeout: 15s } }`,
      want: "15s",
    },
  ])("$name", async ({ lines, want }) => {
    expect(await timeout(lines)).toBe(want);
  });

  test("does not matter where no commit waits", async () => {
    const cluster = edit(TWO_SITES, "durability: sync", "durability: async");
    expect(await timeout(link("rtt: 40ms"), cluster)).toBeUndefined();
  });

  test("does not matter behind a link that no commit crosses", async () => {
    const cluster = edit(TWO_SITES, "name: pay-3,", "name: pay-3, confirms: false,");
    expect(await timeout(link("rtt: 40ms"), cluster)).toBe("10s");
  });
});

const rates = async (lines: string): Promise<readonly (Json | undefined)[]> =>
  (await withLines(lines, TWO_SITES)).nodes.map(({ config }) =>
    at(config, "postgresql.basebackup.max-rate"),
  );

describe("a copy", () => {
  test("has no limit where nothing is known", async () => {
    expect(await rates("links: [{ between: [bj, sh], rtt: 1ms }]")).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("takes half of the site's slowest link to other nodes", async () => {
    const lines = "links: [{ between: [bj, sh], bandwidth: 200Mbit }]";
    expect(await rates(lines)).toEqual(["12207k", "12207k", "12207k"]);
  });

  test("does not care for a link to a site without nodes", async () => {
    const witness = TWO_SITES.replace("durability", "  - { name: gz, role: witness }\ndurability");
    const project = PROJECT.replace("name: etcd-3, site: bj", "name: etcd-3, site: gz");
    const files = memoryProject({
      "quorate.yaml": project,
      "clusters/1.yaml": `${witness}links: [{ between: [bj, gz], bandwidth: 1Mbit }]\n`,
    });
    expect(at((await compiled(files)).nodes[0]?.config ?? {}, "postgresql.basebackup")).toBe(
      undefined,
    );
  });

  test("takes what is written, and no more than pg_basebackup can", async () => {
    expect(await rates("rejoin: { joinRate: 100MiB/s }")).toEqual([
      "102400k",
      "102400k",
      "102400k",
    ]);
    const lines = "links: [{ between: [bj, sh], bandwidth: 40Gbit }]";
    expect(new Set(await rates(lines))).toEqual(new Set(["1048576k"]));
  });
});

describe("slots", () => {
  const slot = "slots: { cdc: { type: logical, database: pay, plugin: pgoutput } }";

  test("bring wal_level along, and make room for themselves", async () => {
    const { dcs } = await withLines(slot, edit(CLUSTER, "durability: sync", "durability: sync"));
    expect(at(dcs, "postgresql.parameters.wal_level")).toBe("logical");
    expect(at(dcs, "postgresql.parameters.max_replication_slots")).toBe(11);
    expect(at((await withLines("")).dcs, "postgresql.parameters.wal_level")).toBeUndefined();
  });

  test("that are null must not be there", async () => {
    const { dcs, absent } = await withLines("slots: { old: null }");
    expect(absent).toContainEqual(["slots", "old"]);
    expect(dcs["slots"]).toBeUndefined();
  });
});

const nodeFiles = (cluster: CompiledCluster): readonly unknown[] =>
  renderCluster(cluster, "1").filter(({ path }) => path.includes("/nodes/"));

describe("a pause", () => {
  const pause = "maintenance: { pause: { owner: dba, reason: work, until: 2026-12-01 } }";

  test("stands in the dynamic configuration, and not in what a new cluster begins with", async () => {
    const cluster = await withLines(pause);
    expect(cluster.dcs["pause"]).toBe(true);
    for (const { config } of cluster.nodes)
      expect(at(config, "bootstrap.dcs")).toEqual({
        ...cluster.dcs,
        pause: undefined,
      });
  });

  test("changes no node's file", async () => {
    expect(nodeFiles(await withLines(pause))).toEqual(nodeFiles(await withLines("")));
  });

  test("that nobody declares must not be there", async () => {
    expect((await withLines("")).absent).toContainEqual(["pause"]);
    expect((await withLines(pause)).absent).not.toContainEqual(["pause"]);
  });
});

describe("overrides", () => {
  test("are stronger than the tier and than the intent", async () => {
    const { dcs, settings } = await withLines(
      "postgresql: { parameters: { work_mem: 8MB } }\noverrides: { dcs: { primary_start_timeout: 60, postgresql: { parameters: { Work_Mem: 16MB } } } }",
    );
    expect(dcs["primary_start_timeout"]).toBe(60);
    expect(at(dcs, "postgresql.parameters")).toMatchObject({ work_mem: "16MB" });
    const overridden = settings.filter(({ rank }) => rank === "overrides");
    expect(overridden.map(({ because, at: place }) => `${place.line} ${because}`)).toEqual([
      "14 overrides.dcs.primary_start_timeout",
      "14 overrides.dcs.postgresql.parameters.Work_Mem",
    ]);
  });

  test("remove with null", async () => {
    const { dcs, absent, nodes } = await withLines(
      "logging: { level: error }\noverrides: { dcs: { primary_start_timeout: null }, node: { log: { level: null, file_num: 3 } } }",
    );
    expect(dcs["primary_start_timeout"]).toBeUndefined();
    expect(absent).toContainEqual(["primary_start_timeout"]);
    expect(nodes[0]?.config["log"]).toEqual({ file_num: 3 });
  });

  test("merge into a node's file, those of one node over those of all, and change its revision", async () => {
    const plain = await withLines("");
    const cluster = await withLines(
      "overrides: { node: { log: { level: ERROR, file_num: 3 } }, nodes: { pay-2: { log: { level: DEBUG } } } }",
    );
    expect(nodeOf(cluster, "pay-1").config["log"]).toEqual({ level: "ERROR", file_num: 3 });
    expect(nodeOf(cluster, "pay-2").config["log"]).toEqual({ level: "DEBUG", file_num: 3 });
    expect(nodeOf(cluster, "pay-1").revision).not.toBe(nodeOf(plain, "pay-1").revision);
    expect(at(nodeOf(cluster, "pay-1").config, "tags.quorate_rev")).toBe(
      nodeOf(cluster, "pay-1").revision,
    );
  });

  test("stand out in the file that they change, and cannot end the comment there", async () => {
    const cluster = await withLines(
      'overrides: { dcs: { max_timelines_history: 5 }, nodes: { pay-2: { log: { static_fields: { "a\\nb": x } } } } }',
    );
    const files = renderCluster(cluster, "1");
    const overridden = files.filter(({ text }) => text.includes("# From overrides:"));
    expect(overridden.map(({ path, text }) => `${path}: ${text.split("\n")[1] ?? ""}`)).toEqual([
      "pay/dcs.yaml: # From overrides: max_timelines_history.",
      "pay/nodes/pay-2/patroni.yml: # From overrides: log.static_fields.a?b.",
    ]);
  });
});

const hosts = async (kind: string): Promise<Json | undefined> => {
  const quorate = edit(PROJECT, "kind: etcd3\n", `kind: ${kind}\n`).replace(
    "address: 10.1.0.3 }",
    "address: 10.1.0.3, port: 99 }",
  );
  const files = memoryProject({ "quorate.yaml": quorate, "clusters/1.yaml": CLUSTER });
  return at((await compiled(files)).nodes[0]?.config ?? {}, `${kind}.hosts`);
};

describe("a DCS of each kind", () => {
  const kinds = [
    ["etcd3", ""],
    ["etcd", ""],
    ["consul", "    tls: { ca: /etc/ca.crt, certificate: /etc/c.crt, key: /etc/c.key }\n"],
    ["zookeeper", "    tls: { ca: /etc/ca.crt, certificate: /etc/c.crt, key: /etc/c.key }\n"],
  ] as const;

  test.each(
    kinds.flatMap(([kind, keys]) => KNOWN_PATRONI_LINES.map((line) => ({ kind, keys, line }))),
  )(
    "$kind passes the table of Patroni $line, and is the only one",
    async ({ kind, keys, line }) => {
      const files = memoryProject({
        "quorate.yaml": edit(PROJECT, "kind: etcd3\n", `kind: ${kind}\n${keys}`),
        "clusters/1.yaml": edit(CLUSTER, '"4.1"', `"${line}"`),
      });
      for (const { config } of (await compiled(files)).nodes) {
        const sections = kinds.map(([name]) => name).filter((name) => config[name] !== undefined);
        expect(sections).toEqual([kind]);
      }
    },
  );

  test("has its own port unless a voter says otherwise", async () => {
    expect(await hosts("etcd")).toEqual(["10.1.0.1:2379", "10.1.0.2:2379", "10.1.0.3:99"]);
    expect(await hosts("zookeeper")).toEqual(["10.1.0.1:2181", "10.1.0.2:2181", "10.1.0.3:99"]);
  });
});

const serviceOf = async (lines: string): Promise<CompiledCluster["nodes"][number]["service"]> =>
  nodeOf(await withLines(lines), "pay-1").service;

describe("the unit of a node", () => {
  test("gives Patroni two loops, PostgreSQL its time, and 30 s", async () => {
    expect(await serviceOf("")).toMatchObject({ stopSeconds: 60 + 20 + 30 });
    expect(
      await serviceOf(
        "failover: { speed: fast }\noverrides: { dcs: { primary_stop_timeout: 60 } }",
      ),
    ).toMatchObject({ stopSeconds: 60 + 10 + 30 });
  });

  test("owns the device, and loads the kernel's own only where that has this name", async () => {
    expect(await serviceOf("")).toMatchObject({
      watchdogDevice: "/dev/watchdog",
      mayLoadSoftdog: true,
    });
    expect(await serviceOf("fencing: { device: /dev/watchdog1 }")).toMatchObject({
      watchdogDevice: "/dev/watchdog1",
      mayLoadSoftdog: false,
    });
    expect(await serviceOf("fencing: { watchdog: off }")).toMatchObject({
      watchdogDevice: undefined,
    });
  });
});

const tags = async (cluster: string): Promise<Json | undefined> =>
  nodeOf(await withLines(RESTORE, cluster), "pay-3").config["tags"];

describe("a node that does not stream", () => {
  test("neither leads nor confirms unless it says that it leads", async () => {
    const quiet = edit(CLUSTER, "name: pay-3,", "name: pay-3, stream: false,");
    const bold = edit(CLUSTER, "name: pay-3,", "name: pay-3, stream: false, promotable: true,");
    expect(await tags(quiet)).toMatchObject({ nostream: true, nofailover: true, nosync: true });
    expect(await tags(bold)).not.toHaveProperty("nofailover");
  });
});
