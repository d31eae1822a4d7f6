/** A unit of a parameter's value. */
export interface PostgresUnit {
  readonly kind: "memory" | "time";
  /** Bytes, or microseconds. */
  readonly size: number;
}

/**
 * The units that PostgreSQL knows, from large to small, as it tries them when it prints a value.
 *
 * @see https://www.postgresql.org/docs/current/config-setting.html
 */
export const POSTGRES_UNITS: ReadonlyMap<string, PostgresUnit> = new Map([
  ["TB", { kind: "memory", size: 1024 ** 4 }],
  ["GB", { kind: "memory", size: 1024 ** 3 }],
  ["MB", { kind: "memory", size: 1024 ** 2 }],
  ["8kB", { kind: "memory", size: 8192 }],
  ["kB", { kind: "memory", size: 1024 }],
  ["B", { kind: "memory", size: 1 }],
  ["d", { kind: "time", size: 86_400e6 }],
  ["h", { kind: "time", size: 3600e6 }],
  ["min", { kind: "time", size: 60e6 }],
  ["s", { kind: "time", size: 1e6 }],
  ["ms", { kind: "time", size: 1e3 }],
  ["us", { kind: "time", size: 1 }],
]);
