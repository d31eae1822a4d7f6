import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { CompiledCluster } from "../../src/compiler/compiled-cluster.ts";
import { MANIFEST } from "../../src/compiler/manifest.ts";
import { renderCluster } from "../../src/compiler/render-cluster.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { diagnosticsText } from "../../src/report/diagnostics-report.ts";
import { GOLDEN_CASES, goldenInput } from "../support/golden-input.ts";
import { memoryProject } from "../support/memory-project.ts";

/** Who may lead and confirm, as a table that can be reviewed at a glance. */
function rolesText({ resolved, topology, dcs }: CompiledCluster): string {
  const rows = resolved.nodes.map(({ name, site, promotable, confirms, upstream }) => {
    const priority = topology.priorities.get(name);
    const leads = promotable ? "leads" : "never leads";
    return [
      name,
      site,
      priority === undefined ? leads : `leads, priority ${priority}`,
      confirms ? "confirms" : "never confirms",
      upstream === undefined ? "" : `follows ${upstream}`,
    ];
  });
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const mode = JSON.stringify(dcs["synchronous_mode"]).replaceAll('"', "");
  const count = mode === "false" ? "no standby confirms" : `${topology.quorumCount} of ${topology.confirmingStandbys} standbys confirm`;
  return `tier ${resolved.tier}, synchronous_mode ${mode}: ${count} each commit\n\n${lines.join("\n")}\n`;
}

test("there are golden cases", () => {
  expect(GOLDEN_CASES.length).toBeGreaterThanOrEqual(16);
});

test("every cluster of this repository is a golden case", () => {
  const clusters = readdirSync("clusters").map((file) => file.replace(".yaml", ""));
  expect(clusters.filter((cluster) => !GOLDEN_CASES.includes(cluster))).toEqual([]);
});

describe.each(GOLDEN_CASES)("%s", (name) => {
  const { project, intent } = goldenInput(name);
  const compiling = compileProject(
    memoryProject({
      "quorate.yaml": readFileSync(project, "utf8"),
      "clusters/cluster.yaml": readFileSync(intent, "utf8"),
    }),
  );

  test("says what is wrong or risky", async () => {
    const { found } = await compiling;
    const text = found.length === 0 ? "nothing\n" : `${diagnosticsText(found)}\n`;
    await expect(text).toMatchFileSnapshot(`${name}/diagnostics.txt`);
  });

  test("compiles to these files", async () => {
    const { clusters, hasErrors } = await compiling;
    expect(clusters.length === 0).toBe(hasErrors);
    for (const cluster of clusters) {
      // Where an intent gives several clusters, each has its folder.
      const own = clusters.length === 1 ? name : `${name}/${cluster.resolved.name}`;
      await expect(rolesText(cluster)).toMatchFileSnapshot(`${own}/roles.txt`);
      for (const { path, text } of renderCluster(cluster, "0.0.0"))
        // The manifest is digests of the others: nobody can review it.
        if (!path.endsWith(MANIFEST))
          await expect(text).toMatchFileSnapshot(`${own}/${path.slice(path.indexOf("/") + 1)}`);
    }
  });
});
