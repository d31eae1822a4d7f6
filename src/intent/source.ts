import { isMap, isScalar, LineCounter, parseAllDocuments, visit } from "yaml";
import type { Document } from "yaml";
import type { Diagnostic, Span } from "../core/diagnostic.ts";
import { err, ok, type Result } from "../core/result.ts";
import { readPlainYaml, type PlainDocument } from "./plain-yaml.ts";
import { offsetInPlain, offsetOf, type SourcePath } from "./source-offset.ts";

/** One YAML document that a person wrote, as plain data, and where each of its values stands. */
export interface Source {
  readonly file: string;
  readonly value: unknown;
  /** Where the value stands; for a path that is not there, its nearest parent that is. */
  readonly at: (path: SourcePath) => Span;
  /** Where the key itself stands. */
  readonly atKey: (path: SourcePath) => Span;
}

/** Files larger than this are refused unread: nobody writes such an intent by hand. */
export const MAX_FILE_BYTES = 1024 * 1024;
const MAX_ALIASES = 100;
const MAX_DEPTH = 64;

/**
 * Reads the YAML 1.2 documents of one file. Syntax errors, duplicate keys, alias bombs and bottomless
 * nesting come back as findings, each with its position.
 */
export function readSources(
  file: string,
  text: string,
): Result<readonly Source[], readonly Diagnostic[]> {
  if (Buffer.byteLength(text) > MAX_FILE_BYTES)
    return err([limit({ file, line: 1, col: 1 }, `is larger than ${MAX_FILE_BYTES} bytes`)]);
  const tooDeepAt = mayNestDeep(text) ? findDeepNesting(file, text) : undefined;
  const refused = tooDeepAt ?? directiveProblem(file, text);
  if (refused !== undefined) return err([refused]);
  const plain = readPlainYaml(text);
  return plain === undefined ? readAnyYaml(file, text) : ok([plainSource(plain, file, text)]);
}

/** Reads the documents of a file with the `yaml` package, whatever of YAML they use. */
export function readAnyYaml(
  file: string,
  text: string,
): Result<readonly Source[], readonly Diagnostic[]> {
  const counter = new LineCounter();
  const documents = parse(text, counter);
  const found = documents.flatMap((document) => problemsOf(document, file, counter));
  if (found.length > 0) return err(found);
  return ok(documents.map((document, index) => sourceOf(document, index, file, text)));
}

/** Reads a file that must hold exactly one document. */
export function readSource(file: string, text: string): Result<Source, readonly Diagnostic[]> {
  const sources = readSources(file, text);
  if (!sources.ok) return sources;
  const [first, second] = sources.value;
  if (first !== undefined && second === undefined) return ok(first);
  const at = second === undefined ? { file, line: 1, col: 1 } : second.at([]);
  const message = second === undefined ? "the file is empty" : "a second document begins here";
  return err([
    {
      rule: "QUO001",
      severity: "error",
      message,
      at,
      hint: "write exactly one document in this file",
    },
  ]);
}

function parse(text: string, lineCounter: LineCounter): readonly Document.Parsed[] {
  const documents = parseAllDocuments(text, {
    lineCounter,
    prettyErrors: false,
    strict: true,
    uniqueKeys: true,
    version: "1.2",
    logLevel: "silent",
  });
  return Array.isArray(documents) ? documents : [];
}

function problemsOf(
  document: Document.Parsed,
  file: string,
  counter: LineCounter,
): readonly Diagnostic[] {
  const spanAt = (offset: number): Span => spanOf(file, counter, offset);
  const found: Diagnostic[] = [...document.errors, ...document.warnings].map((problem) => ({
    rule: problem.code === "DUPLICATE_KEY" ? "QUO005" : "QUO001",
    severity: "error",
    message: PROBLEMS.get(problem.code) ?? firstLine(problem.message),
    at: spanAt(problem.pos[0]),
    hint: problem.code === "DUPLICATE_KEY" ? "keep one of the two" : "mend the YAML here",
  }));
  if (found.length > 0) return found;
  return [...aliasProblems(document, spanAt), ...keyProblems(document, spanAt)];
}

function aliasProblems(
  document: Document.Parsed,
  spanAt: (offset: number) => Span,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  let firstAlias: Span | undefined;
  visit(document, {
    Alias: (_key, alias) => {
      const at = spanAt(alias.range?.[0] ?? 0);
      firstAlias ??= at;
      if (alias.resolve(document) === undefined)
        found.push({
          rule: "QUO001",
          severity: "error",
          message: "no anchor with this name stands before the alias",
          at,
          hint: "write the anchor first, or the value itself",
        });
    },
  });
  if (found.length > 0 || firstAlias === undefined) return found;
  return expands(document) ? [] : [limit(firstAlias, "has aliases that expand too far")];
}

/** The library counts what the aliases expand to, and throws when it is out of proportion. */
function expands(document: Document.Parsed): boolean {
  try {
    document.toJS({ maxAliasCount: MAX_ALIASES });
    return true;
  } catch {
    return false;
  }
}

