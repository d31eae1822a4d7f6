/** Where a value and what is inside it begin; offsets count UTF-16 units of the text. */
export interface PlainPlace {
  /** Where the value begins; undefined for an empty one, which stands nowhere. */
  readonly start: number | undefined;
  readonly inside:
    | undefined
    | readonly PlainPlace[]
    | ReadonlyMap<string, { readonly key: number; readonly place: PlainPlace }>;
}

/** A document that was read, and where everything in it stands. */
export interface PlainDocument {
  readonly value: unknown;
  readonly place: PlainPlace;
}

/**
 * Reads a file in the plain part of YAML 1.2 that nearly every intent is written in: one document, block maps
 * and lists with spaces, one-line flow maps and lists, plain words and numbers, quotes without escapes,
 * comments. Undefined for everything else, be it more of YAML or a mistake: then the `yaml` package decides.
 *
 * It must never give another value or another place than that package (a property test holds it to that);
 * where YAML is subtle it gives up. It is there for speed only: the package takes about forty times as long.
 */
export function readPlainYaml(text: string): PlainDocument | undefined {
  if (UNUSUAL.test(text)) return undefined;
  const reader: Reader = { text: text.endsWith("\n") ? text : `${text}\n`, at: 0, indent: 0 };
  toNextLine(reader);
  if (reader.indent !== 0 || reader.at >= reader.text.length) return undefined;
  const document = readMap(reader, 0);
  return document !== undefined && reader.at >= reader.text.length ? document : undefined;
}

/** Tabs, other line breaks, byte-order marks and control characters. */
const UNUSUAL = /[^\n -~\u00a1-\u2027\u2030-\ufefe\uff00-\ufffd]/;
/** Spaces before a word; nobody indents as far. */
const MAX_INDENT = 60;
const MAX_FLOW_DEPTH = 6;

