import { hostNetwork, ipVersion } from "../core/ip.ts";
import { nearest } from "../core/nearest.ts";
import { err, ok, type Result } from "../core/result.ts";
import {
  HBA_METHODS,
  HBA_SECRET_OPTIONS,
  HBA_TLS_OPTIONS,
  HBA_TYPES,
  type HbaMethod,
  type HbaType,
} from "./hba-table.ts";

/** A database or user as a line names it. A quoted one never means anything but itself. */
export interface HbaName {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** One line of pg_hba.conf, taken apart. */
export interface HbaLine {
  readonly type: HbaType;
  readonly databases: readonly HbaName[];
  readonly users: readonly HbaName[];
  /** As written, with its mask behind a `/`; undefined for `local`. */
  readonly address: string | undefined;
  readonly method: string;
  readonly options: ReadonlyMap<string, string>;
}

/** Why PostgreSQL could not read a line, and the way out. */
export interface HbaMistake {
  readonly message: string;
  readonly hint: string;
  /** True when the line would show a secret to everyone. */
  readonly isSecret?: true;
}

/**
 * Reads one line as PostgreSQL of that major version does. One that it cannot read would keep a running
 * server at its old rules, and a stopped one from starting at all.
 *
 * @see src/backend/libpq/hba.c, `parse_hba_line`, at REL_18_STABLE
 */
export function readHbaLine(text: string, major: number): Result<HbaLine, HbaMistake> {
  const fields = readFields(text);
  if (!fields.ok) return fields;
  const [first, databases, users, ...rest] = fields.value;
  const type = readType(first);
  if (!type.ok) return type;
  if (databases === undefined || users === undefined) return tooShort();
  const place = type.value === "local" ? ok({ address: undefined, rest }) : readAddress(rest);
  if (!place.ok) return place;
  const [methods, ...options] = place.value.rest;
  const method = readMethod(methods, type.value, major);
  if (!method.ok) return method;
  const read = readOptions(options, { method: method.value, type: type.value, major });
  if (!read.ok) return read;
  return ok({
    type: type.value,
    databases,
    users,
    address: place.value.address,
    method: method.value.name,
    options: read.value,
  });
}

type Field = readonly HbaName[];

function mistake(message: string, hint: string): Result<never, HbaMistake> {
  return err({ message, hint });
}

function tooShort(): Result<never, HbaMistake> {
  return mistake(
    "the line ends too early",
    "write: type database user address method, and no address for local",
  );
}

/**
 * A field is a list of names between commas. A line break would begin another rule, a backslash at the end
 * would swallow the next one, and a comment belongs into the YAML.
 */
function readFields(text: string): Result<readonly Field[], HbaMistake> {
  if (/\p{Cc}/u.test(text.replaceAll("\t", " ")))
    return mistake(
      "a control character stands in the line",
      "write one rule per entry of the list",
    );
  if (text.trimEnd().endsWith("\\"))
    return mistake(
      "the line ends with a backslash, which would swallow the next line",
      "write the whole rule in one entry of the list",
    );
  const fields: HbaName[][] = [];
  let isListOpen = false;
  for (const [whole, comma] of text.matchAll(/(,)|\s+|(?:"[^"]*"|[^\s",])+|"/g)) {
    if (comma !== undefined) isListOpen = true;
    else if (whole === '"') return mistake("a quote is not closed", 'write it like "Name"');
    else if (whole.trim() !== "") {
      if (whole.replaceAll(/"[^"]*"/g, "").includes("#"))
        return mistake("a comment stands in the line", "write comments in the YAML file");
      if (whole.startsWith("@"))
        return mistake(`${whole} reads a file that cannot be checked`, "write its names here");
      const name = { text: whole.replaceAll('"', ""), isQuoted: whole.includes('"') };
      if (isListOpen) fields.at(-1)?.push(name);
      else fields.push([name]);
      isListOpen = false;
    }
  }
  return fields.length === 0 ? tooShort() : ok(fields);
}

function readType(field: Field | undefined): Result<HbaType, HbaMistake> {
  const word = field?.[0]?.text ?? "";
  const type = HBA_TYPES.find((known) => known === word);
  if (type !== undefined && field?.length === 1) return ok(type);
  if (word.startsWith("include"))
    return mistake(`${word} reads a file that cannot be checked`, "write its lines here");
  return mistake(`"${word}" is not a type of connection`, suggest(word, HBA_TYPES));
}

interface Place {
  readonly address: string;
  readonly rest: readonly Field[];
}

/** An address with `/bits`, an address and its mask, a name, or one of the words for places. */
function readAddress(fields: readonly Field[]): Result<Place, HbaMistake> {
  const [field, ...rest] = fields;
  const address = field?.[0]?.text;
  if (address === undefined) return tooShort();
  if (field?.length !== 1)
    return mistake("the line names more than one address", "write a line for each network");
  const version = ipVersion(address.split("/")[0] ?? "");
  return version === undefined ? readPlaceName(address, rest) : readNetwork(address, version, rest);
}

function readNetwork(
  address: string,
  version: 4 | 6,
  rest: readonly Field[],
): Result<Place, HbaMistake> {
  const slash = address.indexOf("/");
  if (slash !== -1)
    return isMaskLength(address.slice(slash + 1), version)
      ? ok({ address, rest })
      : mistake(`${address} is not a network`, "write it like 10.0.0.0/8");
  const mask = rest[0]?.[0]?.text ?? "";
  if (ipVersion(mask) !== version)
    return mistake(`${address} has no mask`, `write ${hostNetwork(address)}`);
  return ok({ address: `${address}/${mask}`, rest: rest.slice(1) });
}

function isMaskLength(text: string, version: 4 | 6): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) <= (version === 4 ? 32 : 128);
}

