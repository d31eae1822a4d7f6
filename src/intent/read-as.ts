import { z } from "zod";
import type { Diagnostic } from "../core/diagnostic.ts";
import { isJsonObject } from "../core/json.ts";
import { nearest } from "../core/nearest.ts";
import { err, ok, type Result } from "../core/result.ts";
import { readRefused } from "./scalars.ts";
import type { Source } from "./source.ts";
import type { SourcePath } from "./source-offset.ts";
import { writtenValue } from "./written-value.ts";

type Issue = z.core.$ZodIssue;

/**
 * Reads a document as a type. What does not fit comes back as findings, every one with the place of the
 * value: an unknown key at the key, a missing one at its nearest parent that is there.
 */
export function readAs<Schema extends z.ZodType>(
  schema: Schema,
  source: Source,
): Result<z.infer<Schema>, readonly Diagnostic[]> {
  const read = readExactly(schema, source);
  return read.ok ? read : err(read.error.map(({ said }) => said));
}

/** A value that does not fit, and what is said of it. */
export interface Misfit {
  readonly said: Diagnostic;
  /** The value; of an unknown key, or one of a wrong form, what stands at the key. */
  readonly path: SourcePath;
  /** What is wrong is the key: nothing is known of what it should be, nor of the value's meaning. */
  readonly isKey: boolean;
}

/** Reads a document as a type, or gives every value that does not fit. */
export function readExactly<Schema extends z.ZodType>(
  schema: Schema,
  source: Source,
): Result<z.infer<Schema>, readonly Misfit[]> {
  const parsed = schema.safeParse(source.value, { reportInput: true });
  if (parsed.success) return ok(parsed.data);
  return err(parsed.error.issues.flatMap((issue) => misfitsOf(issue, [], schema, source)));
}

function misfitsOf(
  issue: Issue,
  prefix: SourcePath,
  schema: z.ZodType,
  source: Source,
): readonly Misfit[] {
  const path = [
    ...prefix,
    ...issue.path.map((step) => (typeof step === "number" ? step : String(step))),
  ];
  const refused = readRefused(issue.message);
  const misfit = (said: Diagnostic): Misfit => ({ said, path, isKey: false });
  if (isMissing(issue, path, source)) return [misfit(missing(path, source))];
  if (refused !== undefined) {
    const name = path.findLast((step) => typeof step === "string");
    const message = name === undefined ? refused.message : `${name}: ${refused.message}`;
    const { rule, hint } = refused;
    return [misfit({ rule, severity: "error", message, at: source.at(path), hint })];
  }
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      said: unknownKey(key, path, schema, source),
      path: [...path, key],
      isKey: true,
    }));
  if (issue.code === "invalid_union") {
    const branch = bestBranch(issue.errors);
    if (branch !== undefined)
      return branch.flatMap((inner) => misfitsOf(inner, path, schema, source));
  }
  if (issue.code === "invalid_key")
    return issue.issues.flatMap((inner) =>
      misfitsOf({ ...inner, path: issue.path }, prefix, schema, source).map(({ said }) => ({
        said: { ...said, at: source.atKey(path) },
        path,
        isKey: true,
      })),
    );
  const said = expectation(issue, path);
  return [misfit({ rule: "QUO003", severity: "error", at: source.at(path), ...said })];
}

function expectation(
  issue: Issue,
  path: SourcePath,
): { readonly message: string; readonly hint: string } {
  const name = path.join(".") || "the document";
  if (issue.code === "invalid_type") {
    const wanted =
      issue.expected === "object" || issue.expected === "record"
        ? "a map"
        : issue.expected === "array"
          ? "a list"
          : `a ${issue.expected}`;
    return {
      message: `${name} is ${describe(issue.input)}, expected ${wanted}`,
      hint: `write ${wanted} here`,
    };
  }
  if (issue.code === "too_small")
    return { message: `${name} is empty`, hint: "write at least one" };
  return {
    message: `${name}: ${issue.message}`,
    hint: "see the intent language in the documentation",
  };
}