function keyProblems(
  document: Document.Parsed,
  spanAt: (offset: number) => Span,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  visit(document, {
    Pair: (_key, pair) => {
      const key = pair.key;
      const offset = isScalar(key) || isMap(key) ? (key.range?.[0] ?? 0) : 0;
      if (!isScalar(key) || key.value === "__proto__" || key.value === null)
        found.push({
          rule: "QUO001",
          severity: "error",
          message: "a key must be a plain word",
          at: spanAt(offset),
          hint: "write a name before the colon",
        });
    },
  });
  return found;
}

/** Hardly any text does; the others need not be looked at sign by sign. */
function mayNestDeep(text: string): boolean {
  return DEEP_INDENT.test(text) || text.replaceAll(NO_BRACKETS, "").length > MAX_DEPTH;
}

const DEEP_INDENT = new RegExp(`^[\\s?:-]{${MAX_DEPTH * 2 + 1}}`, "m");
const NO_BRACKETS = /[^[{]+/g;

/** Guards the recursive parser: a file that nests too deep for it is refused before it runs. */
function findDeepNesting(file: string, text: string): Diagnostic | undefined {
  let depth = 0;
  for (const [index, line] of text.split("\n").entries()) {
    // Every two columns, and every dash, before a line's first word may open a level.
    const opened = /^[\s?:-]*/.exec(line)?.[0].length ?? 0;
    if (opened > MAX_DEPTH * 2) return tooDeep({ file, line: index + 1, col: 1 });
    for (let column = 0; column < line.length; column += 1) {
      const char = line[column];
      if (char === "[" || char === "{") depth += 1;
      else if (char === "]" || char === "}") depth = Math.max(0, depth - 1);
      if (depth > MAX_DEPTH) return tooDeep({ file, line: index + 1, col: column + 1 });
    }
  }
  return undefined;
}

function tooDeep(at: Span): Diagnostic {
  return limit(at, `nests deeper than ${MAX_DEPTH} levels`);
}

/** Other versions and tags would give values that are not plain data. */
const DIRECTIVE = /^%(?:YAML[ \t]+(?!1\.2[ \t]*(?:\r?\n|$))|TAG)/m;

function directiveProblem(file: string, text: string): Diagnostic | undefined {
  const found = DIRECTIVE.exec(text);
  if (found === null) return undefined;
  return {
    rule: "QUO001",
    severity: "error",
    message: "this directive asks for another YAML than 1.2",
    at: { file, line: text.slice(0, found.index).split("\n").length, col: 1 },
    hint: "remove the line",
  };
}

/** What the parser says of a problem may repeat the text, which may be a secret: these words do not. */
const PROBLEMS: ReadonlyMap<string, string> = new Map([
  ["DUPLICATE_KEY", "this key stands twice in one map"],
  [
    "TAG_RESOLVE_FAILED",
    "a tag (!…) has no meaning here: begin text with a quote if it begins with !",
  ],
  ["BAD_ALIAS", "an alias (*…) cannot stand here: begin text with a quote if it begins with *"],
  ["BAD_SCALAR_START", "plain text cannot begin with this sign: put it in quotes"],
  ["UNEXPECTED_TOKEN", "something stands here that does not belong to what is before it"],
  ["BAD_DQ_ESCAPE", "a backslash in double quotes begins an escape that does not exist"],
  ["TAB_AS_INDENT", "a tab cannot indent: use spaces"],
  ["IMPOSSIBLE", "this cannot be read as YAML"],
]);

function limit(at: Span, what: string): Diagnostic {
  return {
    rule: "QUO008",
    severity: "error",
    message: `the file ${what}`,
    at,
    hint: "write the values out, or split the file",
  };
}

function sourceOf(document: Document.Parsed, index: number, file: string, text: string): Source {
  const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
  let reread:
    | { readonly document: Document.Parsed | undefined; readonly counter: LineCounter }
    | undefined;
  const locate = (path: SourcePath, wantKey: boolean): Span => {
    if (reread === undefined) {
      const counter = new LineCounter();
      reread = { document: parse(text, counter)[index], counter };
    }
    return spanOf(file, reread.counter, offsetOf(reread.document, path, wantKey ? "key" : "value"));
  };
  return { file, value, at: (path) => locate(path, false), atKey: (path) => locate(path, true) };
}

function plainSource({ value, place }: PlainDocument, file: string, text: string): Source {
  let lineStarts: readonly number[] | undefined;
  const locate = (path: SourcePath, want: "key" | "value"): Span => {
    lineStarts ??= lineStartsOf(text);
    return spanBetween(file, lineStarts, offsetInPlain(place, path, want));
  };
  return { file, value, at: (path) => locate(path, "value"), atKey: (path) => locate(path, "key") };
}

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", end + 1))
    starts.push(end + 1);
  return starts;
}

function spanBetween(file: string, lineStarts: readonly number[], offset: number): Span {
  let [low, high] = [0, lineStarts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return { file, line: low + 1, col: offset - (lineStarts[low] ?? 0) + 1 };
}

function spanOf(file: string, counter: LineCounter, offset: number): Span {
  const { line, col } = counter.linePos(offset);
  return { file, line: Math.max(line, 1), col: Math.max(col, 1) };
}

function firstLine(message: string): string {
  return message.split("\n")[0] ?? message;
}
