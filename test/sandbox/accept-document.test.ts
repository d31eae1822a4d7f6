import { expect, test } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { adjustTimeouts } from "../../src/patroni/adjust-timeouts.ts";
import { acceptDocument } from "../../src/sandbox/accept-document.ts";
import { releaseOf } from "../../src/sandbox/release.ts";

test.each<[written: JsonObject, adjusted: JsonObject]>([
  [
    { ttl: 30, loop_wait: 10, retry_timeout: 10 },
    { ttl: 30, loop_wait: 10, retry_timeout: 10 },
  ],
  [
    { ttl: 15, loop_wait: 4, retry_timeout: 9 },
    { ttl: 20, loop_wait: 2, retry_timeout: 9 },
  ],
  [
    { ttl: 20, loop_wait: 10, retry_timeout: 10 },
    { ttl: 20, loop_wait: 1, retry_timeout: 9 },
  ],
  [
    { ttl: 5, loop_wait: 10, retry_timeout: 10 },
    { ttl: 20, loop_wait: 1, retry_timeout: 9 },
  ],
  [
    { ttl: 30, loop_wait: 0, retry_timeout: 1 },
    { ttl: 30, loop_wait: 1, retry_timeout: 3 },
  ],
  [
    { ttl: "30", loop_wait: "10" },
    { ttl: "30", loop_wait: "10" },
  ],
  [{ ttl: 60 }, { ttl: 60 }],
  [{}, {}],
])("%j becomes %j where timeouts are adjusted", (written, adjusted) => {
  expect(adjustTimeouts(written)).toEqual(adjusted);
});

test("timeouts are adjusted from 3.2 on, and taken as they are before", () => {
  const document = { ttl: 20, loop_wait: 10, retry_timeout: 10 };
  const adjusted = { ttl: 20, loop_wait: 1, retry_timeout: 9 };
  for (const [release, shown] of [
    ["3.0", document],
    ["3.1", document],
    ["3.2", adjusted],
    ["4.1", adjusted],
  ] as const)
    expect(acceptDocument(document, releaseOf(release))).toEqual({
      kind: "accepted",
      adjusted: shown,
    });
});

test.each<[document: JsonObject, refusedBy: readonly string[]]>([
  [{ ttl: "abc" }, ["3.0", "4.1"]],
  [{ loop_wait: {} }, ["3.0", "4.1"]],
  [{ retry_timeout: null }, ["3.0", "4.1"]],
  [{ primary_start_timeout: "5min" }, ["3.0"]],
  [{ maximum_lag_on_failover: "10MB" }, ["3.0"]],
  [{ check_timeline: "on" }, ["3.0"]],
  [{ max_timelines_history: "all" }, []],
  [{ master_start_timeout: "5min" }, ["3.0"]],
  [{ master_start_timeout: "5min", primary_start_timeout: 60 }, []],
  [{ watchdog: { mode: "off" } }, ["3.0"]],
  [{ standby_cluster: "10.1.1.1" }, ["3.0", "4.1"]],
  [{ postgresql: { parameters: { max_connections: "many" } } }, ["3.0"]],
  [{ postgresql: "text" }, ["3.0", "4.1"]],
  [{ postgresql: { parameters: ["max_connections"] } }, ["3.0", "4.1"]],
  [{ postgresql: null }, []],
  [{ anything: { else: [1] } }, []],
])("%j is refused by %j", (document, refusedBy) => {
  const refused = ["3.0", "4.1"].filter(
    (release) => acceptDocument(document, releaseOf(release)).kind === "rejected",
  );
  expect(refused).toEqual(refusedBy);
});
