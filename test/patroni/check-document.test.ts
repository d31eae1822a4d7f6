import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isJsonObject, type Json } from "../../src/core/json.ts";
import { checkDocument } from "../../src/patroni/check-document.ts";
import {
  documentSchema,
  schemaReleaseOf,
  schemaReleases,
  type DocumentKind,
} from "../../src/patroni/document-schema.ts";
import type { Setting } from "../../src/patroni/setting.ts";
import { SETTINGS } from "../../src/patroni/settings-table.ts";
import {
  formatPatroniVersion,
  readRunningVersion,
  type PatroniVersion,
} from "../../src/patroni/version.ts";
import {
  documents,
  documentWith,
  goodValue,
  isAllowed,
  naiveRefusals,
} from "../support/naive-check.ts";
import { MISTAKES } from "./document-mistakes-table.ts";

const KINDS: readonly DocumentKind[] = ["dynamic", "node"];

function version(text: string): PatroniVersion {
  return readRunningVersion(text) ?? { major: 0, minor: 0, patch: 0 };
}

describe("a document that Patroni would misread", () => {
  test.each(MISTAKES)("$kind $release: $want", ({ kind, release, document, want, hint }) => {
    const found = checkDocument(document, kind, version(release));
    expect(found.map((mistake) => mistake.message)).toEqual([want]);
    expect(found[0]?.hint).toBe(hint);
  });

  test("is told all at once, in its own order", () => {
    const document = {
      tll: 30,
      postgresql: {
        use_pg_rewnd: true,
        parameters: { hot_standby: 1, max_wal_senders: "3" },
        pg_hba: [1, "a", 2],
      },
      slots: { b: { tpye: "physical" }, a: 1 },
      loop_wait: 0,
    };
    expect(
      checkDocument(document, "dynamic", version("4.1")).map(({ path }) => path.join(".")),
    ).toEqual([
      "tll",
      "postgresql.use_pg_rewnd",
      "postgresql.parameters.hot_standby",
      "postgresql.parameters.max_wal_senders",
      "postgresql.pg_hba.0",
      "postgresql.pg_hba.2",
      "slots.b.tpye",
      "slots.a",
      "loop_wait",
    ]);
  });

  test("may hold keys with any sign in their names", () => {
    const found = checkDocument({ slots: { "a/b~c": null } }, "dynamic", version("4.1"));
    expect(found.map(({ path }) => path)).toEqual([["slots", "a/b~c"]]);
  });
});

describe("a replica method of one's own", () => {
  test("may have any option, and a name close to a key of Patroni if it is listed", () => {
    const method = { command: "/usr/bin/callback", keep_data: true, threshold: 10 };
    const named = { create_replica_methods: ["callback", "basebackup"], callback: method };
    expect(checkDocument({ postgresql: { wal_g: method } }, "dynamic", version("4.1"))).toEqual([]);
    expect(checkDocument({ postgresql: named }, "dynamic", version("4.1"))).toEqual([]);
    expect(
      checkDocument({ postgresql: { callback: method } }, "dynamic", version("4.1")).map(
        ({ hint }) => hint,
      ),
    ).toEqual(["did you mean postgresql.callbacks?"]);
  });
});

