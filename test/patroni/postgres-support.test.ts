import { expect, test } from "vitest";
import { unknownPostgres } from "../../src/patroni/postgres-support.ts";
import { parsePatroniVersion } from "../../src/patroni/version.ts";

test.each([
  ["3.0.2", 15, true],
  ["3.0.2", 16, false],
  ["3.0.3", 16, true],
  ["3.3.9", 17, false],
  ["4.0", 17, true],
  ["4.0.6", 18, false],
  ["4.0.7", 18, true],
])("Patroni %s and PostgreSQL %i know each other: %s", (release, postgres, isKnown) => {
  const version = parsePatroniVersion(release);
  if (!version.ok) throw new Error(version.error);
  expect(unknownPostgres(version.value, postgres) === undefined).toBe(isKnown);
});
