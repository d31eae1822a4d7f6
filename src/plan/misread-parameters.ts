import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { nearest } from "../core/nearest.ts";
import { readBoolean, readQuantity } from "../patroni/python-value.ts";
import { findSetting, isSettingKnownIn, type Setting } from "../patroni/setting.ts";
import type { PatroniVersion } from "../patroni/version.ts";
import { parameterGaps } from "../patroni/parameter-gap.ts";
import {
  findPostgresParameter,
  postgresParameterNames,
  type PostgresParameter,
} from "../postgres/parameter.ts";
import { quantityOf } from "../postgres/quantity.ts";

/** A parameter of a live document, and what Patroni does with it instead of what is written. */
export interface MisreadParameter {
  readonly name: string;
  /** Words that follow its name, such as `drops it`. */
  readonly does: string;
}

/**
 * The parameters of a live DCS document that Patroni drops, clamps or replaces by its default, of which its
 * log alone tells. Another spelling of a good value is none of them. Empty when all of them count.
 *
 * @see patroni/config.py:_process_postgresql_parameters and postgresql/validator.py at v4.1.5
 */
export function misreadParameters(
  document: JsonObject,
  version: PatroniVersion,
  major: number,
): readonly MisreadParameter[] {
  const { postgresql } = document;
  const parameters = isJsonObject(postgresql) ? postgresql["parameters"] : undefined;
  if (!isJsonObject(parameters)) return [];
  return Object.entries(parameters).flatMap(([name, value]): MisreadParameter[] => {
    if (value === null) return [];
    const setting = findSetting(["postgresql", "parameters", name.toLowerCase()]);
    const does =
      setting === undefined || setting.scope === "both"
        ? parameterReading(name, value, { version, major })
        : commandLineReading(setting, value, version);
    return does === undefined ? [] : [{ name, does }];
  });
}

/** A parameter that Patroni hands to PostgreSQL on the command line. */
function commandLineReading(
  setting: Setting,
  value: Json,
  version: PatroniVersion,
): string | undefined {
  const name = setting.path.at(-1);
  if (setting.scope === "none") return "ignores it: it sets it itself";
  const isForced = name === "hot_standby" || !isSettingKnownIn(setting, version);
  if (isForced) return readBoolean(value) === true ? undefined : "ignores it: it forces it on";
  return isReadable(setting, value)
    ? undefined
    : `uses its default ${setting.byDefault ?? ""} instead`;
}

function isReadable({ kind, min, values }: Setting, value: Json): boolean {
  if (kind === "bool") return readBoolean(value) !== undefined;
  if (kind === "enum")
    return typeof value === "string" && (values ?? []).includes(value.toLowerCase());
  const number = readQuantity(value, kind === "size" ? "MB" : undefined);
  return number !== undefined && number >= (min ?? number);
}

/** Patroni keeps these apart, and writes them where PostgreSQL looks for them. */
const RECOVERY =
  /^(?:restore_command|archive_cleanup_command|recovery_\w+|primary_conninfo|primary_slot_name|promote_trigger_file|standby_mode|trigger_file)$/;

function parameterReading(
  name: string,
  value: Json,
  { version, major }: { readonly version: PatroniVersion; readonly major: number },
): string | undefined {
  // Of an extension's parameter nothing is known.
  if (name.includes(".") || RECOVERY.test(name.toLowerCase())) return undefined;
  const parameter = findPostgresParameter(name, major);
  if (parameter !== undefined) {
    const isDropped = parameterGaps(name, major, version).some(({ kind }) => kind === "drops");
    return isDropped ? "drops it, though PostgreSQL would take it" : valueReading(parameter, value);
  }
  const suggestion = nearest(name, postgresParameterNames(major));
  const hint = suggestion === undefined ? "" : ` (did you mean ${suggestion}?)`;
  return `drops it: PostgreSQL ${major} has no such parameter${hint}`;
}

const DROPS = "drops it: PostgreSQL would not take the value";

function valueReading(parameter: PostgresParameter, value: Json): string | undefined {
  switch (parameter.type) {
    case "bool":
      return readBoolean(value) === undefined ? DROPS : undefined;
    case "enum":
    case "enumbool":
      return isWord(parameter, value) ? undefined : DROPS;
    case "integer":
    case "real":
      return numberReading(parameter, value);
    // Lists are judged by PostgreSQL itself.
    case "list":
    case "listbool":
    case "string":
      return undefined;
    default:
      return parameter.type satisfies never;
  }
}

function isWord({ type, values }: PostgresParameter, value: Json): boolean {
  if (type === "enumbool" && readBoolean(value) !== undefined) return true;
  const word = typeof value === "string" ? value.toLowerCase() : "";
  return (values ?? []).some((allowed) => allowed.toLowerCase() === word);
}

function numberReading(parameter: PostgresParameter, value: Json): string | undefined {
  const { min, max, unit = "" } = parameter;
  const isPlain = typeof value === "number" || typeof value === "string";
  const amount = isPlain ? quantityOf(parameter, value) : undefined;
  if (amount === undefined) return DROPS;
  if (min !== undefined && amount < min) return `uses ${min}${unit} instead`;
  return max !== undefined && amount > max ? `uses ${max}${unit} instead` : undefined;
}
