import { afterAll, beforeAll, expect, test } from "vitest";
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
  const applicable = cases.filter(({ applies }) => applies?.(facts) !== false);
  const titled = applicable.map((each) => [each.title, each] as const);
  test.for(titled)("%s", { timeout: CASE_LIMIT_MS }, async ([, each]) => {
    expect.hasAssertions();
    if (client !== undefined) await each.run(client);
  });
}
