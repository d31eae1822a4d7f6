import fc from "fast-check";
import { expect, test } from "vitest";
import { renderCluster } from "../../src/compiler/render-cluster.ts";
import type { Diagnostic } from "../../src/core/diagnostic.ts";
import { digestOfText } from "../../src/core/digest.ts";
import { parseInstant, type Instant } from "../../src/core/instant.ts";
import type { ProjectFiles } from "../../src/core/ports.ts";
import { compileProject, openCompiler } from "../../src/pipeline/compile-project.ts";
import {
  readStoredFile,
  restoreRemembered,
  storedIdentities,
  storeFile,
  storeRemembered,
} from "../../src/pipeline/remembered-store.ts";
import type { Remembered } from "../../src/pipeline/remembered.ts";
import { runProject, type Visit } from "../../src/pipeline/run-project.ts";
import { CLUSTER, edit, memoryProject, PROJECT } from "../support/memory-project.ts";

type Texts = Readonly<Record<string, string>>;

/** The nth cluster of the project: all alike, but for what must be their own. */
function cluster(n: number): string {
  return CLUSTER.replaceAll("pay", `pay${n}`).replaceAll("10.1.1.", `10.1.${n}.`);
}

const FAR = `  far:
    kind: etcd3
    voters:
      - { name: far-1, site: dr, address: 10.8.0.1 }
      - { name: far-2, site: dr, address: 10.8.0.2 }
      - { name: far-3, site: dr, address: 10.8.0.3 }
nodes:`;

const FIRST: Texts = {
  "quorate.yaml": `${edit(PROJECT, "nodes:", FAR)}defaults: { dcs: { use: main } }\n`,
  ...Object.fromEntries([1, 2, 3, 4].map((n) => [`clusters/c${n}.yaml`, cluster(n)])),
};

/** A site that makes a second cluster of a file. */
const DR_SITE = `  - name: dr
    role: dr
    dcs: { use: far }
    nodes:
      - { name: dr-1, address: 10.8.1.1 }
      - { name: dr-2, address: 10.8.1.2 }
durability`;

const PAUSE = "maintenance: { pause: { owner: me, reason: work, until: 2026-12-01T12:00Z } }";
/** Before, during and after the month in which that pause may be. */
const [SPRING, NOON, NEW_YEAR] = ["2026-03-01T12:00Z", "2026-11-22T12:00Z", "2027-01-01T00:00Z"]
  .map(parseInstant)
  .flatMap((instant) => (instant.ok ? [instant.value] : []));

/** What a run says, what it leaves behind, and how much it compiled for that. */
interface Outcome {
  readonly said: {
    readonly found: readonly Diagnostic[];
    readonly hasErrors: boolean;
    readonly clusters: number;
  };
  /** Rendered files by path; undefined: there was an error, so nothing is written. */
  readonly rendered: ReadonlyMap<string, string> | undefined;
  readonly leases: ReadonlyMap<string, string>;
  readonly remember: Remembered | undefined;
  readonly compiled: number;
}

/** A run against an output folder, of which it recognises what it knows. */
async function runOver(
  files: ProjectFiles,
  disk: ReadonlyMap<string, string>,
  remembered: Remembered | undefined,
  now: Instant | undefined = NOON,
): Promise<Outcome> {
  let compiled = 0;
  let [rendered, leases] = [new Map<string, string>(), new Map<string, string>()];
  const begin = (): Visit => {
    [rendered, leases] = [new Map(), new Map()];
    return async ({ name, lease, output, render }) => {
      leases.set(name, lease);
      const manifest = disk.get(`${name}/manifest.json`);
      if (
        output !== undefined &&
        manifest !== undefined &&
        digestOfText(manifest) === output.manifest
      ) {
        for (const path of output.paths)
          rendered.set(`${name}/${path}`, disk.get(`${name}/${path}`) ?? "");
        return output;
      }
      const made = await render();
      for (const { path, text } of made) rendered.set(path, text);
      const paths = made.map(({ path }) => path.slice(name.length + 1));
      return { paths, manifest: digestOfText(made.at(-1)?.text ?? ""), stamp: undefined };
    };
  };
  const open: Parameters<typeof runProject>[1]["open"] = async (given) => {
    const compiler = await openCompiler(given, now === undefined ? {} : { now });
    const compile: typeof compiler.compile = (file, text) => {
      compiled += 1;
      return compiler.compile(file, text);
    };
    return { ...compiler, compile, render: (made) => renderCluster(made, "1.2.3") };
  };
  const run = await runProject(files, { open, begin, remembered });
  const { found, hasErrors, clusters, remember } = run;
  return {
    said: { found, hasErrors, clusters },
    rendered: hasErrors ? undefined : rendered,
    leases: hasErrors ? new Map() : leases,
    remember,
    compiled,
  };
}

