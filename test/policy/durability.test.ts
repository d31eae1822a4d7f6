import { describe, expect, test } from "vitest";
import { findingsOf } from "../support/findings.ts";
import { DURABILITY_FINDINGS } from "./durability-table.ts";

describe("durability and failover", () => {
  test.each(DURABILITY_FINDINGS)("$name", async ({ files, want, hint }) => {
    expect(await findingsOf(files)).toEqual({ lines: want, hint });
  });
});
