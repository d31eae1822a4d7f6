import { z } from "zod";
import type { Diagnostic, Span } from "../core/diagnostic.ts";
import { isJsonObject } from "../core/json.ts";
import { nearest } from "../core/nearest.ts";
import { keysAt, readExactly, schemasAt, type Misfit } from "./read-as.ts";
import { sampleValues } from "./sample-values.ts";
import type { Source } from "./source.ts";
import type { SourcePath } from "./source-offset.ts";
import { writtenValue } from "./written-value.ts";

/** One way in which a document could be meant. */
export interface Reading<Intent> {
  readonly intent: Intent;
  readonly source: Source;
  /** What does not fit in this reading, besides what does not fit in any. */
  readonly found: readonly Diagnostic[];
}

/** What is not known of a document. */
export interface Unfit {
  /** Where the values stand that do not fit. */
  readonly places: readonly Span[];
  /** Some of them are names, or hold names, to which others may refer. */
  readonly holdsNames: boolean;
}

/** What a document says, as far as it can be told. */
export interface Readings<Intent> {
  /** What does not fit, whatever was meant. Empty: there is one reading, which is what is written. */
  readonly found: readonly Diagnostic[];
  /** What cannot be told besides, whatever the readings say. */
  readonly unfit: Unfit;
  /** What the rest could belong to; empty when nothing can be told. */
  readonly readings: readonly Reading<Intent>[];
}

/** Ways to mend one document that are looked at, and how often what is mended is mended again. */
const MOST_READINGS = 40;
const MOST_ROUNDS = 3;
/** With more that does not fit than this, a file is not the one that was meant. */
const MOST_MISFITS = 12;
/** The same where what was mended does not fit either: these multiply. */
const MOST_DEEPER = 2;

/**
 * Reads a document as a type. Where values do not fit, each is replaced by others that would: by none, where none
 * is needed, and by such that mean very different things. What holds for all of these readings does not
 * depend on what does not fit, and holds for what is meant.
 *
 * @param names names that mean something in this project
 */
export function readPossibly<Schema extends z.ZodType>(
  schema: Schema,
  source: Source,
  names: readonly string[],
): Readings<z.infer<Schema>> {
  const read = readExactly(schema, source);
  if (read.ok)
    return { found: [], unfit: ALL_FITS, readings: [{ intent: read.value, source, found: [] }] };
  const found = read.error.map(({ said }) => said);
  const unfit = {
    places: read.error.flatMap(({ path }) => [source.at(path), source.atKey(path)]),
    holdsNames: read.error.some((misfit) => mayHoldNames(misfit, schema, source.value)),
  };
  const readings = mendedReadings(schema, source, { misfits: read.error, names, round: 1 });
  return { found, unfit, readings };
}

/** Every value has the form that it should have. */
export const ALL_FITS: Unfit = { places: [], holdsNames: false };

function mayHoldNames({ path, isKey }: Misfit, schema: z.ZodType, document: unknown): boolean {
  if (path.some((step) => NAMES.has(step))) return true;
  const place = isKey ? path.slice(0, -1) : path;
  return schemasAt(schema, place, document).some((option) =>
    isKey ? isRecordOfNames(option) : declaresNames(option),
  );
}

/** Keys of what others refer to: nodes, sites and DCS by name, voters by site, maps of users in lines of pg_ident. */
const NAMES: ReadonlySet<string | number> = new Set(["name", "site", "ident"]);

