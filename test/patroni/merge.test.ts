import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../src/core/json.ts";
import { mergePatch } from "../../src/patroni/merge.ts";
import { differences, minimalPatch } from "../../src/patroni/minimal-patch.ts";
import { pythonText } from "../../src/patroni/python-text.ts";

const scalar = fc.oneof(
  fc.boolean(),
  fc.integer(),
  fc.string({ maxLength: 8 }),
  fc.constantFrom("on", "30", "True", "it's", 'say "hi"', "a\nb", "\u0007", "é"),
);
const key = fc.constantFrom("a", "b", "c", "ttl", "postgresql", "parameters");
const { object } = fc.letrec<{ object: JsonObject; value: Json }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, scalar, fc.array(scalar, { maxLength: 3 }), tie("object")),
  object: fc.dictionary(key, tie("value"), { maxKeys: 4 }),
}));

/** Patroni's own function in Python, as its documentation describes it; run by the real interpreter. */
const ORACLE = `
import json, sys
def patch_config(config, data):
    changed = False
    for name, value in data.items():
        if value is None:
            if config.pop(name, None) is not None:
                changed = True
        elif name in config:
            if isinstance(value, dict):
                if isinstance(config[name], dict):
                    changed = patch_config(config[name], value) or changed
                else:
                    config[name], changed = value, True
            elif str(config[name]) != str(value):
                config[name], changed = value, True
        else:
            config[name], changed = value, True
    return changed
out = []
for document, patch in json.load(sys.stdin):
    text = str(document.get("a"))
    changed = patch_config(document, patch)
    out.append({"document": document, "changed": changed, "text": text})
json.dump(out, sys.stdout)
`;

describe("the model of PATCH /config", () => {
  test("agrees with Python's text and merge on generated documents", () => {
    const cases = fc
      .sample(fc.tuple(object, object), { numRuns: 2000, seed: 7 })
      .map(([document, patch], index) => {
        // Every third patch removes something.
        const removing: JsonObject = index % 3 === 0 ? { ...patch, a: null } : patch;
        return [document, removing] as const;
      });
    const run = spawnSync("python3", ["-c", ORACLE], {
      input: JSON.stringify(cases),
      encoding: "utf8",
    });
    expect(run.stderr).toBe("");
    const answers: unknown = JSON.parse(run.stdout);
    const ours = cases.map(([document, patch]) => ({
      ...mergePatch(document, patch),
      text: pythonText(document["a"] ?? null),
    }));
    expect(ours).toEqual(answers);
  });

  test.each([
    {
      name: "null removes",
      document: { ttl: 30, a: 1 },
      patch: { a: null },
      want: { ttl: 30 },
      changed: true,
    },
    {
      name: "removing an absent key writes nothing",
      document: { ttl: 30 },
      patch: { a: null },
      want: { ttl: 30 },
      changed: false,
    },
    {
      name: "equal text is no change",
      document: { ttl: 30 },
      patch: { ttl: "30" },
      want: { ttl: 30 },
      changed: false,
    },
    {
      name: "true and the text true differ",
      document: { a: true },
      patch: { a: "true" },
      want: { a: "true" },
      changed: true,
    },
    {
      name: "a list replaces a list",
      document: { a: [1, 2] },
      patch: { a: [1] },
      want: { a: [1] },
      changed: true,
    },
    {
      name: "an empty map cannot empty a map",
      document: { a: { b: 1 } },
      patch: { a: {} },
      want: { a: { b: 1 } },
      changed: false,
    },
    {
      name: "a null in a new subtree is stored",
      document: {},
      patch: { a: { b: null } },
      want: { a: { b: null } },
      changed: true,
    },
    {
      name: "a scalar replaces a subtree",
      document: { a: { b: 1 } },
      patch: { a: 2 },
      want: { a: 2 },
      changed: true,
    },
  ])("$name", ({ document, patch, want, changed }) => {
    expect(mergePatch(document, patch)).toEqual({ document: want, changed });
  });
});

describe("the smallest patch", () => {
  test("applied to any document gives what is wanted, and then there is nothing left to do", () => {
    fc.assert(
      fc.property(object, object, (stored, values) => {
        const wanted = { values, absent: [] };
        const after = mergePatch(stored, minimalPatch(stored, wanted)).document;
        expect(differences(after, wanted)).toEqual([]);
        expect(minimalPatch(after, wanted)).toEqual({});
      }),
      { numRuns: 2000 },
    );
  });

  test("names only keys that Patroni would write", () => {
    const stored = {
      ttl: "30",
      loop_wait: 5,
      postgresql: { parameters: { work_mem: "8MB", other: 1 } },
    };
    const values = { ttl: 30, loop_wait: 10, postgresql: { parameters: { work_mem: "8MB" } } };
    expect(minimalPatch(stored, { values, absent: [["gone"]] })).toEqual({ loop_wait: 10 });
  });

  test("removes what must not be there and leaves what nobody speaks of", () => {
    const stored = { synchronous_node_count: 2, mine: { a: 1 } };
    const wanted = { values: {}, absent: [["synchronous_node_count"], ["failsafe_mode"]] };
    expect(minimalPatch(stored, wanted)).toEqual({ synchronous_node_count: null });
  });

  test("removes another spelling of a parameter that it sets", () => {
    const stored = { postgresql: { parameters: { Work_Mem: "1MB" } } };
    const values = { postgresql: { parameters: { work_mem: "8MB" } } };
    expect(minimalPatch(stored, { values, absent: [] })).toEqual({
      postgresql: { parameters: { Work_Mem: null, work_mem: "8MB" } },
    });
  });
});