function readPlaceName(address: string, rest: readonly Field[]): Result<Place, HbaMistake> {
  const isNetwork = /^[\d.]+$/.test(address) || /[/:]/.test(address);
  if (isNetwork) return mistake(`${address} is not a network`, "write it like 10.0.0.0/8");
  if (HBA_METHODS.some(({ name }) => name === address))
    return mistake(
      `the address is missing before ${address}`,
      "write: type database user address method, and no address for local",
    );
  return ok({ address, rest });
}

function readMethod(
  field: Field | undefined,
  type: HbaType,
  major: number,
): Result<HbaMethod, HbaMistake> {
  const word = field?.[0]?.text;
  if (word === undefined) return tooShort();
  const method = HBA_METHODS.find(({ name }) => name === word);
  const names = HBA_METHODS.map(({ name }) => name);
  if (method === undefined || field?.length !== 1)
    return mistake(`"${word}" is not a method of authentication`, suggest(word, names));
  if (method.since !== undefined && major < method.since)
    return mistake(
      `PostgreSQL ${major} does not know the method ${word}, it came with ${method.since}`,
      "write another method",
    );
  if (method.types !== undefined && !method.types.includes(type))
    return mistake(
      `${word} is not possible on a line of type ${type}`,
      `${word} needs ${method.types.join(", ")}`,
    );
  return ok(method);
}

interface OptionContext {
  readonly method: HbaMethod;
  readonly type: HbaType;
  readonly major: number;
}

function readOptions(
  fields: readonly Field[],
  context: OptionContext,
): Result<ReadonlyMap<string, string>, HbaMistake> {
  const options = new Map<string, string>();
  for (const field of fields) {
    const text = field.map((name) => name.text).join(",");
    const [, name, value] = /^(\w+)=(.*)$/.exec(text) ?? [];
    // The text is not repeated: it may be what somebody took for the place of a password.
    if (name === undefined || value === undefined)
      return mistake("an option is not of the form name=value", "write it like map=admins");
    const found = checkOption(name, value, context);
    if (found !== undefined) return err(found);
    options.set(name, value);
  }
  return ok(options);
}

function checkOption(
  name: string,
  value: string,
  { method, type, major }: OptionContext,
): HbaMistake | undefined {
  if (HBA_SECRET_OPTIONS.includes(name))
    return {
      message: `${name} is a secret, and everyone may read the DCS configuration`,
      hint: "use a method that needs no secret in pg_hba",
      isSecret: true,
    };
  const forTls = type === "hostssl" ? HBA_TLS_OPTIONS : [];
  const shared = forTls.find((option) => option.name === name);
  if (shared === undefined && method.options.includes(name)) return undefined;
  if (shared === undefined)
    return {
      message: `${method.name} on a line of type ${type} has no option ${name}`,
      hint: suggest(name, [...method.options, ...forTls.map((option) => option.name)]),
    };
  return checkTlsOption(shared, value, { method: method.name, major });
}

function checkTlsOption(
  { name, values, since }: (typeof HBA_TLS_OPTIONS)[number],
  value: string,
  { method, major }: { readonly method: string; readonly major: number },
): HbaMistake | undefined {
  if (since !== undefined && major < since)
    return {
      message: `PostgreSQL ${major} does not know the option ${name}, it came with ${since}`,
      hint: "leave it out",
    };
  if (method === "cert" && value === "verify-ca")
    return {
      message: `${name} is verify-ca, but cert always verifies the name as well`,
      hint: "write verify-full, or leave it out",
    };
  if (values.includes(value)) return undefined;
  const message = `${name} is "${value}", which PostgreSQL does not know`;
  return { message, hint: `write ${values.join(" or ")}` };
}

function suggest(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  if (meant !== undefined) return `did you mean ${meant}?`;
  return known.length === 0 ? "leave it out" : `known here: ${known.join(", ")}`;
}
