import type { Diagnostic } from "../core/diagnostic.ts";
import { parseSecretReference, type SecretReference } from "../core/secret-reference.ts";
import { parseDuration } from "../core/units.ts";
import { checkDcsKind } from "./check-dcs.ts";
import { resolveDcs, type ResolvedDcs } from "./dcs-intent.ts";
import type { ProjectIntent } from "./project-intent.ts";
import type { Source } from "./source.ts";
import type { SourcePath } from "./source-offset.ts";

/** Ports and paths of a node. Paths may hold `{cluster}`, `{node}` and `{postgres}`. */
export interface NodePlace {
  readonly postgresPort: number;
  readonly restPort: number;
  readonly dataDir: string;
  readonly binDir: string;
  readonly passFile: string;
}

/** What the nodes of the project have unless their site or they themselves say otherwise. */
export interface NodeDefaults extends NodePlace {
  readonly users: {
    readonly superuser: string;
    readonly replication: string;
    readonly rewind: string;
  };
  readonly clients: readonly string[];
  readonly tls:
    | { readonly certificate: string; readonly key: string; readonly ca: string }
    | undefined;
}

/** A user name that stands in the project, or a reference to one that does not. */
export type UserName =
  | { readonly kind: "literal"; readonly name: string }
  | { readonly kind: "reference"; readonly reference: SecretReference };

/** How Patroni's REST API is reached, and who Quorate is to it. */
export interface RestAccess {
  readonly scheme: "https" | "http";
  readonly ca: SecretReference | undefined;
  readonly clientCertificate: SecretReference | undefined;
  readonly clientKey: SecretReference | undefined;
  readonly verifyClient: "none" | "optional" | "required";
  readonly user: UserName | undefined;
  readonly password: SecretReference | undefined;
  readonly timeoutSeconds: number;
  readonly allowPlainHttp: boolean;
}

/** `quorate.yaml` with every default filled in. */
export interface ResolvedProject {
  readonly dcs: ReadonlyMap<string, ResolvedDcs>;
  readonly nodes: NodeDefaults;
  readonly rest: RestAccess;
}

/** Fills in the defaults. Nothing is checked here: see {@link checkProject}. */
export function resolveProject(intent: ProjectIntent): ResolvedProject {
  const dcs = Object.entries(intent.dcs).map(([name, declared]): [string, ResolvedDcs] => [
    name,
    resolveDcs(name, declared),
  ]);
  return {
    dcs: new Map(dcs),
    nodes: resolveNodes(intent.nodes ?? {}),
    rest: resolveRest(intent.rest ?? {}),
  };
}

const DEFAULT_PORTS = { postgres: 5432, rest: 8008 } as const;

function resolveNodes(nodes: NonNullable<ProjectIntent["nodes"]>): NodeDefaults {
  const { users = {} } = nodes;
  return {
    postgresPort: nodes.postgresPort ?? DEFAULT_PORTS.postgres,
    restPort: nodes.restPort ?? DEFAULT_PORTS.rest,
    ...resolvePaths(nodes),
    users: {
      superuser: users.superuser ?? "postgres",
      replication: users.replication ?? "replicator",
      rewind: users.rewind ?? "rewinder",
    },
    clients: nodes.clients ?? [],
    tls: nodes.tls,
  };
}

function resolvePaths(
  nodes: NonNullable<ProjectIntent["nodes"]>,
): Omit<NodePlace, "postgresPort" | "restPort"> {
  return {
    dataDir: nodes.dataDir ?? "/var/lib/postgresql/{postgres}/{cluster}",
    binDir: nodes.binDir ?? "/usr/lib/postgresql/{postgres}/bin",
    passFile: nodes.passFile ?? "/var/lib/postgresql/.pgpass-{cluster}",
  };
}

function resolveRest(rest: NonNullable<ProjectIntent["rest"]>): RestAccess {
  const timeout = parseDuration(rest.timeout ?? "5s");
  return {
    scheme: rest.scheme ?? "https",
    ca: reference(rest.ca),
    clientCertificate: reference(rest.clientCertificate),
    clientKey: reference(rest.clientKey),
    verifyClient: rest.verifyClient ?? "none",
    user: userName(rest.user),
    password: reference(rest.password),
    timeoutSeconds: timeout.ok ? timeout.value : 5,
    allowPlainHttp: rest.allowPlainHttp ?? false,
  };
}

function userName(text: string | undefined): UserName | undefined {
  if (text === undefined) return undefined;
  const parsed = parseSecretReference(text);
  return parsed.ok
    ? { kind: "reference", reference: parsed.value }
    : { kind: "literal", name: text };
}

function reference(text: string | undefined): SecretReference | undefined {
  if (text === undefined) return undefined;
  const parsed = parseSecretReference(text);
  return parsed.ok ? parsed.value : undefined;
}

