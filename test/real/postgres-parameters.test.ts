import { describe, expect, test } from "vitest";
import { Bug } from "../../src/core/bug.ts";
import { findPostgresParameter, type PostgresParameter } from "../../src/postgres/parameter.ts";
import { checkParameterValue } from "../../src/postgres/parameter-value.ts";
import { quantityOf } from "../../src/postgres/quantity.ts";
import { valueCasesOf } from "../postgres/value-cases.ts";
import { settableRows } from "../support/parameter-rows.ts";
import { isInBuild, realPostgres, type RealPostgres } from "../support/real-postgres.ts";

const MAJORS = [13, 14, 15, 16, 17, 18];

/** PostgreSQL 15 is what the real suite runs on; the others only where somebody unpacked them. */
test("PostgreSQL 15 is here to be asked", () => {
  expect(realPostgres(15)?.major).toBe(15);
});

for (const major of MAJORS) {
  const server = realPostgres(major);
  const absence = server === undefined ? ", which scripts/postgres-servers.sh can unpack" : "";
  describe.skipIf(server === undefined)(`PostgreSQL ${major}${absence}`, () => {
    const rows = settableRows(major).filter(
      ({ name }) => server !== undefined && isInBuild(name, server),
    );
    /** What the majors share is probed on one of them; --describe-config is compared on all. */
    const own = rows.filter(({ from, to }) => major === 15 || from > 15 || to < 15);

    test("--describe-config says of every parameter what the table says", () => {
      const known = new Map(rows.map((row) => [row.name, describedAs(row)]));
      const described = present(server).described.map(([name = "", ...fields]) => ({
        name,
        fields,
      }));
      expect(described.length).toBeGreaterThan(280);
      const others = described.filter(
        ({ name, fields: [context, , type, , low, high] }) =>
          known.get(name) !== [context, type, limit(low), limit(high)].join(" "),
      );
      expect(others).toEqual([]);
    });

    test("has every parameter of the table, with that default", () => {
      const answers = present(server).read(rows.map(({ name }) => ({ name })));
      const others = rows.flatMap((row, index) => {
        const found = answers[index];
        if (found !== undefined && (isOfMachine(row.name) || isDefault(row, found))) return [];
        return [`${row.name} is ${found}, not ${row.byDefault}`];
      });
      expect(others).toEqual([]);
    });

    test("takes and refuses the values of the table of cases, and reads the same numbers", () => {
      const cases = valueCasesOf(major).filter(({ name }) => isInBuild(name, present(server)));
      expect(cases.length).toBeGreaterThan(180);
      const answers = present(server).read(
        cases.map(({ name, value }) => ({ name, value: asPatroniWrites(value) })),
      );
      const others = cases.flatMap(({ name, value, verdict }, index) => {
        const read = answers[index];
        const isTaken = read !== undefined;
        if (isTaken !== (verdict !== "refused")) return [`${name}=${value} is ${read}`];
        const amount = amountOf(rowOf(name, major), value);
        if (read === undefined || amount === undefined || amount === Number(read)) return [];
        return [`${name}=${value} is ${read}, not ${amount}`];
      });
      expect(others).toEqual([]);
    });

    test("takes numbers up to the limits of the table, and none beyond", () => {
      const steps = own.flatMap((row) => stepsOf(row));
      expect(steps.length).toBeGreaterThan(major === 15 ? 490 : 9);
      const answers = present(server).read(
        steps.map(({ row, value }) => ({ name: row.name, value })),
      );
      const others = steps.flatMap(({ row, value, isTaken }, index) => {
        const ours = checkParameterValue(row, value).ok || isBare(row, value);
        const theirs = answers[index] !== undefined;
        const isHeld = isTaken ? theirs || isBoundElsewhere(row.name) : !theirs;
        return ours === isTaken && isHeld ? [] : [`${row.name}=${value}: ${ours}, ${theirs}`];
      });
      expect(others).toEqual([]);
    });

    test("takes every word of the table, in any case", () => {
      const words = own.flatMap((row) =>
        (row.values ?? [])
          .filter((word) => !isOfBuild(row.name, word, present(server)))
          .map((word, index) => ({ row, value: index % 2 === 0 ? word : word.toUpperCase() })),
      );
      expect(words.length).toBeGreaterThan(major === 15 ? 80 : 2);
      const answers = present(server).read(
        words.map(({ row, value }) => ({ name: row.name, value })),
      );
      const others = words.filter(
        ({ row, value }, index) =>
          answers[index] === undefined || !checkParameterValue(row, value).ok,
      );
      expect(others).toEqual([]);
    });
  });
}

