import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatInstant, isInstant, parseDeadline, parseInstant } from "../../src/core/instant.ts";

const secondsOf = (text: string): number => Date.parse(text) / 1000;
const two = (value: number): string => String(value).padStart(2, "0");
/** Whole minutes from 1970 to 2399: four hundred years hold every kind of leap year. */
const minutes = fc.integer({ min: 0, max: 430 * 366 * 24 * 60 - 1 });

describe("a moment", () => {
  test("is read as JavaScript reads it, on every day of four centuries and in every offset", () => {
    fc.assert(
      fc.property(minutes, fc.integer({ min: -14 * 60, max: 14 * 60 }), (minute, offset) => {
        const date = new Date(minute * 60_000);
        const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 16);
        const sign = offset < 0 ? "-" : "+";
        const [hours, rest] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
        const text = `${local}${sign}${two(hours)}:${two(rest)}`;
        fc.pre(local.startsWith("19") || local.startsWith("2"));
        fc.pre(local >= "1970");
        expect(parseInstant(text)).toEqual({ ok: true, value: minute * 60 });
      }),
      { numRuns: 3000 },
    );
  });

  test("is written as JavaScript writes it, on every day of four centuries", () => {
    fc.assert(
      fc.property(minutes, (minute) => {
        const seconds = minute * 60;
        const wanted = new Date(seconds * 1000).toISOString();
        if (!isInstant(seconds)) throw new Error("no moment");
        expect(formatInstant(seconds)).toBe(`${wanted.slice(0, 10)} ${wanted.slice(11, 16)} UTC`);
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    "2026-12-01",
    "2026-12-01T06:00",
    "2026-12-01 06:00Z",
    "2026-12-01T24:00Z",
    "2026-12-01T06:60Z",
    "2026-12-01T06:00+15:00",
    "2026-13-01T06:00Z",
    "2026-02-29T06:00Z",
    "1900-02-28T06:00Z",
    "1969-12-31T23:59Z",
    "26-12-01T06:00Z",
    "",
  ])("is not %j", (text) => {
    expect(parseInstant(text).ok).toBe(false);
  });

  test("may fall before 1970 on the wall and not in UTC, but not the other way round", () => {
    expect(parseInstant("1970-01-01T00:30+01:00").ok).toBe(false);
    expect(parseInstant("1970-01-01T00:00Z")).toEqual({ ok: true, value: 0 });
  });
});

describe("a deadline", () => {
  test.each([
    { text: "2026-12-01", end: "2026-12-02T00:00Z" },
    { text: "2024-02-29", end: "2024-03-01T00:00Z" },
    { text: "2026-12-31", end: "2027-01-01T00:00Z" },
    { text: "2026-12-01T06:00+08:00", end: "2026-11-30T22:00Z" },
    { text: "2026-12-01T06:00:30Z", end: "2026-12-01T06:00:30Z" },
  ])("$text ends at $end", ({ text, end }) => {
    expect(parseDeadline(text)).toEqual({ ok: true, value: secondsOf(end) });
  });

  test.each(["2026-02-29", "2026-00-10", "2026-01-00", "tomorrow"])("is not %j", (text) => {
    expect(parseDeadline(text).ok).toBe(false);
  });
});
