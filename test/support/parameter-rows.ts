import { postgresParameterRows, type PostgresParameter } from "../../src/postgres/parameter.ts";
import { POSTGRES_PARAMETERS } from "../../src/postgres/parameters-table.ts";

const NAMES = POSTGRES_PARAMETERS.trim()
  .split("\n")
  .map((line) => line.split("|")[0] ?? "");

/** Every row of the table of PostgreSQL parameters, as the product reads it. */
export const PARAMETER_ROWS: readonly PostgresParameter[] = [...new Set(NAMES)].flatMap((name) =>
  postgresParameterRows(name),
);

/** The rows that speak of a major version and of what a configuration may set there. */
export function settableRows(major: number): readonly PostgresParameter[] {
  return PARAMETER_ROWS.filter(
    ({ from, to, context }) => from <= major && major <= to && context !== "internal",
  );
}
