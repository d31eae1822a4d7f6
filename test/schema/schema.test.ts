import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { parse, parseAllDocuments } from "yaml";
import { settingsPage } from "../../scripts/settings-page.ts";
import { isJsonObject, type Json } from "../../src/core/json.ts";
import type { ProjectFiles } from "../../src/core/ports.ts";
import {
  publishedSchema,
  publishedSchemas,
  releasesOf,
  SCHEMA_NAMES,
  schemaText,
  type SchemaName,
} from "../../src/pipeline/published-schemas.ts";
import type { PatroniVersion } from "../../src/patroni/version.ts";
import { fileSchema } from "../../src/intent/file-schema.ts";
import { Address, Duration, Network, Size } from "../../src/intent/scalars.ts";
import { Bandwidth, Deadline, Rate, RoundTrip } from "../../src/intent/section-scalars.ts";
import { renderCluster } from "../../src/compiler/render-cluster.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { BAD_INPUT } from "../intent/bad-input-table.ts";
import { GOLDEN_CASES, goldenInput } from "../support/golden-input.ts";
import { memoryProject } from "../support/memory-project.ts";

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
const compiled = new Map<string, ValidateFunction>();

function fits(name: SchemaName, value: unknown, release?: PatroniVersion): boolean {
  const { path, schema } = publishedSchema(name, release);
  const validate = compiled.get(path) ?? ajv.compile(schema);
  compiled.set(path, validate);
  return validate(value);
}

/** The files below a folder, with their text. */
function textsOf(
  folder: string,
  ending: string,
): readonly (readonly [file: string, text: string])[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ending))
    .map((file) => [join(folder, file), readFileSync(join(folder, file), "utf8")]);
}

describe("what is published is what the types and the table say", () => {
  test.each(publishedSchemas())("schema/$path", async ({ path, schema }) => {
    await expect(schemaText(schema)).toMatchFileSnapshot(`../../schema/${path}`);
  });

  test("docs/settings.md", async () => {
    await expect(settingsPage()).toMatchFileSnapshot("../../docs/settings.md");
  });

  test("and nothing else", () => {
    expect(
      textsOf("schema", ".json")
        .map(([file]) => file)
        .toSorted(),
    ).toEqual(
      publishedSchemas()
        .map(({ path }) => `schema/${path}`)
        .toSorted(),
    );
  });
});

describe.each(["cluster", "project", "tier"] as const)("the schema of a %s file", (name) => {
  const fields = fieldsOf(publishedSchema(name).schema, name);

  test("explains every field", () => {
    expect(fields.length).toBeGreaterThan(8);
    expect(
      fields
        .filter(({ schema }) => typeof schema["description"] !== "string")
        .map(({ path }) => path),
    ).toEqual([]);
  });
});

describe.each(["cluster", "project"] as const)("in the schema of a %s file", (name) => {
  const fields = fieldsOf(publishedSchema(name).schema, name);

  test("every optional field says its default", () => {
    const optional = fields.filter(({ isRequired }) => !isRequired);
    expect(optional.length).toBeGreaterThan(60);
    expect(
      optional.filter(({ schema }) => !/default/i.test(textOf(schema))).map(({ path }) => path),
    ).toEqual([]);
  });

  test("every quantity shows its unit", () => {
    const quantities = fields.filter(({ schema }) =>
      /d\{1,15\}/.test(JSON.stringify(schema["pattern"] ?? "")),
    );
    expect(quantities.length).toBeGreaterThan(3);
    expect(
      quantities.filter(({ schema }) => !UNIT.test(textOf(schema))).map(({ path }) => path),
    ).toEqual([]);
  });
});

const UNIT = /\b\d+(?:ms|[smhd]|Ki?B|[KMGT]iB|[kMG]bit|[kMG]B\/s)\b/;

function textOf(schema: Field["schema"]): string {
  return JSON.stringify(schema["description"] ?? "");
}

