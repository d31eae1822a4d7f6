import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { replaceFile } from "../../src/adapters/replace-file.ts";
import { createCertificateAuthority } from "../../src/adapters/certificate-authority.ts";
import { SANDBOX_CA_NAME, writeSandboxFiles } from "../../src/cli/sandbox-files.ts";
import { err, ok } from "../../src/core/result.ts";
import { makeFifo, scratchFolder } from "./scratch.ts";

const ENDPOINTS = [{ cluster: "pay", node: "pay-1", url: "https://127.0.0.1:1" }];

test("a file is made or replaced whole, with its mode, and nothing stays beside it", async () => {
  const root = scratchFolder({ old: "old" });
  for (const name of ["old", "new"])
    expect(await replaceFile(join(root, name), "text", 0o600)).toEqual(ok(undefined));
  expect(readdirSync(root).toSorted()).toEqual(["new", "old"]);
  for (const name of ["old", "new"]) {
    expect(readFileSync(join(root, name), "utf8")).toBe("text");
    expect(statSync(join(root, name)).mode & 0o777).toBe(0o600);
  }
});

test("a link, a folder and a FIFO stay what they are", async () => {
  const root = scratchFolder({ target: "theirs" });
  symlinkSync("target", join(root, "link"));
  mkdirSync(join(root, "folder"));
  makeFifo(join(root, "fifo"));
  const before = readdirSync(root);
  expect(await replaceFile(join(root, "link"), "x")).toEqual(err("it is a link"));
  expect(await replaceFile(join(root, "folder"), "x")).toEqual(err("it is a folder"));
  expect(await replaceFile(join(root, "fifo"), "x")).toEqual(err("it is no regular file"));
  expect(await replaceFile(join(root, "no/file"), "x")).toEqual(err("ENOENT"));
  expect(readdirSync(root)).toEqual(before);
  expect(readFileSync(join(root, "target"), "utf8")).toBe("theirs");
});

test.each([
  ["a project file", "version: 1\n"],
  ["an endpoints file that a person wrote", '{ "formatVersion": 1, "nodes": {} }'],
])("the sandbox replaces and removes no file but its own: %s stays", async (_title, text) => {
  const file = join(scratchFolder({ "quorate.yaml": text }), "quorate.yaml");
  expect(await writeSandboxFiles(file, ENDPOINTS, undefined)).toEqual(
    err(`${file} is not replaced: no sandbox wrote it`),
  );
  expect(readFileSync(file, "utf8")).toBe(text);
});

test("a CA that a person put beside the endpoints file stays", async () => {
  const { caPem } = await createCertificateAuthority("our own");
  const root = scratchFolder({ "e.json.ca.pem": caPem });
  const file = join(root, "e.json");
  expect(await writeSandboxFiles(file, ENDPOINTS, "ca")).toEqual(
    err(`${file}.ca.pem is not replaced: no sandbox wrote it`),
  );
  expect(readdirSync(root)).toEqual(["e.json.ca.pem"]);
  expect(readFileSync(`${file}.ca.pem`, "utf8")).toBe(caPem);
});

test("what an earlier sandbox left behind is replaced, and removed in the end", async () => {
  const root = scratchFolder();
  const file = join(root, "e.json");
  const { caPem } = await createCertificateAuthority(SANDBOX_CA_NAME);
  expect(await writeSandboxFiles(file, [], caPem)).toMatchObject({ ok: true });
  const second = await writeSandboxFiles(file, ENDPOINTS, caPem);
  expect(readdirSync(root).toSorted()).toEqual(["e.json", "e.json.ca.pem"]);
  if (second.ok) await second.value.remove();
  expect(readdirSync(root)).toEqual([]);
});
