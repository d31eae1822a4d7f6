import { describe } from "vitest";
import { createCertificateAuthority } from "../../src/adapters/certificate-authority.ts";
import { readRunningVersion } from "../../src/patroni/version.ts";
import { CONTRACT_CASES } from "../contract/cases.ts";
import { declareCases, type StartedCluster } from "../contract/declare-cases.ts";
import { withLab, type RealLab } from "../support/real-lab.ts";
import { createRestClient, type RestTarget } from "../support/rest-client.ts";

/** A loop with a reload takes a second more; woken by etcd, loops start early but never late. */
const SLACK_SECONDS = 1.5;

describe.each(["3.0", "4.0", "4.1"] as const)("Patroni %s", async (release) => {
  const lab = await withLab(release);
  const facts = {
    version: readRunningVersion(release) ?? { major: 0, minor: 0, patch: 0 },
    verifyClient: lab.verifyClient,
    nodes: lab.nodes.map(({ name }) => name),
    loopSeconds: lab.loopSeconds,
    slackSeconds: SLACK_SECONDS,
  };
  declareCases(CONTRACT_CASES, facts, () => connect(lab));
});

async function connect(lab: RealLab): Promise<StartedCluster> {
  const targets = new Map<string, RestTarget>();
  for (const node of lab.nodes) {
    const { host, port } = await lab.requestSocket(node.name);
    targets.set(node.name, { url: `https://${host}:${port}`, certificateName: node.address });
  }
  const other = await createCertificateAuthority("another authority");
  const stranger = await other.issue({ commonName: "stranger", names: [], client: true });
  const own = lab.clientCertificate;
  const rest = createRestClient({
    targets,
    caPem: lab.caPem,
    username: lab.username,
    password: lab.password,
    certificates: own === undefined ? {} : { own, stranger },
  });
  return { rest, stop: () => lab.stop() };
}
