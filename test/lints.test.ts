import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

/** One row of docs/lints.md: its number, what becomes of the mistake, and the test that shows it. */
interface Row {
  readonly number: string;
  readonly outcome: string;
  readonly shown: string;
}

const SECTIONS = readFileSync("docs/lints.md", "utf8").split(/^## /m).slice(1);

function rowsOf(section: string): readonly Row[] {
  return section
    .split("\n")
    .filter((line) => /^\| \d/.test(line))
    .map((line) => {
      const cells = line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim());
      return { number: cells[0] ?? "", outcome: cells.at(-2) ?? "", shown: cells.at(-1) ?? "" };
    });
}

const numbers = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => String(index + 1));

describe("docs/lints.md", () => {
  test("has every row of both lists once, in order", () => {
    const [patroni = "", incidents = ""] = SECTIONS;
    const wanted = numbers(54).flatMap((number) => (number === "19" ? ["19", "19b"] : [number]));
    expect(rowsOf(patroni).map(({ number }) => number)).toEqual(wanted);
    expect(rowsOf(incidents).map(({ number }) => number)).toEqual(numbers(38));
  });

  test.each(SECTIONS.flatMap(rowsOf).filter(({ outcome }) => !/^(?:open|none)/.test(outcome)))(
    "row $number: $outcome",
    ({ shown }) => {
      const match = /^`([^`]+)` ?(.*)$/.exec(shown);
      expect(match, `"${shown}" names a test`).not.toBe(null);
      const text = readFileSync(match?.[1] ?? "", "utf8");
      expect(text).toContain((match?.[2] ?? "").trim());
    },
  );

  test("names only codes that docs/diagnostics.md explains", () => {
    const explained = readFileSync("docs/diagnostics.md", "utf8");
    const codes = SECTIONS.join("").match(/QUO\d{3}/g) ?? [];
    expect(codes.length).toBeGreaterThan(30);
    expect(codes.filter((code) => !explained.includes(code))).toEqual([]);
  });
});
