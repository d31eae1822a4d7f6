import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { SourcePath } from "../../src/intent/source-offset.ts";
import { readAnyYaml, readSources, type Source } from "../../src/intent/source.ts";
import { readPlainYaml } from "../../src/intent/plain-yaml.ts";

/** Every path of a value, and paths that lead nowhere. */
function* pathsOf(value: unknown, path: SourcePath = []): Generator<SourcePath> {
  yield path;
  yield [...path, "nowhere"];
  yield [...path, 99];
  if (typeof value !== "object" || value === null) return;
  for (const [key, field] of Object.entries(value))
    yield* pathsOf(field, [...path, Array.isArray(value) ? Number(key) : key]);
}

/** The whole of what a reader says of a text: values, and where each of them and its key stands. */
function said(sources: readonly Source[]): unknown {
  return sources.map(({ value, at, atKey }) => ({
    value,
    places: [...pathsOf(value)].map((path) => [path, at(path), atKey(path)]),
  }));
}

/** Undefined when the quick reader gives up, or when the text is refused before either reader sees it. */
function bothReaders(
  text: string,
): { readonly quick: unknown; readonly thorough: unknown } | undefined {
  const quick = readPlainYaml(text) === undefined ? undefined : readSources("f.yaml", text);
  if (quick?.ok !== true) return undefined;
  const thorough = readAnyYaml("f.yaml", text);
  return { quick: said(quick.value), thorough: thorough.ok ? said(thorough.value) : thorough };
}

function lines(...all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}

const REAL = ["clusters/core.yaml", "clusters/orders.yaml", "quorate.yaml"].map((file) =>
  readFileSync(file, "utf8"),
);

test.each([
  ...REAL,
  lines("# c", "", "a: 1", "b:", "  # inside", "  c: x y # why", "", "  d: 'it is'", "e:", "f: on"),
  lines(
    "a:",
    "  - name: x",
    "    role: y",
    "",
    "  - { n: z, m: [1, -2, 1.5], o: {}, p: [] }",
    "  - w",
  ),
  lines('a: "x # y: z"', "b: a:b", "c: fd00:4::1", "d: 10.1.1.1", "e: { u: http://h:1/p }"),
  lines("a: true", "b: null", "c: False", "d: NULL", "e: tRUE", "f: yes", "g: 0", "h: 12.50"),
  lines("a:", "    b:", "      - c", "      - d", "    e: f", "g: h"),
  "a: 1",
  "a:",
  lines("constructor: 1", "toString: { hasOwnProperty: 2 }", "a.b-c_d: 3"),
  lines("# é \u{1F418}", "a: 'é \u{1F418}'", "b: c # ü"),
])("what is plain is read as the package reads it: %j", (text) => {
  const both = bothReaders(text);
  expect(both).toBeDefined();
  expect(both?.quick).toEqual(both?.thorough);
});

test.each([
  ["no map", "- a\n"],
  ["an empty file", "# nothing\n"],
  ["another document", "a: 1\n---\nb: 2\n"],
  ["a directive", "%YAML 1.2\n---\na: 1\n"],
  ["an indented document", "  a: 1\n"],
  ["a tab", "a:\tb\n"],
  ["a carriage return", "a: b\r\n"],
  ["a byte-order mark", "\u{FEFF}a: b\n"],
  ["a key that stands twice", "a: 1\nb: 2\na: 3\n"],
  ["a key that stands twice in a flow map", "a: { b: 1, b: 2 }\n"],
  ["a key that is no text", "1: a\n"],
  ["a key that is a word of YAML", "true: a\n"],
  ["a key in quotes", '"a": b\n'],
  ["the key __proto__", "__proto__: a\n"],
  ["a merge key", "a: &x { b: 1 }\nc: { <<: *x }\n"],
  ["a tag", "a: !!str 1\n"],
  ["text on two lines", "a: b\n  c\n"],
  ["text on two lines after a comment", "a:\n  - b\n   c\n"],
  ["a block of text", "a: |\n  b\n"],
  ["an escape", 'a: "b\\n"\n'],
  ["a doubled quote", "a: 'it''s'\n"],
  ["something behind a quote", 'a: "b" c\n'],
  ["a comment that touches a quote", 'a: "b"#c\n'],
  ["two colons", "a: b: c\n"],
  ["a colon in the end", "a: b:\n"],
  ["a list on its key's column", "a:\n- b\n"],
  ["a list in a list", "a:\n  - - b\n"],
  ["an empty item", "a:\n  -\n  - b\n"],
  ["a flow map on two lines", "a: { b: 1,\n  c: 2 }\n"],
  ["a comma in the end", "a: [b, ]\n"],
  ["a flow map without a value", "a: { b }\n"],
  ["a pair in a flow list", "a: [b: c]\n"],
  ["a number with a leading zero", "a: 007\n"],
  ["a number with an exponent", "a: 1e3\n"],
  ["a hexadecimal number", "a: 0x1F\n"],
  ["a number that is too long", "a: 12345678901234567\n"],
  ["minus zero", "a: -0\n"],
  ["infinity", "a: .inf\n"],
  ["a tilde", "a: ~\n"],
  ["a column between two", "a:\n  b: 1\n c: 2\n"],
  ["a column to the right", "a: 1\n  b: 2\n"],
])("%s is left to the package", (_what, text) => {
  expect(readPlainYaml(text)).toBeUndefined();
});

/** Small texts, which mutations turn into every kind of plain YAML and of not quite plain YAML. */
const SMALL = [
  "a: 1\nb: x\n",
  "a:\n  - b: 1\n    c: 2\n  - d\n",
  "a: { b: 1, c: [x, y] }\n",
  "# c\na: 'x' # d\nb: \"y\"\n",
  "a:\n  b:\n    c: 1.5\n  d: x y\n",
  "a: 10.1.1.1\nb: fd00:4::1\nc: {d: a:b}\n",
  "a:\n  - [x]\n  - {}\n\n  # c\n  - e: f\n",
];
const SIGNS = " \n:#-{}[],'\"\\&*!|>%@`?~.0123456789abceflnortuxyzE_/+=<\t\r\u00e9\u2028\ufeff";
const PIECES = ["  ", "\n  ", "\n    ", "\n- ", "\n  - ", "\n---\n", "x: y\n", "a: 1\n"].concat(
  ": |- | #|::|[]|{}|''|...|---|null|True|0x1|1e3|.inf|<<: |x: ".split("|"),
  SIGNS.split(""),
);

const edit = fc.record({
  at: fc.nat(),
  remove: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.nat({ max: 3 }) },
  ),
  insert: fc.constantFrom(...PIECES, ""),
});

function mutate(text: string, edits: readonly { at: number; remove: number; insert: string }[]) {
  let mutated = text;
  for (const { at, remove, insert } of edits) {
    const index = at % (mutated.length + 1);
    mutated = mutated.slice(0, index) + insert + mutated.slice(index + remove);
  }
  return mutated;
}

test("no mutation of a text is read other than the package reads it", () => {
  const text = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...SMALL) },
    { weight: 1, arbitrary: fc.constantFrom(...REAL) },
  );
  let read = 0;
  fc.assert(
    fc.property(text, fc.array(edit, { minLength: 1, maxLength: 3 }), (from, edits) => {
      const both = bothReaders(mutate(from, edits));
      if (both === undefined) return;
      read += 1;
      expect(both.quick).toEqual(both.thorough);
    }),
    { numRuns: 20_000 },
  );
  // Most mutations break a text; a test of those alone would say nothing.
  expect(read).toBeGreaterThan(2000);
}, 120_000);
