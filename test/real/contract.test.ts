import { describe } from "vitest";
import { createCertificateAuthority } from "../../src/adapters/certificate-authority.ts";
import { readRunningVersion } from "../../src/patroni/version.ts";
import { CONTRACT_CASES } from "../contract/cases.ts";
import { declareCases, type StartedCluster } from "../contract/declare-cases.ts";
import { bootRealLab, openTunnel, type RealLab } from "../support/real-lab.ts";
import { copyProject } from "../support/real-project.ts";
import { createRestClient, type RestTarget } from "../support/rest-client.ts";

/** A name of its own, so that a lab of orders may be up beside it. */
const CLUSTER = "contract";
const NODES = [1, 2, 3].map((number) => ({
  name: `orders-bj-${number}`,
  address: `10.10.1.1${number}`,
}));
const LOOP_SECONDS = 1;
/** A loop with a reload takes a second more; woken by etcd, loops start early but never late. */
const SLACK_SECONDS = 1.5;

describe.each(["3.0", "4.0", "4.1"] as const)("Patroni %s", (release) => {
  const facts = {
    version: readRunningVersion(release) ?? { major: 0, minor: 0, patch: 0 },
    verifyClient: "optional" as const,
    nodes: NODES.map(({ name }) => name),
    loopSeconds: LOOP_SECONDS,
    slackSeconds: SLACK_SECONDS,
  };
  declareCases(CONTRACT_CASES, facts, () => start(release));
});

async function start(release: string): Promise<StartedCluster> {
  const project = copyProject(["orders"]);
  project.edit("clusters/orders.yaml", "cluster: orders", `cluster: ${CLUSTER}`);
  project.edit("clusters/orders.yaml", 'patroni: "4.1"', `patroni: "${release}"`);
  // The cases are written for a cluster without synchronous standbys, and for short loops.
  project.edit("clusters/orders.yaml", "durability: sync", "durability: async");
  const timing = `{ ttl: 20s, loopWait: ${LOOP_SECONDS}s, retryTimeout: 5s }`;
  project.edit("clusters/orders.yaml", "speed: standard", `speed: ${timing}`);
  const certificate = [
    "clientCertificate: file:/etc/quorate/client.crt",
    "clientKey: file:/etc/quorate/client.key",
  ];
  const lines = ["user: quorate", ...certificate, "verifyClient: optional"].join("\n  ");
  project.edit("quorate.yaml", "user: quorate", lines);
  const lab = await bootRealLab(project, CLUSTER);
  const tunnel = await openTunnel(CLUSTER, project, NODES);
  const targets = new Map(
    NODES.map(({ name, address }): [string, RestTarget] => [
      name,
      { url: tunnel.urls.get(name) ?? "", certificateName: address },
    ]),
  );
  const other = await createCertificateAuthority("another authority");
  const rest = createRestClient({
    targets,
    caPem: await read(lab, "cat", "/etc/quorate/ca.crt"),
    username: "quorate",
    password: await read(lab, "printenv", "QUORATE_REST_PASSWORD"),
    certificates: {
      own: {
        certificatePem: await read(lab, "cat", "/etc/quorate/client.crt"),
        keyPem: await read(lab, "cat", "/etc/quorate/client.key"),
      },
      stranger: await other.issue({ commonName: "stranger", names: [], client: true }),
    },
  });
  const stop = async (): Promise<void> => {
    await tunnel.close();
    await lab.down();
    project.remove();
  };
  return { rest, stop };
}

async function read(lab: RealLab, ...command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.exec("client", ...command);
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}
