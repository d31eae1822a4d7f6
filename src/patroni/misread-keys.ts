import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { checkDocument, type DocumentMistake } from "./check-document.ts";
import { adjustTimeouts, TIMEOUTS } from "./adjust-timeouts.ts";
import { isTruthy, readBoolean, readInt, readQuantity } from "./python-value.ts";
import { refusedKeys } from "./refused-keys.ts";
import { findSetting, type Setting } from "./setting.ts";
import { formatPatroniVersion, isAtLeast, type PatroniVersion } from "./version.ts";

/** A key of a live document that Patroni does not take as it is written. */
export interface MisreadKey {
  readonly path: readonly string[];
  /** What the release does with it, as words that follow its name: `ignores it`. */
  readonly does: string;
  /** True when the key keeps the nodes from taking the document. */
  readonly isRefused: boolean;
}

const REFUSES =
  "cannot read it, and keeps the timeouts and everything under postgresql as they were before";

/**
 * The keys of a live DCS document that one release would ignore, replace, misread or throw on. Unlike
 * {@link checkDocument} it says nothing of another spelling of a value that Patroni reads all the same.
 * PostgreSQL's parameters are left to PostgreSQL's table. Empty when all of it counts.
 *
 * @see patroni/config.py, global_config.py, postgresql/rewind.py and dcs/__init__.py at 3.0.2, 4.0.7 and 4.1.5
 */
export function misreadKeys(document: JsonObject, version: PatroniVersion): readonly MisreadKey[] {
  const refused = refusedKeys(document, version);
  const isRefused = new Set(refused.map((path) => path.join("\0")));
  const misread = checkDocument(document, "dynamic", version).flatMap((mistake): MisreadKey[] => {
    const isParameter = mistake.path[1] === "parameters" && mistake.path.length > 2;
    if (isParameter || isRefused.has(mistake.path.join("\0"))) return [];
    const does = readingOf(mistake, document, version);
    return does === undefined ? [] : [{ path: mistake.path, does, isRefused: false }];
  });
  return [
    ...refused.map((path) => ({ path, does: REFUSES, isRefused: true })),
    ...(refused.length === 0 ? changedTimeouts(document, version) : []),
    ...misread,
  ];
}

/** Timeouts that Patroni raises to their minimum, or lowers until a loop fits into the lease. */
function changedTimeouts(document: JsonObject, version: PatroniVersion): readonly MisreadKey[] {
  if (!isAtLeast(version, { major: 3, minor: 2, patch: 0 })) return [];
  const adjusted = adjustTimeouts(document);
  return TIMEOUTS.flatMap((name): MisreadKey[] => {
    const [written, used] = [readInt(document[name]), readInt(adjusted[name])];
    if (written === undefined || used === undefined || written === used) return [];
    const does =
      used > written
        ? `raises it to ${used}`
        : `lowers it to ${used}, so that loop_wait + 2 x retry_timeout fits into ttl`;
    return [{ path: [name], does, isRefused: false }];
  });
}

/** What the release does with a key that does not fit its schema; undefined when it reads what was meant. */
function readingOf(
  { path, kind, hint, suggests }: DocumentMistake,
  document: JsonObject,
  version: PatroniVersion,
): string | undefined {
  const setting = findSetting(path);
  switch (kind) {
    case "unknown":
      return `does not know it and ignores it${suggests === undefined ? "" : ` (${hint})`}`;
    case "other-release":
      return otherRelease(path, setting, version);
    case "elsewhere":
      return isReadHere(path) ? undefined : `ignores it here (${hint})`;
    case "value":
      return setting === undefined
        ? undefined
        : valueReading(setting, { path, value: valueAt(document, path), version });
    default:
      return kind satisfies never;
  }
}

function otherRelease(
  path: readonly string[],
  setting: Setting | undefined,
  version: PatroniVersion,
): string {
  if (path.join(".") === "synchronous_mode")
    return "does not know this value, which came with 4.0, and takes it for off";
  if (setting?.isUpcoming === true) return "ignores it (it comes with the release after 4.1)";
  if (setting?.until !== undefined && isAtLeast(version, setting.until))
    return `no longer knows it and ignores it (it went with ${formatPatroniVersion(setting.until)})`;
  const since = setting?.since;
  return `does not know it yet and ignores it${since === undefined ? "" : ` (it came with ${formatPatroniVersion(since)})`}`;
}

