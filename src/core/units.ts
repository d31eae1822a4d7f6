import { err, ok, type Result } from "./result.ts";

declare const secondsBrand: unique symbol;
declare const bytesBrand: unique symbol;

/** A span of time in whole seconds, 0 or more. */
export type Seconds = number & { readonly [secondsBrand]: "s" };
/** An amount of data in whole bytes, 0 or more. */
export type Bytes = number & { readonly [bytesBrand]: "B" };

/** True for a number that can be a span of time: a whole number, not negative. */
export function isSeconds(value: number): value is Seconds {
  return Number.isSafeInteger(value) && value >= 0;
}

/** True for a number that can be an amount of data: a whole number, not negative. */
export function isBytes(value: number): value is Bytes {
  return Number.isSafeInteger(value) && value >= 0;
}

const SECONDS_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ["s", 1],
  ["m", 60],
  ["h", 3600],
  ["d", 86_400],
]);
const BYTES_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ["B", 1],
  ["KiB", 1024],
  ["MiB", 1024 ** 2],
  ["GiB", 1024 ** 3],
  ["TiB", 1024 ** 4],
]);

/** Reads `30s`, `5m`, `2h` or `1d`. The failure says what is wrong with the text. */
export function parseDuration(text: string): Result<Seconds, string> {
  const seconds = parseQuantity(text, SECONDS_PER_UNIT);
  if (seconds !== undefined && isSeconds(seconds)) return ok(seconds);
  return err(`"${text}" is not a duration`);
}

/** Reads `16MiB` and its like: binary units only. The failure says what is wrong with the text. */
export function parseSize(text: string): Result<Bytes, string> {
  const bytes = parseQuantity(text, BYTES_PER_UNIT);
  if (bytes !== undefined && isBytes(bytes)) return ok(bytes);
  return err(`"${text}" is not a size`);
}

/** Writes a span of time with the largest unit that divides it: `24 h`, `90 s`. */
export function formatSeconds(seconds: number): string {
  for (const [unit, factor] of [...SECONDS_PER_UNIT].toReversed())
    if (unit !== "d" && seconds >= factor && seconds % factor === 0)
      return `${seconds / factor} ${unit === "m" ? "min" : unit}`;
  return `${seconds} s`;
}

/** Writes an amount of data with the largest unit that divides it. */
export function formatBytes(bytes: number): string {
  for (const [unit, factor] of [...BYTES_PER_UNIT].toReversed())
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor} ${unit}`;
  return `${bytes} B`;
}

function parseQuantity(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const match = /^(\d{1,15})([A-Za-z]{1,3})$/.exec(text);
  const factor = units.get(match?.[2] ?? "");
  return match?.[1] === undefined || factor === undefined ? undefined : Number(match[1]) * factor;
}

declare const millisecondsBrand: unique symbol;
declare const bitRateBrand: unique symbol;
declare const byteRateBrand: unique symbol;

/** A short span of time in whole milliseconds, 1 or more. */
export type Milliseconds = number & { readonly [millisecondsBrand]: "ms" };
/** What a network link carries, in bits per second, 1 or more. */
export type BitRate = number & { readonly [bitRateBrand]: "bit/s" };
/** How fast data is copied, in bytes per second, 1 or more. */
export type ByteRate = number & { readonly [byteRateBrand]: "B/s" };

/** True for a number that can be a round trip: whole milliseconds, not 0. */
export function isMilliseconds(value: number): value is Milliseconds {
  return Number.isSafeInteger(value) && value > 0;
}

/** True for a number that can be a bit rate: whole bits per second, not 0. */
export function isBitRate(value: number): value is BitRate {
  return Number.isSafeInteger(value) && value > 0;
}

/** True for a number that can be a byte rate: whole bytes per second, not 0. */
export function isByteRate(value: number): value is ByteRate {
  return Number.isSafeInteger(value) && value > 0;
}

const MILLISECONDS_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
]);
/** Links are sold in decimal bits. */
const BITS_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ["kbit", 1e3],
  ["Mbit", 1e6],
  ["Gbit", 1e9],
]);
/** `100MB/s` is decimal, as disks and links are sold; `100MiB/s` is binary, as PostgreSQL counts. */
const BYTES_PER_SECOND: ReadonlyMap<string, number> = new Map([
  ["kB/s", 1e3],
  ["MB/s", 1e6],
  ["GB/s", 1e9],
  ["KiB/s", 1024],
  ["MiB/s", 1024 ** 2],
  ["GiB/s", 1024 ** 3],
]);

/** Reads `12ms` or `1s`. The failure says what is wrong with the text. */
export function parseMilliseconds(text: string): Result<Milliseconds, string> {
  const value = parseRate(text, MILLISECONDS_PER_UNIT);
  if (value !== undefined && isMilliseconds(value)) return ok(value);
  return err(`"${text}" is not a round-trip time`);
}

/** Reads `200Mbit` or `10Gbit`: per second. The failure says what is wrong with the text. */
export function parseBitRate(text: string): Result<BitRate, string> {
  const value = parseRate(text, BITS_PER_UNIT);
  if (value !== undefined && isBitRate(value)) return ok(value);
  return err(`"${text}" is not a bandwidth`);
}

/** Reads `100MB/s` or `64MiB/s`. The failure says what is wrong with the text. */
export function parseByteRate(text: string): Result<ByteRate, string> {
  const value = parseRate(text, BYTES_PER_SECOND);
  if (value !== undefined && isByteRate(value)) return ok(value);
  return err(`"${text}" is not a rate`);
}

/** Writes a bandwidth with the largest unit that divides it: `200 Mbit/s`. */
export function formatBitRate(rate: BitRate): string {
  for (const [unit, factor] of [...BITS_PER_UNIT].toReversed())
    if (rate % factor === 0) return `${rate / factor} ${unit}/s`;
  return `${rate} bit/s`;
}

/** Writes a rate in decimal megabytes, as people compare it with a bandwidth: `12.5 MB/s`. */
export function formatByteRate(bytesPerSecond: number): string {
  return `${Math.round(bytesPerSecond / 1e5) / 10} MB/s`;
}

function parseRate(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const match = /^(\d{1,15})([A-Za-z]{1,4}(?:\/s)?)$/.exec(text);
  const factor = units.get(match?.[2] ?? "");
  return match?.[1] === undefined || factor === undefined ? undefined : Number(match[1]) * factor;
}
