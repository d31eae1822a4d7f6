import { err, ok, type Result } from "../core/result.ts";
import type { PostgresParameter } from "./parameter.ts";
import { quantityOf, readNumber, type WrittenNumber } from "./quantity.ts";
import { POSTGRES_UNITS } from "./unit.ts";

/** The words that PostgreSQL and Patroni both take for a boolean. */
const BOOLEAN_WORDS: ReadonlySet<string> = new Set(["on", "off", "true", "false", "yes", "no"]);

const FILE_MODES: ReadonlySet<string> = new Set(["log_file_mode", "unix_socket_permissions"]);

/** True for a mode of files: PostgreSQL reads it as octal only when it begins with 0, which YAML drops. */
export function isFileMode({ name }: PostgresParameter): boolean {
  return FILE_MODES.has(name);
}

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
  if (isFileMode(parameter)) return checkMode(parameter, value);
  switch (parameter.type) {
    case "bool":
      return isBooleanWord(value) ? ok(true) : mistake(parameter, value, "on or off", "on");
    case "enum":
    case "enumbool":
      return checkEnum(parameter, value);
    case "list":
    case "listbool":
      return checkList(parameter, value);
    case "integer":
    case "real":
      return checkNumber(parameter, value);
    case "string":
      return ok(true);
    default:
      return parameter.type satisfies never;
  }
}

function checkMode(
  parameter: PostgresParameter,
  value: boolean | number | string,
): Result<true, ParameterMistake> {
  if (typeof value === "string" && /^0[0-7]{3}$/.test(value)) return ok(true);
  return mistake(parameter, value, "an octal mode in quotes", '"0600"');
}

function checkEnum(
  parameter: PostgresParameter,
  value: boolean | number | string,
): Result<true, ParameterMistake> {
  const words = parameter.values ?? [];
  if (parameter.type === "enumbool" && isBooleanWord(value)) return ok(true);
  if (typeof value === "string" && hasWord(words, value)) return ok(true);
  const all = parameter.type === "enumbool" ? ["on", "off", ...words] : words;
  return mistake(parameter, value, `one of ${all.join(", ")}`, all[0] ?? "");
}

function checkList(
  parameter: PostgresParameter,
  value: boolean | number | string,
): Result<true, ParameterMistake> {
  const words = parameter.values ?? [];
  if (parameter.type === "listbool" && isBooleanWord(value)) return ok(true);
  if (typeof value === "string") {
    const written = value.trim() === "" ? [] : value.split(",");
    if (written.every((word) => hasWord(words, word.trim()))) return ok(true);
  }
  const or = parameter.type === "listbool" ? "on, off, or " : "";
  const example = `"${words.slice(0, 2).join(", ")}"`;
  return mistake(parameter, value, `${or}a list of ${words.join(", ")}`, example);
}

/** PostgreSQL takes its words in any case. */
function hasWord(words: readonly string[], written: string): boolean {
  return words.some((word) => word.toLowerCase() === written.toLowerCase());
}

function checkNumber(
  parameter: PostgresParameter,
  value: boolean | number | string,
): Result<true, ParameterMistake> {
  const written = readNumber(parameter, value);
  const amount = quantityOf(parameter, value);
  if (written === undefined || amount === undefined || !isWellWritten(parameter, written)) {
    const kind = POSTGRES_UNITS.get(parameter.unit ?? "")?.kind;
    const unit = kind === undefined ? "without a unit" : `with a unit of ${kind}`;
    return mistake(parameter, value, `a number ${unit}`, exampleOf(parameter));
  }
  if (written.isOtherBase)
    return err({
      message: `${parameter.name} is ${JSON.stringify(value)}, which PostgreSQL reads as ${written.amount}${written.unit}`,
      hint: "write a decimal number without a leading 0",
    });
  return checkRange(parameter, value, amount);
}

function isWellWritten({ type, unit }: PostgresParameter, written: WrittenNumber): boolean {
  if (unit === undefined) return type === "real" || Number.isInteger(written.amount);
  return written.unit !== "" || written.amount === 0 || written.amount === -1;
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
  const range = max === undefined ? `below ${min}` : `outside ${min ?? ""} to ${max}`;
  return err({
    message: `${name} is ${value}, which is ${range}${of}`,
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
