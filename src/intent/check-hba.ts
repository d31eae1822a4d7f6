import { isEveryAddress } from "../core/ip.ts";
import { readHbaLine, type HbaLine } from "../postgres/hba-line.ts";
import type { PostgresUserNames } from "./resolve-access.ts";

/** What is wrong with a line that a person wrote for pg_hba or pg_ident. */
export interface LineFinding {
  readonly rule: "QUO007" | "QUO031" | "QUO032" | "QUO033" | "QUO034";
  readonly severity: "error" | "warn";
  /** Position in the list. */
  readonly index: number;
  readonly message: string;
  readonly hint: string;
}

/** What decides whether a line holds: the rest of the access to PostgreSQL. */
export interface LineContext {
  readonly major: number;
  readonly users: PostgresUserNames;
  readonly hasTls: boolean;
  readonly hba: readonly string[];
  readonly ident: readonly string[];
}

/** The map of the compiled lines, by which a node's certificate stands for Patroni's users. */
export const MEMBER_MAP = "quorate";

type Said = Omit<LineFinding, "index">;

/**
 * Checks the lines of pg_hba that a person wrote. The compiled lines for Patroni's users, and the refusal
 * of these users from anywhere else, stand before them: a line cannot take that back.
 */
export function checkHba(context: LineContext): readonly LineFinding[] {
  return context.hba.flatMap((text, index) =>
    checkHbaLine(text, context).map((said) => ({ ...said, index })),
  );
}

function checkHbaLine(text: string, context: LineContext): readonly Said[] {
  const read = readHbaLine(text, context.major);
  if (!read.ok) {
    const { isSecret, ...said } = read.error;
    return [{ rule: isSecret === true ? "QUO007" : "QUO031", severity: "error", ...said }];
  }
  const line = read.value;
  return [
    ...checkUsers(line, context.users),
    ...checkStrength(line, context),
    ...checkMap(line, context),
  ];
}

function checkUsers({ users, method }: HbaLine, own: PostgresUserNames): readonly Said[] {
  if (method === "reject") return [];
  const named = users.find(({ text }) =>
    [own.superuser, own.replication, own.rewind].includes(text),
  );
  if (named === undefined) return [];
  const hint =
    named.text === own.superuser
      ? "add the network to admins"
      : "give whoever needs this a user of its own";
  const message = `compiled lines decide about ${named.text} before this one, so it never counts`;
  return [{ rule: "QUO033", severity: "error", message, hint }];
}

/** Methods that let someone in who has shown nothing, or who shows it to everyone on the way. */
const WEAK: ReadonlyMap<string, string> = new Map([
  ["trust", "trust lets everyone in without a password"],
  ["password", "password sends the password as it is"],
  ["ident", "ident believes what the client's machine says"],
]);

function checkStrength(line: HbaLine, { hasTls }: LineContext): readonly Said[] {
  const weak = WEAK.get(line.method);
  const better = line.type === "local" ? "peer or scram-sha-256" : "scram-sha-256 or cert";
  if (weak !== undefined && !(line.method === "ident" && line.type === "local"))
    return [{ rule: "QUO032", severity: "error", message: weak, hint: `write ${better}` }];
  const found: Said[] = [];
  const risk = (message: string, hint: string): void => {
    found.push({ rule: "QUO032", severity: "warn", message, hint });
  };
  if (line.method === "md5") risk("md5 takes passwords that were stored as MD5", `write ${better}`);
  if (line.address === undefined || line.method === "reject") return found;
  if (isEveryAddress(line.address)) risk(`${line.address} is everyone`, "name a network");
  if (hasTls && !ENCRYPTED.has(line.type) && !isLoopback(line.address))
    risk(`a line of type ${line.type} lets connections in without TLS`, "write hostssl");
  return found;
}

const ENCRYPTED: ReadonlySet<string> = new Set(["hostssl", "hostgssenc"]);

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address.startsWith("::1/");
}

/** Where no maps are declared, those in a file of the node may be meant. */
function checkMap({ options }: HbaLine, { ident }: LineContext): readonly Said[] {
  const map = options.get("map");
  if (map === undefined || ident.length === 0) return [];
  if (ident.some((line) => line.trim().split(/\s+/)[0] === map)) return [];
  const message = `no line of ident has the map ${map}`;
  return [{ rule: "QUO034", severity: "error", message, hint: "add it, or mend the name" }];
}

/** Checks the lines of pg_ident that a person wrote: three fields, and a map of their own. */
export function checkIdent({ ident }: LineContext): readonly LineFinding[] {
  return ident.flatMap((text, index): LineFinding[] => {
    const wrong = identMistake(text);
    return wrong === undefined ? [] : [{ rule: "QUO031", severity: "error", index, ...wrong }];
  });
}

function identMistake(
  text: string,
): { readonly message: string; readonly hint: string } | undefined {
  const example = "write it like admins alice@EXAMPLE.NET alice";
  if (/\p{Cc}/u.test(text.replaceAll("\t", " ")) || text.trimEnd().endsWith("\\"))
    return { message: "the line would run into another one", hint: example };
  const fields = text.trim().match(/(?:"[^"]*"|[^\s"])+/g) ?? [];
  if (fields.length !== 3 || text.includes("#"))
    return {
      message: `the line has ${fields.length} fields, expected map, system user and PostgreSQL user`,
      hint: example,
    };
  const [map = "", system = ""] = fields;
  if (map === MEMBER_MAP)
    return { message: `the map ${MEMBER_MAP} is the compiler's own`, hint: "use another name" };
  if (map.startsWith("include"))
    return { message: `${map} reads a file that cannot be checked`, hint: "write its lines here" };
  return system.startsWith("/") && !isExpression(system.slice(1))
    ? { message: "the expression behind the / cannot be read", hint: example }
    : undefined;
}

function isExpression(text: string): boolean {
  try {
    return new RegExp(text).source !== "";
  } catch {
    return false;
  }
}
