import { describe, expect, test } from "vitest";
import type { Diagnostic } from "../../src/core/diagnostic.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { memoryProject } from "../support/memory-project.ts";
import {
  INDEPENDENT_MISTAKES,
  WITHOUT_MISTAKES,
  type Written,
} from "./independent-mistakes-table.ts";

async function errorsOf({ project, cluster }: Written): Promise<readonly string[]> {
  const files = { "quorate.yaml": project, "clusters/1.yaml": cluster };
  const { found } = await compileProject(memoryProject(files));
  return found.filter(({ severity }) => severity === "error").map((one) => said(one, files));
}

/** A finding with the text of its place: another mistake before it may move it. */
function said({ at, rule, message }: Diagnostic, files: Readonly<Record<string, string>>): string {
  const line = files[at.file]?.split("\n")[at.line - 1] ?? "";
  return `${at.file} ^${line.slice(at.col - 1).trim()}^ ${rule}: ${message}`;
}

function written(names: readonly string[]): Written {
  let text = WITHOUT_MISTAKES;
  for (const { name, make } of INDEPENDENT_MISTAKES) if (names.includes(name)) text = make(text);
  return text;
}

const NAMES = INDEPENDENT_MISTAKES.map(({ name }) => name);
const PAIRS = NAMES.flatMap((name, index) =>
  NAMES.slice(index + 1).map((other) => [name, other] as const),
);
/** Mistakes that lie `step` apart in the table, so that every stage meets every other one. */
const MANY = [1, 3, 5].flatMap((step) =>
  NAMES.map((_, start) =>
    [0, 1, 2, 3].map((turn) => NAMES[(start + turn * step) % NAMES.length] ?? ""),
  ),
);

describe("mistakes that have nothing to do with each other", { timeout: 120_000 }, () => {
  test("are none in the file without mistakes", async () => {
    expect(await errorsOf(WITHOUT_MISTAKES)).toEqual([]);
  });

  test.each(INDEPENDENT_MISTAKES)("$name is one mistake", async ({ name }) => {
    expect(await errorsOf(written([name]))).toHaveLength(1);
  });

  test("are all found at once, and nothing else is: two of them", async () => {
    expect(PAIRS.length).toBeGreaterThan(150);
    expect(await differences(PAIRS)).toEqual([]);
  });

  test("are all found at once, and nothing else is: four of them", async () => {
    expect(await differences(MANY)).toEqual([]);
  });

  test("are all found at once: every one there is", async () => {
    expect(await differences([NAMES])).toEqual([]);
  });
});

/** Mending exactly what is shown leaves nothing: what is shown of all together is what is shown of each. */
async function differences(groups: readonly (readonly string[])[]): Promise<readonly object[]> {
  const alone = new Map<string, readonly string[]>();
  for (const name of NAMES) alone.set(name, await errorsOf(written([name])));
  const different: object[] = [];
  for (const names of groups) {
    const together = await errorsOf(written(names));
    const wanted = names.flatMap((name) => alone.get(name) ?? []);
    const hidden = wanted.filter((one) => !together.includes(one));
    const added = together.filter((one) => !wanted.includes(one));
    if (hidden.length + added.length > 0) different.push({ names, hidden, added });
  }
  return different;
}
