import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { renderCluster } from "../../src/compiler/render-cluster.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { memoryProject } from "../support/memory-project.ts";
import { shuffled } from "../support/shuffled.ts";

const PROJECT = readFileSync("quorate.yaml", "utf8");

async function bytesOf(project: string, cluster: string): Promise<string> {
  const files = memoryProject({ "quorate.yaml": project, "clusters/1.yaml": cluster });
  const { clusters, found } = await compileProject(files);
  expect(found.filter(({ severity }) => severity === "error")).toEqual([]);
  return clusters
    .flatMap((compiled) => renderCluster(compiled, "1.2.3"))
    .map(({ path, text }) => `${path}\n${text}`)
    .join("\n");
}

describe("the order of keys changes no byte of what is compiled", () => {
  test.each(readdirSync("clusters"))("from clusters/%s", async (file) => {
    const text = readFileSync(`clusters/${file}`, "utf8");
    const wanted = await bytesOf(PROJECT, text);
    expect(wanted.length).toBeGreaterThan(1000);
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        async (stream) => {
          const next = (): number => stream.next().value ?? 0;
          const cluster = stringify(shuffled(parse(text), next));
          const project = stringify(shuffled(parse(PROJECT), next));
          expect(await bytesOf(project, cluster)).toBe(wanted);
        },
      ),
      { numRuns: 20 },
    );
  });
});
