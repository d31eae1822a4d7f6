import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { findPostgresParameter, isKnownIn } from "../postgres/parameter.ts";
import { gucNumber, gucText } from "./guc-text.ts";
import {
  COMMAND_LINE_PARAMETERS,
  KEPT_FROM_CONTROL_DATA,
  NEVER_FROM_DOCUMENT,
  POSTMASTER_DEFAULTS,
  type CommandLineParameter,
} from "./postmaster-defaults.ts";
import type { Release } from "./release.ts";

/** Parameters that need a restart, in lower case, with their values as `SHOW` prints them. */
export type ServerSettings = ReadonlyMap<string, string>;

/** A setting that waits for a restart. */
export interface PendingChange {
  readonly oldValue: string;
  readonly newValue: string;
}

/** What PostgreSQL would run with if it were started with this document now. */
export function settingsOfDocument(
  document: JsonObject,
  release: Release,
  postgresMajor: number,
): ServerSettings {
  const parameters = parametersOf(document);
  const settings = new Map<string, string>(POSTMASTER_DEFAULTS);
  for (const row of COMMAND_LINE_PARAMETERS)
    settings.set(row.name, commandLineText(row, parameters.get(row.name), release));
  for (const [name, value] of parameters) {
    if (NEVER_FROM_DOCUMENT.has(name) || COMMAND_LINE_PARAMETERS.some((row) => row.name === name))
      continue;
    const parameter = findPostgresParameter(name);
    if (parameter?.context !== "postmaster" || !isKnownIn(parameter, postgresMajor)) continue;
    const text = gucText(parameter, value);
    if (text !== undefined) settings.set(name, text);
  }
  return settings;
}

/** What a restart would change. Empty when the server runs with what the document says. */
export function pendingChanges(
  running: ServerSettings,
  wanted: ServerSettings,
): ReadonlyMap<string, PendingChange> {
  const pending = new Map<string, PendingChange>();
  for (const name of new Set([...running.keys(), ...wanted.keys()])) {
    const oldValue = running.get(name) ?? "";
    const newValue = wanted.get(name) ?? "";
    if (oldValue !== newValue) pending.set(name, { oldValue, newValue });
  }
  return pending;
}

/**
 * What a standby starts with: the primary's values where those are larger, because it could not replay
 * its WAL otherwise. The difference stays pending.
 *
 * @see patroni/postgresql/config.py:ConfigHandler.effective_configuration
 */
export function settingsOfStandby(wanted: ServerSettings, primary: ServerSettings): ServerSettings {
  const settings = new Map(wanted);
  for (const name of KEPT_FROM_CONTROL_DATA) {
    const kept = primary.get(name);
    if (kept !== undefined && Number(kept) > Number(wanted.get(name))) settings.set(name, kept);
  }
  return settings;
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
): string {
  const parameter = findPostgresParameter(row.name);
  if (parameter === undefined || value === undefined || value === null) return row.byDefault;
  if (row.name === "wal_level") return walLevelText(value);
  if (row.name === "wal_log_hints" && !release.hasTolerantParser) return row.byDefault;
  if (row.min === undefined) return gucText(parameter, value) ?? row.byDefault;
  const number = gucNumber(parameter, value);
  if (number === undefined || number < row.min) return row.byDefault;
  return gucText(parameter, value) ?? row.byDefault;
}

function walLevelText(value: Json): string {
  return value === "logical" || value === "LOGICAL" ? "logical" : "replica";
}
