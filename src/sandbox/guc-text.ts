import type { Json } from "../core/json.ts";
import type { PostgresParameter } from "../postgres/parameter.ts";
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
    case "string":
      return isScalar(value) ? String(value) : undefined;
    default:
      return parameter.type satisfies never;
  }
}

/** A number of a parameter, counted in the parameter's own unit; undefined when it is none. */
export function gucNumber(parameter: PostgresParameter, value: Json): number | undefined {
  const match = /^\s*([+-]?\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(
    isScalar(value) ? String(value) : "",
  );
  if (match === null) return undefined;
  const amount = Number(match[1]);
  const unit = match[2] ?? "";
  if (unit === "") return parameter.type === "integer" ? Math.round(amount) : amount;
  const from = POSTGRES_UNITS.get(unit);
  const to = POSTGRES_UNITS.get(parameter.unit ?? "");
  if (from === undefined || to === undefined || from.kind !== to.kind) return undefined;
  const converted = (amount * from.size) / to.size;
  return parameter.type === "integer" ? Math.round(converted) : converted;
}

function booleanText(value: Json): string | undefined {
  const read = readBoolean(value);
  if (read === undefined) return undefined;
  return read ? "on" : "off";
}

function wordText(parameter: PostgresParameter, value: Json): string | undefined {
  const word = String(isScalar(value) ? value : "").toLowerCase();
  return parameter.values?.includes(word) === true ? word : undefined;
}

function numberText(parameter: PostgresParameter, value: Json): string | undefined {
  const amount = gucNumber(parameter, value);
  if (amount === undefined) return undefined;
  const low = parameter.min ?? Number.NEGATIVE_INFINITY;
  const high = parameter.max ?? Number.POSITIVE_INFINITY;
  const clamped = Math.min(Math.max(amount, low), high);
  const own = POSTGRES_UNITS.get(parameter.unit ?? "");
  if (own === undefined || clamped <= 0 || parameter.type === "real") return String(clamped);
  for (const [name, unit] of POSTGRES_UNITS) {
    const total = clamped * own.size;
    if (unit.kind === own.kind && name !== "8kB" && total % unit.size === 0)
      return `${total / unit.size}${name}`;
  }
  return String(clamped);
}

function isScalar(value: Json): value is boolean | number | string {
  return typeof value === "boolean" || typeof value === "number" || typeof value === "string";
}
