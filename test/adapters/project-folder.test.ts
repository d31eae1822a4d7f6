import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectFolder } from "../../src/adapters/project-folder.ts";
import { err, ok } from "../../src/core/result.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { asNobody, makeFifo, scratchFolder } from "./scratch.ts";

function unreadable(path: string, reason: string): object {
  return { path, failure: { kind: "unreadable", reason } };
}

test("every file below a folder is listed, sorted, and a folder that does not exist is empty", async () => {
  const files = projectFolder(
    scratchFolder({ "clusters/b.yaml": "", "clusters/a/c.yaml": "", "clusters/a.yaml": "" }),
  );
  expect(await files.list("clusters")).toEqual({
    files: ["clusters/a.yaml", "clusters/a/c.yaml", "clusters/b.yaml"],
    failures: [],
  });
  expect(await files.list("policies/tiers")).toEqual({ files: [], failures: [] });
});

test("a sub-folder that may not be read is a failure, not an empty folder", async () => {
  const root = scratchFolder({ "clusters/a.yaml": "", "clusters/eu/b.yaml": "" });
  chmodSync(join(root, "clusters/eu"), 0);
  expect(await asNobody(() => projectFolder(root).list("clusters"))).toEqual({
    files: ["clusters/a.yaml"],
    failures: [unreadable("clusters/eu", "EACCES")],
  });
  chmodSync(join(root, "clusters/eu"), 0o755);
});

test("a folder that is a file, and one above it that may not be searched, are failures", async () => {
  const root = scratchFolder({ clusters: "", "policies/tiers/sync.yaml": "" });
  expect((await projectFolder(root).list("clusters")).failures).toEqual([
    unreadable("clusters", "it is no folder"),
  ]);
  chmodSync(join(root, "policies"), 0);
  expect((await asNobody(() => projectFolder(root).list("policies/tiers"))).failures).toEqual([
    unreadable("policies/tiers", "EACCES"),
  ]);
  chmodSync(join(root, "policies"), 0o755);
});

test("a link to a folder is refused at every level, one that leads nowhere and one to itself too", async () => {
  const root = scratchFolder({ "clusters/a.yaml": "", "shared/tiers/sync.yaml": "" });
  symlinkSync("../shared", join(root, "clusters/eu"));
  symlinkSync("nowhere", join(root, "clusters/us"));
  symlinkSync("loop", join(root, "clusters/loop"));
  symlinkSync("shared", join(root, "policies"));
  expect(await projectFolder(root).list("clusters")).toEqual({
    files: ["clusters/a.yaml"],
    failures: [
      unreadable("clusters/eu", "it is a link"),
      unreadable("clusters/loop", "ELOOP"),
      unreadable("clusters/us", "it is a link that leads nowhere"),
    ],
  });
  expect(await projectFolder(root).list("policies/tiers")).toEqual({
    files: [],
    failures: [unreadable("policies", "it is a link")],
  });
});

test("a link to a file is followed inside the project and refused outside", async () => {
  const outside = scratchFolder({ "secret.yaml": "secret" });
  const root = scratchFolder({ "..odd/a.yaml": "odd", "clusters/a.yaml": "a" });
  symlinkSync("a.yaml", join(root, "clusters/b.yaml"));
  symlinkSync(join(outside, "secret.yaml"), join(root, "clusters/c.yaml"));
  const files = projectFolder(root);
  expect(await files.read("clusters/b.yaml")).toEqual(ok("a"));
  expect(await files.read("..odd/a.yaml")).toEqual(ok("odd"));
  expect(await files.read("clusters/c.yaml")).toEqual(
    err({ kind: "unreadable", reason: "it leads out of the project" }),
  );
});

test("a file has a stamp once it has settled; a link, and a file outside, has none", async () => {
  const outside = scratchFolder({ "a.yaml": "a" });
  const root = scratchFolder({ "clusters/a.yaml": "a" });
  symlinkSync("a.yaml", join(root, "clusters/b.yaml"));
  symlinkSync(outside, join(root, "elsewhere"));
  const files = projectFolder(root);
  expect(files.stamp?.("clusters/a.yaml")).toBeUndefined();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const stamp = files.stamp?.("clusters/a.yaml");
  expect(stamp).toBeTruthy();
  expect(projectFolder(root).stamp?.("clusters/a.yaml")).toBe(stamp);
  for (const path of ["clusters/b.yaml", "elsewhere/a.yaml", "clusters/none.yaml", "clusters"])
    expect(files.stamp?.(path), path).toBeUndefined();
  writeFileSync(join(root, "clusters/a.yaml"), "b");
  expect(files.stamp?.("clusters/a.yaml")).toBeUndefined();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(files.stamp?.("clusters/a.yaml")).not.toBe(stamp);
});

test("what cannot be listed or read is a finding that does not print the content", async () => {
  const root = scratchFolder({
    "quorate.yaml": Buffer.from("password: geheim\xfc", "latin1"),
    "policies/tiers/sync.yaml": Buffer.from("tier: sync", "utf16le"),
  });
  symlinkSync("/tmp", join(root, "policies/tiers/more"));
  const first = await compileProject(projectFolder(root));
  expect(first.found.map(({ at, rule, message }) => [at.file, rule, message])).toEqual([
    ["policies/tiers/more", "QUO001", "the folder cannot be read (it is a link)"],
    ["policies/tiers/sync.yaml", "QUO001", "the file cannot be read (it is not UTF-8)"],
    ["quorate.yaml", "QUO001", "the file cannot be read (it is not UTF-8)"],
  ]);
  expect(first.hasErrors).toBe(true);
});

test("a FIFO and a linked folder among the clusters are findings", async () => {
  const root = scratchFolder({ "quorate.yaml": "version: 1\ndcs: {}\n" });
  mkdirSync(join(root, "clusters"));
  makeFifo(join(root, "clusters/a.yaml"));
  symlinkSync("/tmp", join(root, "clusters/b"));
  rmSync(join(root, "quorate.yaml"));
  const files = projectFolder(root);
  expect(await files.read("clusters/a.yaml")).toEqual(err({ kind: "not-a-file" }));
  expect(await files.list("clusters")).toEqual({
    files: ["clusters/a.yaml"],
    failures: [unreadable("clusters/b", "it is a link")],
  });
});
