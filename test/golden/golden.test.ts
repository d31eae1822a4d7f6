import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { MANIFEST, renderCluster } from "../../src/compiler/render-cluster.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { diagnosticsText } from "../../src/report/diagnostics-report.ts";
import { memoryProject } from "../support/memory-project.ts";

const FOLDER = "test/golden";
const names = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const project = readFileSync(`${FOLDER}/quorate.yaml`, "utf8");

test("there are golden cases", () => {
  expect(names.length).toBeGreaterThanOrEqual(6);
});

describe.each(names)("%s", (name) => {
  const folder = `${FOLDER}/${name}`;
  const intent = readFileSync(`${folder}/cluster.yaml`, "utf8");
  const own = `${folder}/quorate.yaml`;
  const compiling = compileProject(
    memoryProject({
      "quorate.yaml": existsSync(own) ? readFileSync(own, "utf8") : project, 
      "clusters/cluster.yaml": intent,
    }),
  );

  test("says what is wrong or risky", async () => {
    const { found } = await compiling;
    const text = found.length === 0 ? "nothing\n" : `${diagnosticsText(found)}\n`;
    await expect(text).toMatchFileSnapshot(`${folder.slice(FOLDER.length + 1)}/diagnostics.txt`);
  });

  test("compiles to these files", async () => {
    const { clusters, hasErrors } = await compiling;
    expect(clusters.length).toBe(hasErrors ? 0 : 1);
    for (const cluster of clusters)
      for (const { path, text } of renderCluster(cluster, "0.0.0"))
        // The manifest is digests of the others: nobody can review it.
        if (!path.endsWith(MANIFEST))
          await expect(text).toMatchFileSnapshot(`${name}/${path.slice(path.indexOf("/") + 1)}`);
  });
});
