import { describe, expect } from "vitest";
import { createCertificateAuthority } from "../../src/adapters/certificate-authority.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { readRunningVersion } from "../../src/patroni/version.ts";
import { CONTRACT_CASES } from "../contract/cases.ts";
import {
  createContractClient,
  manyLoops,
  membersOf,
  patch,
  textOf,
  type ContractFacts,
} from "../contract/contract-client.ts";
import { declareCases, type StartedCluster } from "../contract/declare-cases.ts";
import { bootRealLab, openTunnel, type RealLab } from "../support/real-lab.ts";
import { copyProject } from "../support/real-project.ts";
import { createRestClient, type RestClient } from "../support/rest-client.ts";

const NODES = [
  { name: "orders-bj-1", address: "10.10.1.11" },
  { name: "orders-bj-2", address: "10.10.1.12" },
  { name: "orders-bj-3", address: "10.10.1.13" },
];

/** The cases are written for a cluster without synchronous standbys, and for short loops. */
const BASE: JsonObject = {
  loop_wait: 2,
  synchronous_mode: null,
  synchronous_mode_strict: null,
  synchronous_node_count: null,
};

describe.each(["3.0", "4.0", "4.1"] as const)("the contract on a real Patroni %s", (release) => {
  const facts: ContractFacts = {
    version: readRunningVersion(release) ?? { major: 0, minor: 0, patch: 0 },
    verifyClient: "optional",
    nodes: NODES.map(({ name }) => name),
    loopSeconds: 2,
    // A loop in which PostgreSQL reloads takes a second more.
    slackSeconds: 1.5,
  };
  declareCases(CONTRACT_CASES, facts, () => start(release, facts));
});

async function start(release: string, facts: ContractFacts): Promise<StartedCluster> {
  const project = copyProject(["orders"]);
  project.edit("clusters/orders.yaml", 'patroni: "4.1"', `patroni: "${release}"`);
  project.edit("quorate.yaml", "  scheme: https\n", `  scheme: https\n${CLIENT_CERTIFICATES}`);
  const lab = await bootRealLab(project, "orders");
  const tunnel = await openTunnel("orders", project, NODES);
  const rest = await connect(lab, tunnel.urls);
  await settle(rest, facts);
  return {
    rest,
    async stop() {
      await tunnel.close();
      await lab.down();
      project.remove();
    },
  };
}

const CLIENT_CERTIFICATES = [
  "  verifyClient: optional",
  "  clientCertificate: file:/etc/quorate/client.crt",
  "  clientKey: file:/etc/quorate/client.key",
  "",
].join("\n");

async function connect(lab: RealLab, urls: ReadonlyMap<string, string>): Promise<RestClient> {
  const read = async (...command: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await lab.exec("client", ...command);
    if (code !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
    return stdout;
  };
  const other = await createCertificateAuthority("another authority");
  return createRestClient({
    targets: new Map(
      NODES.map(({ name, address }) => [
        name,
        { url: urls.get(name) ?? "", certificateName: address },
      ]),
    ),
    caPem: await read("cat", "/etc/quorate/ca.crt"),
    username: "quorate",
    password: (await read("printenv", "QUORATE_REST_PASSWORD")).trimEnd(),
    certificates: {
      own: {
        certificatePem: await read("cat", "/etc/quorate/client.crt"),
        keyPem: await read("cat", "/etc/quorate/client.key"),
      },
      stranger: await other.issue({ commonName: "stranger", names: [], client: true }),
    },
  });
}

/** Brings the cluster into the state that the cases start from. */
async function settle(rest: RestClient, facts: ContractFacts): Promise<void> {
  const client = createContractClient(rest, facts);
  await patch(client, BASE);
  await client.eventually(manyLoops(client) + 30, async () => {
    const members = membersOf(await client.request(NODES[0]?.name ?? "", "GET", "/cluster"));
    const roles = members.map(({ role }) => textOf(role));
    expect(roles.toSorted((a, b) => a.localeCompare(b))).toEqual(["leader", "replica", "replica"]);
    expect(members.map((member) => member["lag"] ?? 0)).toEqual([0, 0, 0]);
  });
}
