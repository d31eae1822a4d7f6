import { describe, expect, test } from "vitest";
import { boundsText } from "../../src/report/bounds-report.ts";
import { failoverBounds, type LeaseFacts } from "../../src/topology/failover-bound.ts";

const STANDARD: LeaseFacts = {
  ttl: 30,
  loopWait: 10,
  retryTimeout: 10,
  failsafe: false,
  members: 3,
  synchronousMode: "off",
  strict: false,
  candidates: 3,
  voterMayDieToo: true,
  watchdogMargin: undefined,
};

function text(given: Partial<LeaseFacts>): string {
  return boundsText("pay", failoverBounds({ ...STANDARD, ...given }));
}

describe("how long a cluster can be without a leader", () => {
  test.each<{ name: string; given: Partial<LeaseFacts>; replaced?: number; commits?: number }>([
    { name: "ttl, an election of the DCS, REST, promotion", given: {}, replaced: 37, commits: 37 },
    { name: "no election of the DCS", given: { voterMayDieToo: false }, replaced: 34, commits: 34 },
    { name: "a shorter lease", given: { ttl: 20, loopWait: 5 }, replaced: 27, commits: 27 },
    { name: "no other candidate", given: { candidates: 1 } },
    { name: "one other candidate", given: { candidates: 2 }, replaced: 37, commits: 37 },
    { name: "quorum mode", given: { synchronousMode: "quorum" }, replaced: 37, commits: 47 },
    { name: "picked standbys", given: { synchronousMode: "on" }, replaced: 37, commits: 37 },
    {
      name: "picked standbys, strict",
      given: { synchronousMode: "on", strict: true },
      replaced: 37,
      commits: 47,
    },
    { name: "strict alone", given: { strict: true }, replaced: 37, commits: 37 },
  ])("$name", ({ given, replaced, commits }) => {
    const bounds = failoverBounds({ ...STANDARD, ...given });
    expect(bounds.replaced?.seconds).toBe(replaced);
    expect(bounds.commits?.seconds).toBe(commits);
  });

  test("every bound is the sum of its parts, and every part has a source", () => {
    const bounds = failoverBounds({ ...STANDARD, failsafe: true, watchdogMargin: 5 });
    for (const each of [bounds.replaced, bounds.commits, bounds.stops, bounds.resets]) {
      expect(each?.parts.reduce((sum, { seconds }) => sum + seconds, 0)).toBe(each?.seconds);
      for (const { source } of each?.parts ?? []) expect(source).toMatch(/ v\d|measured/);
    }
  });
});

describe("how long a leader without the DCS goes on", () => {
  test.each([
    { failsafe: false, members: 3, said: "without the DCS it stops within 30 s" },
    { failsafe: false, members: 1, said: "without the DCS it stops within 30 s" },
    {
      failsafe: true,
      members: 2,
      said: "without the DCS it goes on while every member answers, and stops within 34 s once one does not",
    },
    { failsafe: true, members: 1, said: "without the DCS it goes on" },
  ])("failsafe $failsafe of $members members: $said", ({ said, ...given }) => {
    expect(text(given).split("; ")).toContain(said);
  });

  test.each([
    { failsafe: false, ttl: 30, stops: 30, margin: 0 },
    { failsafe: true, ttl: 30, stops: 34, margin: -4 },
    { failsafe: true, ttl: 40, stops: 34, margin: 6 },
  ])("$stops s with ttl $ttl, failsafe $failsafe", ({ failsafe, ttl, stops, margin }) => {
    const bounds = failoverBounds({ ...STANDARD, failsafe, ttl });
    expect(bounds.stops.seconds).toBe(stops);
    expect(bounds.marginSeconds).toBe(margin);
  });
});

describe("when a watchdog resets a leader that hangs", () => {
  test.each([
    { margin: undefined, resets: undefined, slack: undefined },
    { margin: 5, resets: 25, slack: 5 },
    { margin: -1, resets: 15, slack: -5 },
    { margin: 0, resets: 30, slack: 10 },
  ])("safety_margin $margin", ({ margin, resets, slack }) => {
    const bounds = failoverBounds({ ...STANDARD, watchdogMargin: margin });
    expect(bounds.resets?.seconds).toBe(resets);
    expect(bounds.watchdogSlackSeconds).toBe(slack);
  });
});

describe("what check prints of it", () => {
  test("one line with every part", () => {
    expect(text({ synchronousMode: "quorum", watchdogMargin: 5 })).toBe(
      "pay: a dead leader is replaced within 37 s (ttl 30 + DCS 4 + REST 2 + promotion 1), commits go on within 47 s (+ loop_wait 10); without the DCS it stops within 30 s; a watchdog resets one that hangs within 25 s",
    );
  });

  test("nothing about commits where they go on with the leader, nothing of a watchdog where there is none", () => {
    expect(text({})).toBe(
      "pay: a dead leader is replaced within 37 s (ttl 30 + DCS 4 + REST 2 + promotion 1); without the DCS it stops within 30 s",
    );
  });

  test("that nobody replaces the only one", () => {
    expect(text({ candidates: 1 })).toBe(
      "pay: nobody replaces a dead leader; without the DCS it stops within 30 s",
    );
  });
});
