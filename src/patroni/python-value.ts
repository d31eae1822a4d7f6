import { isJsonObject, type Json } from "../core/json.ts";
import { pythonText } from "./python-text.ts";

const TRUE_WORDS: ReadonlySet<string> = new Set(["on", "true", "yes", "1"]);
const FALSE_WORDS: ReadonlySet<string> = new Set(["off", "false", "no", "0"]);

/**
 * What Patroni takes a value for: true, false, or undefined where it understands neither.
 *
 * @see patroni/utils.py:parse_bool
 */
export function readBoolean(value: Json | undefined): boolean | undefined {
  if (typeof value === "boolean") return value;
  const word = typeof value === "string" || typeof value === "number" ? String(value) : "";
  if (TRUE_WORDS.has(word.toLowerCase())) return true;
  return FALSE_WORDS.has(word.toLowerCase()) ? false : undefined;
}

/** Python's truth: 0, the empty text, an empty list or object, false and null are not. */
export function isTruthy(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === "")
    return false;
  if (Array.isArray(value)) return value.length > 0;
  return !isJsonObject(value) || Object.keys(value).length > 0;
}

/** Python's `int()`: whole numbers, also written as text; undefined where it would throw. */
export function readInt(value: Json | undefined): number | undefined {
  if (typeof value === "number") return Math.trunc(value);
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "string" || !/^\s*[+-]?\d+(?:_\d+)*\s*$/.test(value)) return undefined;
  return Number(value.replaceAll("_", ""));
}

/** The units that Patroni converts to seconds or megabytes: how large one is, and to what it is rounded. */
const UNITS: Readonly<
  Record<"s" | "MB", ReadonlyMap<string, readonly [number, number | undefined]>>
> = {
  s: new Map([
    ["d", [86_400, 3600]],
    ["h", [3600, 60]],
    ["min", [60, 1]],
    ["s", [1, 1 / 1000]],
    ["ms", [1 / 1000, 1 / 1_000_000]],
    ["us", [1 / 1_000_000, undefined]],
  ]),
  MB: new Map([
    ["TB", [1024 ** 2, 1024]],
    ["GB", [1024, 1]],
    ["MB", [1, 1 / 1024]],
    ["kB", [1 / 1024, 1 / 1024 ** 2]],
    ["B", [1 / 1024 ** 2, undefined]],
  ]),
};

/**
 * A whole number as Patroni reads one, with a unit where the setting has one: hexadecimal and octal text
 * too, fractions rounded. Undefined where Patroni uses its default instead.
 *
 * @see patroni/utils.py:parse_int at v4.1.5
 */
export function readQuantity(value: Json | undefined, unit?: "s" | "MB"): number | undefined {
  if (value === undefined) return undefined;
  const text = pythonText(value).trim();
  const [amount, rest] = readFraction(text) ?? readWhole(text) ?? [];
  if (amount === undefined || rest === undefined) return undefined;
  if (rest.trim() === "") return roundToEven(amount);
  const [size, step] = (unit === undefined ? undefined : UNITS[unit].get(rest.trim())) ?? [];
  if (size === undefined) return undefined;
  const converted = amount * size;
  return roundToEven(step === undefined ? converted : roundToEven(converted / step) * step);
}

function readWhole(text: string): readonly [number, string] | undefined {
  const match = /^([-+]?)(0x[0-9a-fA-F]+|0[0-7]*|[1-9]\d*)/.exec(text);
  if (match?.[2] === undefined) return undefined;
  const digits = /^0[0-7]+$/.test(match[2]) ? `0o${match[2].slice(1)}` : match[2];
  return [Number(digits) * (match[1] === "-" ? -1 : 1), text.slice(match[0].length)];
}

/** A number with a point or an exponent; only then does Patroni look for one. */
function readFraction(text: string): readonly [number, string] | undefined {
  const whole = readWhole(text);
  if (!/^[.eE]/.test(whole === undefined ? text : whole[1])) return undefined;
  const match = /^[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?/.exec(text);
  return match === null ? undefined : [Number(match[0]), text.slice(match[0].length)];
}

/** Python rounds a half to the even neighbour. */
function roundToEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
