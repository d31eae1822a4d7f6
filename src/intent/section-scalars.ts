import { z } from "zod";
import { parseDeadline } from "../core/instant.ts";
import { looksSecret } from "../core/looks-secret.ts";
import { parseBitRate, parseByteRate, parseMilliseconds } from "../core/units.ts";
import { pattern, quantity, refuse, show } from "./scalars.ts";

/** A round trip over a link: `12ms`. */
export const RoundTrip = quantity("a round-trip time", {
  example: "12ms",
  unitHint: "write a whole number and one of ms, s, such as 12ms",
  parses: (text) => parseMilliseconds(text).ok,
  pattern: "^(?!0+[ms])\\d{1,15}(?:ms|s)$",
}).describe("A round-trip time: 12ms.");

/** What a link carries: `200Mbit`. */
export const Bandwidth = quantity("a bandwidth", {
  example: "200Mbit",
  unitHint: "write a whole number and one of kbit, Mbit, Gbit, such as 200Mbit",
  parses: (text) => parseBitRate(text).ok,
  pattern: "^(?!0+[kMG])\\d{1,15}(?:kbit|Mbit|Gbit)$",
}).describe("What the link carries per second: 200Mbit, 10Gbit.");

/** How fast data is copied: `100MB/s`. */
export const Rate = quantity("a rate", {
  example: "100MB/s",
  unitHint:
    "write a whole number and one of kB/s, MB/s, GB/s, KiB/s, MiB/s, GiB/s, such as 100MB/s",
  parses: (text) => parseByteRate(text).ok,
  pattern: "^(?!0+[kKMG])\\d{1,15}(?:kB|MB|GB|KiB|MiB|GiB)/s$",
}).describe("A rate: 100MB/s (decimal) or 64MiB/s (binary).");

/** A date, but for the length of its month. */
const DAY = "(?:19[7-9]\\d|[2-9]\\d{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])";

/** When something ends: a date, which is whole, or a time with its offset from UTC. */
export const Deadline = z
  .string({
    error: ({ input }) => refuse("QUO003", `${show(input)} is not a date or a time`, DEADLINE_HINT),
  })
  .refine((text) => parseDeadline(text).ok, {
    error: ({ input }) =>
      refuse(
        "QUO003",
        `${show(input)} is not a date or a time with its offset from UTC`,
        DEADLINE_HINT,
      ),
  })
  .meta({
    description: "A date (until its end in UTC), or a time such as 2026-12-01T06:00Z.",
    pattern: `^${DAY}(?:T(?:[01]\\d|2[0-3])(?::[0-5]\\d){1,2}(?:Z|[+-](?:0\\d|1[0-4]):[0-5]\\d))?$`,
    examples: ["2026-12-01"],
  });

const DEADLINE_HINT = "write it like 2026-12-01 or 2026-12-01T06:00Z";

/** One line of text for people, which ends up in reports. */
export const Words = pattern("one line of text", /^(?=.*\S)[^\p{Cc}]{1,200}$/u, "storage move");

/** `--secret-key abc`; not `--password-file /etc/x`, which names a file, nor a variable. */
const SECRET_OPTION =
  /--?[\w-]*(?:passw(?:or)?d|secret|token|api-?key|access-?key)[\w-]*(?:=|\s+)(?![/$]|file:|env:)\S/i;

/**
 * A command line that runs on the nodes. Whoever reads the node's files or its process list sees it, so what
 * looks like a secret is refused without being repeated.
 */
export function command(what: string, expression: RegExp, hint: string) {
  return z
    .string({ error: ({ input }) => refuse("QUO003", `${show(input)} is not ${what}`, hint) })
    .refine((text) => !looksSecret(text) && !SECRET_OPTION.test(text), {
      error: () =>
        refuse(
          "QUO007",
          "this command holds what looks like a secret; everyone on the node may read it",
          "keep the secret in a file on the nodes and name the file",
        ),
      abort: true,
    })
    .refine((text) => !/\p{Cc}/u.test(text), {
      error: () =>
        refuse(
          "QUO003",
          "a command must stand on one line",
          "write it on one line: use > or quotes instead of |, or put it into a script",
        ),
      abort: true,
    })
    .refine((text) => expression.test(text), {
      error: ({ input }) => refuse("QUO003", `${show(input)} is not ${what}`, hint),
    });
}

/** A program that Patroni starts itself, without a shell: its path on the nodes, and arguments. */
export const Program = command(
  "a command that begins with an absolute path",
  /^\/(?!\/)\S*(?: \S.*)?$/,
  "write it like /usr/local/bin/notify --verbose",
);
