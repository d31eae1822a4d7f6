import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isSettled, stampFile, stampFiles, type FileStamp } from "../../src/adapters/file-stamp.ts";
import { makeFifo, scratchFolder } from "./scratch.ts";

const FILES = {
  "dcs.yaml": "ttl: 30\n",
  "nodes/a/patroni.yml": "name: a\n",
  "nodes/a/service.d/quorate.conf": "[Service]\n",
  "nodes/b/patroni.yml": "name: b\n",
  "manifest.json": "{}",
};
const PATHS = Object.keys(FILES);

/** Waits until the clock that files are stamped with has moved on. */
function tick(folder: string): void {
  const probe = join(folder, "probe");
  const stampNow = (): number | undefined => {
    writeFileSync(probe, "");
    return stampFile(probe)?.changedMs;
  };
  const before = stampNow();
  while (stampNow() === before);
  rmSync(probe);
}

test("a stamp stays as long as nothing changes", () => {
  const folder = scratchFolder(FILES);
  const stamp = stampFiles(folder, PATHS);
  tick(scratchFolder());
  expect(stampFiles(folder, PATHS)).toEqual(stamp);
  expect(stamp?.text).toBeTruthy();
});

test.each<readonly [string, (folder: string) => void]>([
  [
    "another text of the same length",
    (folder) => writeFileSync(join(folder, "dcs.yaml"), "ttl: 31\n"),
  ],
  [
    "another text, and the times put back",
    (folder) => {
      const file = join(folder, "nodes/b/patroni.yml");
      writeFileSync(file, "name: c\n");
      utimesSync(file, 1000, 1000);
    },
  ],
  [
    "another file in its place",
    (folder) => {
      writeFileSync(join(folder, "new"), "ttl: 30\n");
      renameSync(join(folder, "new"), join(folder, "dcs.yaml"));
    },
  ],
  [
    "another folder in the place of a node's",
    (folder) => {
      renameSync(join(folder, "nodes/b"), join(folder, "elsewhere"));
      mkdirSync(join(folder, "nodes/b"));
      renameSync(join(folder, "elsewhere/patroni.yml"), join(folder, "nodes/b/patroni.yml"));
    },
  ],
  [
    "a link in the place of a node's folder",
    (folder) => {
      renameSync(join(folder, "nodes/b"), join(folder, "elsewhere"));
      symlinkSync("../elsewhere", join(folder, "nodes/b"));
    },
  ],
])("%s gives another stamp", (_what, change) => {
  const folder = scratchFolder(FILES);
  const before = stampFiles(folder, PATHS);
  tick(scratchFolder());
  change(folder);
  expect(stampFiles(folder, PATHS)?.text).not.toBe(before?.text);
});

test.each<readonly [string, (folder: string) => void]>([
  ["a file that is gone", (folder) => rmSync(join(folder, "nodes/a/patroni.yml"))],
  ["a folder that is gone", (folder) => rmSync(join(folder, "nodes"), { recursive: true })],
  ["a link to a file", (folder) => link(folder, "dcs.yaml")],
  ["a link to the folder of the nodes", (folder) => link(folder, "nodes")],
  ["a link to a folder below a node's", (folder) => link(folder, "nodes/a/service.d")],
  [
    "a FIFO",
    (folder) => {
      rmSync(join(folder, "dcs.yaml"));
      makeFifo(join(folder, "dcs.yaml"));
    },
  ],
])("%s has no stamp", (_what, change) => {
  const folder = scratchFolder(FILES);
  change(folder);
  expect(stampFiles(folder, PATHS)).toBeUndefined();
});

function link(folder: string, path: string): void {
  renameSync(join(folder, path), join(folder, "elsewhere"));
  symlinkSync(join(folder, "elsewhere"), join(folder, path));
}

function isSettledAfter(stamp: FileStamp, ms: number): boolean {
  return isSettled(stamp, 1_000_000 + ms);
}

test("what has just changed is not settled, and where the clock counts seconds not for seconds", () => {
  const fine = { text: "", changedMs: 1_000_000.25 };
  const coarse = { text: "", changedMs: 1_000_000 };
  expect([0, 10, 21, 3001].map((ms) => isSettledAfter(fine, ms))).toEqual([
    false,
    false,
    true,
    true,
  ]);
  expect([0, 21, 2999, 3001].map((ms) => isSettledAfter(coarse, ms))).toEqual([
    false,
    false,
    false,
    true,
  ]);
  // A clock that was put back, or another machine's that is ahead.
  expect(isSettledAfter(fine, -1000)).toBe(false);
});

test("a file on a file system whose times nobody vouches for has no stamp", () => {
  expect(readFileSync("/proc/version", "utf8")).not.toBe("");
  expect(stampFile("/proc/version")).toBeUndefined();
  expect(stampFiles("/proc", ["version"])).toBeUndefined();
});