function stored(remember: Remembered | undefined): Remembered | undefined {
  return remember === undefined ? undefined : restoreRemembered(storeRemembered(remember));
}

const NOBODY: ReadonlyMap<string, string> = new Map();

test("a run says what compiling the project says", async () => {
  const files = memoryProject(FIRST);
  const { said } = await runOver(files, NOBODY, undefined);
  const { found, clusters, hasErrors } = await compileProject(files);
  expect(said).toEqual({ found, hasErrors, clusters: clusters.length });
});

test("a run with nothing changed compiles nothing, and one with a changed file that one", async () => {
  const first = await runOver(memoryProject(FIRST), NOBODY, undefined);
  expect(first.compiled).toBe(4);
  const disk = first.rendered ?? NOBODY;
  const second = await runOver(memoryProject(FIRST), disk, stored(first.remember));
  expect({ ...second, remember: undefined }).toEqual({
    ...first,
    compiled: 0,
    remember: undefined,
  });
  const changed = { ...FIRST, "clusters/c2.yaml": edit(cluster(2), "sync", "majority") };
  const third = await runOver(memoryProject(changed), disk, stored(second.remember));
  expect(third.compiled).toBe(1);
  expect(third.rendered).toEqual(
    (await runOver(memoryProject(changed), NOBODY, undefined)).rendered,
  );
});

test("what is found by the time is looked for every time, and nothing else", async () => {
  const texts = put(FIRST, 3, "durability", `${PAUSE}\ndurability`);
  const first = await runOver(memoryProject(texts), NOBODY, undefined);
  expect(first.said).toMatchObject({ hasErrors: false, found: [] });
  const remembered = stored(first.remember);
  const disk = first.rendered ?? NOBODY;
  const later = await runOver(memoryProject(texts), disk, remembered, NEW_YEAR);
  expect(later.said).toMatchObject({ hasErrors: true, found: [{ rule: "QUO057" }] });
  expect(later.compiled).toBe(1);
  const before = await runOver(memoryProject(texts), disk, remembered, SPRING);
  expect(before.said).toMatchObject({ hasErrors: false, found: [{ rule: "QUO057" }] });
});

test("every cluster of a file is remembered", async () => {
  const texts = put(FIRST, 2, "durability", DR_SITE);
  const first = await runOver(memoryProject(texts), NOBODY, undefined);
  expect(first.said).toMatchObject({ hasErrors: false, clusters: 5 });
  expect([...first.leases.keys()]).toEqual(["pay1", "pay2", "pay2-dr", "pay3", "pay4"]);
  const disk = new Map(first.rendered);
  const again = await runOver(memoryProject(texts), disk, stored(first.remember));
  expect({ ...again, remember: undefined }).toEqual({ ...first, compiled: 0, remember: undefined });
  disk.delete("pay2-dr/manifest.json");
  const lost = await runOver(memoryProject(texts), disk, stored(first.remember));
  expect(lost.compiled).toBe(1);
  expect(lost.rendered).toEqual(first.rendered);
});

test("what is lost from the output is compiled again, once", async () => {
  const { rendered = NOBODY, remember } = await runOver(memoryProject(FIRST), NOBODY, undefined);
  const disk = new Map([...rendered].filter(([path]) => !path.startsWith("pay3/")));
  const again = await runOver(memoryProject(FIRST), disk, stored(remember));
  expect(again.compiled).toBe(1);
  expect(again.rendered).toEqual(rendered);
});

test("a file with the stamp that is remembered is not read, one without a stamp is", async () => {
  const reads: string[] = [];
  const stamps = new Map([1, 2, 3, 4].map((n) => [`clusters/c${n}.yaml`, `stamp ${n}`]));
  const memory = memoryProject(FIRST);
  const files: ProjectFiles = {
    ...memory,
    read: (path) => {
      reads.push(path);
      return memory.read(path);
    },
    stamp: (path) => stamps.get(path),
  };
  const first = await runOver(files, NOBODY, undefined);
  reads.length = 0;
  stamps.set("clusters/c2.yaml", "another");
  stamps.delete("clusters/c3.yaml");
  const second = await runOver(files, first.rendered ?? NOBODY, stored(first.remember));
  expect(reads.filter((path) => path.startsWith("clusters/"))).toEqual([
    "clusters/c2.yaml",
    "clusters/c3.yaml",
  ]);
  expect(second.said).toEqual(first.said);
  expect(rememberedStamp(second.remember, "clusters/c2.yaml")).toBe("another");
  expect(rememberedStamp(second.remember, "clusters/c3.yaml")).toBeUndefined();
});

