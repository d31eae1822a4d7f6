import type { PostgresParameter } from "./parameter.ts";
import { POSTGRES_UNITS, type PostgresUnit } from "./unit.ts";

const NUMBER = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z]*)\s*$/;
/** A whole number that C, and so PostgreSQL, reads with another base than ten. */
const OTHER_BASE = /^\s*([+-]?)0(?:([xX])([0-9a-fA-F]+)|([0-7]+))\s*([A-Za-z]*)\s*$/;
/** Begins like an octal number, and is none. */
const BROKEN_OCTAL = /^[+-]?0\d+$/;

/** A number as somebody wrote it: the amount, and the unit behind it, which may be empty. */
export interface WrittenNumber {
  readonly amount: number;
  readonly unit: string;
  /** True for `010`, which PostgreSQL reads as eight, and for `0x10`. */
  readonly isOtherBase: boolean;
}

/**
 * Reads a number as PostgreSQL does for this kind of parameter, without looking at the unit; undefined
 * when it is none.
 *
 * @see src/backend/utils/misc/guc.c:parse_int, parse_real
 */
export function readNumber(
  { type }: PostgresParameter,
  value: boolean | number | string,
): WrittenNumber | undefined {
  const text = String(value);
  const other = type === "integer" ? readOtherBase(text) : undefined;
  if (other !== undefined) return other;
  const match = NUMBER.exec(text);
  if (match === null || (type === "integer" && BROKEN_OCTAL.test(match[1] ?? ""))) return undefined;
  return { amount: Number(match[1]), unit: match[2] ?? "", isOtherBase: false };
}

function readOtherBase(text: string): WrittenNumber | undefined {
  const match = OTHER_BASE.exec(text);
  if (match === null) return undefined;
  const [, sign, isHex, hex, octal, unit = ""] = match;
  const amount =
    isHex === undefined ? Number.parseInt(octal ?? "", 8) : Number.parseInt(hex ?? "", 16);
  return { amount: sign === "-" ? -amount : amount, unit, isOtherBase: true };
}

/**
 * A number of a parameter in the parameter's own unit, rounded as PostgreSQL rounds it: `16MB` of
 * `wal_keep_size` is 16. Undefined when the value is no number, or its unit is of another kind.
 *
 * @see src/backend/utils/misc/guc.c:convert_to_base_unit
 */
export function quantityOf(
  parameter: PostgresParameter,
  value: boolean | number | string,
): number | undefined {
  const written = readNumber(parameter, value);
  if (written === undefined) return undefined;
  const converted = inOwnUnit(parameter, written);
  if (converted === undefined) return undefined;
  return parameter.type === "integer" ? roundToEven(converted) : converted;
}

function inOwnUnit({ unit }: PostgresParameter, written: WrittenNumber): number | undefined {
  if (written.unit === "") return written.amount;
  const from = POSTGRES_UNITS.get(written.unit);
  const to = POSTGRES_UNITS.get(unit ?? "");
  if (from === undefined || to === undefined || from.kind !== to.kind) return undefined;
  // A fraction counts in whole multiples of the next smaller unit: 1.1GB is 1126MB.
  const smaller = nextSmaller(from);
  const size = written.amount * from.size;
  return (smaller === undefined ? size : roundToEven(size / smaller.size) * smaller.size) / to.size;
}

function nextSmaller({ kind, size }: PostgresUnit): PostgresUnit | undefined {
  for (const [name, unit] of POSTGRES_UNITS)
    if (unit.kind === kind && unit.size < size && name !== "8kB") return unit;
  return undefined;
}

/** C's `rint`: a half goes to the even neighbour. */
function roundToEven(amount: number): number {
  const rounded = Math.round(amount);
  return Math.abs(amount % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
