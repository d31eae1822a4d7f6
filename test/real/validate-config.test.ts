import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { programEnvironment } from "../../src/lab/lab-programs.ts";

const scratch = mkdtempSync(join(tmpdir(), "quorate-validate-"));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

const NodeFile = z.object({
  bootstrap: z.object({
    pg_hba: z.unknown().optional(),
    dcs: z.object({ synchronous_mode: z.unknown().optional() }),
  }),
});
const Verdict = z.object({ file: z.string(), code: z.number(), lines: z.array(z.string()) });

/** The node files of this repository and of all golden cases: what Patroni is started with. */
const FILES = ["rendered", "test/golden"]
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith("patroni.yml"))
      .map((file) => resolve(folder, file)),
  )
  .toSorted();

interface Exception {
  readonly release: string;
  readonly line: string;
  readonly applies: (file: z.infer<typeof NodeFile>) => boolean;
}

/** What a release gets wrong about a right file, by name; each was seen on the real program. */
const EXCEPTIONS: readonly Exception[] = [
  // 3.0 demands what counts only at the very first start; the lines of the DCS document replace it.
  {
    release: "3.0",
    line: "bootstrap.pg_hba  is not defined.",
    applies: ({ bootstrap }) => bootstrap.pg_hba === undefined,
  },
  // Runs quorum mode, and its validator does not know it (mended in 4.1.5).
  {
    release: "4.0",
    line: "bootstrap.dcs.synchronous_mode quorum is not a boolean",
    applies: ({ bootstrap }) => bootstrap.dcs.synchronous_mode === "quorum",
  },
];

/** What the validator of a release says of each file, in the order of the files. */
function validate(
  release: "3.0" | "4.0" | "4.1",
): readonly { readonly file: string; readonly lines: readonly string[] }[] {
  const { PATH, PYTHONPATH, LANG } = programEnvironment(release);
  const folders = PATH.split(":");
  const patroni = release === "3.0" ? "/usr/bin/patroni" : join(folders[0] ?? "", "patroni");
  const run = spawnSync("test/support/validate-config.sh", [scratch, patroni, ...FILES], {
    encoding: "utf8",
    env: { ...process.env, PYTHONPATH, LANG },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return run.stdout
    .trim()
    .split("\n")
    .map((line) => Verdict.parse(JSON.parse(line)))
    .map(({ file, code, lines }) => ({
      file,
      lines: code === 0 ? lines : [...lines, `exit ${code}`],
    }))
    .toSorted((a, b) => (a.file < b.file ? -1 : 1));
}

test("the files hold every kind of DCS, and a voter with an IPv6 address", () => {
  const texts = FILES.map((file) => readFileSync(file, "utf8"));
  for (const section of ["etcd3:", "etcd:", "consul:", "zookeeper:"])
    expect(texts.some((text) => text.includes(`\n${section}\n`))).toBe(true);
  expect(texts.some((text) => /\n {4}- "?\[[0-9a-f:]+\]:\d+"?\n/.test(text))).toBe(true);
});

describe.each(["3.0", "4.0", "4.1"] as const)("patroni --validate-config of %s", (release) => {
  test("passes every node file, but for what it is known to get wrong", () => {
    expect(FILES.length).toBeGreaterThanOrEqual(100);
    const wanted = FILES.map((file) => {
      const config = NodeFile.parse(parse(readFileSync(file, "utf8")));
      const known = EXCEPTIONS.filter(
        (exception) => exception.release === release && exception.applies(config),
      ).map(({ line }) => line);
      return {
        file: relative(".", file),
        lines: known.length === 0 ? [] : [...known, "exit 1"],
      };
    });
    const said = validate(release).map(({ file, lines }) => ({
      file: relative(".", file),
      lines,
    }));
    expect(said).toEqual(wanted);
  });
});