function rememberedStamp(remember: Remembered | undefined, file: string): string | undefined {
  const known = remember?.files.get(file);
  return known === undefined ? "nothing is remembered" : readStoredFile(known).stamp;
}

test("a file that changes between two looks at it is taken as it is in the end", async () => {
  const memory = memoryProject(FIRST);
  const first = await runOver(memory, NOBODY, undefined);
  // Risky, so that what is said changes, too.
  const later = edit(
    cluster(1),
    "durability: sync",
    "durability: sync\nfailover: { order: [pay1-2] }",
  );
  let looks = 0;
  const restless: ProjectFiles = {
    list: (folder) => memory.list(folder),
    read: (path) => {
      if (path !== "clusters/c1.yaml") return memory.read(path);
      looks += 1;
      return looks === 1 ? memory.read(path) : memoryProject({ [path]: later }).read(path);
    },
  };
  // Its output is gone, so that it is read a second time, to be compiled.
  const run = await runOver(restless, NOBODY, stored(first.remember));
  const settled = await runOver(
    memoryProject({ ...FIRST, "clusters/c1.yaml": later }),
    NOBODY,
    undefined,
  );
  expect(run.rendered).toEqual(settled.rendered);
  expect(run.said).toEqual(settled.said);
  expect(run.said.found).toHaveLength(1);
});

test("what stands in a store is refused when it is something else", () => {
  const head = '{"shared":[],"found":[]}';
  expect(restoreRemembered(head)).toEqual({ shared: [], found: [], files: new Map() });
  for (const text of [
    "",
    "null",
    "{}",
    "[1]",
    '{"shared":[{}],"found":[]}',
    `${head}\nclusters/a.yaml`,
  ])
    expect(restoreRemembered(text), text).toBeUndefined();
});

test("names with signs of the store's own are not remembered, all others are", () => {
  const text = digestOfText("");
  const known = {
    text,
    stamp: "1",
    found: [],
    clusters: [{ name: "a", lease: "{}", output: undefined }],
  };
  for (const name of ["a b", "a,b", '"', "\\t"]) {
    const output = { paths: [name, "manifest.json"], manifest: text, stamp: "2" };
    const line =
      storeFile({ ...known, clusters: [{ name, lease: "{}", output }] }, [name]) ?? fail();
    expect(readStoredFile(line).clusters).toEqual([{ name, lease: "{}", output }]);
    expect(storedIdentities(line)).toEqual([name]);
  }
  for (const name of ["\t", "a\nb", "a\0b", "é", "\u{1F418}"]) {
    const output = { paths: [name, "manifest.json"], manifest: text, stamp: "2" };
    expect(
      storeFile({ ...known, clusters: [{ name: "a", lease: "{}", output }] }, []),
      name,
    ).toBeUndefined();
    expect(storeFile(known, [name, "b"]), name).toBeUndefined();
    const files = new Map([[name, storeFile(known, []) ?? fail()]]);
    const kept = restoreRemembered(storeRemembered({ shared: [], found: [], files }));
    expect(kept?.files.size, name).toBe(0);
  }
});

test("what was found is remembered to the letter", () => {
  const at = { file: "clusters/\u{1F418}.yaml", line: 1, col: 2 };
  const message = 'é\t\n\0"\\ \u{1F418} \u2028';
  const found: readonly Diagnostic[] = [
    { rule: "QUO017", severity: "warn", message, at, hint: "é" },
  ];
  const known = { text: digestOfText(""), stamp: undefined, found, clusters: [] };
  const line = storeFile(known, []) ?? fail();
  const text = storeRemembered({ shared: [], found, files: new Map([["a", line]]) });
  expect(text).toMatch(/^[\0\t\n -~]*$/);
  const kept = restoreRemembered(text);
  expect(kept?.found).toEqual(found);
  expect(readStoredFile(kept?.files.get("a") ?? fail())).toEqual(known);
});

function fail(): never {
  throw new Error("a plain name was not remembered");
}

