import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { parameterGaps } from "../patroni/parameter-gap.ts";
import { findPostgresParameter } from "../postgres/parameter.ts";
import { gucNumber, gucText } from "./guc-text.ts";
import {
  COMMAND_LINE_PARAMETERS,
  NEVER_FROM_DOCUMENT,
  type CommandLineParameter,
} from "./postmaster-defaults.ts";
import type { Release } from "./release.ts";

/** One line of the `postgresql.conf` that Patroni writes. */
export interface ServerSetting {
  /** The value as `SHOW` prints it once PostgreSQL runs with it. */
  readonly text: string;
  readonly needsRestart: boolean;
}

/** What Patroni writes into `postgresql.conf`, by parameter name in lower case. */
export type ServerSettings = ReadonlyMap<string, ServerSetting>;

/**
 * What Patroni makes of the document's `postgresql.parameters`: its own defaults for the command line
 * parameters, values in PostgreSQL's spelling, and nothing that PostgreSQL does not know.
 *
 * @see patroni/config.py:Config._process_postgresql_parameters
 */
export function settingsOfDocument(
  document: JsonObject,
  release: Release,
  postgresMajor: number,
): ServerSettings {
  const parameters = parametersOf(document);
  const settings = new Map<string, ServerSetting>();
  for (const row of COMMAND_LINE_PARAMETERS) {
    const text = commandLineText(row, parameters.get(row.name), release, postgresMajor);
    settings.set(row.name, { text, needsRestart: true });
  }
  for (const [name, value] of parameters) {
    if (NEVER_FROM_DOCUMENT.has(name) || settings.has(name)) continue;
    const setting = settingOf(name, value, release, postgresMajor);
    if (setting !== undefined) settings.set(name, setting);
  }
  return settings;
}

function settingOf(
  name: string,
  value: Json,
  release: Release,
  postgresMajor: number,
): ServerSetting | undefined {
  if (name.includes(".")) return { text: JSON.stringify(value), needsRestart: false };
  const parameter = findPostgresParameter(name, postgresMajor);
  if (parameter === undefined || parameter.context === "internal") return undefined;
  const gaps = parameterGaps(name, postgresMajor, release.version);
  if (gaps.some(({ kind }) => kind === "drops")) return undefined;
  const text = gucText(parameter, value);
  if (text === undefined) return undefined;
  return { text, needsRestart: parameter.context === "postmaster" };
}

function parametersOf(document: JsonObject): ReadonlyMap<string, Json> {
  const section = document["postgresql"];
  const parameters = isJsonObject(section) ? section["parameters"] : undefined;
  if (!isJsonObject(parameters)) return new Map();
  return new Map(Object.entries(parameters).map(([name, value]) => [name.toLowerCase(), value]));
}

function commandLineText(
  row: CommandLineParameter,
  value: Json | undefined,
  release: Release,
  postgresMajor: number,
): string {
  const parameter = findPostgresParameter(row.name, postgresMajor);
  if (parameter === undefined || value === undefined || value === null) return row.byDefault;
  if (row.name === "wal_level") return walLevelText(value);
  if (row.name === "wal_log_hints" && !release.hasTolerantParser) return row.byDefault;
  const number = row.min === undefined ? undefined : gucNumber(parameter, value);
  if (row.min !== undefined && (number === undefined || number < row.min)) return row.byDefault;
  return gucText(parameter, value) ?? row.byDefault;
}

function walLevelText(value: Json): string {
  return typeof value === "string" && value.toLowerCase() === "logical" ? "logical" : "replica";
}
