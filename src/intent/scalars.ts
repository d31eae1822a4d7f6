import { z } from "zod";
import { nearest } from "../core/nearest.ts";
import { parseSecretReference } from "../core/secret-reference.ts";
import { parseDuration, parseSize } from "../core/units.ts";
import { KNOWN_PATRONI_LINES, parsePatroniVersion } from "../patroni/version.ts";
import { NEWEST_POSTGRES, OLDEST_POSTGRES } from "../postgres/parameter.ts";

/** What a refused value says of itself: the code of the finding, what is wrong, and the way out. */
export interface Refused {
  readonly rule: string;
  readonly message: string;
  readonly hint: string;
}

/** Zod carries one text per issue; a refusal travels in it as JSON and is read back by `readRefused`. */
export function refuse(rule: string, message: string, hint: string): string {
  return JSON.stringify({ rule, message, hint });
}

/** Reads back what {@link refuse} wrote; undefined for a message of zod's own. */
export function readRefused(message: string): Refused | undefined {
  const match = /^\{"rule":"(QUO\d{3})","message":(".*"),"hint":(".*")\}$/s.exec(message);
  if (match?.[1] === undefined || match[2] === undefined || match[3] === undefined)
    return undefined;
  return {
    rule: match[1],
    message: String(JSON.parse(match[2])),
    hint: String(JSON.parse(match[3])),
  };
}

/** A value for a message: text and numbers as JSON, anything larger by its kind. */
export function show(input: unknown): string {
  if (typeof input === "string" || typeof input === "number" || typeof input === "boolean")
    return JSON.stringify(input);
  if (input === null) return "empty";
  return Array.isArray(input) ? "a list" : "a map";
}

/** A refinement is a function, which no JSON Schema can hold: there the pattern stands for it. */
interface Quantity {
  readonly example: string;
  readonly unitHint: string;
  readonly parses: (text: string) => boolean;
  readonly pattern: string;
}

/** Builds a text that is a number with a unit; a bare number is told which unit it lacks. */
export function quantity(what: string, { example, unitHint, parses, pattern: text }: Quantity) {
  return z
    .string({
      error: ({ input }) =>
        typeof input === "number"
          ? refuse(
              "QUO003",
              `${input} has no unit`,
              `write ${what} with its unit, such as ${example}`,
            )
          : refuse("QUO003", `${show(input)} is not ${what}`, `write it like ${example}`),
    })
    .refine(parses, {
      error: ({ input }) => refuse("QUO003", `${show(input)} is not ${what}`, unitHint),
    })
    .meta({ pattern: text, examples: [example] });
}

/** A span of time with its unit: `30s`, `5m`, `2h`, `1d`. */
export const Duration = quantity("a duration", {
  example: "30s",
  unitHint: "write a whole number and one of s, m, h, d, such as 30s",
  parses: (text) => parseDuration(text).ok,
  pattern: "^\\d{1,15}[smhd]$",
}).describe("A duration with its unit: 30s, 5m, 2h or 1d.");

/** An amount of data with a binary unit: `16MiB`. */
export const Size = quantity("a size", {
  example: "16MiB",
  unitHint: "write a whole number and one of B, KiB, MiB, GiB, TiB, such as 16MiB",
  parses: (text) => parseSize(text).ok,
  pattern: "^\\d{1,15}(?:B|KiB|MiB|GiB|TiB)$",
}).describe("A size with a binary unit: 16MiB, 1GiB.");

/** Builds a text that must match a pattern, with one message for every way to miss it. */
export function pattern(what: string, expression: RegExp, example: string) {
  const error = ({ input }: { readonly input?: unknown }): string =>
    refuse("QUO003", `${show(input)} is not ${what}`, `write it like ${example}`);
  return z
    .string({ error })
    .regex(expression, { error, abort: true })
    .meta({ examples: [example] });
}

/** A name of a cluster, site, DCS, tier or label: lower case, digits and dashes. */
export const Slug = pattern(
  "a name of lower-case letters, digits and dashes, at most 40 long",
  /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/,
  "orders",
);

