import { findSetting, type Setting } from "../patroni/setting.ts";
import type { PostgresParameter } from "../postgres/parameter.ts";
import { quantityOf } from "../postgres/quantity.ts";

/** Why Patroni, or PostgreSQL after it, would not take what is written. */
interface CommandLineMistake {
  readonly message: string;
  readonly hint: string;
}

/**
 * What is wrong with a parameter that Patroni hands to PostgreSQL on the command line; undefined for every other
 * parameter, and for a value that both take. Below its minimum, and for a word that it does not know, Patroni uses
 * its own default. It has no maximum: what is too much for PostgreSQL keeps it from starting. Of these parameters
 * `wal_keep_size` alone stands in postgresql.conf, where Patroni lowers it.
 *
 * @see patroni/config.py:_process_postgresql_parameters, patroni/postgresql/config.py:CMDLINE_OPTIONS and
 *   patroni/postgresql/__init__.py:start at v3.0.2, v4.0.7 and v4.1.5
 */
export function commandLineMistake(
  parameter: PostgresParameter,
  value: boolean | number | string,
): CommandLineMistake | undefined {
  const path = ["postgresql", "parameters", parameter.name];
  const setting = findSetting(path);
  if (setting?.path.length !== path.length || setting.scope !== "dynamic") return undefined;
  return wordMistake(setting, parameter, value) ?? rangeMistake(setting, parameter, value);
}

function wordMistake(
  { values, byDefault = "" }: Setting,
  { name }: PostgresParameter,
  value: boolean | number | string,
): CommandLineMistake | undefined {
  if (values === undefined || values.includes(String(value).toLowerCase())) return undefined;
  // `hot_standby` is an old word for `replica`, which Patroni puts in its place.
  const words = values.filter((word) => word !== "hot_standby");
  return {
    message: `${name} is ${value}, Patroni takes only ${words.join(" or ")}`,
    hint: `write ${words.join(" or ")}, or leave it out: Patroni would silently use its default ${words.includes(byDefault) ? byDefault : (words[0] ?? "")} instead`,
  };
}

function rangeMistake(
  setting: Setting,
  parameter: PostgresParameter,
  value: boolean | number | string,
): CommandLineMistake | undefined {
  const amount = quantityOf(parameter, value);
  if (amount === undefined) return undefined;
  const { name, min, max, unit } = parameter;
  if (setting.min !== undefined && amount < setting.min)
    return {
      message: `${name} is ${value}, Patroni takes no less than ${setting.min}${unit === undefined ? "" : ` ${unit}`}`,
      hint: `Patroni would silently use its default ${setting.byDefault ?? ""} instead`,
    };
  if (max === undefined || amount <= max || setting.kind === "size") return undefined;
  return {
    message: `${name} is ${value}, which is outside ${min ?? ""} to ${max}`,
    hint: `write ${max} or less: Patroni would hand it on, and PostgreSQL would not start`,
  };
}