/** What somebody may do to a project between two runs: right, risky and wrong. */
const EDITS: readonly ((texts: Texts, n: number) => Texts)[] = [
  (texts) => texts,
  (_texts) => FIRST,
  (texts, n) => put(texts, n, "durability: sync", "durability: majority"),
  (texts, n) => put(texts, n, "version: 1", "# said again\nversion: 1"),
  // Risky: the order cannot be kept.
  (texts, n) =>
    put(texts, n, "durability: sync", `durability: sync\nfailover: { order: [pay${n}-2] }`),
  // Wrong: an unknown key, a tier that does not exist, text that is no YAML.
  (texts, n) => put(texts, n, "version: 1", "version: 1\nowners: me"),
  (texts, n) => put(texts, n, "durability: sync", "durability: snyc"),
  (texts, n) => put(texts, n, "version: 1", "version: [1"),
  // Two clusters claim the same.
  (texts, n) => put(texts, n, `cluster: pay${n}`, "cluster: pay4"),
  (texts, n) => put(texts, n, `10.1.${n}.1 `, "10.1.4.1 "),
  (texts, n) => put(texts, n, `pay${n}-3`, "pay4-3"),
  // A second cluster in the same file, and one that ends.
  (texts, n) => put(texts, n, "durability", DR_SITE),
  (texts, n) => put(texts, n, "durability", `${PAUSE}\ndurability`),
  (texts, n) => put(texts, n, PAUSE, "owner: nobody"),
  // Files come, go and change places.
  (texts, n) => without(texts, `clusters/c${n}.yaml`),
  (texts, n) => ({ ...texts, [`clusters/a${n}.yaml`]: cluster(n + 10) }),
  (texts, n) => ({ ...texts, [`clusters/a${n}.yaml`]: cluster(n) }),
  (texts) => ({ ...texts, "clusters/c1.yaml": cluster(2), "clusters/c2.yaml": cluster(1) }),
  // What all share changes: another voter's port, an even number of voters, nonsense.
  (texts) => shared(texts, "10.1.0.1 }", "10.1.0.1, port: 2380 }"),
  (texts) => shared(texts, "      - { name: etcd-3, site: bj, address: 10.1.0.3 }\n", ""),
  (texts) => shared(texts, "kind: etcd3", "kind: paper"),
  (texts) => shared(texts, "defaults: {", "defaults: { failover: { speed: fast },"),
  (texts) => shared(texts, "defaults: {", "defaults: { failover: { speed: warp },"),
  (texts) => ({ ...texts, "policies/tiers/sync.yaml": `${SYNC}# said again\n` }),
  (texts) => ({ ...texts, "policies/tiers/sync.yaml": edit(SYNC, "300", "301") }),
  (texts) => ({ ...texts, "policies/tiers/sync.yaml": edit(SYNC, "loss: none", "loss: some") }),
];

const SYNC = `tier: sync
promise: { loss: none, copies: 2, withoutStandby: continue }
set:
  - dcs:
      synchronous_mode: true
      synchronous_node_count: "\${quorum.count}"
      primary_start_timeout: 300
`;

function put(texts: Texts, n: number, from: string, to: string): Texts {
  const file = `clusters/c${n}.yaml`;
  const text = texts[file];
  return text === undefined ? texts : { ...texts, [file]: text.replace(from, to) };
}

function shared(texts: Texts, from: string, to: string): Texts {
  return { ...texts, "quorate.yaml": (texts["quorate.yaml"] ?? "").replace(from, to) };
}

function without(texts: Texts, file: string): Texts {
  return Object.fromEntries(Object.entries(texts).filter(([path]) => path !== file));
}

const step = fc.record({
  edit: fc.constantFrom(...EDITS),
  n: fc.integer({ min: 1, max: 4 }),
  now: fc.constantFrom(SPRING, NOON, NOON, NOON, NEW_YEAR),
});

test("whatever is changed between runs, one that remembers says and renders what one that does not would", async () => {
  const seen = { sound: 0, broken: 0, spared: 0, risky: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 7 }), async (steps) => {
      let texts = FIRST;
      let disk: ReadonlyMap<string, string> = NOBODY;
      let remembered: Remembered | undefined;
      for (const { edit: change, n, now } of steps) {
        texts = change(texts, n);
        const cold = await runOver(memoryProject(texts), NOBODY, undefined, now);
        const warm = await runOver(memoryProject(texts), disk, stored(remembered), now);
        expect(warm.said).toEqual(cold.said);
        expect(warm.rendered).toEqual(cold.rendered);
        expect(warm.leases).toEqual(cold.leases);
        disk = warm.rendered ?? disk;
        remembered = warm.remember ?? remembered;
        seen[warm.rendered === undefined ? "broken" : "sound"] += 1;
        if (warm.compiled < cold.compiled) seen.spared += 1;
        if (!cold.said.hasErrors && cold.said.found.length > 0) seen.risky += 1;
      }
    }),
    { numRuns: 120 },
  );
  // All kinds were there.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
}, 120_000);