function isMissing(issue: Issue, path: SourcePath, source: Source): boolean {
  if (path.length === 0 || issue.code === "unrecognized_keys") return false;
  const parent = writtenValue(source.value, path.slice(0, -1));
  return isJsonObject(parent) && !Object.hasOwn(parent, String(path.at(-1)));
}

function missing(path: SourcePath, source: Source): Diagnostic {
  return {
    rule: "QUO004",
    severity: "error",
    message: `${path.slice(0, -1).join(".") || "the document"} has no ${path.at(-1) ?? ""}`,
    at: source.atKey(path.slice(0, -1)),
    hint: `add ${path.at(-1) ?? ""}:`,
  };
}

function unknownKey(key: string, path: SourcePath, schema: z.ZodType, source: Source): Diagnostic {
  const known = keysAt(schema, path, source.value);
  const suggestion = nearest(key, known);
  return {
    rule: "QUO002",
    severity: "error",
    message: `unknown key ${key}${path.length === 0 ? "" : ` in ${path.join(".")}`}`,
    at: source.atKey([...path, key]),
    hint:
      suggestion === undefined ? `known here: ${known.join(", ")}` : `did you mean ${suggestion}?`,
  };
}

/** Of a union's branches, the one that got furthest: its first complaint is not about the value's type. */
function bestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const deep = branches.find((branch) =>
    branch.some((issue) => issue.path.length > 0 || issue.code === "unrecognized_keys"),
  );
  if (deep !== undefined) return deep;
  return (
    branches.find((branch) => branch.some((issue) => readRefused(issue.message) !== undefined)) ??
    branches[0]
  );
}

/** The keys that a schema knows at a path, through optional values, lists, records and unions. */
export function keysAt(schema: z.ZodType, path: SourcePath, document: unknown): readonly string[] {
  const value = writtenValue(document, path);
  return schemasAt(schema, path, document)
    .flatMap((option) => unwrap(option, value))
    .flatMap((option) => (option instanceof z.ZodObject ? Object.keys(option.shape) : []));
}

/** What a schema asks of the value at a path: more than one where the document does not tell which. */
export function schemasAt(
  schema: z.ZodType,
  path: SourcePath,
  document: unknown,
): readonly z.ZodType[] {
  let options: readonly unknown[] = [schema];
  let value = document;
  for (const step of path) {
    options = options
      .flatMap((option) => unwrap(option, value))
      .flatMap((option) => childOf(option, step));
    value = writtenValue(value, [step]);
  }
  return options.filter((option) => option instanceof z.ZodType);
}

/** Of a union whose branches are told apart by a word, only the branch that the value names. */
function unwrap(schema: unknown, value: unknown): readonly unknown[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return unwrap(schema.unwrap(), value);
  if (!(schema instanceof z.ZodUnion)) return [schema];
  const options: readonly unknown[] = schema.options;
  const word = schema instanceof z.ZodDiscriminatedUnion ? schema.def.discriminator : undefined;
  const named = options.filter((option) => word === undefined || isNamed(option, word, value));
  return (named.length === 0 ? options : named).flatMap((option) => unwrap(option, value));
}

function isNamed(option: unknown, word: string, value: unknown): boolean {
  if (!(option instanceof z.ZodObject)) return true;
  const shape: unknown = option.shape[word];
  return shape instanceof z.ZodType && shape.safeParse(writtenValue(value, [word])).success;
}

function childOf(schema: unknown, step: string | number): readonly unknown[] {
  if (schema instanceof z.ZodArray) return [schema.element];
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  if (!(schema instanceof z.ZodObject)) return [];
  const child: unknown = schema.shape[step];
  return child === undefined ? [] : [child];
}

function describe(input: unknown): string {
  if (input === null || input === undefined) return "empty";
  if (Array.isArray(input)) return "a list";
  return isJsonObject(input) ? "a map" : JSON.stringify(input);
}
