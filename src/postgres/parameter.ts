import { Bug } from "../core/bug.ts";
import { POSTGRES_PARAMETERS } from "./parameters-table.ts";

const TYPES = [
  "bool",
  "enum",
  "enumbool",
  "integer",
  "list",
  "listbool",
  "real",
  "string",
] as const;
const CONTEXTS = [
  "backend",
  "internal",
  "postmaster",
  "sighup",
  "superuser",
  "superuser-backend",
  "user",
] as const;

/** One PostgreSQL parameter as a stretch of major versions has it. */
export interface PostgresParameter {
  readonly name: string;
  /** The major versions that this row speaks of, both included. */
  readonly from: number;
  readonly to: number;
  /**
   * What a value looks like. `list` is words with commas between, in a text; `enumbool` and `listbool`
   * take a boolean as well.
   */
  readonly type: (typeof TYPES)[number];
  /**
   * When a change takes effect: `postmaster` needs a restart, the others a reload, and `internal` is what
   * no configuration file can set.
   */
  readonly context: (typeof CONTEXTS)[number];
  /** The unit of a bare number and of the limits, such as `8kB` or `ms`. */
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  /**
   * The compiled-in value, counted in `unit`; absent where every packager chooses. What `initdb` writes
   * into a new cluster's file may differ (`shared_buffers`, locales).
   */
  readonly byDefault?: string;
  /** The words of an `enum` or a `list`, without those of a boolean, in PostgreSQL's spelling. */
  readonly values?: readonly string[];
}

/** The oldest and the newest major version that the table speaks of. */
export const OLDEST_POSTGRES = 13;
export const NEWEST_POSTGRES = 18;

/**
 * Finds a parameter of a major version by name, in any case, as PostgreSQL does; undefined when that
 * version has none. The old names that PostgreSQL still takes for some are not found: Patroni drops them.
 */
export function findPostgresParameter(name: string, major: number): PostgresParameter | undefined {
  return postgresParameterRows(name).find(({ from, to }) => from <= major && major <= to);
}

/** What every major version says of a parameter, oldest first; empty when none has it. */
export function postgresParameterRows(name: string): readonly PostgresParameter[] {
  return table().get(name.toLowerCase()) ?? [];
}

/** Every name that exists in a major version and that a configuration may set, for suggestions. */
export function postgresParameterNames(major: number): readonly string[] {
  return [...table().values()]
    .flat()
    .filter(({ from, to, context }) => from <= major && major <= to && context !== "internal")
    .map(({ name }) => name);
}

let rowsByName: ReadonlyMap<string, readonly PostgresParameter[]> | undefined;

/** Reads the table when it is first needed: most commands start without it. */
function table(): ReadonlyMap<string, readonly PostgresParameter[]> {
  rowsByName ??= readTable();
  return rowsByName;
}

function readTable(): ReadonlyMap<string, readonly PostgresParameter[]> {
  const found = new Map<string, PostgresParameter[]>();
  for (const line of POSTGRES_PARAMETERS.trim().split("\n")) {
    const row = readRow(line);
    const key = row.name.toLowerCase();
    const rows = found.get(key);
    if (rows === undefined) found.set(key, [row]);
    else rows.push(row);
  }
  return found;
}

function readRow(line: string): PostgresParameter {
  const [name = "", majors = "", context, type, unit, min, max, byDefault = "", values] =
    line.split("|");
  const knownContext = CONTEXTS.find((known) => known === context);
  const knownType = TYPES.find((known) => known === type);
  const [from, to = from] = majors.split("-");
  if (knownContext === undefined || knownType === undefined || values === undefined)
    throw new Bug(`a line of the table of parameters cannot be read: ${line}`);
  return {
    name,
    from: Number(from),
    to: Number(to),
    context: knownContext,
    type: knownType,
    ...(unit ? { unit } : {}),
    ...limits(min, max),
    ...(byDefault === "?" ? {} : { byDefault }),
    ...(values === "" ? {} : { values: values.split(",") }),
  };
}

function limits(min = "", max = ""): Pick<PostgresParameter, "min" | "max"> {
  return {
    ...(min === "" ? {} : { min: Number(min) }),
    ...(max === "" ? {} : { max: Number(max) }),
  };
}
