import { describe, expect, test } from "vitest";
import {
  overlaps,
  type RoleSample,
  type SeenRole,
  writableSpans,
} from "../../src/lab/role-watch.ts";

/** Looks of half a second each, one per letter: w(ritable), r(ecovering), d(own). */
function looks(node: string, letters: string): readonly RoleSample[] {
  const roles: Readonly<Record<string, SeenRole>> = { w: "writable", r: "recovering", d: "down" };
  return letters.split("").map((letter, second) => ({
    node,
    role: roles[letter] ?? "down",
    askedAt: second,
    answeredAt: second + 0.5,
  }));
}

function both(a: string, b: string): readonly unknown[] {
  return overlaps(writableSpans([...looks("a", a), ...looks("b", b)]));
}

describe("spans in which a node was open for writes", () => {
  test("go from the first answer to the last question that say so", () => {
    expect(writableSpans(looks("a", "rwwwr"))).toEqual([{ node: "a", from: 1.5, to: 3 }]);
  });

  test("end at any other look, and begin anew", () => {
    expect(writableSpans(looks("a", "wwrwwdww"))).toEqual([
      { node: "a", from: 0.5, to: 1 },
      { node: "a", from: 3.5, to: 4 },
      { node: "a", from: 6.5, to: 7 },
    ]);
  });

  test("are none for a single look, which is no span of time", () => {
    expect(writableSpans(looks("a", "rwr"))).toEqual([]);
  });
});

describe("two leaders at once", () => {
  test("are seen when both were open for writes at one moment", () => {
    expect(both("wwwrr", "rwwww")).toHaveLength(1);
  });

  test("are not seen when one began in the very look in which the other ended", () => {
    expect(both("wwwrr", "rrwww")).toEqual([]);
  });

  test("are not one node that leads twice", () => {
    expect(overlaps(writableSpans([...looks("a", "www"), ...looks("a", "www")]))).toEqual([]);
  });
});
