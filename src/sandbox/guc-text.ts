import type { Json } from "../core/json.ts";
import { isFileMode } from "../postgres/parameter-value.ts";
import type { PostgresParameter } from "../postgres/parameter.ts";
import { quantityOf } from "../postgres/quantity.ts";
import { POSTGRES_UNITS } from "../postgres/unit.ts";
import { readBoolean } from "../patroni/python-value.ts";

/**
 * Writes a value of a parameter as PostgreSQL's `SHOW` does once it runs with it: out of range numbers
 * moved to the limit, whole numbers in the largest unit that divides them, booleans as `on` and `off`.
 * Equal settings have equal text. Undefined when Patroni would leave the parameter out.
 *
 * @see patroni/postgresql/validator.py:transform_postgresql_parameter_value, guc.c:ShowGUCOption
 */
export function gucText(parameter: PostgresParameter, value: Json): string | undefined {
  switch (parameter.type) {
    case "bool":
      return booleanText(value);
    case "enum":
      return wordText(parameter, value);
    case "enumbool":
      return booleanText(value) ?? wordText(parameter, value);
    case "integer":
    case "real":
      return numberText(parameter, value);
    case "list":
    case "listbool":
    case "string":
      return isScalar(value) ? String(value) : undefined;
    default:
      return parameter.type satisfies never;
  }
}

/** A number of a parameter, counted in the parameter's own unit; undefined when it is none. */
export function gucNumber(parameter: PostgresParameter, value: Json): number | undefined {
  return isScalar(value) ? quantityOf(parameter, value) : undefined;
}

function booleanText(value: Json): string | undefined {
  const read = readBoolean(value);
  if (read === undefined) return undefined;
  return read ? "on" : "off";
}

function wordText(parameter: PostgresParameter, value: Json): string | undefined {
  const word = String(isScalar(value) ? value : "").toLowerCase();
  return parameter.values?.find((known) => known.toLowerCase() === word);
}

function numberText(parameter: PostgresParameter, value: Json): string | undefined {
  const amount = gucNumber(parameter, value);
  if (amount === undefined) return undefined;
  const low = parameter.min ?? Number.NEGATIVE_INFINITY;
  const high = parameter.max ?? Number.POSITIVE_INFINITY;
  const clamped = Math.min(Math.max(amount, low), high);
  if (isFileMode(parameter)) return `0${clamped.toString(8).padStart(3, "0")}`;
  return clamped > 0 ? inLargestUnit(parameter, clamped) : String(clamped);
}

function inLargestUnit(parameter: PostgresParameter, amount: number): string {
  const own = POSTGRES_UNITS.get(parameter.unit ?? "");
  if (own === undefined) return String(amount);
  const total = amount * own.size;
  for (const [name, unit] of POSTGRES_UNITS)
    if (unit.kind === own.kind && name !== "8kB" && isMultiple(total, unit.size))
      return `${Math.round(total / unit.size)}${name}`;
  return String(amount);
}

/** As PostgreSQL compares: a real number need not be a multiple to the last bit. */
function isMultiple(total: number, size: number): boolean {
  const count = Math.round(total / size);
  return count > 0 && Math.abs(count / (total / size) - 1) <= 1e-8;
}

function isScalar(value: Json): value is boolean | number | string {
  return typeof value === "boolean" || typeof value === "number" || typeof value === "string";
}
