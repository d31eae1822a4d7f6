import { z } from "zod";

/** Values of one schema are not told apart by more than this many. */
const MOST = 12;

/**
 * Texts of every kind that the language knows, far from each other in what they mean. `*` stands for what makes a
 * name its own.
 */
const TEXTS: readonly string[] = [
  "unwritten-*",
  "other-*",
  "unwritten_*",
  "other_*",
  "/unwritten/*",
  "/other/*",
  "/dev/unwritten",
  "/unwritten/",
  "unwritten:8500",
  "env:UNWRITTEN",
  "env:OTHER",
  "3.0",
  "4.1.5",
  "3.2",
  "4.0",
  "4.0.7",
  "4.1",
  "1s",
  "45s",
  "1d",
  "20s",
  "1ms",
  "900ms",
  "16MiB",
  "1TiB",
  "1B",
  "1kbit",
  "10Gbit",
  "1kB/s",
  "10GB/s",
  "10.0.0.0/8",
  "fd00::/8",
  "2999-12-31",
  "unwritten %f %p",
];

/**
 * Values that fit a schema and mean things as different as it allows: all words of a closed list, both ends of a
 * range, maps with and without their optional keys. Empty where none could be made.
 *
 * @param mark makes names their own
 * @param names names that mean something in this project, such as those of its tiers
 */
export function sampleValues(
  schema: z.ZodType,
  mark: string,
  names: readonly string[] = [],
): readonly unknown[] {
  const key = [mark, ...names].join(" ");
  const known = knownSamples.get(schema) ?? new Map<string, readonly unknown[]>();
  const before = known.get(key);
  if (before !== undefined) return before;
  const make = (inner: unknown, step: string): readonly unknown[] =>
    inner instanceof z.ZodType ? sampleValues(inner, `${mark}-${step}`, names) : [];
  const samples = made(schema, { make, mark, names })
    .filter((value) => schema.safeParse(value).success)
    .slice(0, MOST);
  if (known.size >= MOST_KNOWN) known.clear();
  knownSamples.set(schema, known.set(key, samples));
  return samples;
}

/** The same values are asked for in every reading of a document, and in every broken file of a project. */
const knownSamples = new WeakMap<z.ZodType, Map<string, readonly unknown[]>>();
const MOST_KNOWN = 100;

interface Making {
  readonly make: (inner: unknown, step: string) => readonly unknown[];
  readonly mark: string;
  readonly names: readonly string[];
}

function made(schema: z.ZodType, making: Making): readonly unknown[] {
  const { make } = making;
  if (schema instanceof z.ZodOptional) return make(schema.unwrap(), "o");
  if (schema instanceof z.ZodNullable) return [...make(schema.unwrap(), "o"), null];
  if (schema instanceof z.ZodEnum) return schema.options;
  if (schema instanceof z.ZodLiteral) return [...schema.values];
  if (schema instanceof z.ZodBoolean) return [true, false];
  if (schema instanceof z.ZodNumber) return numbers(schema);
  if (schema instanceof z.ZodString) return texts(schema, making);
  if (schema instanceof z.ZodUnion)
    return schema.options.flatMap((option, index) => make(option, `u${index}`));
  if (schema instanceof z.ZodObject) return maps(schema.shape, make);
  if (schema instanceof z.ZodArray) return lists(schema.element, make);
  if (schema instanceof z.ZodRecord) return [{}, ...records(schema, make)];
  return [{}, "unwritten"];
}

function numbers({ minValue, maxValue }: z.ZodNumber): readonly number[] {
  const [least, most] = [minValue ?? 0, maxValue ?? 1_000_000];
  const middle = Math.floor((least + most) / 2);
  return [...new Set([least, most, Math.min(most, least + 1), Math.min(most, 5432), middle])];
}

function texts(schema: z.ZodString, { mark, names }: Making): readonly string[] {
  const known = names.filter((name) => schema.safeParse(name).success);
  const own = TEXTS.map((text) => text.replace("*", mark));
  const { examples = [] } = schema.meta() ?? {};
  const shown = Array.isArray(examples) ? examples.map(String) : [];
  return [...known, ...own, ...shown];
}

type Make = Making["make"];

/** Without any optional key; and with all of them, in two ways. */
function maps(shape: Readonly<Record<string, unknown>>, make: Make): readonly unknown[] {
  const keys = Object.entries(shape).map(([key, inner]) => ({
    key,
    isOptional: inner instanceof z.ZodOptional,
    values: make(inner, key.toLowerCase()),
  }));
  const build = (isFull: boolean, at: 0 | -1): unknown =>
    Object.fromEntries(
      keys
        .filter(({ isOptional, values }) => values.length > 0 && (isFull || !isOptional))
        .map(({ key, values }) => [key, values.at(at)]),
    );
  return [build(false, 0), build(true, 0), build(true, -1), build(false, -1)];
}

/** Long ones and short ones. */
function lists(element: unknown, make: Make): readonly unknown[] {
  return [9, 0, 1, 2, 3].map((length) =>
    Array.from({ length }, (_, index) => {
      const values = make(element, `${index}`);
      return values[index % Math.max(1, values.length)];
    }),
  );
}

function records({ keyType, valueType }: z.ZodRecord, make: Make): readonly unknown[] {
  const [key] = make(keyType, "k");
  if (typeof key !== "string") return [];
  return make(valueType, "v").map((value) => ({ [key]: value }));
}
