import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderedFolder, type TextFile } from "../../src/adapters/rendered-folder.ts";
import { writeChanges } from "../../src/adapters/write-changes.ts";
import { digestOfText } from "../../src/core/digest.ts";
import type { KnownFiles } from "../../src/core/known-files.ts";
import { asNobody, scratchFolder } from "./scratch.ts";

const MANIFEST = "manifest.json";

/** The files of a cluster with a manifest that tells their digests, as the compiler writes it. */
function clusterFiles(name: string, texts: Readonly<Record<string, string>>): readonly TextFile[] {
  const files = Object.entries(texts).map(([path, text]): [string, string] => [
    path,
    digestOfText(text),
  ]);
  const manifest = JSON.stringify({ cluster: name, files: Object.fromEntries(files) });
  return Object.entries({ ...texts, [MANIFEST]: manifest }).map(([path, text]) => ({
    path: `${name}/${path}`,
    text,
  }));
}

const PAY = clusterFiles("pay", {
  "dcs.yaml": "ttl: 30\n",
  "nodes/pay-1/patroni.yml": "name: pay-1\n",
  "nodes/pay-2/patroni.yml": "name: pay-2\n",
});

/** A folder with these files, changed long ago, and what is known of them. */
function madeFolder(files: readonly TextFile[]): {
  readonly folder: string;
  readonly known: KnownFiles;
} {
  const folder = scratchFolder(Object.fromEntries(files.map(({ path, text }) => [path, text])));
  const compared = renderedFolder(folder, MANIFEST).compare("pay", files);
  if (!compared.ok) throw new Error(compared.error);
  return { folder, known: compared.value.known };
}

function recognised(folder: string, known: KnownFiles): KnownFiles | undefined {
  return renderedFolder(folder, MANIFEST).recognise("pay", known);
}

test("files are recognised by their content, and once they have settled by their stamp", async () => {
  const { folder, known } = madeFolder(PAY);
  // Just written: they could still change within the same tick of the clock.
  expect(known.stamp).toBeUndefined();
  expect(recognised(folder, known)).toEqual(known);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const settled = recognised(folder, known);
  expect(settled).toEqual({ ...known, stamp: settled?.stamp });
  expect(settled?.stamp).toBeTruthy();
  // The very same object: nothing is news.
  expect(settled && recognised(folder, settled)).toBe(settled);
  const again = renderedFolder(folder, MANIFEST).compare("pay", PAY);
  expect(again).toMatchObject({ value: { differences: [], known: settled } });
});

test("with the stamp of one folder the files of another are recognised by their content", async () => {
  const { folder, known } = madeFolder(PAY);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const settled = recognised(folder, known) ?? known;
  const copy = madeFolder(PAY).folder;
  expect(recognised(copy, settled)).toEqual({ ...settled, stamp: undefined });
});

test.each<readonly [string, (folder: string) => void]>([
  ["a file that is missing", (folder) => rmSync(join(folder, "pay/dcs.yaml"))],
  [
    "a file of the same length",
    (folder) => writeFileSync(join(folder, "pay/dcs.yaml"), "ttl: 31\n"),
  ],
  [
    "a file of the same length and times",
    (folder) => {
      writeFileSync(join(folder, "pay/dcs.yaml"), "ttl: 31\n");
      utimesSync(join(folder, "pay/dcs.yaml"), 1, 1);
    },
  ],
  [
    "a file with a manifest that fits to it",
    (folder) => {
      const forged = clusterFiles("pay", {
        "dcs.yaml": "ttl: 31\n",
        "nodes/pay-1/patroni.yml": "name: pay-1\n",
        "nodes/pay-2/patroni.yml": "name: pay-2\n",
      });
      for (const { path, text } of forged) writeFileSync(join(folder, path), text);
    },
  ],
  [
    "a node's file in the place of another one's",
    (folder) => {
      renameSync(join(folder, "pay/nodes/pay-1/patroni.yml"), join(folder, "kept"));
      renameSync(
        join(folder, "pay/nodes/pay-2/patroni.yml"),
        join(folder, "pay/nodes/pay-1/patroni.yml"),
      );
      renameSync(join(folder, "kept"), join(folder, "pay/nodes/pay-2/patroni.yml"));
    },
  ],
  ["a linked file", (folder) => link(folder, "pay/dcs.yaml")],
  ["a linked folder of nodes", (folder) => link(folder, "pay/nodes")],
  ["a linked folder of a node", (folder) => link(folder, "pay/nodes/pay-2")],
  ["a linked folder of the cluster", (folder) => link(folder, "pay")],
])("%s is not recognised", async (_what, change) => {
  const { folder, known } = madeFolder(PAY);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const settled = recognised(folder, known) ?? known;
  change(folder);
  expect(recognised(folder, settled)).toBeUndefined();
  expect(recognised(folder, { ...settled, stamp: undefined })).toBeUndefined();
});

function link(folder: string, path: string): void {
  renameSync(join(folder, path), join(folder, "elsewhere"));
  symlinkSync(join(folder, "elsewhere"), join(folder, path));
}

