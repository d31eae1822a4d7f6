import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareText, isJsonObject, type Json, type JsonObject } from "../../src/core/json.ts";
import { environmentName } from "../../src/patroni/environment-name.ts";
import { pythonText } from "../../src/patroni/python-text.ts";
import { readQuantity } from "../../src/patroni/python-value.ts";
import { refusedKeys } from "../../src/patroni/refused-keys.ts";
import { findSetting, isSettingKnownIn, type Setting } from "../../src/patroni/setting.ts";
import { SETTINGS } from "../../src/patroni/settings-table.ts";
import { readRunningVersion, type PatroniVersion } from "../../src/patroni/version.ts";
import {
  askPatroni,
  INSTALLED_PATRONIS,
  type PatroniFacts,
  type ValidatedSetting,
} from "../support/installed-patroni.ts";
import { dynamicDocuments, quantities } from "../support/dynamic-documents.ts";
import { documents } from "../support/naive-check.ts";
import { NOT_VALIDATED, NOT_WHERE_EXPECTED } from "./catalogue-exceptions-table.ts";

/** Every row with an environment variable, with a value that Patroni does not parse away. */
const VARIABLES = new Map(
  SETTINGS.flatMap((row): [string, Setting][] => {
    const name = environmentName(row);
    return name === undefined ? [] : [[name, row]];
  }),
);
const DOCUMENTS = [
  ...fc.sample(documents, { numRuns: 1500, seed: 5 }),
  ...fc.sample(dynamicDocuments, { numRuns: 1500, seed: 6 }),
];
const QUANTITIES = fc.sample(fc.tuple(quantities, fc.constantFrom(null, "s", "MB")), {
  numRuns: 2000,
  seed: 9,
});

const FACTS = INSTALLED_PATRONIS.map((folder) =>
  askPatroni(folder, {
    environment: Object.fromEntries(
      [...VARIABLES].map(([name, row]) => [name, environmentValue(row)]),
    ),
    documents: DOCUMENTS,
    quantities: QUANTITIES,
  }),
);

test("three releases answered", () => {
  expect(FACTS.map(({ version }) => version.replace(/\d+$/, ""))).toEqual(["3.0.", "4.0.", "4.1."]);
});

describe.each(FACTS)("what Patroni $version says of itself", (facts) => {
  const version = versionOf(facts);
  const known = SETTINGS.filter((row) => isSettingKnownIn(row, version));

  test("every setting of its validator is in the table, with its type, limits and words", () => {
    const wrong = facts.validated.flatMap((setting) => {
      const name = setting.path.join(".");
      if (NOT_WHERE_EXPECTED.validator.has(name)) return [];
      const row = findSetting(inDocument(setting.path));
      const isKnown = row !== undefined && isSettingKnownIn(row, version);
      const reason = isKnown ? disagreement(setting, row) : "has no row";
      return reason === undefined ? [] : [`${name} ${reason}`];
    });
    expect(wrong).toEqual([]);
    expect(facts.validated.length).toBeGreaterThan(60);
  });

  test("its own parameters of PostgreSQL have these defaults, limits and words", () => {
    const rows = SETTINGS.filter(
      ({ path, scope }) => path[1] === "parameters" && path.length === 3 && scope !== "both",
    );
    const ours = rows.map((row) => ({
      name: row.path[2] ?? "",
      never: row.scope === "none" || !isSettingKnownIn(row, version),
      min: row.min,
      values: row.kind === "enum" ? row.values?.toSorted() : undefined,
    }));
    const theirs = facts.commandLine.map(({ name, never, min, values }) => ({
      name,
      // Before 4.0 Patroni says no even to `on`, which is what it forces.
      never: name === "hot_standby" ? false : never === true,
      min,
      // Before 4.0 the words are hidden in a function.
      values: values ?? ours.find((row) => row.name === name)?.values,
    }));
    expect(theirs.toSorted(byName)).toEqual(ours.toSorted(byName));
    const defaults = facts.commandLine.filter((one) => one.default !== null);
    expect(
      defaults.map(({ name }) => findSetting(["postgresql", "parameters", name])?.byDefault),
    ).toEqual(defaults.map((one) => pythonText(one.default)));
  });

  test("the defaults of its dynamic configuration are the table's", () => {
    const plain = Object.entries(facts.defaults).filter(([, value]) => !isJsonObject(value));
    expect(plain.map(([key]) => findSetting([key])?.byDefault)).toEqual(
      plain.map(([, value]) => pythonText(value).toLowerCase()),
    );
    const section = facts.defaults["standby_cluster"];
    expect(Object.keys(isJsonObject(section) ? section : {}).toSorted()).toEqual(
      SETTINGS.filter(({ path }) => path[0] === "standby_cluster" && path.length === 2)
        .map(({ path }) => path[1] ?? "")
        .toSorted(),
    );
  });

  test("a key stands in its source exactly if the release knows the setting", () => {
    const words = new Set(
      Object.entries(facts.quoted)
        .filter(([file]) => !/^(?:validator|config_generator|ctl)\.py$/.test(file))
        .flatMap(([, quoted]) => quoted),
    );
    const wrong = rowsWithKeys().filter((row) => {
      const name = `${row.path.join(".")} ${facts.version}`;
      const isThere = words.has(row.path.at(-1) ?? "");
      return isThere !== isSettingKnownIn(row, version) && !NOT_WHERE_EXPECTED.release.has(name);
    });
    expect(wrong.map(({ path }) => path.join("."))).toEqual([]);
  });

  test("it takes these settings, and no others, from its environment", () => {
    const taken = [...VARIABLES.values()].filter(
      ({ path }) => valueAt(facts.environment, path) !== undefined,
    );
    expect(taken.map(({ path }) => path.join("."))).toEqual(
      [...VARIABLES.values()]
        .filter((row) => known.includes(row))
        .map(({ path }) => path.join(".")),
    );
    expect(taken.length).toBeGreaterThan(100);
  });

  test("it refuses exactly the dynamic configurations that hold a refused key", () => {
    const wrong = DOCUMENTS.filter(
      (document, index) => refusedKeys(document, version).length > 0 !== facts.refused[index],
    );
    expect(wrong.slice(0, 5)).toEqual([]);
    const refused = facts.refused.filter(Boolean).length;
    expect(refused).toBeGreaterThan(300);
    expect(DOCUMENTS.length - refused).toBeGreaterThan(300);
  });

  test("it reads quantities as we do", () => {
    const wrong = QUANTITIES.flatMap(([value, unit], index) => {
      const ours = readQuantity(value, unit ?? undefined) ?? null;
      const theirs = facts.quantities[index] ?? null;
      return ours === theirs ? [] : [{ value, unit, ours, theirs }];
    });
    expect(wrong).toEqual([]);
    expect(facts.quantities.filter((value) => value !== null).length).toBeGreaterThan(500);
  });
});

