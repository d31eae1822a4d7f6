import { describe } from "vitest";
import {
  createCertificateAuthority,
  type CertificateAuthority,
} from "../../src/adapters/certificate-authority.ts";
import { readRunningVersion } from "../../src/patroni/version.ts";
import type { SandboxNode, SandboxTls, VerifyClient } from "../../src/sandbox/sandbox-cluster.ts";
import { startSandbox } from "../../src/sandbox/start-sandbox.ts";
import { createRestClient, type ClientCertificate } from "../support/rest-client.ts";
import { CONTRACT_CASES } from "./cases.ts";
import { ACCESS_CASES, ALLOWLIST_CASES } from "./access-cases.ts";
import type { ContractCase } from "./contract-client.ts";
import { declareCases, type StartedCluster } from "./declare-cases.ts";

const LOOP_SECONDS = 0.06;
const CREDENTIALS = { username: "patroni", password: "s:ecret" };
const NODES = ["orders-bj-1", "orders-bj-2", "orders-sh-1"];

describe("the sandbox as Patroni 4.1, over HTTPS with client certificates", () => {
  runCases(CONTRACT_CASES, { version: "4.1", scheme: "https", verifyClient: "optional" });
});

describe.each(["3.0", "4.0"])("the sandbox as Patroni %s, over HTTP", (version) => {
  runCases(CONTRACT_CASES, { version, scheme: "http", verifyClient: "none" });
});

describe.each(["none", "required"] as const)(
  "the sandbox over HTTPS with verify_client %s",
  (verifyClient) => {
    runCases(ACCESS_CASES, { version: "4.1", scheme: "https", verifyClient });
  },
);

describe.each(["none", "optional", "required"] as const)(
  "the sandbox with an allowlist and verify_client %s",
  (verifyClient) => {
    const setup = { version: "4.1", scheme: "https", verifyClient } as const;
    describe("that holds the caller", () => {
      runCases(ACCESS_CASES, { ...setup, allowlist: ["192.0.2.0/24", "127.0.0.0/8"] });
    });
    describe("that does not hold the caller", () => {
      runCases(ALLOWLIST_CASES, { ...setup, allowlist: ["192.0.2.0/24", "fd00::/8"] });
    });
  },
);

interface Setup {
  readonly version: string;
  readonly scheme: "http" | "https";
  readonly verifyClient: VerifyClient;
  readonly allowlist?: readonly string[];
}

function runCases(cases: readonly ContractCase[], setup: Setup): void {
  const version = readRunningVersion(setup.version) ?? { major: 0, minor: 0, patch: 0 };
  const { verifyClient } = setup;
  const pace = { loopSeconds: LOOP_SECONDS, slackSeconds: LOOP_SECONDS };
  declareCases(cases, { version, verifyClient, nodes: NODES, ...pace }, () => start(setup));
}

async function start(setup: Setup): Promise<StartedCluster> {
  const authority = await createCertificateAuthority("the sandbox");
  const sandbox = await startSandbox({
    clusters: [
      {
        name: "orders",
        patroniVersion: setup.version,
        postgresMajor: 15,
        config: {
          ttl: 30,
          loop_wait: 10,
          retry_timeout: 10,
          postgresql: { use_pg_rewind: true, parameters: { max_connections: 60 } },
        },
        nodes: NODES.map((name, index) => sandboxNode(name, `10.10.1.${11 + index}`)),
        ...(setup.allowlist === undefined ? {} : { allowlist: setup.allowlist }),
      },
    ],
    now: () => new Date(),
    authentication: CREDENTIALS,
    loopSeconds: LOOP_SECONDS,
    ...(setup.scheme === "https" ? { tls: tlsOf(authority, setup.verifyClient) } : {}),
  });
  const own = await authority.issue({ commonName: "client", names: [], client: true });
  const rest = createRestClient({
    targets: new Map(
      sandbox.endpoints.map(({ node, url }, index) => [
        node,
        { url, certificateName: `10.10.1.${11 + index}` },
      ]),
    ),
    caPem: authority.caPem,
    ...CREDENTIALS,
    certificates: setup.verifyClient === "none" ? {} : { own, stranger: await stranger() },
  });
  return { rest, stop: () => sandbox.stop() };
}

function tlsOf(authority: CertificateAuthority, verifyClient: VerifyClient): SandboxTls {
  return {
    caPem: authority.caPem,
    verifyClient,
    keyFor: ({ name, address }) => authority.issue({ commonName: name, names: [address] }),
  };
}

function sandboxNode(name: string, address: string): SandboxNode {
  const tags = { quorate_site: "bj", nofailover: false };
  return { name, address, site: "bj", tags, restPort: 8008, postgresPort: 5432 };
}

async function stranger(): Promise<ClientCertificate> {
  const other = await createCertificateAuthority("another authority");
  return other.issue({ commonName: "stranger", names: [], client: true });
}
