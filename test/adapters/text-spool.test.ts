import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { openTextSpool, type Spooled } from "../../src/adapters/text-spool.ts";
import { scratchFolder } from "./scratch.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

function useTemporaryFolder(): string {
  const folder = scratchFolder();
  vi.stubEnv("TMPDIR", folder);
  return folder;
}

const MEGABYTE = 1024 * 1024;

test("what goes in comes out, in any order, whether it fits into memory or not", () => {
  useTemporaryFolder();
  const text = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.string({ unit: "grapheme", maxLength: 30 }),
    fc.nat({ max: 3 * MEGABYTE }).map((length) => "é".repeat(length / 2)),
  );
  const groups = fc.array(fc.array(text, { maxLength: 4 }), { maxLength: 8 });
  fc.assert(
    fc.property(groups, fc.infiniteStream(fc.nat()), (all, order) => {
      const spool = openTextSpool();
      const kept: (readonly [readonly string[], Spooled])[] = all.map((texts) => [
        texts,
        spool.add(texts),
      ]);
      for (const place of order.take(kept.length)) {
        const [texts, spooled] = kept[place % kept.length] ?? [[], spool.add([])];
        expect(spool.read(spooled).map((bytes) => Buffer.from(bytes).toString())).toEqual(texts);
      }
      spool.close();
    }),
    { numRuns: 60 },
  );
});

test("its file has no name", () => {
  const folder = useTemporaryFolder();
  const spool = openTextSpool();
  const all = Array.from({ length: 5 }, (_, index) => spool.add([String(index).repeat(MEGABYTE)]));
  expect(readdirSync(folder)).toEqual([]);
  const [first] = all;
  expect(first && spool.read(first)[0]?.[0]).toBe("0".charCodeAt(0));
  spool.close();
});

test("without a folder for temporary files memory must do", () => {
  vi.stubEnv("TMPDIR", join(scratchFolder(), "nowhere"));
  const spool = openTextSpool();
  const all = Array.from({ length: 5 }, (_, index) => spool.add([String(index).repeat(MEGABYTE)]));
  const read = all.map((spooled) => String.fromCharCode(spool.read(spooled)[0]?.[0] ?? 0));
  expect(read).toEqual(["0", "1", "2", "3", "4"]);
  spool.close();
});
