import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { err, ok } from "../../src/core/result.ts";
import { asNobody, makeFifo, scratchFolder } from "./scratch.ts";
import { compareFolder, writeFolder } from "./written-folder.ts";

const nothingDone = (reason: string): object => err({ reason, replaced: 0, removed: 0 });

function manifestOf(cluster: string, ...paths: readonly string[]): string {
  return JSON.stringify({ cluster, files: Object.fromEntries(paths.map((path) => [path, "x"])) });
}

const PAY = [
  { path: "pay/dcs.yaml", text: "ttl: 30\n" },
  { path: "pay/nodes/pay-1/patroni.yml", text: "name: pay-1\n" },
  { path: "pay/manifest.json", text: manifestOf("pay", "dcs.yaml", "nodes/pay-1/patroni.yml") },
];

/** Every file and link below a folder, with the text of files. */
function contentOf(folder: string): Readonly<Record<string, string>> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        const text = entry.isFile() ? readFileSync(path, "utf8") : "(no file)";
        return [path.slice(folder.length + 1), text];
      }),
  );
}

test("a folder is made to hold the files, and is then left alone", async () => {
  const folder = join(scratchFolder(), "a/rendered");
  expect(await writeFolder(folder, PAY)).toMatchObject({ value: { length: 3 } });
  expect(contentOf(folder)).toEqual(Object.fromEntries(PAY.map(({ path, text }) => [path, text])));
  expect(await compareFolder(folder, PAY)).toEqual(ok([]));
  expect(await writeFolder(folder, PAY)).toEqual(ok([]));
});

test("a file of the same length that differs is seen", async () => {
  const folder = scratchFolder({ "pay/dcs.yaml": "ttl: 31\n" });
  expect(await compareFolder(folder, PAY.slice(0, 1))).toEqual(
    ok([{ path: "pay/dcs.yaml", kind: "different" }]),
  );
});

test("only files that Quorate could have written are removed, whatever a manifest lists", async () => {
  const kept = {
    "old/notes.txt": "mine",
    "old/l/d/passwd": "mine",
    "old/nodes/a/b/patroni.yml": "mine",
    "old/nodes/a/patroni.service.d/own.conf": "mine",
    "web/manifest.json": JSON.stringify({ name: "an app", files: { "dcs.yaml": "x" } }),
    "web/dcs.yaml": "mine",
    "half/manifest.json": '{ "cluster": "half"',
  };
  const folder = scratchFolder({
    ...kept,
    "old/manifest.json": manifestOf(
      "old",
      "dcs.yaml",
      "nodes/a/patroni.yml",
      "nodes/a/secrets.env.example",
      "nodes/a/patroni.service.d/quorate.conf",
      "nodes/a/patroni.service.d/own.conf",
      "notes.txt",
      "l/d/passwd",
      "nodes/../patroni.yml",
      "nodes/a/b/patroni.yml",
      "../web/dcs.yaml",
      "/etc/passwd",
      ".",
    ),
    "old/dcs.yaml": "",
    "old/patroni.yml": "mine",
    "old/nodes/a/patroni.yml": "",
    "old/nodes/a/secrets.env.example": "",
    "old/nodes/a/patroni.service.d/quorate.conf": "",
  });
  expect(await writeFolder(folder, [])).toMatchObject({ value: { length: 5 } });
  expect(contentOf(folder)).toEqual({ ...kept, "old/patroni.yml": "mine" });
});

test("a link on the way to a stale file is refused, and what it leads to stays", async () => {
  const victim = scratchFolder({ "x/patroni.yml": "theirs" });
  const folder = scratchFolder({
    "old/manifest.json": manifestOf("old", "nodes/x/patroni.yml"),
  });
  symlinkSync(victim, join(folder, "old/nodes"));
  const before = contentOf(folder);
  expect(await writeFolder(folder, PAY)).toEqual(nothingDone("old/nodes: it is a link"));
  expect(contentOf(folder)).toEqual(before);
  expect(contentOf(victim)).toEqual({ "x/patroni.yml": "theirs" });
});

