import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readTextFile } from "../../src/adapters/read-text-file.ts";
import { systemSecrets } from "../../src/adapters/system-secrets.ts";
import { readEndpointsFile } from "../../src/cli/endpoints-file.ts";
import { err, ok } from "../../src/core/result.ts";
import { makeFifo, scratchFolder } from "./scratch.ts";

const notUtf8 = err({ kind: "unreadable", reason: "it is not UTF-8" });

test("a regular file is read as UTF-8, byte for byte", async () => {
  const root = scratchFolder({ a: "\u{FEFF}é€\r\n", empty: "" });
  expect(await readTextFile(join(root, "a"))).toEqual(ok("\u{FEFF}é€\r\n"));
  expect(await readTextFile(join(root, "empty"))).toEqual(ok(""));
  expect(await readTextFile(join(root, "none"))).toEqual(err({ kind: "missing" }));
});

test("what is no regular file is told apart without waiting for it", async () => {
  const root = scratchFolder();
  makeFifo(join(root, "fifo"));
  mkdirSync(join(root, "folder"));
  for (const path of [join(root, "fifo"), join(root, "folder"), "/dev/zero"])
    expect(await readTextFile(path), path).toEqual(err({ kind: "not-a-file" }));
});

test("bytes that are no UTF-8 are refused, and so is UTF-16 with and without its mark", async () => {
  const root = scratchFolder({
    latin: Buffer.from("caf\xe9", "latin1"),
    marked: Buffer.from("\u{FEFF}version: 1", "utf16le"),
    bare: Buffer.from("version: 1", "utf16le"),
  });
  for (const name of ["latin", "marked", "bare"])
    expect(await readTextFile(join(root, name)), name).toEqual(notUtf8);
});

test("a file is read up to the limit and refused above it", async () => {
  const root = scratchFolder({ at: "x".repeat(1 << 20), above: "x".repeat((1 << 20) + 1) });
  expect(await readTextFile(join(root, "at"), 1 << 20)).toMatchObject({ ok: true });
  expect(await readTextFile(join(root, "above"), 1 << 20)).toEqual(
    err({ kind: "unreadable", reason: "it is larger than 1 MiB" }),
  );
});

test("a secret and an endpoints file that are FIFOs are refused, not waited for", async () => {
  const root = scratchFolder({ secret: "word\n" });
  const fifo = join(root, "fifo");
  makeFifo(fifo);
  const secrets = systemSecrets(root, {});
  expect(await secrets.resolve({ kind: "file", path: "secret" })).toEqual(ok("word"));
  expect(await secrets.resolve({ kind: "file", path: "fifo" })).toEqual(
    err("file:fifo cannot be read (it is no regular file)"),
  );
  expect(await readEndpointsFile(fifo)).toEqual(
    err(`${fifo} cannot be read as an endpoints file (it is no regular file)`),
  );
});
