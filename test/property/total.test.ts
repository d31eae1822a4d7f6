import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { renderCluster } from "../../src/compiler/render-cluster.ts";
import { ClusterIntent } from "../../src/intent/cluster-intent.ts";
import { ProjectIntent } from "../../src/intent/project-intent.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { changed } from "../support/changed-intent.ts";
import { memoryProject } from "../support/memory-project.ts";
import { coherentProject } from "../support/project-arbitrary.ts";
import { arbitraryOf } from "../support/zod-arbitrary.ts";

/** Real intents to change: this repository's own clusters with its own project file. */
const PROJECT_TEXT = readFileSync("quorate.yaml", "utf8");
const CLUSTER_TEXTS = readdirSync("clusters").map((file) =>
  readFileSync(`clusters/${file}`, "utf8"),
);

/** The same inputs in every run; QUORATE_SEED=<number> looks at others. */
const SEED = Number(process.env["QUORATE_SEED"] ?? 20_261_122);
const LIMIT = 600_000;

interface Outcome {
  readonly outputs: number;
  readonly errors: number;
}

/** Output or findings, never an exception, and never both an error and nothing said. */
async function outcomeOf(project: string, cluster: string): Promise<Outcome> {
  const files = memoryProject({ "quorate.yaml": project, "clusters/1.yaml": cluster });
  const { clusters, found, hasErrors } = await compileProject(files);
  const rendered = clusters.flatMap((compiled) => renderCluster(compiled, "1.2.3"));
  for (const { path, text } of rendered) expect(`${path}${text}`).not.toContain("undefined");
  for (const { at, message } of found) {
    expect(at.line).toBeGreaterThan(0);
    expect(message).not.toMatch(/undefined|\[object|NaN/);
  }
  expect(hasErrors || clusters.length > 0).toBe(true);
  return { outputs: clusters.length, errors: found.length };
}

/** Runs a property and demands that both kinds of outcome came up: a test that only sees refusals proves little. */
async function holdsFor(
  inputs: fc.Arbitrary<{ readonly project: string; readonly cluster: string }>,
  runs: number,
): Promise<{ readonly compiled: number; readonly refused: number }> {
  const seen = { compiled: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(inputs, async ({ project, cluster }) => {
      const { outputs } = await outcomeOf(project, cluster);
      seen[outputs > 0 ? "compiled" : "refused"] += 1;
    }),
    { numRuns: runs, seed: SEED },
  );
  return seen;
}

const realCluster = fc.constantFrom(...CLUSTER_TEXTS);

describe("compile gives output or findings, never an exception,", () => {
  test("for generated projects", { timeout: LIMIT }, async () => {
    const inputs = fc.record({
      project: arbitraryOf(ProjectIntent).map((value) => stringify(value)),
      cluster: arbitraryOf(ClusterIntent).map((value) => stringify(value)),
    });
    const { refused } = await holdsFor(inputs, 200);
    expect(refused).toBeGreaterThan(100);
  });

  test("for generated projects whose parts belong together", { timeout: LIMIT }, async () => {
    const { compiled, refused } = await holdsFor(coherentProject, 9800);
    expect(compiled).toBeGreaterThan(2000);
    expect(refused).toBeGreaterThan(1000);
  });

  test(
    "for real ones with a few values changed to others that their types take",
    { timeout: LIMIT },
    async () => {
      const inputs = realCluster.chain((text) =>
        fc.record({
          project: fc.oneof(
            { weight: 3, arbitrary: fc.constant(PROJECT_TEXT) },
            {
              weight: 1,
              arbitrary: changed(parse(PROJECT_TEXT), ProjectIntent).map((value) =>
                stringify(value),
              ),
            },
          ),
          cluster: changed(parse(text), ClusterIntent)
            .chain((once) => fc.oneof(fc.constant(once), changed(once, ClusterIntent)))
            .map((value) => stringify(value)),
        }),
      );
      const { compiled, refused } = await holdsFor(inputs, 5000);
      expect(compiled).toBeGreaterThan(500);
      expect(refused).toBeGreaterThan(500);
    },
  );

  test("for real ones whose text was cut, doubled or spoilt", { timeout: LIMIT }, async () => {
    const inputs = realCluster.chain((text) =>
      fc
        .record({
          from: fc.nat(text.length),
          length: fc.nat(40),
          insert: fc.oneof(
            fc.constantFrom(
              "",
              "{",
              "[",
              ": ",
              "- ",
              "'",
              '"',
              "\t",
              "&a ",
              "*a ",
              "!x ",
              "\u0000",
            ),
            fc.string({ maxLength: 5 }),
          ),
        })
        .map(({ from, length, insert }) => ({
          project: PROJECT_TEXT,
          cluster: `${text.slice(0, from)}${insert}${text.slice(from + length)}`,
        })),
    );
    const { compiled, refused } = await holdsFor(inputs, 2000);
    expect(compiled).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(500);
  });
});
