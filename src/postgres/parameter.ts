import { POSTGRES_PARAMETERS } from "./parameters-table.ts";

/** One PostgreSQL parameter, with the limits that Patroni and PostgreSQL check it by. */
export interface PostgresParameter {
  readonly name: string;
  readonly type: "bool" | "enum" | "enumbool" | "integer" | "real" | "string";
  /**
   * When a change takes effect: `postmaster` needs a restart, the others a reload. `unknown` where the
   * server that the table was made with does not have the parameter.
   */
  readonly context:
    | "postmaster"
    | "sighup"
    | "superuser"
    | "superuser-backend"
    | "backend"
    | "user"
    | "unknown";
  /** The first major version that has it, where that is newer than the oldest supported one. */
  readonly since?: number;
  /** The first major version that no longer has it. */
  readonly until?: number;
  /** Limits, counted in `unit`. */
  readonly min?: number;
  readonly max?: number;
  /** The unit of a bare number, such as `8kB` or `ms`. */
  readonly unit?: string;
  /** The allowed words of an `enum`, and those of an `enumbool` besides the booleans. */
  readonly values?: readonly string[];
}

/** The oldest and the newest major version that the table speaks of. */
export const OLDEST_POSTGRES = 13;
export const NEWEST_POSTGRES = 18;

const BY_NAME: ReadonlyMap<string, PostgresParameter> = new Map(
  POSTGRES_PARAMETERS.map((parameter) => [parameter.name.toLowerCase(), parameter]),
);

/** Finds a parameter by name, in any case, as PostgreSQL does; undefined when there is none. */
export function findPostgresParameter(name: string): PostgresParameter | undefined {
  return BY_NAME.get(name.toLowerCase());
}

/** True when the parameter exists in that major version. */
export function isKnownIn(parameter: PostgresParameter, major: number): boolean {
  return (parameter.since ?? 0) <= major && major < (parameter.until ?? Number.POSITIVE_INFINITY);
}

/** Every name that exists in that major version, for suggestions. */
export function postgresParameterNames(major: number): readonly string[] {
  return POSTGRES_PARAMETERS.filter((parameter) => isKnownIn(parameter, major)).map(
    (parameter) => parameter.name,
  );
}
