import fc from "fast-check";
import { z } from "zod";
import { isJsonObject } from "../../src/core/json.ts";
import { arbitraryOf } from "./zod-arbitrary.ts";

/** Replaces one value somewhere in a document by one that its type takes, or removes it, or adds a key. */
export function changed(document: unknown, schema: unknown): fc.Arbitrary<unknown> {
  const places = placesIn(document, schema, []);
  return fc
    .constantFrom(...places)
    .chain(({ path, type }) =>
      fc
        .oneof(
          { weight: 5, arbitrary: arbitraryOf(type) },
          { weight: 1, arbitrary: fc.constant(GONE) },
        )
        .map((value) => replaced(document, path, value)),
    );
}

const GONE = Symbol("gone");

interface Place {
  readonly path: readonly (string | number)[];
  readonly type: unknown;
}

/** Every place of a document, and every key that its types know and the document does not have. */
function placesIn(value: unknown, schema: unknown, path: Place["path"]): readonly Place[] {
  const type = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  const here = path.length === 0 ? [] : [{ path, type }];
  if (type instanceof z.ZodArray && Array.isArray(value))
    return [
      ...here,
      ...value.flatMap((item, index) => placesIn(item, type.element, [...path, index])),
    ];
  if (type instanceof z.ZodRecord && isJsonObject(value))
    return [
      ...here,
      ...Object.entries(value).flatMap(([key, item]) =>
        placesIn(item, type.valueType, [...path, key]),
      ),
    ];
  if (!(type instanceof z.ZodObject)) return here;
  const fields: unknown = value;
  return [
    ...here,
    ...Object.entries(type.shape).flatMap(([key, field]) =>
      isJsonObject(fields) && Object.hasOwn(fields, key)
        ? placesIn(fields[key], field, [...path, key])
        : [{ path: [...path, key], type: field }],
    ),
  ];
}

function replaced(document: unknown, path: Place["path"], value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(document))
    return document.flatMap((item: unknown, index) => {
      if (index !== step) return [item];
      const next = replaced(item, rest, value);
      return next === GONE ? [] : [next];
    });
  const map: Readonly<Record<string, unknown>> = isJsonObject(document) ? document : {};
  const next = replaced(map[String(step)], rest, value);
  const kept = Object.entries(map).filter(([key]) => key !== String(step));
  return Object.fromEntries(next === GONE ? kept : [...kept, [String(step), next]]);
}