describe.each(KINDS)("the schemas of the %s document", (kind) => {
  const releases = schemaReleases(kind);
  const newest = releases.at(-1) ?? version("0.0");

  test("are one for each release that changes something, and no two are equal", () => {
    const texts = releases.map((release) => {
      const { title: _title, ...schema } = documentSchema(kind, release);
      return JSON.stringify(schema);
    });
    expect(texts.length).toBeGreaterThan(3);
    expect(new Set(texts).size).toBe(texts.length);
    for (const [text, want] of [
      ["2.1", "3.0"],
      ["3.0.9", "3.0.3"],
      ["4.1", "4.1"],
      ["9.9", formatPatroniVersion(newest)],
    ] as const)
      expect(formatPatroniVersion(schemaReleaseOf(kind, version(text)))).toBe(want);
  });

  test("take every setting in the releases that have it, and refuse it in all others", () => {
    const wrong: string[] = [];
    let taken = 0;
    for (const row of SETTINGS)
      for (const release of releases) {
        const found = checkDocument(documentWith(row.path, goodValue(row)), kind, release);
        const isTaken = isAllowed(row, { kind, version: release });
        // A method's own options may have any name, so a key of another release is one.
        const isOption = row.path.length === 3 && row.path[1] === "<method>";
        if (found.length !== (isTaken ? 0 : 1) && (isTaken || !isOption))
          wrong.push(`${row.path.join(".")} on ${formatPatroniVersion(release)}`);
        if (isTaken) taken += 1;
      }
    expect(wrong).toEqual([]);
    expect(taken).toBeGreaterThan(kind === "dynamic" ? 250 : 1500);
  });

  test("say what every row says, of any document", () => {
    fc.assert(
      fc.property(documents, fc.constantFrom(...releases), (document, release) => {
        const found = checkDocument(document, kind, release).map(({ path }) => path.join("."));
        expect(found.toSorted()).toEqual(naiveRefusals(document, kind, release).toSorted());
      }),
      { numRuns: 3000, seed: 7 },
    );
  });

  test("are the published ones: ajv, at its strictest, judges alike with them", () => {
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
    for (const release of releases) {
      const validate = ajv.compile(documentSchema(kind, release));
      for (const document of fc.sample(documents, { numRuns: 200, seed: 3 }))
        expect(validate(document)).toBe(checkDocument(document, kind, release).length === 0);
    }
  });

  test("know every key by its nearest name", () => {
    const rows = rowsOf(kind, newest).filter(
      ({ path }) => path.length < 3 && path[0] !== "tags" && /^[a-z_]{6,}$/.test(path.at(-1) ?? ""),
    );
    const hints = rows.map(({ path, ...row }) => {
      const typo = [...path.slice(0, -1), `${(path.at(-1) ?? "").slice(0, -1)}Z`];
      return checkDocument(documentWith(typo, goodValue({ path, ...row })), kind, newest)[0]?.hint;
    });
    expect(hints).toEqual(rows.map(({ path }) => `did you mean ${path.join(".")}?`));
    expect(rows.length).toBeGreaterThan(20);
  });

  test("refuse every other type, and the numbers next to every limit", () => {
    const refuses = (row: Setting, value: Json): boolean =>
      checkDocument(documentWith(row.path, value), kind, newest).length > 0;
    const rows = rowsOf(kind, newest);
    const ofAnyType = rows.filter((row) => !refuses(row, row.kind === "float" ? "x" : -0.5));
    expect(ofAnyType.map((row) => row.kind)).toEqual(ofAnyType.map(() => "any"));
    const limits = rows
      .filter((row) => row.path[1] !== "parameters")
      .flatMap((row) => [
        ...(row.min === undefined ? [] : [{ row, limit: row.min, beyond: row.min - 1 }]),
        ...(row.max === undefined ? [] : [{ row, limit: row.max, beyond: row.max + 1 }]),
      ]);
    expect(limits.filter(({ row, limit }) => refuses(row, limit))).toEqual([]);
    expect(limits.filter(({ row, beyond }) => !refuses(row, beyond))).toEqual([]);
    expect(limits.length).toBeGreaterThan(8);
  });
});

function rowsOf(kind: DocumentKind, release: PatroniVersion): readonly Setting[] {
  return SETTINGS.filter((row) => isAllowed(row, { kind, version: release }));
}

test("descriptions hold what a person needs to know, and a source to look it up", () => {
  for (const row of SETTINGS) {
    expect(row.what, row.path.join(".")).toMatch(/^(?:[A-Z]|libpq).*\.$/);
    expect(row.source, row.path.join(".")).toMatch(/^(?:[a-z_/]+\.py:\w+|docs\/\w+\.rst)$/);
  }
  const schema = documentSchema("dynamic", version("4.1"));
  const properties = isJsonObject(schema["properties"]) ? schema["properties"] : {};
  expect(properties["ttl"]).toEqual({
    description:
      "How long the leader key lives without a refresh; after that another node may lead. In seconds. Default: 30. A change takes effect in the next HA loop. Note: raised to 20 silently (>=3.2.0); also in bootstrap.dcs; lease/session recreated; local value ignored.",
    default: 30,
    type: "integer",
    minimum: 20,
  });
});