/** A member's name: also its slot name and its application_name, so only what all of them take. */
export const NodeName = pattern(
  "a member name of lower-case letters, digits, dots and dashes, at most 63 long",
  /^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/,
  "orders-bj-1",
);

/** What the schema can say of an address: nearly all that {@link addressKind} does. */
const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const NODE_IPV4 = `(?!(?:0|127|169\\.254|22[4-9]|2[3-5]\\d)\\.)${OCTET}(?:\\.${OCTET}){3}`;
const NODE_IPV6 = "(?!::1?$|::ffff:|fe[89ab]|ff)[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}";
const LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?";
const NODE_HOST = `(?=.*[a-z])(?!(?:all|samehost|samenet|localhost)$|.*\\.localhost$|localhost\\.|ip6-|0x)${LABEL}(?:\\.${LABEL})*`;

/** An address that every other node can reach: Patroni publishes it in the DCS. */
export const Address = pattern(
  "an IP address or a host name",
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:.]{2,45})$/,
  "10.10.1.11",
)
  .refine((text) => addressKind(text) !== "none", {
    error: ({ input }) =>
      refuse(
        "QUO003",
        `${show(input)} is not an IP address or a host name in its usual form`,
        "write it like 10.10.1.11, fd00:4::1 or db1.example.net, in lower case",
      ),
  })
  .refine((text) => addressKind(text) !== "special", {
    error: ({ input }) =>
      refuse(
        "QUO003",
        `${show(input)} is not an address at which the other nodes reach this one`,
        "write the address that the other nodes use",
      ),
  })
  .meta({
    description: "An IP address or host name that every other node reaches.",
    pattern: `^(?:${NODE_IPV4}|${NODE_IPV6}|${NODE_HOST})$`,
  });

/** Words that mean something else in pg_hba.conf, and names that mean the machine itself. */
const SPECIAL_NAMES = /^(?:all|samehost|samenet|localhost|.*\.localhost|localhost\..*|ip6-.*)$/;
const HOST_NAME =
  /^(?=.*[a-z])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

function addressKind(text: string): "usable" | "special" | "none" {
  if (text.includes(":")) return ipv6Kind(text);
  if (/^[0-9.]+$/.test(text)) return ipv4Kind(text);
  if (SPECIAL_NAMES.test(text.toLowerCase())) return "special";
  return HOST_NAME.test(text) && !text.startsWith("0x") ? "usable" : "none";
}

/** Loopback, link-local, multicast and the like are not where a node is reached. */
function ipv4Kind(text: string): "usable" | "special" | "none" {
  const parts = text.split(".");
  const isAddress =
    parts.length === 4 &&
    parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  if (!isAddress) return "none";
  const first = Number(parts[0]);
  const isLinkLocal = text.startsWith("169.254.");
  return first === 0 || first === 127 || first >= 224 || isLinkLocal ? "special" : "usable";
}

/** One spelling per address, so that equal addresses are seen to be equal. */
function ipv6Kind(text: string): "usable" | "special" | "none" {
  if (!URL.canParse(`http://[${text}]/`)) return "none";
  if (new URL(`http://[${text}]/`).hostname !== `[${text}]`) return "none";
  return /^(?:::|::1|::ffff:.*|fe[89ab].*|ff.*)$/.test(text) ? "special" : "usable";
}

const NETWORK_IPV4 =
  "(?:25[0-5]|2[0-4]\\d|[01]?\\d?\\d)(?:\\.(?:25[0-5]|2[0-4]\\d|[01]?\\d?\\d)){3}/(?:3[0-2]|[0-2]?\\d)";
const NETWORK_IPV6 = "[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*/(?:12[0-8]|1[01]\\d|\\d?\\d)";

/** A network in CIDR form. */
export const Network = pattern(
  "a network in CIDR form",
  /^[0-9A-Fa-f:.]{2,45}\/\d{1,3}$/,
  "10.0.0.0/8",
)
  .refine((text) => isNetwork(text), {
    error: ({ input }) =>
      refuse("QUO003", `${show(input)} is not a network in CIDR form`, "write it like 10.0.0.0/8"),
  })
  .meta({ pattern: `^(?:${NETWORK_IPV4}|${NETWORK_IPV6})$`, examples: ["10.0.0.0/8"] });