/** Checks what the shape of `quorate.yaml` alone cannot say. Empty when nothing is wrong. */
export function checkProject(
  intent: ProjectIntent,
  project: ResolvedProject,
  source: Source,
): readonly Diagnostic[] {
  return [
    ...[...project.dcs.values()].flatMap((dcs) => [
      ...checkVoters(dcs, source),
      ...checkDcsKind(dcs, source),
    ]),
    ...checkTransport(intent, project, source),
    ...checkNodeDefaults(project, source),
  ];
}

function checkVoters(dcs: ResolvedDcs, source: Source): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const field of ["name", "address"] as const) {
    const first = new Map<string, number>();
    for (const [index, voter] of dcs.voters.entries()) {
      const before = first.get(voter[field]);
      if (before === undefined) first.set(voter[field], index);
      else
        found.push({
          rule: "QUO005",
          severity: "error",
          message: `two voters of ${dcs.name} have the ${field} ${voter[field]}`,
          at: source.at(["dcs", dcs.name, "voters", index, field]),
          hint: "each voter is one machine: write it once",
          related: [
            { at: source.at(["dcs", dcs.name, "voters", before, field]), message: "the other one" },
          ],
        });
    }
  }
  const count = dcs.voters.length;
  if (count % 2 === 0)
    found.push({
      rule: "QUO017",
      severity: "warn",
      message: `${dcs.name} has ${count} voters, which survive no more losses than ${count - 1} would`,
      at: source.atKey(["dcs", dcs.name, "voters"]),
      hint: "use 3 or 5 voters",
    });
  return found;
}

/** Seconds; a call to a REST API that takes longer is a node that hangs. */
const LONGEST_TIMEOUT = 300;

function checkNodeDefaults(
  { nodes, rest, dcs }: ResolvedProject,
  source: Source,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  if (rest.timeoutSeconds < 1 || rest.timeoutSeconds > LONGEST_TIMEOUT)
    found.push({
      rule: "QUO003",
      severity: "error",
      message: `timeout is ${rest.timeoutSeconds} s, expected 1 s to ${LONGEST_TIMEOUT} s`,
      at: source.at(["rest", "timeout"]),
      hint: "write it like 5s",
    });
  const voterPorts = [...dcs.values()].flatMap(({ voters }) => voters.map(({ port }) => port));
  const clash = [nodes.postgresPort, ...voterPorts].includes(nodes.restPort);
  if (clash || voterPorts.includes(nodes.postgresPort))
    found.push({
      rule: "QUO005",
      severity: "error",
      message: "PostgreSQL, the REST API and the DCS need ports of their own",
      at: source.at(["nodes", clash ? "restPort" : "postgresPort"]),
      hint: "give each service another port",
    });
  return found;
}

function checkTransport(
  intent: ProjectIntent,
  { rest, nodes }: ResolvedProject,
  source: Source,
): readonly Diagnostic[] {
  const at = (path: SourcePath): Diagnostic["at"] =>
    intent.rest === undefined ? source.at([]) : source.at(["rest", ...path]);
  const wrong: readonly (readonly [boolean, string, SourcePath, string, string])[] = [
    [
      rest.scheme === "https" && nodes.tls === undefined,
      "QUO015",
      ["scheme"],
      "the REST API is to be reached over https, but the nodes have no TLS files",
      "add nodes.tls with certificate, key and ca",
    ],
    [
      rest.scheme === "http" && rest.password !== undefined && !rest.allowPlainHttp,
      "QUO015",
      ["scheme"],
      "the password would cross the network in plain text",
      "use scheme: https, or write allowPlainHttp: true if you know why",
    ],
    [
      rest.password === undefined && rest.verifyClient === "none",
      "QUO015",
      [],
      "anyone who reaches a node's REST API could change its configuration",
      "add rest.user and rest.password, or rest.verifyClient with a client certificate",
    ],
    [
      (rest.user === undefined) !== (rest.password === undefined),
      "QUO004",
      rest.user === undefined ? ["password"] : ["user"],
      "user and password belong together, one of them is missing",
      "write both; password as env:NAME or file:/path",
    ],
    [
      (rest.clientCertificate === undefined) !== (rest.clientKey === undefined),
      "QUO004",
      rest.clientKey === undefined ? ["clientCertificate"] : ["clientKey"],
      "clientCertificate and clientKey belong together, one of them is missing",
      "write both, as env:NAME or file:/path",
    ],
    [
      rest.verifyClient !== "none" && rest.clientCertificate === undefined,
      "QUO004",
      ["verifyClient"],
      "the nodes ask for a client certificate, but Quorate has none",
      "add rest.clientCertificate and rest.clientKey",
    ],
    [
      rest.verifyClient !== "none" && rest.scheme === "http",
      "QUO015",
      ["verifyClient"],
      "client certificates exist only with TLS, but the scheme is http",
      "use scheme: https",
    ],
  ];
  return wrong.flatMap(([isWrong, rule, path, message, hint]): Diagnostic[] =>
    isWrong ? [{ rule, severity: "error", message, at: at(path), hint }] : [],
  );
}
