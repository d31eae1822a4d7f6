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
