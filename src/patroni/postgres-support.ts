import { isAtLeast, type PatroniVersion } from "./version.ts";

/** The first Patroni whose release notes speak of a PostgreSQL major version. */
interface Support {
  readonly postgres: number;
  readonly since: PatroniVersion;
  /** What docs/releases.rst of Patroni says there. */
  readonly source: string;
}

/** Older major versions than these are known to every release that Quorate knows. */
const SUPPORT: readonly Support[] = [
  {
    postgres: 16,
    since: { major: 3, minor: 0, patch: 3 },
    source: "3.0.3: Compatibility with PostgreSQL 16 beta1",
  },
  {
    postgres: 17,
    since: { major: 4, minor: 0, patch: 0 },
    source: "4.0.0: Compatibility with PostgreSQL 17 beta3",
  },
  {
    postgres: 18,
    since: { major: 4, minor: 0, patch: 7 },
    source: "4.0.7: Add support for PostgreSQL 18 RC1",
  },
];

/** The row of a PostgreSQL that came after this Patroni; undefined when Patroni knows it. */
export function unknownPostgres(patroni: PatroniVersion, postgres: number): Support | undefined {
  const row = SUPPORT.find((support) => support.postgres === postgres);
  return row === undefined || isAtLeast(patroni, row.since) ? undefined : row;
}
