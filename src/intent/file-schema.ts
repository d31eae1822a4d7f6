import { z } from "zod";
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";

/**
 * The JSON Schema (draft 2020-12) of a file that people write, made from the type by which it is read, so that
 * editors complete and explain its keys. What only a function can say is not in it: `quorate check` says more.
 *
 * @param elsewhere keys of the file, which may stand in another one instead
 */
export function fileSchema(
  type: z.ZodType,
  title: string,
  elsewhere: readonly string[] = [],
): JsonObject {
  const made: unknown = JSON.parse(JSON.stringify(z.toJSONSchema(type, { io: "input" })));
  const { $schema = "", ...schema } = isJsonObject(made) ? made : {};
  return { $schema, title, ...withExamples(withoutRequired(schema, elsewhere)) };
}

/** Keys that another file may give are not required in this one, nor is anything in the maps below them. */
function withoutRequired(schema: JsonObject, elsewhere: readonly string[]): JsonObject {
  const { required, properties } = schema;
  if (elsewhere.length === 0 || !Array.isArray(required) || !isJsonObject(properties))
    return schema;
  const changed = Object.entries(properties).map(([key, inner]) => [
    key,
    elsewhere.includes(key) ? partial(inner, required.includes(key)) : inner,
  ]);
  return {
    ...schema,
    required: required.filter((key) => !elsewhere.includes(String(key))),
    properties: Object.fromEntries(changed),
  };
}

/**
 * A schema of which any part may stand elsewhere: maps are merged key by key. A list is not, and what kind a map is
 * must be said where it is written.
 */
function partial(schema: Json, isNeeded = false): Json {
  if (!isJsonObject(schema)) return schema;
  const { required, properties, additionalProperties, anyOf, ...rest } = schema;
  const needed = Array.isArray(required) ? required : [];
  const entries = isJsonObject(properties) ? Object.entries(properties) : [];
  const inside = entries.map(([key, inner]) => [key, partial(inner, needed.includes(key))]);
  return {
    ...rest,
    ...(isNeeded ? { description: longer(schema, ELSEWHERE) } : {}),
    ...(properties === undefined ? {} : { properties: Object.fromEntries(inside) }),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: partial(additionalProperties) }),
    ...(Array.isArray(anyOf) ? { anyOf: anyOf.map((inner: Json) => partial(inner)) } : {}),
  };
}

/** An editor shows the description: of a quantity it names the unit by an example. */
function withExamples(schema: JsonObject): JsonObject {
  const inner = Object.entries(schema).map(([key, value]): [string, Json] => [
    key,
    Array.isArray(value)
      ? value.map((one: Json) => (isJsonObject(one) ? withExamples(one) : one))
      : isJsonObject(value)
        ? withExamples(value)
        : value,
  ]);
  const changed: JsonObject = Object.fromEntries(inner);
  const { description, pattern, examples } = changed;
  const example = Array.isArray(examples) ? examples[0] : undefined;
  const isQuantity = typeof pattern === "string" && QUANTITY.test(pattern);
  if (!isQuantity || typeof description !== "string" || typeof example !== "string") return changed;
  if (description.includes(example)) return changed;
  return { ...changed, description: longer(schema, `written like ${example}`) };
}

const ELSEWHERE = "default: what defaults in quorate.yaml say, else it is required";

function longer({ description }: JsonObject, words: string): string {
  return `${typeof description === "string" ? description.replace(/\.$/, "") : ""}; ${words}.`;
}

/** The patterns of numbers with a unit. */
const QUANTITY = /^\^(?:\(\?![^)]*\))?\\d\{1,15\}/;
