import { describe, expect, test } from "vitest";
import { readHbaLine } from "../../src/postgres/hba-line.ts";
import { HBA_CORPUS } from "./hba-corpus-table.ts";

/** Lines that PostgreSQL reads, and which are refused for what they would do. */
const REFUSED_ON_PURPOSE = /radiussecrets/;

describe("a line of pg_hba.conf", () => {
  test.each(HBA_CORPUS)("%j is readable: %j", (line, isReadable) => {
    const read = readHbaLine(line, 15);
    expect(read.ok).toBe(isReadable && !REFUSED_ON_PURPOSE.test(line));
    expect(read.ok ? "" : read.error.hint).toMatch(read.ok ? /^$/ : /./);
  });

  test("is taken apart as PostgreSQL takes it apart", () => {
    const line = 'hostssl all, "replication"  +ops,"all" 10.0.0.0 255.0.0.0 cert map="My Map"';
    expect(readHbaLine(line, 15)).toEqual({
      ok: true,
      value: {
        type: "hostssl",
        databases: [
          { text: "all", isQuoted: false },
          { text: "replication", isQuoted: true },
        ],
        users: [
          { text: "+ops", isQuoted: false },
          { text: "all", isQuoted: true },
        ],
        address: "10.0.0.0/255.0.0.0",
        method: "cert",
        options: new Map([["map", "My Map"]]),
      },
    });
  });

  test.each([
    ["local all all peer\nlocal all all trust", "a control character stands in the line"],
    ["local all all peer \\", "the line ends with a backslash, which would swallow the next line"],
    ["local all all peer # for now", "a comment stands in the line"],
    ["# local all all peer", "a comment stands in the line"],
    ["include extra.conf", "include reads a file that cannot be checked"],
    ['local all "all peer', "a quote is not closed"],
    ["", "the line ends too early"],
  ])("%j could be more or less than one rule", (line, message) => {
    expect(readHbaLine(line, 18)).toMatchObject({ ok: false, error: { message } });
  });

  test.each([
    [
      "hostssl all all 10.0.0.0/8 scram-sha-256 clientname=DN",
      13,
      "option clientname, it came with 14",
    ],
    ["host all all 10.0.0.0/8 oauth issuer=x", 17, "method oauth, it came with 18"],
  ])("%s is too new for PostgreSQL %d", (line, major, reason) => {
    expect(readHbaLine(line, major)).toMatchObject({
      ok: false,
      error: { message: `PostgreSQL ${major} does not know the ${reason}` },
    });
    expect(readHbaLine(line, major + 1)).toMatchObject({ ok: true });
  });

  test("an option that is no name=value is not repeated: it could be a secret", () => {
    const read = readHbaLine("local all all peer hunter2", 15);
    expect(read.ok).toBe(false);
    expect(JSON.stringify(read)).not.toContain("hunter2");
  });
});
