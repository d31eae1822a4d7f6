import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { createCertificateAuthority } from "../../src/adapters/certificate-authority.ts";
import { bootRealLab, openTunnel, type RealLab, type Tunnel } from "./real-lab.ts";
import { BUNDLE, type RealProject } from "./real-project.ts";
import { createRestClient, type RestClient, type RestClientOptions } from "./rest-client.ts";
import { run, type Ended } from "./run.ts";

/** Which Patroni, and how its nodes prove to each other who they are. */
export interface AccessRelease {
  readonly version: "3.0" | "4.0" | "4.1";
  readonly authentication: "scram" | "certificate";
}

/** Where a command runs. */
export type Place = "client" | { readonly on: string };

/** Sites with a node and a voter of etcd each; what is cut off can do nothing to the others. */
export const SITES = ["bj", "sh", "gz"] as const;
/** Hosts that run a voter and nothing else: the first one stands in the administrators' network. */
export const ADMIN_HOST = "etcd-bj";
export const STRANGE_HOST = "etcd-sh";

/** A lab with every kind of access control switched on. */
export interface AccessLab extends RealLab {
  readonly name: string;
  readonly release: AccessRelease;
  readonly nodes: readonly string[];
  readonly rest: RestClient;
  /** A client of the REST API that stands on another host. */
  restFrom(place: Place): Promise<RestClient>;
  /** What a node says of itself over REST; undefined while it does not answer. */
  status(node: string): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** The node that leads, except one; undefined when none does. */
  leader(except?: string): Promise<string | undefined>;
  /** Waits until the two others stream from the leader and, in quorum mode, may take over; gives it. */
  settled(): Promise<string>;
  /** The members that stream from a node: name, TLS, its version, user and subject of the certificate. */
  streaming(node: string): Promise<readonly string[]>;
  /** The value of an environment variable of Patroni. */
  secret(variable: string): Promise<string>;
  /** What a login to the first node comes to: the user, or why not. */
  login(
    place: Place,
    login: { readonly user: string; readonly password: string; readonly sslmode?: string },
  ): Promise<string>;
  /** Changes a node's file by a script and waits until Patroni runs it, which only its tag tells. */
  reload(node: string, revision: string, script: string): Promise<void>;
}

const PROJECT = `version: 1
dcs:
  main:
    kind: etcd3
    voters:
      - { name: etcd-bj, site: bj, address: 10.10.9.1 }
      - { name: etcd-sh, site: sh, address: 10.10.9.2 }
      - { name: etcd-gz, site: gz, address: 10.10.9.3 }
    tls:
      ca: /etc/patroni/tls/ca.crt
      certificate: /etc/patroni/etcd/client.crt # without a common name
      key: /etc/patroni/etcd/client.key
    auth: { user: "patroni-{cluster}", password: env:ETCD_PASSWORD }
nodes:
  clients: [10.9.0.0/28]
  tls:
    certificate: /etc/patroni/tls/server.crt
    key: /etc/patroni/tls/server.key
    ca: /etc/patroni/tls/ca.crt
rest:
  ca: file:/etc/quorate/ca.crt
  user: quorate
  password: env:QUORATE_REST_PASSWORD
  clientCertificate: file:/etc/quorate/client.crt
  clientKey: file:/etc/quorate/client.key
  verifyClient: required
  allowlist: [10.9.0.0/28]
access:
  postgres:
    admins: [10.10.9.1/32]
`;

function intent(name: string, { version, authentication }: AccessRelease): string {
  const sites = SITES.map((site, index) => {
    const node = `{ name: ${name}-${site}, address: 10.10.1.${index + 1} }`;
    return `  - { name: ${site}, role: peer, nodes: [${node}] }`;
  });
  const verify = authentication === "scram" ? "ca" : "full";
  return `version: 1
cluster: ${name}
patroni: "${version}"
postgres: 15
sites:
${sites.join("\n")}
durability: ${version === "3.0" ? "async" : "sync"} # in quorum mode every standby may take over
failover: { speed: fast }
postgresql: { parameters: { shared_buffers: 32MB } }
access: { postgres: { authentication: ${authentication}, tls: { minVersion: TLSv1.3, verify: ${verify} } } }
`;
}