test("a cluster's folder that is a link is neither written through nor cleaned", async () => {
  const victim = scratchFolder({ "manifest.json": manifestOf("pay", "dcs.yaml"), "dcs.yaml": "" });
  const before = contentOf(victim);
  const folder = scratchFolder();
  symlinkSync(victim, join(folder, "pay"));
  expect(await writeFolder(folder, [])).toEqual(ok([]));
  expect(await writeFolder(folder, PAY)).toEqual(nothingDone("pay: it is a link"));
  expect(await compareFolder(folder, PAY)).toEqual(err("pay: it is a link"));
  expect(contentOf(victim)).toEqual(before);
});

test.each(["link", "folder", "FIFO"])(
  "a %s in the place of a file is said before anything is written",
  async (kind) => {
    const victim = scratchFolder({ "dcs.yaml": "theirs" });
    const folder = scratchFolder({ "pay/manifest.json": "{}" });
    const place = join(folder, "pay/nodes/pay-1/patroni.yml");
    mkdirSync(join(folder, "pay/nodes/pay-1"), { recursive: true });
    if (kind === "link") symlinkSync(join(victim, "dcs.yaml"), place);
    else if (kind === "folder") mkdirSync(place);
    else makeFifo(place);
    const before = contentOf(folder);
    const what = kind === "FIFO" ? "no regular file" : `a ${kind}`;
    expect(await writeFolder(folder, PAY)).toEqual(
      nothingDone(`pay/nodes/pay-1/patroni.yml: it is ${what}`),
    );
    expect(contentOf(folder)).toEqual(before);
    expect(contentOf(victim)).toEqual({ "dcs.yaml": "theirs" });
  },
);

test("when one file cannot be written nothing is replaced, removed or left behind", async () => {
  const folder = scratchFolder({
    "pay/nodes/pay-1/patroni.yml": "name: old\n",
    "old/manifest.json": manifestOf("old", "dcs.yaml"),
    "old/dcs.yaml": "",
  });
  const before = contentOf(folder);
  const writable = [folder, join(folder, "pay"), join(folder, "old")];
  for (const path of writable) chmodSync(path, 0o777);
  const closed = join(folder, "pay/nodes/pay-1");
  chmodSync(closed, 0o555);
  expect(await asNobody(() => writeFolder(folder, PAY))).toEqual(
    nothingDone("pay/nodes/pay-1/patroni.yml: EACCES"),
  );
  chmodSync(closed, 0o755);
  expect(contentOf(folder)).toEqual(before);
  expect(readdirSync(folder).toSorted()).toEqual(["old", "pay"]);
});

test("stale files go before the manifest is replaced, and what was done is counted", async () => {
  const old = manifestOf("pay", "dcs.yaml", "nodes/gone/patroni.yml");
  const folder = scratchFolder({
    "pay/manifest.json": old,
    "pay/nodes/gone/patroni.yml": "",
  });
  for (const path of [folder, join(folder, "pay"), join(folder, "pay/nodes")])
    chmodSync(path, 0o777);
  chmodSync(join(folder, "pay/nodes/gone"), 0o555);
  expect(await asNobody(() => writeFolder(folder, PAY))).toEqual(
    err({ reason: "pay/nodes/gone/patroni.yml: EACCES", replaced: 2, removed: 0 }),
  );
  const { "pay/manifest.json": manifest, ...rest } = contentOf(folder);
  expect(manifest).toBe(old);
  expect(Object.keys(rest).toSorted()).toEqual([
    "pay/dcs.yaml",
    "pay/nodes/gone/patroni.yml",
    "pay/nodes/pay-1/patroni.yml",
  ]);
  chmodSync(join(folder, "pay/nodes/gone"), 0o777);
  expect(await asNobody(() => compareFolder(folder, PAY))).toMatchObject({
    value: [{ path: "pay/manifest.json" }, { kind: "stale" }],
  });
  writeFileSync(join(folder, "pay/nodes/gone/patroni.yml"), "");
  expect(await writeFolder(folder, PAY)).toMatchObject({ ok: true });
  expect(await compareFolder(folder, PAY)).toEqual(ok([]));
});
