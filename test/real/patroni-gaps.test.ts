import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/core/json.ts";
import { parameterGaps, type ParameterGap } from "../../src/patroni/parameter-gap.ts";
import { readRunningVersion } from "../../src/patroni/version.ts";
import { findPostgresParameter, type PostgresParameter } from "../../src/postgres/parameter.ts";
import { checkParameterValue } from "../../src/postgres/parameter-value.ts";
import { quantityOf } from "../../src/postgres/quantity.ts";
import { valueCasesOf } from "../postgres/value-cases.ts";
import { settableRows } from "../support/parameter-rows.ts";
import { isInBuild, realPostgres } from "../support/real-postgres.ts";

const LAB_PACKAGES = process.env["QUORATE_LAB_PACKAGES"] ?? "/var/cache/quorate/lab-packages";
const PACKAGES = "usr/lib/python3/dist-packages";
/** The three releases that scripts/lab-packages.sh installs. */
const RELEASES = [
  { release: "3.0.2", packages: `/${PACKAGES}` },
  { release: "4.0.7", packages: `${LAB_PACKAGES}/patroni-4.0/${PACKAGES}` },
  { release: "4.1.5", packages: `${LAB_PACKAGES}/patroni-4.1/${PACKAGES}` },
];
const SERVERS = [13, 14, 15, 16, 17, 18].flatMap((major) => realPostgres(major) ?? []);

/** Reads [major, server's own list, [[name, value], ...]] lists, and gives what Patroni makes of each value. */
const TRANSFORM = `
import inspect, json, logging, sys
from patroni.postgresql import validator
logging.disable(logging.CRITICAL)
transform = validator.transform_postgresql_parameter_value
knows_list = len(inspect.signature(transform).parameters) == 4
if knows_list:
    from patroni.collections import CaseInsensitiveSet
def one(major, listed, name, value):
    return transform(major * 10000, name, value, *([CaseInsensitiveSet(listed)] if knows_list else []))
print(json.dumps({
    "recovery": [name.lower() for name in validator.recovery_parameters],
    "made": [[one(major, listed, *pair) for pair in pairs] for major, listed, pairs in json.load(sys.stdin)],
}))
`;

type Value = boolean | number | string;
type Fate = "same" | "dropped" | "changed";

interface Question {
  readonly major: number;
  readonly row: PostgresParameter;
  readonly value: Value;
}

test.each(RELEASES)("Patroni $release is here to be asked", ({ packages }) => {
  expect(existsSync(`${packages}/patroni/postgresql/validator.py`)).toBe(true);
});

describe.each(RELEASES)("Patroni $release", ({ release, packages }) => {
  const version = readRunningVersion(release) ?? { major: 0, minor: 0, patch: 0 };

  test("does to every parameter what the table of gaps says, and nothing else", () => {
    const questions = SERVERS.flatMap((server) =>
      settableRows(server.major)
        .filter(({ name }) => isInBuild(name, server))
        .flatMap((row) => samplesOf(row).map((value) => ({ major: server.major, row, value })))
        .filter(({ row, value }) => isWritable(row, value)),
    );
    expect(questions.length).toBeGreaterThan(600);
    expect(wrongFates(questions)).toEqual([]);
  });

  test("passes on every value that Quorate lets through", () => {
    const questions = SERVERS.flatMap(({ major }) =>
      valueCasesOf(major)
        .filter(({ verdict }) => verdict === "taken")
        .flatMap(({ name, value }): readonly Question[] => {
          const row = findPostgresParameter(name, major);
          return row === undefined ? [] : [{ major, row, value }];
        }),
    );
    expect(questions.length).toBeGreaterThan(90);
    expect(wrongFates(questions)).toEqual([]);
  });

  function wrongFates(questions: readonly Question[]): readonly string[] {
    const { made, recovery } = ask(packages, questions);
    return questions.flatMap(({ major, row, value }, index) => {
      if (recovery.includes(row.name)) return [];
      const result = made[index];
      const fate = result === null ? "dropped" : result === value ? "same" : "changed";
      const expected = fateOf(row, value, parameterGaps(row.name, major, version));
      return fate === expected ? [] : [`${major} ${row.name}=${value}: ${fate}, not ${expected}`];
    });
  }
});

function ask(packages: string, questions: readonly Question[]) {
  const input = SERVERS.map(({ major, described }) => [
    major,
    described.map(([name]) => name ?? ""),
    questions.filter((asked) => asked.major === major).map(({ row, value }) => [row.name, value]),
  ]);
  const done = spawnSync("/usr/bin/python3", ["-c", TRANSFORM], {
    input: JSON.stringify(input),
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    env: { PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: "1", LC_ALL: "C.UTF-8" },
  });
  if (done.status !== 0) throw new Error(done.stderr);
  const { made, recovery }: { made: readonly (readonly Json[])[]; recovery: readonly string[] } =
    JSON.parse(done.stdout);
  return { made: made.flat(), recovery };
}

function fateOf(row: PostgresParameter, value: Value, gaps: readonly ParameterGap[]): Fate {
  for (const gap of gaps) {
    const amount = quantityOf(row, value) ?? 0;
    if (gap.kind === "drops") return "dropped";
    if (gap.kind === "takes" && !gap.words.includes(String(value).toLowerCase())) return "dropped";
    if (gap.kind === "min" && amount < gap.limit) return "changed";
    if (gap.kind === "max" && amount > gap.limit) return "changed";
  }
  return "same";
}

/** Values of every kind that the parameter takes: both limits, every word, both booleans. */
function samplesOf(row: PostgresParameter): readonly Value[] {
  const words = row.values ?? [];
  switch (row.type) {
    case "bool":
      return ["on", "off", true, false, "yes", "no", "true", "false"];
    case "enum":
    case "list":
      return words;
    case "enumbool":
    case "listbool":
      return [...words, "on", "off", true, false, "yes", "no"];
    case "integer":
    case "real":
      return [row.min ?? 0, ...(row.max === undefined ? [] : [row.max])].map((amount) =>
        withUnit(row, amount),
      );
    case "string":
      return ["x"];
    default:
      return row.type satisfies never;
  }
}

function withUnit({ unit }: PostgresParameter, amount: number): Value {
  if (unit === undefined || amount <= 0) return amount;
  return unit === "8kB" ? `${amount * 8}kB` : `${amount}${unit}`;
}

/** File modes and the like are written in a way of their own. */
function isWritable(row: PostgresParameter, value: Value): boolean {
  return checkParameterValue(row, value).ok;
}