describe("the schema and the program agree on", () => {
  test.each([
    [
      "an address",
      Address,
      [
        "10.1.1.2",
        "fd00:4::1",
        "db1.example.net",
        "1db",
        "223.1.1.1",
        "10.1.1.2:1",
        "127.0.0.1",
        "10.1.1.256",
        "0.1.1.1",
        "169.254.1.1",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "localhost",
        "a.localhost",
        "Db1",
        "db_1",
        "10.1",
        "0x1",
        "all",
        "-a",
        "a-",
        "",
      ],
    ],
    [
      "a network",
      Network,
      [
        "10.0.0.0/8",
        "10.1.1.1/32",
        "fd00::/8",
        "::/0",
        "10.0.0.0/33",
        "10.0.0.256/8",
        "10.0.0/8",
        "10.0.0.0",
        "fd00::/129",
        "a/8",
      ],
    ],
    ["a round trip", RoundTrip, ["12ms", "1s", "0ms", "00s", "12", "12m", "1.5ms"]],
    ["a bandwidth", Bandwidth, ["200Mbit", "10Gbit", "0kbit", "10bit", "10Mbps"]],
    ["a rate", Rate, ["100MB/s", "64MiB/s", "0MB/s", "100MB", "1TB/s"]],
    ["a duration", Duration, ["30s", "0s", "5m", "2h", "1d", "30", "1w", "30 s"]],
    ["a size", Size, ["16MiB", "0B", "1TiB", "16MB", "16"]],
    [
      "an end",
      Deadline,
      [
        "2026-12-01",
        "2026-12-01T06:00Z",
        "2026-12-01T06:00:30+01:00",
        "2026-13-45",
        "2026-00-10",
        "1969-12-31",
        "2026-12-01T24:00Z",
        "2026-12-01T06:00",
        "2026-12-01 06:00Z",
        "2026-1-1",
      ],
    ],
  ] as const)("%s", (_name, type, texts) => {
    const schema = ajv.compile(fileSchema(type, "one value"));
    const read: z.ZodType = type;
    for (const text of texts) expect(schema(text), text).toBe(read.safeParse(text).success);
  });
});

describe("a cluster's file that leaves to the project's defaults", () => {
  const cluster = { version: 1, cluster: "pay", sites: [{ name: "bj", role: "primary" }] };

  test.each(["patroni", "postgres", "durability"])("%s is taken", () => {
    expect(fits("cluster", cluster)).toBe(true);
  });

  test("the rest of a map is taken", () => {
    expect(fits("cluster", { ...cluster, durability: { ack: "apply" } })).toBe(true);
    expect(fits("cluster", { ...cluster, failover: { speed: { ttl: "40s" } } })).toBe(true);
  });

  test("what is its own is refused", () => {
    for (const key of ["version", "cluster", "sites"])
      expect(fits("cluster", { ...cluster, [key]: undefined }), key).toBe(false);
  });
});

test("what only a function can check is a pattern in the schema", () => {
  const fields = new Map(
    [
      ...fieldsOf(publishedSchema("cluster").schema, "cluster"),
      ...fieldsOf(publishedSchema("project").schema, "project"),
    ].map(({ path, schema }) => [path, schema]),
  );
  for (const path of ["cluster.patroni", "cluster.failover.speed.ttl", "project.rest.password"])
    expect(typeof fields.get(path)?.["pattern"], path).toBe("string");
});

interface Field {
  readonly path: string;
  readonly isRequired: boolean;
  readonly schema: { readonly [key: string]: Json };
}

/** Every property of a schema, those inside lists, maps and alternatives too. */
function fieldsOf(schema: Json | undefined, path: string): readonly Field[] {
  if (!isJsonObject(schema)) return [];
  const properties = isJsonObject(schema["properties"]) ? Object.entries(schema["properties"]) : [];
  const { items, additionalProperties } = schema;
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const branches = ["anyOf", "oneOf", "allOf"].flatMap((key) => schema[key] ?? []);
  return [
    ...properties.flatMap(([key, inner]): Field[] => [
      ...(isJsonObject(inner)
        ? [{ path: `${path}.${key}`, isRequired: required.includes(key), schema: inner }]
        : []),
      ...fieldsOf(inner, `${path}.${key}`),
    ]),
    ...fieldsOf(items, `${path}.[]`),
    ...fieldsOf(additionalProperties, `${path}.<name>`),
    ...branches.flatMap((inner: Json) => fieldsOf(inner, path)),
  ];
}

