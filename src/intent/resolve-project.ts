import type { Diagnostic } from "../core/diagnostic.ts";
import { checkDcsKind } from "./check-dcs.ts";
import { resolveDcs, type ResolvedDcs } from "./dcs-intent.ts";
import type { ProjectIntent } from "./project-intent.ts";
import {
  resolvePostgres,
  resolveRest,
  resolveUsers,
  type PostgresAccess,
  type PostgresUserNames,
  type RestAccess,
} from "./resolve-access.ts";
import type { Source } from "./source.ts";

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
  readonly users: PostgresUserNames;
  readonly clients: readonly string[];
  readonly tls:
    | { readonly certificate: string; readonly key: string; readonly ca: string }
    | undefined;
}

/** `quorate.yaml` with every default filled in. */
export interface ResolvedProject {
  /** `quorate.yaml` as it was read. */
  readonly source: Source;
  readonly dcs: ReadonlyMap<string, ResolvedDcs>;
  readonly nodes: NodeDefaults;
  readonly rest: RestAccess;
  readonly postgres: PostgresAccess;
}

/** Fills in the defaults. Nothing is checked here: see {@link checkProject}. */
export function resolveProject(intent: ProjectIntent, source: Source): ResolvedProject {
  const dcs = Object.entries(intent.dcs).map(([name, declared]): [string, ResolvedDcs] => [
    name,
    resolveDcs(name, declared),
  ]);
  return {
    source,
    dcs: new Map(dcs),
    nodes: resolveNodes(intent),
    rest: resolveRest(intent.rest ?? {}),
    postgres: resolvePostgres(intent.access?.postgres ?? {}, intent.nodes?.tls),
  };
}

const DEFAULT_PORTS = { postgres: 5432, rest: 8008 } as const;

function resolveNodes({ nodes = {}, access }: ProjectIntent): NodeDefaults {
  return {
    postgresPort: nodes.postgresPort ?? DEFAULT_PORTS.postgres,
    restPort: nodes.restPort ?? DEFAULT_PORTS.rest,
    ...resolvePaths(nodes),
    users: resolveUsers(access?.postgres?.users, resolveUsers(nodes.users)),
    clients: access?.postgres?.clients ?? nodes.clients ?? [],
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