test.each(INSTALLED_PATRONIS)(
  "the password of etcd counts in the environment only beside another variable of etcd's (%s)",
  (folder) => {
    const PATRONI_ETCD3_PASSWORD = "x";
    const alone = askPatroni(folder, { environment: { PATRONI_ETCD3_PASSWORD } });
    expect(alone.environment["etcd3"]).toBeUndefined();
    const beside = { PATRONI_ETCD3_PASSWORD, PATRONI_ETCD3_PROTOCOL: "https" };
    expect(askPatroni(folder, { environment: beside }).environment["etcd3"]).toEqual({
      password: "x",
      protocol: "https",
    });
  },
);

test("the newest validator leaves out these settings, and no others", () => {
  const newest = newestFacts();
  const validated = new Set(newest.validated.map(({ path }) => inDocument(path).join(".")));
  const missing = SETTINGS.filter((row) => isSettingKnownIn(row, versionOf(newest)))
    .map(({ path }) => path.join("."))
    .filter((name) => !validated.has(name));
  expect(missing.toSorted()).toEqual([...NOT_VALIDATED].toSorted());
});

test("every source is a place in the newest release that speaks of the key", () => {
  const { named, quoted } = newestFacts();
  const wrong = rowsWithKeys().flatMap(({ path, source }) => {
    const name = path.join(".");
    const [file = "", place = ""] = source.split(":");
    if (!file.endsWith(".py")) return [];
    if (!(named[file] ?? []).includes(place)) return [`${name}: there is no ${source}`];
    const isThere = (quoted[file] ?? []).includes(path.at(-1) ?? "");
    return isThere || NOT_WHERE_EXPECTED.source.has(name) ? [] : [`${name}: not in ${file}`];
  });
  expect(wrong).toEqual([]);
});

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return compareText(a.name, b.name);
}

function versionOf(facts: PatroniFacts): PatroniVersion {
  return readRunningVersion(facts.version) ?? { major: 0, minor: 0, patch: 0 };
}

function newestFacts(): PatroniFacts {
  const newest = FACTS.at(-1);
  if (newest === undefined) throw new Error("no Patroni is installed");
  return newest;
}

/** Rows whose last step is a key of Patroni's own. */
function rowsWithKeys(): readonly Setting[] {
  return SETTINGS.filter(({ path }) => !/[<[]/.test(path.at(-1) ?? ""));
}

/** What stands below `bootstrap.dcs` is the DCS document. */
function inDocument(path: readonly string[]): readonly string[] {
  return path[0] === "bootstrap" && path[1] === "dcs" ? path.slice(2) : path;
}

const TYPES: Readonly<Record<string, RegExp>> = {
  bool: /^bool$/,
  dict: /^map$/,
  enum: /^enum$/,
  int: /^(?:int|duration|size)$/,
  list: /^(?:list|list_or_\w+|\w+_or_list)$/,
  str: /^(?:string|path|enum|ip|host:port)$/,
};

/** How a row differs from what the validator says; undefined when it does not. */
function disagreement(setting: ValidatedSetting, row: Setting): string | undefined {
  if (TYPES[setting.type]?.test(row.kind) === false) return `is ${setting.type}, not ${row.kind}`;
  const words = setting.values?.join(" ");
  if (words !== undefined && words !== row.values?.toSorted().join(" ")) return `takes ${words}`;
  // A parameter's limits are what Patroni really takes, which its validator does not check.
  if (setting.min === undefined || row.path[1] === "parameters") return undefined;
  const limits = limitsText(setting);
  return limits === limitsText(row) ? undefined : `has the limits ${limits}`;
}

function limitsText({
  min,
  max,
}: {
  readonly min?: number | null;
  readonly max?: number | null;
}): string {
  return `${min ?? ""}..${max ?? ""}`;
}

function environmentValue({ kind }: Setting): string {
  if (kind === "bool") return "true";
  if (kind === "int" || kind === "int_or_list") return "7";
  return kind === "map" ? "a: b" : "x";
}

function valueAt(document: JsonObject, path: readonly string[]): Json | undefined {
  let value: Json | undefined = document;
  for (const key of path) value = isJsonObject(value) ? value[key] : undefined;
  return value;
}
