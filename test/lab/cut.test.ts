import { describe, expect, test } from "vitest";
import { planCut } from "../../src/lab/cut.ts";
import type { LabHost } from "../../src/lab/lab-plan.ts";
import { pickHosts } from "../../src/lab/running-lab.ts";

const host = (name: string, site: string, address: string): LabHost => ({ name, site, address });
const A1 = host("a1", "a", "10.1.0.1");
const A2 = host("a2", "a", "10.1.0.2");
const B1 = host("b1", "b", "10.2.0.1");
const LAB = { cluster: "pay", hosts: [A1, A2, B1], clientAddress: "10.9.9.9" };

/** Pairs of addresses that lose their packets, in either direction, by the router that loses them. */
function lost(...cut: readonly LabHost[]): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    [...planCut(LAB, cut)].map(([site, lines]) => [
      site,
      lines.map((line) => {
        const [, from, to] =
          /^rule add from (\S+) to (\S+) blackhole protocol 171$/.exec(line) ?? [];
        return `${from} ${to}`;
      }),
    ]),
  );
}

describe("a cut", () => {
  test("loses what one host sends and is sent, at the router of its site", () => {
    expect(lost(B1)).toEqual({
      b: [
        "10.2.0.1 10.1.0.1",
        "10.1.0.1 10.2.0.1",
        "10.2.0.1 10.1.0.2",
        "10.1.0.2 10.2.0.1",
        "10.2.0.1 10.9.9.9",
        "10.9.9.9 10.2.0.1",
      ],
    });
  });

  test("leaves hosts that are cut off together to each other, in one site or in two", () => {
    const inOne = Object.values(lost(A1, A2)).flat();
    expect(inOne).toContain("10.1.0.1 10.2.0.1");
    expect(inOne).toContain("10.1.0.2 10.9.9.9");
    expect(inOne.filter((pair) => !/10\.2\.0\.1|10\.9\.9\.9/.test(pair))).toEqual([]);
    const inTwo = lost(A1, B1);
    expect(Object.keys(inTwo)).toEqual(["a", "b"]);
    expect(Object.values(inTwo).flat()).not.toContain("10.1.0.1 10.2.0.1");
    expect(inTwo["a"]).toContain("10.1.0.2 10.1.0.1");
  });
});

describe("hosts by name", () => {
  test("are found by their own name and by their site's, each once", () => {
    expect(pickHosts(LAB, ["a", "a2", "b1"])).toEqual({ ok: true, value: [A1, A2, B1] });
    expect(pickHosts(LAB, ["a2"])).toEqual({ ok: true, value: [A2] });
  });

  test("are refused with those that there are", () => {
    expect(pickHosts(LAB, ["a1", "c1"])).toEqual({
      ok: false,
      error: {
        kind: "bad-input",
        message: "c1 is neither a host nor a site of the lab of pay",
        hint: "hosts: a1, a2, b1; sites: a, b",
      },
    });
  });
});