function present(server: RealPostgres | undefined): RealPostgres {
  if (server === undefined) throw new Bug("a test of an absent server ran");
  return server;
}

function rowOf(name: string, major: number): PostgresParameter {
  const row = findPostgresParameter(name, major);
  if (row === undefined) throw new Bug(`PostgreSQL ${major} has no ${name}`);
  return row;
}

/** Words that a server has only when it was built with a library. */
function isOfBuild(name: string, word: string, { described }: RealPostgres): boolean {
  const isDebian = described.some(([known]) => known === "extension_destdir");
  return !isDebian && (word === "lz4" || word === "zstd") && name.endsWith("_compression");
}

/** What follows from the machine, the environment or the data folder. */
function isOfMachine(name: string): boolean {
  return /^(?:config_file|data_directory|hba_file|ident_file|max_stack_depth|wal_buffers|.*timezone|timezone_abbreviations)$/i.test(
    name,
  );
}

/**
 * Limits that cannot be reached: the backends of all kinds are at most 262143 together, and the stack is the
 * kernel's.
 */
function isBoundElsewhere(name: string): boolean {
  return /^(?:autovacuum_max_workers|max_connections|max_stack_depth|max_wal_senders|max_worker_processes)$/.test(
    name,
  );
}

function describedAs({ name, context, type, min, max }: PostgresParameter): string {
  const types = { enumbool: "ENUM", list: "STRING", listbool: "STRING", bool: "BOOLEAN" };
  const shown = Object.entries(types).find(([ours]) => ours === type)?.[1] ?? type.toUpperCase();
  return name === "" ? "" : [context, shown, min ?? "", max ?? ""].join(" ");
}

function limit(text = ""): number | "" {
  return text === "" || Number(text) > 1e308 ? "" : Number(text);
}

function isDefault({ type, byDefault }: PostgresParameter, found: string): boolean {
  if (byDefault === undefined) return true;
  const isNumber = type === "integer" || type === "real";
  return isNumber ? Number(found) === Number(byDefault) : found === byDefault;
}

/** Patroni writes a boolean as Python does. */
function asPatroniWrites(value: boolean | number | string): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  return String(value);
}

function amountOf(row: PostgresParameter, value: boolean | number | string): number | undefined {
  if (row.type !== "integer" && row.type !== "real") return undefined;
  return quantityOf(row, value);
}

interface Limit {
  readonly row: PostgresParameter;
  readonly value: string;
  readonly isTaken: boolean;
}

/** Both limits, and the next numbers beyond them. A number beyond 32 bits is beyond every limit. */
function stepsOf(row: PostgresParameter): readonly Limit[] {
  const { type, min, max } = row;
  if ((type !== "integer" && type !== "real") || min === undefined) return [];
  const make = (amount: number, isTaken: boolean): Limit => ({
    row,
    value: withUnit(row, amount),
    isTaken,
  });
  const atTop = max === undefined ? [] : [make(max, true), make(max + 1, false)];
  return [make(min, true), make(min - 1, false), ...atTop];
}

function withUnit({ name, unit }: PostgresParameter, amount: number): string {
  if (name.endsWith("_mode") || name.endsWith("_permissions"))
    return amount < 0 ? String(amount) : `0${amount.toString(8).padStart(3, "0")}`;
  if (unit === undefined) return String(amount);
  return unit === "8kB" ? `${amount * 8}kB` : `${amount}${unit}`;
}

/** The lowest value of most parameters with a unit is 0 or -1, which Quorate takes bare only. */
function isBare(row: PostgresParameter, value: string): boolean {
  return Number.parseFloat(value) === -1 && row.min === -1;
}
