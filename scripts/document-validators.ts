import { isJsonObject, type Json, type JsonObject } from "../src/core/json.ts";
import {
  documentSchema,
  schemaReleases,
  validatorName,
  type DocumentKind,
} from "../src/patroni/document-schema.ts";

/** The module that `src/patroni/check-document.ts` imports; it exists only while something is built. */
const MODULE = "virtual:document-validators";
const RESOLVED = `\0${MODULE}`;

/** The part of the plugin interface of rolldown and vite that is used here. */
interface BuildPlugin {
  readonly name: string;
  readonly resolveId: (id: string) => string | undefined;
  readonly load: (id: string) => Promise<string> | undefined;
}

/**
 * Compiles the schemas of Patroni's documents to plain functions while Quorate is built or tested. So ajv
 * never runs in Quorate, and what is checked is always what the table of settings says.
 */
export function documentValidators(): BuildPlugin {
  return {
    name: "document-validators",
    resolveId: (id) => (id === MODULE ? RESOLVED : undefined),
    load: (id) => (id === RESOLVED ? compileValidators() : undefined),
  };
}

/** The source of a module with one validator for each document and each release that changes it. */
export async function compileValidators(): Promise<string> {
  const [{ Ajv }, { default: standalone }] = await Promise.all([
    import("ajv"),
    import("ajv/dist/standalone/index.js"),
  ]);
  const kinds: readonly DocumentKind[] = ["dynamic", "node"];
  const roots = kinds.flatMap((kind) =>
    schemaReleases(kind).map((release) => ({
      name: validatorName(kind, release),
      schema: documentSchema(kind, release),
    })),
  );
  const parts = new Map<string, string>();
  // Without union types in one `type` every setting that takes a number or a text would need an `anyOf`.
  const ajv = new Ajv({
    allErrors: true,
    allowUnionTypes: true,
    inlineRefs: false,
    messages: false,
    code: { source: true, esm: true },
  });
  const references = roots.map(({ name, schema }) => ({ $id: name, ...shareParts(schema, parts) }));
  for (const [text, id] of parts) ajv.addSchema({ $id: id, ...asObject(JSON.parse(text)) });
  for (const reference of references) ajv.addSchema(reference);
  const names = roots.map(({ name }) => name);
  const code = standalone.default(ajv, Object.fromEntries(names.map((name) => [name, name])));
  // A validator that counts characters or compares values would need a part of ajv at run time.
  if (code.includes("require(")) throw new Error("the compiled validators would need ajv itself");
  return `${code}\nexport const validators = { ${names.join(", ")} };\n`;
}

/** What is there for people only. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  "$schema",
  "default",
  "deprecated",
  "description",
  "title",
]);

/** Puts every part of a schema aside once, however often it is used, and refers to it. */
function shareParts(schema: JsonObject, parts: Map<string, string>): JsonObject {
  const share = (value: Json): Json => (isJsonObject(value) ? shareParts(value, parts) : value);
  const plain = Object.fromEntries(
    Object.entries(schema).flatMap(([key, value]): [string, Json][] => {
      if (ANNOTATIONS.has(key)) return [];
      if (key === "properties" && isJsonObject(value))
        return [
          [key, Object.fromEntries(Object.entries(value).map(([name, of]) => [name, share(of)]))],
        ];
      return [[key, key === "items" || key === "additionalProperties" ? share(value) : value]];
    }),
  );
  if (Object.keys(plain).length === 0) return plain;
  const text = JSON.stringify(plain);
  const id = parts.get(text) ?? `part${parts.size}`;
  parts.set(text, id);
  return { $ref: id };
}

function asObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