function makeProject(name: string, release: AccessRelease): RealProject {
  const root = mkdtempSync(join(tmpdir(), "quorate-access-"));
  mkdirSync(join(root, "clusters"));
  cpSync("policies", join(root, "policies"), { recursive: true });
  writeFileSync(join(root, "quorate.yaml"), PROJECT);
  writeFileSync(join(root, `clusters/${name}.yaml`), intent(name, release));
  return {
    root,
    edit: () => {
      throw new Error("this project stays as it is");
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Compiles the project of a release and boots it. */
export async function startAccessLab(release: AccessRelease): Promise<AccessLab> {
  const name = `access-${release.version.replace(".", "")}`;
  const nodes = SITES.map((site) => `${name}-${site}`);
  const project = makeProject(name, release);
  const lab = await bootRealLab(project, name);
  const tunnels: Tunnel[] = [];
  const options = await restOptions(lab);
  const restFrom = async (place: Place): Promise<RestClient> => {
    const addresses = nodes.map((node, index) => ({ name: node, address: `10.10.1.${index + 1}` }));
    const tunnel = await openTunnel(name, project, addresses, place);
    tunnels.push(tunnel);
    const targets = addresses.map(
      ({ name: node, address }) =>
        [node, { url: tunnel.urls.get(node) ?? "", certificateName: address }] as const,
    );
    return createRestClient({ ...options, targets: new Map(targets) });
  };
  const rest = await restFrom("client");
  return {
    ...lab,
    name,
    release,
    nodes,
    rest,
    restFrom,
    ...observations({ lab, release, nodes, rest }),
    secret: async (variable) =>
      output(await lab.exec({ on: nodes[0] ?? "" }, "printenv", variable)),
    login: (place, wanted) => login({ project, name }, place, wanted),
    down: async () => {
      for (const tunnel of tunnels) await tunnel.close();
      await lab.down();
      project.remove();
    },
  };
}

async function restOptions(lab: RealLab): Promise<Omit<RestClientOptions, "targets">> {
  const read = async (...command: readonly string[]): Promise<string> =>
    output(await lab.exec("client", ...command));
  const other = await createCertificateAuthority("another authority");
  return {
    caPem: await read("cat", "/etc/quorate/ca.crt"),
    username: "quorate",
    password: await read("printenv", "QUORATE_REST_PASSWORD"),
    certificates: {
      own: {
        certificatePem: await read("cat", "/etc/quorate/client.crt"),
        keyPem: await read("cat", "/etc/quorate/client.key"),
      },
      stranger: await other.issue({ commonName: "stranger", names: [], client: true }),
    },
  };
}

function output({ code, stdout, stderr }: Ended): string {
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

function observations({
  lab,
  release,
  nodes,
  rest,
}: Pick<AccessLab, "release" | "nodes" | "rest"> & {
  readonly lab: RealLab;
}): Pick<AccessLab, "status" | "leader" | "settled" | "streaming" | "reload"> {
  const status: AccessLab["status"] = async (node) => {
    try {
      const { json } = await rest.request(node, "GET", "/patroni");
      return typeof json === "object" && json !== null ? { ...json } : undefined;
    } catch {
      return undefined;
    }
  };
  const leader: AccessLab["leader"] = async (except) => {
    for (const node of nodes.filter((other) => other !== except)) {
      const said = await status(node);
      const leads = ["primary", "master"].includes(String(said?.["role"]));
      if (leads && said?.["state"] === "running") return node;
    }
    return undefined;
  };
  const streaming: AccessLab["streaming"] = async (node) => {
    const answer = await lab.sql(
      node,
      `select application_name, ssl, s.version, usename, coalesce(client_dn, '-')
       from pg_stat_replication join pg_stat_ssl s using (pid) where state = 'streaming' order by 1`,
    );
    return answer.split("\n").filter(Boolean);
  };
  return {
    status,
    leader,
    streaming,
    settled: async () => {
      let found = "";
      const others = async (): Promise<readonly string[]> => {
        found = (await leader()) ?? "";
        return found === "" ? [] : streaming(found);
      };
      const limits = { timeout: 90_000, interval: 1000 };
      await expect.poll(others, limits).toHaveLength(2);
      // A standby that the leader has not counted in yet may not vote.
      const voters = (): Promise<string> => lab.sql(found, "show synchronous_standby_names");
      if (release.version !== "3.0") await expect.poll(voters, limits).toMatch(/^ANY 1 \(.*,.*\)$/);
      return found;
    },
    reload: async (node, revision, script) => {
      expect(await lab.exec({ on: node }, "sh", "-c", script)).toMatchObject({ code: 0 });
      expect(await rest.request(node, "POST", "/reload")).toMatchObject({ status: 202 });
      await expect
        .poll(async () => (await status(node))?.["tags"], { timeout: 30_000, interval: 1000 })
        .toMatchObject({ quorate_rev: revision });
    },
  };
}

/** The password goes by the environment: on a command line everybody could read it. */
async function login(
  { project, name }: { readonly project: RealProject; readonly name: string },
  place: Place,
  { user, password, sslmode = "prefer" }: Parameters<AccessLab["login"]>[1],
): Promise<string> {
  const target = `host=10.10.1.1 port=5432 user=${user} sslmode=${sslmode} target_session_attrs=any`;
  const script = `PGPASSWORD="$LOGIN_PASSWORD" psql -XAtc "select current_user" "${target}"`;
  const on = place === "client" ? [] : ["--on", place.on];
  const exec = ["lab", "exec", name, ...on, "--", "sh", "-c", script];
  const { stdout, stderr } = await run(
    process.execPath,
    [BUNDLE, "--project", project.root, ...exec],
    { LOGIN_PASSWORD: password },
  );
  const reason = /FATAL: {2}(.*?)(?: for host|$)/m.exec(stderr)?.[1];
  return stdout.trim() || (reason ?? stderr);
}
