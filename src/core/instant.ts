import { err, ok, type Result } from "./result.ts";

declare const instantBrand: unique symbol;

/** A moment: whole seconds since 1970-01-01 00:00 UTC. */
export type Instant = number & { readonly [instantBrand]: "instant" };

/** True for a number that can be a moment: whole seconds, not before 1970. */
export function isInstant(value: number): value is Instant {
  return Number.isSafeInteger(value) && value >= 0;
}

const SECONDS_PER_DAY = 86_400;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Reads `2026-12-01T06:00Z`, with seconds and another offset from UTC where they are written. A time without
 * an offset is no moment: it would mean another one on every machine.
 */
export function parseInstant(text: string): Result<Instant, string> {
  const failure = err(`"${text}" is not a time with its offset from UTC`);
  const [, date = "", hour, minute, second = "0", offset = ""] = TIME.exec(text) ?? [];
  const day = dayOf(date);
  if (day === undefined) return failure;
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)];
  const shift = offsetSeconds(offset);
  if (hours > 23 || minutes > 59 || seconds > 59 || shift === undefined) return failure;
  const instant = day * SECONDS_PER_DAY + hours * 3600 + minutes * 60 + seconds - shift;
  return isInstant(instant) ? ok(instant) : failure;
}

/** Reads a moment as {@link parseInstant} does, or a date, which stands for the end of that day in UTC. */
export function parseDeadline(text: string): Result<Instant, string> {
  const day = dayOf(text);
  if (day === undefined) {
    const instant = parseInstant(text);
    return instant.ok ? instant : err(`"${text}" is not a date or a time with its offset from UTC`);
  }
  const end = (day + 1) * SECONDS_PER_DAY;
  return isInstant(end) ? ok(end) : err(`"${text}" is before 1970`);
}

/** Writes a moment for people: `2026-12-01 06:00 UTC`. */
export function formatInstant(instant: Instant): string {
  const inDay = instant % SECONDS_PER_DAY;
  const [hours, minutes] = [Math.floor(inDay / 3600), Math.floor((inDay % 3600) / 60)];
  return `${dateOf(Math.floor(instant / SECONDS_PER_DAY))} ${two(hours)}:${two(minutes)} UTC`;
}

function offsetSeconds(text: string): number | undefined {
  if (text === "Z") return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(4, 6))];
  if (hours > 14 || minutes > 59) return undefined;
  return (text.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60);
}

/** Days since 1970-01-01 in the Gregorian calendar; undefined when the text is no date that exists. */
function dayOf(text: string): number | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (month < 1 || month > 12 || day < 1 || year < 1970) return undefined;
  const start = daysBefore(year, month);
  const next = month === 12 ? daysBefore(year + 1, 1) : daysBefore(year, month + 1);
  return day > next - start ? undefined : start + day - 1;
}

/** Days from 1970-01-01 to the first of a month: every fourth year is longer, but not every hundredth. */
function daysBefore(year: number, month: number): number {
  const lengths = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  let days = (year - 1970) * 365 + leapsUpTo(year - 1) - leapsUpTo(1969);
  for (const length of lengths.slice(0, month - 1)) days += length;
  return days;
}

function leapsUpTo(year: number): number {
  return Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function dateOf(days: number): string {
  let year = 1970 + Math.floor(days / 366);
  while (daysBefore(year + 1, 1) <= days) year += 1;
  let month = 1;
  while (month < 12 && daysBefore(year, month + 1) <= days) month += 1;
  return `${year}-${two(month)}-${two(days - daysBefore(year, month) + 1)}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
