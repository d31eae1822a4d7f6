import { ACCESS_CASES } from "./access-cases.ts";
import type { ContractCase } from "./contract-client.ts";
import { MERGE_CASES } from "./merge-cases.ts";
import { MODE_CASES } from "./mode-cases.ts";
import { RACE_CASES } from "./race-cases.ts";
import { RESTART_CASES } from "./restart-cases.ts";
import { SETTING_CASES } from "./setting-cases.ts";
import { SHAPE_CASES } from "./shape-cases.ts";

/**
 * What Quorate relies on in Patroni's REST API, as facts that hold on a real cluster of three members
 * and in the sandbox alike. Each case leaves the document as it found it, and restarts one replica at
 * most, so that they may run on one cluster in a row.
 */
export const CONTRACT_CASES: readonly ContractCase[] = [
  ...ACCESS_CASES,
  ...MERGE_CASES,
  ...RACE_CASES,
  ...SHAPE_CASES,
  ...SETTING_CASES,
  ...MODE_CASES,
  ...RESTART_CASES,
];