function isNetwork(text: string): boolean {
  const [address = "", bits = ""] = text.split("/");
  if (address.includes(":")) return URL.canParse(`http://[${address}]/`) && Number(bits) <= 128;
  const isAddress =
    /^\d{1,3}(?:\.\d{1,3}){3}$/.test(address) &&
    address.split(".").every((part) => Number(part) < 256);
  return isAddress && Number(bits) <= 32;
}

/** An absolute path on a node. */
export const NodePath = pattern(
  "an absolute path",
  /^\/(?!.*(?:^|\/)\.\.(?:\/|$))[^\s\0{}]*$/,
  "/etc/patroni/tls/server.crt",
);

/** A reference to a secret. A literal one is refused without being repeated. */
export const Reference = z
  .string({
    error: () =>
      refuse(
        "QUO007",
        "this is not a reference to a secret",
        "write env:NAME or file:/path, never the secret",
      ),
  })
  .refine((text) => parseSecretReference(text).ok, {
    error: () =>
      refuse(
        "QUO007",
        "this is a literal value where a reference to a secret belongs",
        "write env:NAME or file:/path; change the secret if this file was ever shared",
      ),
  })
  .meta({
    description: "Where a secret is found: env:NAME or file:/path.",
    pattern: "^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:\\S.*)$",
    examples: ["env:NAME"],
  });

/** One word of a closed list. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: ({ input }) => notOneOf(input, words) });
}

/** Refuses what is not a word of a closed list, with the word that is closest to it. */
export function notOneOf(input: unknown, words: readonly string[]): string {
  const suggestion = typeof input === "string" ? nearest(input, words) : undefined;
  const hint =
    suggestion === undefined ? "write one of these words" : `did you mean ${suggestion}?`;
  return refuse("QUO003", `${show(input)} is not one of ${words.join(", ")}`, hint);
}

/** A whole number within limits. */
export function whole(what: string, min: number, max: number) {
  const error = ({ input }: { readonly input?: unknown }): string =>
    refuse("QUO003", `${show(input)} is not ${what}`, `write a whole number from ${min} to ${max}`);
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error });
}

/** A switch. YAML's other words for it (`on`, `yes`) are text in YAML 1.2 and refused. */
export const Switch = z.boolean({
  error: ({ input }) => refuse("QUO003", `${show(input)} is not a switch`, "write true or false"),
});

/** What is not wanted at all, where else a map would stand. */
export const Off = z.literal(false, {
  error: ({ input }) =>
    refuse("QUO003", `${show(input)} is neither a map nor false`, "write a map, or false for none"),
});

/** The lowest Patroni release on any member. A bare number is refused: 4.10 would read as 4.1. */
export const Patroni = z
  .string({
    error: ({ input }) =>
      refuse(
        "QUO003",
        `${show(input)} is not quoted, so 4.10 would read as 4.1`,
        `write patroni: "4.1"`,
      ),
  })
  .refine((text) => parsePatroniVersion(text).ok, {
    error: ({ input }) => {
      const version = parsePatroniVersion(String(input));
      return refuse(
        "QUO013",
        version.ok ? "" : version.error,
        `write the lowest release of any member, such as "4.1"`,
      );
    },
  })
  .meta({
    description: "The lowest Patroni release on any member, quoted: 3.0 to 4.1.",
    pattern: `^(?:${KNOWN_PATRONI_LINES.map((line) => line.replace(".", "\\.")).join("|")})(?:\\.\\d{1,3})?$`,
    examples: [KNOWN_PATRONI_LINES.at(-1)],
  });

/** PostgreSQL's major version. */
export const Postgres = whole(
  "a PostgreSQL major version that Quorate knows",
  OLDEST_POSTGRES,
  NEWEST_POSTGRES,
).describe("PostgreSQL's major version.");

/** The version of the intent language. */
export const LanguageVersion = z
  .literal(1, {
    error: ({ input }) =>
      refuse(
        "QUO003",
        `version is ${show(input)}, this Quorate reads version 1`,
        "write version: 1",
      ),
  })
  .describe("The version of this language: 1.");