/** Keys that Patroni drops from a dynamic configuration; others below `postgresql` it reads from there too. */
const DROPPED: ReadonlySet<string> = new Set([
  "authentication",
  "config_dir",
  "connect_address",
  "data_dir",
  "listen",
  "parameters",
  "pgpass",
  "proxy_address",
]);

function isReadHere([section, key = ""]: readonly string[]): boolean {
  return section === "postgresql" && !DROPPED.has(key);
}

interface Written {
  readonly path: readonly string[];
  readonly value: Json | undefined;
  readonly version: PatroniVersion;
}

function valueReading(setting: Setting, written: Written): string | undefined {
  const { kind, path, aliasOf } = setting;
  if (path[0] === "slots" || aliasOf === "slots") return slotReading(setting, written);
  if (kind === "bool" || kind === "bool_or_enum") return switchReading(setting, written);
  if (kind === "int" || kind === "duration") return numberReading(setting, written.value);
  return isTruthy(written.value) ? FAILS : undefined;
}

const FAILS = "takes it as it is, and fails where it uses it";

/** Patroni's own switches are words; those under `postgresql` are Python's truth, where `"off"` is true. */
function switchReading(setting: Setting, { value, version }: Written): string | undefined {
  const isWord =
    setting.path[0] !== "postgresql" ||
    (setting.path[1] === "use_slots" && isAtLeast(version, ONE_BY_ONE));
  const meant = isQuorum(value, version) ? true : readBoolean(value);
  const read = isWord ? meant === true : isTruthy(value);
  if (meant === read || (value === null && setting.byDefault !== "true")) return undefined;
  if (!isWord && typeof value === "string") return "takes any text for true";
  return `takes it for ${read}`;
}

/** The one word among the switches, in any case. */
function isQuorum(value: Json | undefined, version: PatroniVersion): boolean {
  const word = typeof value === "string" ? value.toLowerCase() : "";
  return word === "quorum" && isAtLeast(version, { major: 4, minor: 0, patch: 0 });
}

const ONE_BY_ONE: PatroniVersion = { major: 3, minor: 0, patch: 3 };

function numberReading(setting: Setting, value: Json | undefined): string | undefined {
  const [name = "", inner] = setting.path;
  if (inner !== undefined) return ownNumberReading(inner, value);
  // What becomes of a timeout depends on the other two.
  if (TIMEOUTS.some((timeout) => timeout === name) || value === null) return undefined;
  const number = readQuantity(value, setting.kind === "duration" ? "s" : undefined);
  if (number === undefined) return `uses its default ${setting.byDefault ?? ""} instead`;
  return name === "maximum_lag_on_failover" && number < 0 ? "would promote no standby" : undefined;
}

/** Below a section Patroni hands a number on as it is. */
function ownNumberReading(key: string, value: Json | undefined): string | undefined {
  const isNumber =
    typeof value === "number" || (typeof value === "string" && /^\s*[+-]?[\d.]+\s*$/.test(value));
  if (isNumber || !isTruthy(value)) return undefined;
  return key === "pg_ctl_timeout" ? "fails when it starts PostgreSQL" : FAILS;
}

function slotReading(setting: Setting, { path, value }: Written): string | undefined {
  if (path.length === 1) return isTruthy(value) ? "fails on it in every HA loop" : undefined;
  const isName = new RegExp(setting.keyPattern ?? "").test(path[1] ?? "");
  const isFine = path.length === 2 && isName && !isTruthy(value);
  return isFine ? undefined : "logs an error and does not create the slot";
}

function valueAt(document: JsonObject, path: readonly string[]): Json | undefined {
  let value: Json | undefined = document;
  for (const key of path) {
    if (Array.isArray(value)) value = value[Number(key)];
    else value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}