test("no cluster that is recognised has stale files, every other one may", () => {
  const { folder, known } = madeFolder(PAY);
  const rendered = renderedFolder(folder, MANIFEST);
  expect(rendered.recognise("pay", known)).toBeDefined();
  expect(rendered.findStale()).toEqual({ ok: true, value: [] });
  expect(renderedFolder(folder, MANIFEST).findStale()).toMatchObject({
    value: PAY.map(({ path }) => ({ path, kind: "stale" })),
  });
});

const WHOLE = {
  cluster: "pay",
  paths: PAY.map(({ path }) => path),
  texts: () => PAY.map(({ text }) => Buffer.from(text)),
};

test("the folder of a new cluster comes into its place whole, and its stamp is known", async () => {
  const folder = join(scratchFolder(), "rendered");
  const change = { folder, manifestName: MANIFEST, clusters: [WHOLE], stale: [] };
  expect(writeChanges(change)).toMatchObject({ ok: true });
  expect(readdirSync(folder)).toEqual(["pay"]);
  expect(renderedFolder(folder, MANIFEST).compare("pay", PAY)).toMatchObject({
    value: { differences: [] },
  });
  rmSync(folder, { recursive: true });
  // What is written first has settled when the last is on the disk.
  const late = {
    ...WHOLE,
    cluster: "late",
    paths: WHOLE.paths.map((path) => path.replace("pay", "late")),
    texts: () => {
      const end = Date.now() + 50;
      while (Date.now() < end);
      return WHOLE.texts();
    },
  };
  const written = writeChanges({ ...change, clusters: [WHOLE, late] });
  if (!written.ok) throw new Error(written.error.reason);
  expect([...written.value.keys()]).toEqual(["pay"]);
  const { known } = madeFolder(PAY);
  const stamped = { ...known, stamp: written.value.get("pay") };
  expect(renderedFolder(folder, MANIFEST).recognise("pay", stamped)).toBe(stamped);
});

test("when a later cluster cannot be written the new folder of an earlier one is not left behind", async () => {
  const folder = scratchFolder({ "old/dcs.yaml": "" });
  chmodSync(folder, 0o777);
  chmodSync(join(folder, "old"), 0o555);
  const old = { cluster: "old", paths: ["old/dcs.yaml"], texts: () => [Buffer.from("new")] };
  const change = { folder, manifestName: MANIFEST, clusters: [WHOLE, old], stale: [] };
  expect(await asNobody(async () => writeChanges(change))).toEqual({
    ok: false,
    error: { reason: "old/dcs.yaml: EACCES", replaced: 0, removed: 0 },
  });
  chmodSync(join(folder, "old"), 0o755);
  expect(readdirSync(folder)).toEqual(["old"]);
});

test("into a folder that appears while the texts are written the files come one by one", () => {
  const folder = scratchFolder();
  const texts = (): readonly Uint8Array[] => {
    mkdirSync(join(folder, "pay"));
    writeFileSync(join(folder, "pay/mine"), "mine");
    return WHOLE.texts();
  };
  const change = { folder, manifestName: MANIFEST, clusters: [{ ...WHOLE, texts }], stale: [] };
  expect(writeChanges(change).ok).toBe(true);
  expect(readFileSync(join(folder, "pay/mine"), "utf8")).toBe("mine");
  expect(readdirSync(folder)).toEqual(["pay"]);
  expect(renderedFolder(folder, MANIFEST).compare("pay", PAY)).toMatchObject({
    value: { differences: [] },
  });
});

test("not through a link that appears while the texts are written", () => {
  const [folder, elsewhere] = [scratchFolder(), scratchFolder({ mine: "mine" })];
  const texts = (): readonly Uint8Array[] => {
    mkdirSync(join(folder, "pay"));
    symlinkSync(elsewhere, join(folder, "pay/nodes"));
    return WHOLE.texts();
  };
  const change = { folder, manifestName: MANIFEST, clusters: [{ ...WHOLE, texts }], stale: [] };
  expect(writeChanges(change)).toMatchObject({ ok: false, error: { reason: "pay: ENOTEMPTY" } });
  expect(readdirSync(elsewhere)).toEqual(["mine"]);
  expect(readdirSync(folder)).toEqual(["pay"]);
});

test("folders that a killed run left are removed once it is over for sure, and nothing else", () => {
  const [old, young, others] = ["pay.0123456789ab.tmp", "pay.ab0123456789.tmp", "notes.tmp"];
  const folder = scratchFolder(
    Object.fromEntries([old, young, others].map((name) => [`${name}/dcs.yaml`, "ttl: 30\n"])),
  );
  for (const name of [old, others]) utimesSync(join(folder, name), 1000, 1000);
  expect(writeChanges({ folder, manifestName: MANIFEST, clusters: [WHOLE], stale: [] }).ok).toBe(
    true,
  );
  expect(readdirSync(folder).toSorted()).toEqual([others, "pay", young].toSorted());
});
