import { expect, test } from "vitest";
import { findPostgresParameter } from "../../src/postgres/parameter.ts";
import { checkParameterValue } from "../../src/postgres/parameter-value.ts";
import { quantityOf } from "../../src/postgres/quantity.ts";
import { Bug } from "../../src/core/bug.ts";
import { valueCasesOf } from "./value-cases.ts";

const MAJORS = [13, 14, 15, 16, 17, 18];

test.each(MAJORS)("values are taken and refused as PostgreSQL %i does, or stricter", (major) => {
  const cases = valueCasesOf(major);
  expect(cases.length).toBeGreaterThan(180);
  const others = cases.filter(
    ({ name, value, verdict }) =>
      checkParameterValue(rowOf(name, major), value).ok !== (verdict === "taken"),
  );
  expect(others).toEqual([]);
});

test("a mistake says what is, what should be, and how to write it", () => {
  expect(mistakeOf("work_mem", 64)).toEqual({
    message: "work_mem is 64, expected a number with a unit of memory",
    hint: "write it like work_mem: 16MB",
  });
  expect(mistakeOf("work_mem", "63kB")).toEqual({
    message: "work_mem is 63kB, which is outside 64 to 2147483647 (counted in kB)",
    hint: "Patroni would silently use 64 instead",
  });
  expect(mistakeOf("random_page_cost", -1)).toEqual({
    message: "random_page_cost is -1, which is below 0",
    hint: "Patroni would silently use 0 instead",
  });
  expect(mistakeOf("max_connections", "0100")).toEqual({
    message: 'max_connections is "0100", which PostgreSQL reads as 64',
    hint: "write a decimal number without a leading 0",
  });
  expect(mistakeOf("log_connections", "none", 18)).toEqual({
    message:
      'log_connections is "none", expected on, off, or a list of receipt, authentication, authorization, setup_durations, all',
    hint: 'write it like log_connections: "receipt, authentication"',
  });
});

/** The numbers were read with `postgres -C` of PostgreSQL 15; the real suite compares many more. */
test.each([
  ["work_mem", "1.1GB", 1126 * 1024],
  ["work_mem", "64.5kB", 64],
  ["work_mem", "65.5kB", 66],
  ["work_mem", "010MB", 8192],
  ["work_mem", "0x100", 256],
  ["wal_keep_size", "16MB", 16],
  ["max_connections", "30.5", 30],
  ["checkpoint_timeout", "1.5h", 5400],
  ["vacuum_cost_delay", "500us", 0.5],
  ["work_mem", "5mb", undefined],
  ["work_mem", "08MB", undefined],
])("%s: %s counts %s", (name, value, amount) => {
  expect(quantityOf(rowOf(name, 15), value)).toBe(amount);
});

function rowOf(name: string, major: number) {
  const row = findPostgresParameter(name, major);
  if (row === undefined) throw new Bug(`PostgreSQL ${major} has no ${name}`);
  return row;
}

function mistakeOf(name: string, value: number | string, major = 15) {
  const checked = checkParameterValue(rowOf(name, major), value);
  return checked.ok ? undefined : checked.error;
}