describe("the schemas", () => {
  test("take every file of this repository that Quorate takes", () => {
    const intents = [
      ...textsOf("clusters", ".yaml"),
      ...textsOf("test/golden", "cluster.yaml").filter(([file]) => !file.includes("/refused/")),
    ];
    expect(intents.length).toBeGreaterThan(6);
    expect(
      intents.filter(([, text]) => !fits("cluster", parse(text))).map(([file]) => file),
    ).toEqual([]);
    for (const file of ["quorate.yaml", "test/golden/quorate.yaml"])
      expect(fits("project", parse(readFileSync(file, "utf8"))), file).toBe(true);
    for (const [file, text] of textsOf("policies/tiers", ".yaml"))
      for (const document of text.split(/^---$/m))
        expect(fits("tier", parse(document)), file).toBe(true);
  });

  test("take what the compiler writes, in the schema of each cluster's release", async () => {
    let checked = 0;
    for (const name of GOLDEN_CASES) {
      const { project, intent } = goldenInput(name);
      const files = {
        "quorate.yaml": readFileSync(project, "utf8"),
        "clusters/1.yaml": readFileSync(intent, "utf8"),
      };
      for (const cluster of (await compileProject(memoryProject(files))).clusters)
        for (const { path, text } of renderCluster(cluster, "0.0.0")) {
          const kind = path.endsWith("dcs.yaml")
            ? "dcs"
            : path.endsWith("patroni.yml")
              ? "node"
              : undefined;
          if (kind === undefined) continue;
          checked += 1;
          expect(fits(kind, parse(text), cluster.resolved.patroni), path).toBe(true);
        }
    }
    expect(checked).toBeGreaterThan(20);
  });

  test("refuse every unknown or missing key, and every value of the wrong form", async () => {
    const passed: string[] = [];
    let refused = 0;
    for (const { name, files, want } of BAD_INPUT) {
      if (!want.some((line) => SHAPE.test(line))) continue;
      const isRefused = (await documentsOf(files)).some(({ kind, value }) => !fits(kind, value));
      if (isRefused) refused += 1;
      else passed.push(name);
    }
    expect(passed).toEqual([]);
    expect(refused).toBeGreaterThanOrEqual(10);
  });
});

/** What the shape of a value says: not whether an address can be reached, or a text looks like a secret. */
const SHAPE =
  /QUO00[24]:|QUO003:.*(?:has no unit|expected (?:a|one) |is empty|is not (?:quoted|a duration|a size|a switch|a port|one of|a name|a member name))|QUO007:.*reference to a secret/;

/** Every document of a project that can be read as YAML, and what it should be. */
async function documentsOf(
  files: ProjectFiles,
): Promise<readonly { readonly kind: SchemaName; readonly value: unknown }[]> {
  const paths = ["quorate.yaml"];
  for (const folder of ["clusters", "policies/tiers"])
    paths.push(...(await files.list(folder)).files);
  const texts = await Promise.all(
    paths.map(async (path) => ({ path, text: await files.read(path) })),
  );
  return texts.flatMap(({ path, text }) => {
    const kind =
      path === "quorate.yaml" ? "project" : path.startsWith("clusters/") ? "cluster" : "tier";
    const documents = text.ok ? parseAllDocuments(text.value) : [];
    return (Array.isArray(documents) ? documents : [])
      .filter((document) => document.errors.length === 0)
      .map((document) => ({ kind, value: document.toJS() as unknown }) as const);
  });
}

test("there is a schema for every name, and Patroni's own are one for each release that differs", () => {
  expect(SCHEMA_NAMES.map((name) => releasesOf(name).length > 0)).toEqual([
    false,
    false,
    false,
    true,
    true,
  ]);
  const paths = publishedSchemas().map(({ path }) => basename(path));
  expect(paths).toContain("dcs-4.0.schema.json");
  expect(paths).toContain("node-4.1.1.schema.json");
  const texts = publishedSchemas().map(({ schema }) => JSON.stringify({ ...schema, title: "" }));
  expect(new Set(texts).size).toBe(texts.length);
});
