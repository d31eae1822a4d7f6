import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { parameterMistake } from "../../src/policy/check-parameters.ts";
import type { PostgresParameter } from "../../src/postgres/parameter.ts";
import { INSTALLED_PATRONIS } from "../support/installed-patroni.ts";
import { CLUSTER, memoryProject, PROJECT } from "../support/memory-project.ts";
import { settableRows } from "../support/parameter-rows.ts";

/** PostgreSQL of the lab, which every release of Patroni here knows. */
const MAJOR = 15;

/** Reads [name, value] pairs, and gives for each what PostgreSQL would be given, and in which way. */
const EFFECTIVE = `
import inspect, json, logging, os, sys
logging.disable(logging.CRITICAL)
os.environ["PATRONI_CONFIGURATION"] = "{postgresql: {authentication: {superuser: {username: a}, replication: {username: b}}}}"
import patroni.config
from patroni.postgresql import validator
from patroni.postgresql.config import ConfigHandler
transform = validator.transform_postgresql_parameter_value
knows_list = len(inspect.signature(transform).parameters) == 4
if knows_list:
    from patroni.collections import CaseInsensitiveSet
asked = json.load(sys.stdin)
names = [name for name, _ in asked["pairs"]]
config = patroni.config.Config("", None)
def one(name, value):
    config.set_dynamic_configuration({"ttl": one.ttl, "postgresql": {"parameters": {name: value}}})
    one.ttl += 1
    given = config["postgresql"]["parameters"].get(name)
    if name == "wal_keep_size" and given is None:
        # As in ConfigHandler.get_server_parameters, which needs a data directory.
        given = f"{int(ConfigHandler.CMDLINE_OPTIONS['wal_keep_segments'][0]) * 16}MB"
    if name in ConfigHandler.CMDLINE_OPTIONS and name not in ("wal_keep_segments", "wal_keep_size"):
        return {"way": "command line", "value": given}
    listed = [CaseInsensitiveSet(names)] if knows_list else []
    return {"way": "file", "value": transform(asked["major"] * 10000, name, given, *listed)}
one.ttl = 31
print(json.dumps([one(*pair) for pair in asked["pairs"]]))
`;

interface Given {
  readonly way: "command line" | "file";
  readonly value: number | string | null;
}

interface Beyond {
  readonly name: string;
  readonly value: number | string;
  readonly hint: string;
}

/** One below the least and one above the most that PostgreSQL takes, and one below what Patroni takes. */
function valuesBeyond({
  name,
  type,
  unit,
  min,
  max,
}: PostgresParameter): readonly Beyond["value"][] {
  if (type !== "integer" || unit === "8kB") return [];
  const amounts = [
    ...(min === undefined ? [] : [min - 1]),
    ...(max === undefined ? [] : [max + 1]),
    ...(PATRONI_LEAST.has(name) ? [(PATRONI_LEAST.get(name) ?? 0) - 1] : []),
  ];
  return amounts.map((amount) => (unit === undefined || amount <= 0 ? amount : `${amount}${unit}`));
}

const PATRONI_LEAST: ReadonlyMap<string, number> = new Map([
  ["max_connections", 25],
  ["max_locks_per_transaction", 32],
  ["max_wal_senders", 3],
  ["max_replication_slots", 4],
  ["max_worker_processes", 2],
  ["wal_keep_size", 16],
]);

/** Every value beyond the limits of which a finding says what would become of it. */
async function cases(): Promise<readonly Beyond[]> {
  const { clusters } = await compileProject(
    memoryProject({ "quorate.yaml": PROJECT, "clusters/pay.yaml": CLUSTER }),
  );
  const [cluster] = clusters;
  if (cluster === undefined) throw new Error("the cluster of the tests does not compile");
  const words: Beyond["value"][] = ["minimal", "archive"];
  return [
    ...settableRows(MAJOR).flatMap((row) =>
      valuesBeyond(row).map((value) => ({ name: row.name, value })),
    ),
    ...words.map((value) => ({ name: "wal_level", value })),
  ].flatMap(({ name, value }) => {
    const hint = parameterMistake(name, value, cluster.resolved)?.hint ?? "";
    return /silently use|hand it on/.test(hint) ? [{ name, value, hint }] : [];
  });
}

/** What a finding says that PostgreSQL would be given. */
function predicted({ name, hint, value }: Beyond): Given {
  if (hint.includes("hand it on")) return { way: "command line", value };
  const [, used = ""] = /silently use (?:its default )?(\S+) instead/.exec(hint) ?? [];
  return {
    way: hint.includes("its default") && name !== "wal_keep_size" ? "command line" : "file",
    value: used,
  };
}

describe.each(INSTALLED_PATRONIS)("beyond the limits of a parameter, Patroni in %s", (folder) => {
  test("gives PostgreSQL what the finding says", async () => {
    const asked = await cases();
    for (const name of ["max_connections", "max_locks_per_transaction", "wal_level", "work_mem"])
      expect(asked.filter((one) => one.name === name).length, name).toBeGreaterThan(1);
    expect(asked.length).toBeGreaterThan(150);
    const given = effective(folder, asked);
    const wrong = asked.flatMap((one, index) => {
      const [said, is] = [predicted(one), given[index]];
      const isSame = said.way === is?.way && amountOf(said.value) === amountOf(is.value);
      return isSame ? [] : [`${one.name}: ${one.value}: ${one.hint} | ${JSON.stringify(is)}`];
    });
    expect(wrong).toEqual([]);
  });
});

/** Patroni may write the limit with its unit, and has an old word for `replica`. */
function amountOf(value: Given["value"]): string {
  const text = String(value);
  return text === "hot_standby" ? "replica" : (/^-?\d+/.exec(text)?.[0] ?? text);
}

test("PostgreSQL does not start with more than its maximum on the command line", () => {
  const program = `/usr/lib/postgresql/${MAJOR}/bin/postgres`;
  const run = (value: string) =>
    spawnSync(program, ["-C", "max_connections", `--max_connections=${value}`], {
      encoding: "utf8",
    }).stderr;
  expect(run("300000")).toContain("300000 is outside the valid range");
  expect(run("262143")).not.toContain("outside the valid range");
});

function effective(folder: string, asked: readonly Beyond[]): readonly Given[] {
  const done = spawnSync("/usr/bin/python3", ["-c", EFFECTIVE], {
    input: JSON.stringify({ major: MAJOR, pairs: asked.map(({ name, value }) => [name, value]) }),
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    env: { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: "1", LC_ALL: "C.UTF-8" },
  });
  if (done.status !== 0) throw new Error(done.stderr);
  const given: readonly Given[] = JSON.parse(done.stdout);
  return given;
}
