import { mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findOutputFolder } from "../../src/cli/output-folder.ts";
import { err, ok } from "../../src/core/result.ts";
import { scratchFolder } from "./scratch.ts";

const RENDERED = { out: "rendered", isExplicit: false };

test("the standard folder may be a link inside the project and not out of it", async () => {
  const elsewhere = realpathSync(scratchFolder());
  const root = realpathSync(scratchFolder());
  expect(await findOutputFolder(root, RENDERED)).toEqual(ok(join(root, "rendered")));
  mkdirSync(join(root, "build"));
  symlinkSync("build", join(root, "rendered"));
  expect(await findOutputFolder(root, RENDERED)).toEqual(ok(join(root, "build")));
  const other = realpathSync(scratchFolder());
  symlinkSync(elsewhere, join(other, "rendered"));
  expect(await findOutputFolder(other, RENDERED)).toEqual(
    err("it is a link that leads out of the project; name its target with --out"),
  );
  expect(await findOutputFolder(other, { out: "rendered", isExplicit: true })).toEqual(
    ok(elsewhere),
  );
});

test("what people write is no output, by whatever way one gets there", async () => {
  const root = scratchFolder({ "clusters/a.yaml": "", "policies/tiers/sync.yaml": "" });
  symlinkSync("clusters", join(root, "l"));
  symlinkSync(root, join(root, "self"));
  const clusters = err("clusters/ holds what people write");
  const own = err("it is the project's own folder");
  const find = (out: string): Promise<object> => findOutputFolder(root, { out, isExplicit: true });
  for (const out of ["clusters", "clusters/", "l", "l/new", "x/../clusters/eu", "self/clusters"])
    expect(await find(out), out).toEqual(clusters);
  for (const out of [".", root, "self", "x/.."]) expect(await find(out), out).toEqual(own);
  expect(await find("policies/tiers")).toEqual(err("policies/ holds what people write"));
  expect(await find("clusters/a.yaml/b")).toEqual(err("it is no folder"));
  expect(await find("clusters-rendered")).toMatchObject({ ok: true });
});
