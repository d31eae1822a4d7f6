import { afterAll, beforeAll, test } from "vitest";
import type { RestClient } from "../support/rest-client.ts";
import {
  createContractClient,
  type ContractCase,
  type ContractClient,
  type ContractFacts,
} from "./contract-client.ts";

/** A cluster that was started for the cases, and how to end it. */
export interface StartedCluster {
  readonly rest: RestClient;
  stop(): Promise<void>;
}

/** How long one case may take on a real cluster, with its restarts. */
const CASE_LIMIT_MS = 180_000;

/** Declares a test per case, all on one cluster that is started before the first of them. */
export function declareCases(
  cases: readonly ContractCase[],
  facts: ContractFacts,
  start: () => Promise<StartedCluster>,
): void {
  let started: StartedCluster | undefined;
  let client: ContractClient | undefined;
  beforeAll(async () => {
    started = await start();
    client = createContractClient(started.rest, facts);
  }, CASE_LIMIT_MS);
  afterAll(() => started?.stop());
  for (const each of cases) {
    if (each.applies?.(facts) === false) continue;
    test(each.title, { timeout: CASE_LIMIT_MS }, async () => {
      if (client !== undefined) await each.run(client);
    });
  }
}