/** Whether something is named inside a value: then it is not known what is. */
function declaresNames(schema: unknown): boolean {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return declaresNames(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.some((option) => declaresNames(option));
  if (schema instanceof z.ZodArray) return declaresNames(schema.element);
  if (schema instanceof z.ZodRecord) return declaresNames(schema.valueType);
  return (
    schema instanceof z.ZodObject &&
    Object.entries(schema.shape).some(([key, field]) => NAMES.has(key) || declaresNames(field))
  );
}

/** Whether the keys of a map are names, as those of `dcs` are. */
function isRecordOfNames(schema: unknown): boolean {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return isRecordOfNames(schema.unwrap());
  return schema instanceof z.ZodRecord && declaresNames(schema);
}

/** Whether a value is something with a name, or several: how many there are, and which, is anybody's guess. */
function isNamed(schema: unknown): boolean {
  if (schema instanceof z.ZodOptional) return isNamed(schema.unwrap());
  if (schema instanceof z.ZodArray) return isNamed(schema.element);
  return schema instanceof z.ZodObject && schema.shape["name"] instanceof z.ZodString;
}

interface Mending {
  readonly misfits: readonly Misfit[];
  readonly names: readonly string[];
  readonly round: number;
}

function mendedReadings<Schema extends z.ZodType>(
  schema: Schema,
  source: Source,
  { misfits, names, round }: Mending,
): readonly Reading<z.infer<Schema>>[] {
  const ways = misfits.map((misfit, index) =>
    waysToMend(misfit, schema, { document: source.value, mark: `${round}-${index}`, names }),
  );
  const readings: Reading<z.infer<Schema>>[] = [];
  if (misfits.length > MOST_MISFITS) return readings;
  for (const edits of combinations(ways, round === 1 ? MOST_READINGS : MOST_DEEPER)) {
    if (readings.length >= MOST_READINGS) break;
    const value = edits.reduce((document, apply) => apply(document), source.value);
    const mended = { ...source, value };
    const read = readExactly(schema, mended);
    if (read.ok) readings.push({ intent: read.value, source: mended, found: [] });
    else if (round < MOST_ROUNDS) {
      const said = read.error.map((misfit) => misfit.said);
      const deeper = { misfits: read.error, names, round: round + 1 };
      for (const reading of mendedReadings(schema, mended, deeper))
        readings.push({ ...reading, found: [...said, ...reading.found] });
    }
  }
  return readings;
}

type Edit = (document: unknown) => unknown;

interface Written {
  readonly document: unknown;
  readonly mark: string;
  readonly names: readonly string[];
}

/** Empty when nothing fits there: then nothing can be told of the whole. */
function waysToMend(
  { path, isKey }: Misfit,
  schema: z.ZodType,
  { document, mark, names }: Written,
): readonly Edit[] {
  const remove: Edit = (before) => withValue(before, path, () => undefined);
  if (isKey) return [remove, ...renamings(path, schema, { document, mark, names })];
  const wanted = schemasAt(schema, path, document);
  const isOptional = wanted.some((option) => option.safeParse(undefined).success);
  const isRecord = !isOptional && wanted.some((option) => option instanceof z.ZodRecord);
  if (isRecord || wanted.some((option) => isNamed(option))) return [];
  const others = wanted.flatMap((option) => sampleValues(option, mark, names));
  const set = others.map(
    (other): Edit =>
      (before) =>
        withValue(before, path, () => other),
  );
  return isOptional ? [remove, ...set] : set;
}

/** An unknown key may be meant for one that is known there and not written. */
function renamings(
  path: SourcePath,
  schema: z.ZodType,
  { document, mark, names }: Written,
): readonly Edit[] {
  const [parent, key] = [path.slice(0, -1), String(path.at(-1))];
  const known = keysAt(schema, parent, document).filter(
    (name) => writtenValue(document, [...parent, name]) === undefined,
  );
  const close = nearest(key, known);
  const value = writtenValue(document, path);
  return (close === undefined ? known : [close]).flatMap((name): readonly Edit[] => {
    const place = [...parent, name];
    const wanted = schemasAt(schema, place, document);
    const isFit = wanted.some((option) => option.safeParse(value).success);
    const others = wanted.flatMap((option) => sampleValues(option, mark, names));
    const meant = isFit ? [value] : others.slice(0, close === undefined ? 2 : MOST_READINGS);
    return meant.map(
      (other): Edit =>
        (before) =>
          withValue(
            withValue(before, path, () => undefined),
            place,
            () => other,
          ),
    );
  });
}

/** A document with another value at a path; undefined takes the key away. */
function withValue(
  document: unknown,
  path: SourcePath,
  change: (value: unknown) => unknown,
): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return change(document);
  if (Array.isArray(document) && typeof step === "number")
    return document.map((item: unknown, index) =>
      index === step ? withValue(item, rest, change) : item,
    );
  if (!isJsonObject(document)) return document;
  const fields: Readonly<Record<string, unknown>> = document;
  const value = withValue(fields[step], rest, change);
  const others = Object.entries(fields).filter(([key]) => key !== String(step));
  return Object.fromEntries(value === undefined ? others : [...others, [String(step), value]]);
}

/**
 * One edit of each list at a time: all firsts, all seconds and so on, then others in a fixed order. Empty when a list
 * is empty.
 */
function combinations(
  ways: readonly (readonly Edit[])[],
  most: number,
): readonly (readonly Edit[])[] {
  if (ways.some((edits) => edits.length === 0)) return [];
  const all = ways.reduce((product, edits) => Math.min(product * edits.length, 10_000), 1);
  const count = Math.min(all, most);
  const longest = Math.max(...ways.map((edits) => edits.length));
  return Array.from({ length: count }, (_, round) =>
    ways.flatMap((edits, index) => {
      const turn = round + index * Math.floor(round / longest);
      return edits.slice(turn % edits.length, (turn % edits.length) + 1);
    }),
  );
}