const KEY = /[A-Za-z_][A-Za-z0-9_.-]{0,99}(?=:[ \n])/y;
const ITEM = /- +(?=[^ #])/y;
const LINE_END = /(?: +#[^\n]*| *)\n/y;
/** In all of these a `#` never follows a space and a colon never ends a word, which YAML would take for more. */
const BLOCK_WORD = /(?:[A-Za-z0-9_/]|-(?=[0-9]))(?:[!-9;-~]|:(?=[!-~])| +(?=[!"$-9;-~]))*/y;
const FLOW_WORD =
  /(?:[A-Za-z0-9_/]|-(?=[0-9]))(?:[!-+.-9;-Z\\^-z|~-]|:(?=[A-Za-z0-9:/])| +(?=[!"$-+.-9;-Z\\^-z|~-]))*/y;
const DOUBLE_QUOTED = /"[^"\\\n]*"/y;
const SINGLE_QUOTED = /'[^'\n]*'/y;

const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ...["null", "Null", "NULL"].map((word): [string, null] => [word, null]),
  ...["true", "True", "TRUE"].map((word): [string, boolean] => [word, true]),
  ...["false", "False", "FALSE"].map((word): [string, boolean] => [word, false]),
]);
/** Numbers that all readers take alike, and everything that YAML 1.2 could take for a number. */
const NUMBER = /^(?:-?[1-9][0-9]{0,14}|0|-?(?:0|[1-9][0-9]{0,8})\.[0-9]{1,6})$/;
const NUMBER_LIKE =
  /^[-+]?(?:[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)$/;

interface Reader {
  readonly text: string;
  at: number;
  /** Spaces before the line's first word, while `at` is there. */
  indent: number;
}

/** Moves past what the expression matches here; undefined, and no move, when it matches nothing. */
function take(reader: Reader, expression: RegExp): string | undefined {
  const start = reader.at;
  return skip(reader, expression) ? reader.text.slice(start, reader.at) : undefined;
}

/** The same without the text. */
function skip(reader: Reader, expression: RegExp): boolean {
  expression.lastIndex = reader.at;
  const isThere = expression.test(reader.text);
  if (isThere) reader.at = expression.lastIndex;
  return isThere;
}

function skipSpaces(reader: Reader): void {
  while (reader.text[reader.at] === " ") reader.at += 1;
}

/** From the beginning of a line to the first word that is no comment, on this line or a later one. */
function toNextLine(reader: Reader): void {
  const { text } = reader;
  while (reader.at < text.length) {
    const start = reader.at;
    skipSpaces(reader);
    const char = text[reader.at];
    if (char !== "\n" && char !== "#") {
      reader.indent = reader.at - start;
      return;
    }
    reader.at = text.indexOf("\n", reader.at) + 1;
  }
  reader.indent = 0;
}

function endLine(reader: Reader): boolean {
  if (!skip(reader, LINE_END)) return false;
  toNextLine(reader);
  return true;
}

function isOver(reader: Reader): boolean {
  return reader.at >= reader.text.length;
}

/**
 * A block map whose keys stand in this column, from its first key to the first word in another one. When that
 * is no column of a map or a list around it, nobody goes on there, and the document is not plain.
 */
function readMap(reader: Reader, column: number): PlainDocument | undefined {
  const start = reader.at;
  const value: Record<string, unknown> = {};
  const inside = new Map<string, { readonly key: number; readonly place: PlainPlace }>();
  do {
    const keyAt = reader.at;
    const key = take(reader, KEY);
    if (key === undefined || !isFreeKey(key, value)) return undefined;
    reader.at += 1;
    const field = readField(reader, column);
    if (field === undefined) return undefined;
    value[key] = field.value;
    inside.set(key, { key: keyAt, place: field.place });
  } while (!isOver(reader) && reader.indent === column);
  return { value, place: { start, inside } };
}

function isFreeKey(key: string, map: Readonly<Record<string, unknown>>): boolean {
  return !WORDS.has(key) && key !== "__proto__" && !Object.hasOwn(map, key);
}

/** What stands behind a key's colon: on the same line, below it, or nothing. */
function readField(reader: Reader, column: number): PlainDocument | undefined {
  if (!endLine(reader)) {
    skipSpaces(reader);
    return readInline(reader);
  }
  if (isOver(reader) || reader.indent <= column) return EMPTY;
  if (reader.indent > MAX_INDENT) return undefined;
  return isItem(reader) ? readList(reader, reader.indent) : readMap(reader, reader.indent);
}

const EMPTY: PlainDocument = { value: null, place: { start: undefined, inside: undefined } };

function isItem(reader: Reader): boolean {
  return reader.text[reader.at] === "-";
}

/** A block list whose dashes stand in this column. */
function readList(reader: Reader, column: number): PlainDocument | undefined {
  const start = reader.at;
  const value: unknown[] = [];
  const inside: PlainPlace[] = [];
  do {
    const dash = reader.at;
    if (!skip(reader, ITEM)) return undefined;
    KEY.lastIndex = reader.at;
    const isMap = KEY.test(reader.text);
    const item = isMap ? readMap(reader, column + reader.at - dash) : readInline(reader);
    if (item === undefined) return undefined;
    value.push(item.value);
    inside.push(item.place);
  } while (!isOver(reader) && reader.indent === column);
  return { value, place: { start, inside } };
}

/** A value that ends on its line, and the rest of that line. */
function readInline(reader: Reader): PlainDocument | undefined {
  const item = readItem(reader, BLOCK_WORD, 0);
  return item !== undefined && endLine(reader) ? item : undefined;
}

function readItem(reader: Reader, word: RegExp, depth: number): PlainDocument | undefined {
  const start = reader.at;
  const first = reader.text[start];
  if (first === "{") return readFlowMap(reader, depth);
  if (first === "[") return readFlowList(reader, depth);
  if (first === '"') return quoted(take(reader, DOUBLE_QUOTED), start);
  if (first === "'") return quoted(take(reader, SINGLE_QUOTED), start);
  return plain(take(reader, word), start);
}

function quoted(text: string | undefined, start: number): PlainDocument | undefined {
  return text === undefined ? undefined : scalar(text.slice(1, -1), start);
}

function plain(text: string | undefined, start: number): PlainDocument | undefined {
  if (text === undefined) return undefined;
  const word = WORDS.get(text);
  if (word !== undefined) return scalar(word, start);
  if (NUMBER.test(text)) return scalar(Number(text), start);
  return NUMBER_LIKE.test(text) ? undefined : scalar(text, start);
}

function scalar(value: unknown, start: number): PlainDocument {
  return { value, place: { start, inside: undefined } };
}

function readFlowMap(reader: Reader, depth: number): PlainDocument | undefined {
  const start = reader.at;
  const value: Record<string, unknown> = {};
  const inside = new Map<string, { readonly key: number; readonly place: PlainPlace }>();
  const isWhole = readBetween(reader, "}", () => {
    const keyAt = reader.at;
    const key = take(reader, KEY);
    if (key === undefined || !isFreeKey(key, value)) return false;
    reader.at += 1;
    skipSpaces(reader);
    const field = readFlowItem(reader, depth);
    if (field === undefined) return false;
    value[key] = field.value;
    inside.set(key, { key: keyAt, place: field.place });
    return true;
  });
  return isWhole ? { value, place: { start, inside } } : undefined;
}

function readFlowList(reader: Reader, depth: number): PlainDocument | undefined {
  const start = reader.at;
  const value: unknown[] = [];
  const inside: PlainPlace[] = [];
  const isWhole = readBetween(reader, "]", () => {
    const item = readFlowItem(reader, depth);
    if (item === undefined) return false;
    value.push(item.value);
    inside.push(item.place);
    return true;
  });
  return isWhole ? { value, place: { start, inside } } : undefined;
}

function readFlowItem(reader: Reader, depth: number): PlainDocument | undefined {
  return depth < MAX_FLOW_DEPTH ? readItem(reader, FLOW_WORD, depth + 1) : undefined;
}

/** From an opening bracket past its closing one, with a comma between any two items. */
function readBetween(reader: Reader, end: string, readOne: () => boolean): boolean {
  const { text } = reader;
  reader.at += 1;
  skipSpaces(reader);
  if (text[reader.at] === end) {
    reader.at += 1;
    return true;
  }
  for (;;) {
    if (!readOne()) return false;
    skipSpaces(reader);
    const char = text[reader.at];
    reader.at += 1;
    if (char === end) return true;
    if (char !== ",") return false;
    skipSpaces(reader);
  }
}
