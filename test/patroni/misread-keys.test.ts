import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { misreadKeys } from "../../src/patroni/misread-keys.ts";
import { readRunningVersion } from "../../src/patroni/version.ts";
import { documents } from "../support/naive-check.ts";
import { dynamicDocuments } from "../support/dynamic-documents.ts";

function readings(document: JsonObject, release: string): readonly string[] {
  const version = readRunningVersion(release) ?? { major: 0, minor: 0, patch: 0 };
  return misreadKeys(document, version).map(({ path, does }) => `${path.join(".")} ${does}`);
}

const REFUSES =
  "cannot read it, and keeps the timeouts and everything under postgresql as they were before";

describe("what Patroni makes of a live document", () => {
  test.each<[release: string, document: JsonObject, want: readonly string[]]>([
    // Words that no release knows, that another one knows, or that belong elsewhere.
    ["4.1", { tll: 30 }, ["tll does not know it and ignores it (did you mean ttl?)"]],
    ["4.1", { mine: { a: 1 } }, ["mine does not know it and ignores it"]],
    [
      "3.0",
      { member_slots_ttl: 60 },
      ["member_slots_ttl does not know it yet and ignores it (it came with 4.0)"],
    ],
    [
      "4.1.5",
      { primary_race_backoff: 5 },
      ["primary_race_backoff ignores it (it comes with the release after 4.1)"],
    ],
    [
      "3.0",
      { synchronous_mode: "quorum" },
      ["synchronous_mode does not know this value, which came with 4.0, and takes it for off"],
    ],
    ["4.0", { synchronous_mode: "Quorum" }, []],
    ["4.1", { tags: { nosync: true } }, ["tags ignores it here (it counts only in patroni.yml)"]],
    [
      "4.1",
      { postgresql: { data_dir: "/x" } },
      ["postgresql.data_dir ignores it here (it counts only in patroni.yml)"],
    ],
    ["4.1", { postgresql: { bin_name: { postgres: "pg" } } }, []],
    // One value that spoils the document.
    ["4.1", { ttl: "abc", loop_wait: null }, [`ttl ${REFUSES}`, `loop_wait ${REFUSES}`]],
    ["3.0", { master_start_timeout: "5min" }, [`master_start_timeout ${REFUSES}`]],
    [
      "4.0",
      { master_start_timeout: "5min" },
      ["master_start_timeout uses its default 300 instead"],
    ],
    ["3.2", { watchdog: { mode: "off" } }, [`watchdog ${REFUSES}`]],
    [
      "3.3",
      { watchdog: { mode: "off" } },
      ["watchdog ignores it here (it counts only in patroni.yml)"],
    ],
    ["4.1", { standby_cluster: "10.1.1.1" }, [`standby_cluster ${REFUSES}`]],
    // Numbers.
    [
      "4.1",
      { maximum_lag_on_failover: "16MB" },
      ["maximum_lag_on_failover uses its default 1048576 instead"],
    ],
    ["4.1", { maximum_lag_on_failover: "16777216", synchronous_node_count: "2" }, []],
    ["4.1", { maximum_lag_on_failover: -1 }, ["maximum_lag_on_failover would promote no standby"]],
    ["4.1", { member_slots_ttl: "30min" }, []],
    ["4.1", { member_slots_ttl: "soon" }, ["member_slots_ttl uses its default 1800 instead"]],
    [
      "4.1",
      { postgresql: { pg_ctl_timeout: "1min" } },
      ["postgresql.pg_ctl_timeout fails when it starts PostgreSQL"],
    ],
    ["4.1", { postgresql: { pg_ctl_timeout: "90" } }, []],
    // Timeouts.
    ["4.1", { ttl: "30", loop_wait: 10 }, []],
    ["3.2", { ttl: 10, loop_wait: 2, retry_timeout: 4 }, ["ttl raises it to 20"]],
    ["3.1", { ttl: 10, loop_wait: 2, retry_timeout: 4 }, []],
    [
      "4.1",
      { ttl: 30, loop_wait: 20, retry_timeout: 10 },
      ["loop_wait lowers it to 10, so that loop_wait + 2 x retry_timeout fits into ttl"],
    ],
    // Switches: words at the top, Python's truth below postgresql.
    ["4.1", { failsafe_mode: "on", pause: "no", check_timeline: 1 }, []],
    ["4.1", { failsafe_mode: "banana" }, ["failsafe_mode takes it for false"]],
    ["4.1", { synchronous_mode: "sometimes" }, ["synchronous_mode takes it for false"]],
    ["4.1", { postgresql: { use_pg_rewind: "on" } }, []],
    [
      "4.1",
      { postgresql: { remove_data_directory_on_rewind_failure: "off" } },
      ["postgresql.remove_data_directory_on_rewind_failure takes any text for true"],
    ],
    ["4.1", { postgresql: { use_slots: "off" } }, []],
    [
      "3.0.2",
      { postgresql: { use_slots: "off" } },
      ["postgresql.use_slots takes any text for true"],
    ],
    [
      "4.1",
      { postgresql: { use_slots: null, use_pg_rewind: null } },
      ["postgresql.use_slots takes it for false"],
    ],
    // Slots, lists and the rest.
    ["4.1", { slots: ["a"] }, ["slots fails on it in every HA loop"]],
    [
      "4.1",
      { slots: { "a-b": null, c: 5, d: { type: "other" }, e: 0 } },
      [
        "slots.a-b logs an error and does not create the slot",
        "slots.c logs an error and does not create the slot",
        "slots.d.type logs an error and does not create the slot",
      ],
    ],
    [
      "4.1",
      { postgresql: { pg_hba: "local all all peer" } },
      ["postgresql.pg_hba takes it as it is, and fails where it uses it"],
    ],
    ["4.1", { postgresql: { callbacks: null, pg_hba: "" } }, []],
    // PostgreSQL's own table speaks of these.
    ["4.1", { postgresql: { parameters: { work_mm: 1, max_connections: "many" } } }, []],
    [
      "3.0",
      { postgresql: { parameters: { max_connections: "many" } } },
      [`postgresql.parameters.max_connections ${REFUSES}`],
    ],
  ])("%s: %j", (release, document, want) => {
    expect(readings(document, release)).toEqual(want);
  });

  test("is said of any document, once for each key", () => {
    fc.assert(
      fc.property(
        fc.oneof(documents, dynamicDocuments),
        fc.constantFrom("3.0.2", "3.1", "3.2", "3.3", "4.0", "4.1.5"),
        (document, release) => {
          const version = readRunningVersion(release) ?? { major: 0, minor: 0, patch: 0 };
          const names = misreadKeys(document, version).map(({ path }) => path.join("\0"));
          expect(new Set(names).size).toBe(names.length);
        },
      ),
      { numRuns: 3000, seed: 2 },
    );
  });
});
