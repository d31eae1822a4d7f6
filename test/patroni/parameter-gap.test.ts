import { describe, expect, test } from "vitest";
import { parameterGaps } from "../../src/patroni/parameter-gap.ts";
import { PARAMETER_GAPS } from "../../src/patroni/parameter-gaps-table.ts";
import { KNOWN_PATRONI_LINES, readRunningVersion } from "../../src/patroni/version.ts";
import { findPostgresParameter } from "../../src/postgres/parameter.ts";

const MAJORS = [13, 14, 15, 16, 17, 18];
const NAMES = PARAMETER_GAPS.trim()
  .split("\n")
  .flatMap((line) => line.split("|")[4]?.split(" ") ?? []);

describe("what Patroni does to a parameter that PostgreSQL takes", () => {
  test.each([
    ["summarize_wal", 17, "3.0.2", ["drops"]],
    ["Summarize_WAL", 17, "3.0", ["drops"]],
    ["summarize_wal", 17, "3.0.3", []],
    ["summarize_wal", 17, "3.1", []],
    ["work_mem", 15, "3.0.2", []],
    ["debug_parallel_query", 16, "4.0.6", ["drops"]],
    ["debug_parallel_query", 16, "4.0.7", []],
    ["composite_type_mismatch", 18, "4.1.5", ["drops"]],
    ["maintenance_work_mem", 16, "4.1", []],
    ["maintenance_work_mem", 17, "4.1", ["min 1024"]],
    ["maintenance_work_mem", 18, "4.0.6", ["min 1024"]],
    ["maintenance_work_mem", 18, "4.1", []],
    ["log_rotation_size", 18, "3.3", ["max 2097151"]],
    ["log_connections", 17, "3.0", []],
    ["log_connections", 18, "3.0", ["takes on,off,true,false,yes,no,1,0"]],
    ["log_connections", 18, "4.1", []],
  ])("%s of PostgreSQL %i on Patroni %s: %j", (name, major, release, want) => {
    const version = readRunningVersion(release) ?? { major: 0, minor: 0, patch: 0 };
    const gaps = parameterGaps(name, major, version).map((gap) => {
      if (gap.kind === "drops") return gap.kind;
      return `${gap.kind} ${gap.kind === "takes" ? gap.words.join(",") : gap.limit}`;
    });
    expect(gaps).toEqual(want);
  });

  test("is said of parameters that PostgreSQL has, on every release", () => {
    expect(NAMES.length).toBeGreaterThan(50);
    for (const line of KNOWN_PATRONI_LINES)
      for (const name of NAMES)
        for (const major of MAJORS) {
          const version = readRunningVersion(line) ?? { major: 0, minor: 0, patch: 0 };
          if (parameterGaps(name, major, version).length === 0) continue;
          expect(findPostgresParameter(name, major)?.context).not.toBe("internal");
          expect(findPostgresParameter(name, major)).toBeDefined();
        }
  });
});
