import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { CompiledCluster } from "../../src/compiler/compiled-cluster.ts";
import type { Span } from "../../src/core/diagnostic.ts";
import { isJsonObject, type Json, type JsonObject } from "../../src/core/json.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import {
  explainCluster,
  explainNodeFiles,
  type Explanation,
} from "../../src/pipeline/explain-cluster.ts";
import { explainKey } from "../../src/pipeline/explain-key.ts";
import { GOLDEN_CASES, goldenInput } from "../support/golden-input.ts";
import { memoryProject } from "../support/memory-project.ts";

interface Input {
  readonly name: string;
  readonly project: string;
  readonly intent: string;
}

const FLEET: readonly Input[] = readdirSync("clusters").map((file) => ({
  name: `clusters/${file}`,
  project: "quorate.yaml",
  intent: `clusters/${file}`,
}));
const INPUTS: readonly Input[] = [
  ...GOLDEN_CASES.map((name) => ({ name: `golden ${name}`, ...goldenInput(name) })),
  ...FLEET,
];

/** An intent that is to be refused gives no cluster, and has nothing to explain. */
async function compile({ project, intent }: Input): Promise<readonly CompiledCluster[]> {
  const { clusters } = await compileProject(
    memoryProject({
      "quorate.yaml": readFileSync(project, "utf8"),
      "clusters/it.yaml": readFileSync(intent, "utf8"),
    }),
  );
  return clusters;
}

/** Every value of a document that is no map, with its path. */
function leavesOf(value: JsonObject, prefix = ""): readonly (readonly [string, Json])[] {
  return Object.entries(value).flatMap(([key, field]): readonly (readonly [string, Json])[] =>
    isJsonObject(field) && Object.keys(field).length > 0
      ? leavesOf(field, `${prefix}${key}.`)
      : [[`${prefix}${key}`, field]],
  );
}

function valuesOf(explanations: readonly Explanation[]): ReadonlyMap<string, Json | undefined> {
  return new Map(explanations.map(({ key, setBy }) => [key, setBy?.value]));
}

describe("explain knows every value", () => {
  test.each(INPUTS)("of the documents of $name, and where it comes from", async (input) => {
    for (const cluster of await compile(input)) {
      expect(valuesOf(explainCluster(cluster))).toEqual(new Map(leavesOf(cluster.dcs)));
      const files = explainNodeFiles(cluster);
      for (const { name, config } of cluster.nodes) {
        const { bootstrap, ...rest } = config;
        const { dcs: _dcs, ...once } = isJsonObject(bootstrap) ? bootstrap : {};
        const wanted = leavesOf({ ...rest, bootstrap: once });
        const own = files.filter(({ nodes }) => nodes.includes(name));
        expect(valuesOf(own), name).toEqual(new Map(wanted));
      }
    }
  });

  test("of most of what is in the repository", async () => {
    const compiled = await Promise.all(INPUTS.map((input) => compile(input)));
    expect(compiled.flat().length).toBeGreaterThan(25);
  });

  test.each(FLEET)("of $name by its own key, line by line", async (input) => {
    for (const cluster of await compile(input))
      for (const [key, value] of leavesOf(cluster.dcs)) {
        const found = explainKey(cluster, key);
        expect(found.ok && found.value[0]?.setBy?.value, key).toEqual(value);
        if (!key.startsWith("postgresql.pg_")) continue;
        const lines = found.ok ? (found.value[0]?.lines ?? []) : [];
        expect(lines.map(({ text }) => text)).toEqual(value);
      }
  });

  test("and puts a line of pg_hba down to the place that lets it in", async () => {
    const [cluster] = await compile({
      name: "orders",
      project: "quorate.yaml",
      intent: "clusters/orders.yaml",
    });
    const [hba] = cluster === undefined ? [] : explainCluster(cluster).filter(isHba);
    const find = (network: string) => hba?.lines.find(({ text }) => text.includes(network));
    expect(hba?.effect).toBe("reload");
    expect(find("10.10.1.12/32")).toMatchObject({ rank: "intent", because: "address" });
    for (const network of ["10.0.0.0/8", "10.200.0.0/24"]) {
      expect(find(network)).toMatchObject({ rank: "project", at: { file: "quorate.yaml" } });
      expect(textAt(find(network)?.at).startsWith(network)).toBe(true);
    }
  });
});

function isHba({ key }: Explanation): boolean {
  return key === "postgresql.pg_hba";
}

/** What stands at a place of a file of this repository, to the end of its line. */
function textAt({ file, line, col }: Span = { file: "quorate.yaml", line: 1, col: 1 }): string {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines[line - 1]?.slice(col - 1) ?? "";
}
