import { describe } from "vitest";
import { readRunningVersion } from "../../src/patroni/version.ts";
import { startSandbox } from "../../src/sandbox/start-sandbox.ts";
import { createRestClient } from "../support/rest-client.ts";
import { declareCases, type StartedCluster } from "./declare-cases.ts";
import { STANDBY_CASES } from "./standby-cases.ts";

const NODES = ["crm-dr-1", "crm-dr-2"];
const CREDENTIALS = { username: "patroni", password: "secret" };
const LOOP_SECONDS = 0.06;

describe.each(["3.0", "4.0", "4.1"])(
  "a standby cluster in the sandbox as Patroni %s",
  (release) => {
    const version = readRunningVersion(release) ?? { major: 0, minor: 0, patch: 0 };
    const pace = { loopSeconds: LOOP_SECONDS, slackSeconds: LOOP_SECONDS };
    const facts = { version, verifyClient: "none" as const, nodes: NODES, ...pace };
    declareCases(STANDBY_CASES, facts, () => start(release));
  },
);

async function start(patroniVersion: string): Promise<StartedCluster> {
  const sandbox = await startSandbox({
    clusters: [
      {
        name: "crm-dr",
        copyOf: "crm",
        patroniVersion,
        postgresMajor: 15,
        config: {
          standby_cluster: {
            host: "10.50.1.11,10.50.1.12",
            port: 5432,
            primary_slot_name: "crm_dr",
          },
          // Before 3.2 a standby cluster does not ignore it, and Quorate compiles it to off.
          synchronous_mode: patroniVersion !== "3.0",
        },
        nodes: NODES.map((name, index) => ({
          name,
          address: `10.60.1.${11 + index}`,
          site: "dr",
          tags: {},
          restPort: 8008,
          postgresPort: 5432,
        })),
      },
    ],
    now: () => new Date(),
    authentication: CREDENTIALS,
    loopSeconds: LOOP_SECONDS,
  });
  const targets = sandbox.endpoints.map(
    ({ node, url }) => [node, { url, certificateName: "" }] as const,
  );
  const rest = createRestClient({
    targets: new Map(targets),
    caPem: "",
    ...CREDENTIALS,
    certificates: {},
  });
  return { rest, stop: () => sandbox.stop() };
}
