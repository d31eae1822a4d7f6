import { validators, type SchemaError } from "virtual:document-validators";
import { Bug } from "../core/bug.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import { schemaReleaseOf, validatorName, type DocumentKind } from "./document-schema.ts";
import { explainMistake, explainMisnamedMaps, type DocumentMistake } from "./explain-mistake.ts";
import type { PatroniVersion } from "./version.ts";

export type { DocumentKind, DocumentMistake };

/**
 * Checks a document against the closed schema of one release: unknown keys, keys of another scope, keys
 * that are too new, wrong types, and numbers outside their limits. Patroni itself accepts all of them
 * and then ignores or replaces them. In the order of the document; empty when nothing is wrong.
 */
export function checkDocument(
  document: JsonObject,
  kind: DocumentKind,
  version: PatroniVersion,
): readonly DocumentMistake[] {
  const context = { document, kind, version };
  const mistakes = [
    ...wrongPlaces(document, kind, version).map((path) => explainMistake(path, context)),
    ...explainMisnamedMaps(context),
  ];
  if (mistakes.length < 2) return mistakes;
  const places = new Map(mistakes.map((mistake) => [mistake, positions(mistake.path, document)]));
  return mistakes.toSorted((a, b) => comparePositions(places.get(a) ?? [], places.get(b) ?? []));
}

/** The keys and values that do not fit the schema, each once. */
function wrongPlaces(
  document: JsonObject,
  kind: DocumentKind,
  version: PatroniVersion,
): readonly (readonly string[])[] {
  const name = validatorName(kind, schemaReleaseOf(kind, version));
  const validate = validators[name];
  if (validate === undefined) throw new Bug(`there is no validator ${name}`);
  if (validate(document)) return [];
  const found = new Map<string, readonly string[]>();
  for (const error of validate.errors ?? []) {
    const path = placeOf(error);
    if (path !== undefined) found.set(path.join("\0"), path);
  }
  return [...found.values()];
}

/** Where the mistake stands: the key, for one that should not be there or has a wrong name. */
function placeOf({
  instancePath,
  keyword,
  params,
  propertyName,
}: SchemaError): readonly string[] | undefined {
  const path = instancePath
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  if (keyword === "additionalProperties") return [...path, String(params["additionalProperty"])];
  if (keyword === "propertyNames") return [...path, String(params["propertyName"])];
  // Tells of a key what `propertyNames` tells as well.
  return propertyName === undefined ? path : undefined;
}

/** At which position of each map or list on its way a value stands. */
function positions(path: readonly string[], document: JsonObject): readonly number[] {
  const found: number[] = [];
  let value: unknown = document;
  for (const key of path) {
    found.push(isJsonObject(value) ? Object.keys(value).indexOf(key) : Number(key));
    value = stepInto(value, key);
  }
  return found;
}

function stepInto(value: unknown, key: string): unknown {
  if (isJsonObject(value)) return value[key];
  const item: unknown = Array.isArray(value) ? value[Number(key)] : undefined;
  return item;
}

function comparePositions(a: readonly number[], b: readonly number[]): number {
  for (const [index, position] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (position !== other) return position - other;
  }
  return a.length - b.length;
}
