import { err, ok, type Result } from "../core/result.ts";
import type { PostgresParameter } from "./parameter.ts";
import { POSTGRES_UNITS } from "./unit.ts";

/** The words that PostgreSQL and Patroni both take for a boolean. */
const BOOLEAN_WORDS: ReadonlySet<string> = new Set(["on", "off", "true", "false", "yes", "no"]);

/** File modes: PostgreSQL reads them as octal only when they begin with 0, which YAML drops. */
const OCTAL: ReadonlySet<string> = new Set(["log_file_mode", "unix_socket_permissions"]);

/** What is wrong with a value, and how to write it. */
export interface ParameterMistake {
  readonly message: string;
  readonly hint: string;
}

/**
 * Checks a value as PostgreSQL would, but strictly: a number of a parameter that has a unit must carry
 * one, because 64 means 64 kB for `work_mem` and 512 kB for `shared_buffers`. Only 0 and -1, which
 * switch something off, may stand bare. Patroni would clamp or drop what fails here, in its log only.
 *
 * @see patroni/postgresql/validator.py at v4.1.4
 */
export function checkParameterValue(
  parameter: PostgresParameter,
  value: boolean | number | string,
): Result<true, ParameterMistake> {
  if (OCTAL.has(parameter.name))
    return /^0[0-7]{3}$/.test(String(value)) && typeof value === "string"
      ? ok(true)
      : mistake(parameter, value, "an octal mode in quotes", '"0600"');
  switch (parameter.type) {
    case "bool":
      return isBooleanWord(value) ? ok(true) : mistake(parameter, value, "on or off", "on");
    case "enum":
    case "enumbool":
      return checkEnum(parameter, value);
    case "integer":
    case "real":
      return checkNumber(parameter, value);
    case "string":
      return ok(true);
    default:
      return parameter.type satisfies never;
  }
}

function checkEnum(
  parameter: PostgresParameter,
  value: boolean | number | string,
): Result<true, ParameterMistake> {
  const words = parameter.values ?? [];
  if (parameter.type === "enumbool" && isBooleanWord(value)) return ok(true);
  if (typeof value === "string" && words.includes(value.toLowerCase())) return ok(true);
  const all = parameter.type === "enumbool" ? ["on", "off", ...words] : words;
  return mistake(parameter, value, `one of ${all.join(", ")}`, all[0] ?? "");
}

function checkNumber(
  parameter: PostgresParameter,
  value: boolean | number | string,
): Result<true, ParameterMistake> {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([A-Za-z]*)$/.exec(String(value));
  const amount = Number(match?.[1]);
  const written = match?.[2] ?? "";
  if (parameter.unit !== undefined)
    return checkQuantity({ ...parameter, unit: parameter.unit }, value, { amount, written });
  const isWhole = parameter.type === "real" || Number.isInteger(amount);
  if (match === null || written !== "" || !isWhole)
    return mistake(parameter, value, "a number without a unit", exampleOf(parameter));
  return checkRange(parameter, value, amount);
}

function checkQuantity(
  parameter: PostgresParameter & { readonly unit: string },
  value: boolean | number | string,
  { amount, written }: { readonly amount: number; readonly written: string },
): Result<true, ParameterMistake> {
  if (written === "" && (amount === 0 || amount === -1))
    return checkRange(parameter, value, amount);
  const from = POSTGRES_UNITS.get(written);
  const to = POSTGRES_UNITS.get(parameter.unit);
  if (from !== undefined && from.kind === to?.kind)
    return checkRange(parameter, value, (amount * from.size) / to.size);
  return mistake(
    parameter,
    value,
    `a number with a unit of ${to?.kind ?? "its kind"}`,
    exampleOf(parameter),
  );
}

function checkRange(
  { name, min, max, unit }: PostgresParameter,
  value: boolean | number | string,
  amount: number,
): Result<true, ParameterMistake> {
  const low = min ?? Number.NEGATIVE_INFINITY;
  const high = max ?? Number.POSITIVE_INFINITY;
  if (amount >= low && amount <= high) return ok(true);
  const of = unit === undefined ? "" : ` (counted in ${unit})`;
  return err({
    message: `${name} is ${value}, which is outside ${min ?? ""} to ${max ?? ""}${of}`,
    hint: `Patroni would silently use ${amount < low ? min : max} instead`,
  });
}

function mistake(
  parameter: PostgresParameter,
  value: boolean | number | string,
  expected: string,
  example: string,
): Result<true, ParameterMistake> {
  return err({
    message: `${parameter.name} is ${JSON.stringify(value)}, expected ${expected}`,
    hint: `write it like ${parameter.name}: ${example}`,
  });
}

function exampleOf({ unit, min }: PostgresParameter): string {
  if (unit === undefined) return String(Math.max(min ?? 1, 1));
  return POSTGRES_UNITS.get(unit)?.kind === "memory" ? "16MB" : "30s";
}

/** True for every spelling of a boolean that PostgreSQL and Patroni both take. */
function isBooleanWord(value: boolean | number | string): boolean {
  if (typeof value === "string") return BOOLEAN_WORDS.has(value.toLowerCase());
  return typeof value === "boolean" || value === 0 || value === 1;
}

/** Whether a value switches a boolean parameter off; undefined when it is no boolean. */
export function isOff(value: boolean | number | string): boolean | undefined {
  if (!isBooleanWord(value)) return undefined;
  return (
    value === false || value === 0 || ["off", "false", "no"].includes(String(value).toLowerCase())
  );
}

/**
 * A quantity in the parameter's own unit: `16MB` of `wal_keep_size` is 16. Undefined when the value is none.
 */
export function quantityOf(
  { unit }: PostgresParameter,
  value: boolean | number | string,
): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(String(value));
  if (match === null) return undefined;
  const from = POSTGRES_UNITS.get(match[2] ?? "");
  const to = POSTGRES_UNITS.get(unit ?? "");
  if (match[2] === "" || unit === undefined) return Number(match[1]);
  return from === undefined || to === undefined
    ? undefined
    : (Number(match[1]) * from.size) / to.size;
}
