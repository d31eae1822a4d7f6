import type { z } from "zod";
import type { Diagnostic } from "../core/diagnostic.ts";
import { ipVersion, isEveryAddress } from "../core/ip.ts";
import { NEWEST_POSTGRES } from "../postgres/parameter.ts";
import type { PostgresAccessIntent } from "./access-intent.ts";
import { checkHba, checkIdent, type LineContext, type LineFinding } from "./check-hba.ts";
import { checkRest, type Section } from "./check-rest.ts";
import type { ClusterIntent } from "./cluster-intent.ts";
import type { ProjectIntent } from "./project-intent.ts";
import type { DcsAccess, PostgresUserNames } from "./resolve-access.ts";
import type { ResolvedCluster } from "./resolve-cluster.ts";
import type { ResolvedProject } from "./resolve-project.ts";
import type { Source } from "./source.ts";
import type { SourcePath } from "./source-offset.ts";

/** Checks the access that the project declares for every cluster. Empty when nothing is wrong. */
export function checkProjectAccess(
  intent: ProjectIntent,
  project: ResolvedProject,
  source: Source,
): readonly Diagnostic[] {
  const rest = section(source, "rest", intent.rest === undefined ? [] : ["rest"]);
  const postgres = section(source, "access.postgres", ["access", "postgres"]);
  const written = intent.access?.postgres;
  return [
    ...checkRest(project.rest, project.nodes.tls, rest),
    ...[...project.dcs.values()].flatMap(({ name, access }) =>
      checkDcs(access, project, section(source, `dcs.${name}`, ["dcs", name])),
    ),
    ...checkHomes(intent, source),
    ...checkUserNames(project.nodes.users, section(source, "nodes.users", ["nodes", "users"])),
    ...checkPostgres(written ?? {}, project, postgres),
    ...linesAt(lineFindings(contextOf(project, NEWEST_POSTGRES)), postgres),
  ];
}

/** Checks the access of one cluster: what it overrides, and what of the project does not fit it. */
export function checkClusterAccess(
  intent: ClusterIntent,
  cluster: ResolvedCluster,
): readonly Diagnostic[] {
  const { source, project, dcs } = cluster;
  const { access = {} } = intent;
  const rest = section(source, "access.rest", ["access", "rest"]);
  const postgres = section(source, "access.postgres", ["access", "postgres"]);
  return [
    ...(access.rest === undefined ? [] : checkRest(project.rest, project.nodes.tls, rest)),
    ...checkCertificatePair(access.rest ?? {}, rest),
    ...(access.dcs === undefined
      ? []
      : checkDcs(dcs.access, project, section(source, "access.dcs", ["access", "dcs"]))),
    ...checkDcsPair(access.dcs ?? {}, dcs.access, source),
    ...checkAllowlistNames(intent, cluster),
    ...(access.postgres === undefined ? [] : checkPostgres(access.postgres, project, postgres)),
    ...(access.postgres?.users === undefined
      ? []
      : checkUserNames(
          project.nodes.users,
          section(source, "users", ["access", "postgres", "users"]),
        )),
    ...checkLines(access.postgres, cluster, postgres),
  ];
}

function section(source: Source, name: string, path: SourcePath): Section {
  return { name, at: (inner) => source.at([...path, ...inner]) };
}

function error(rule: string, at: Diagnostic["at"], message: string, hint: string): Diagnostic {
  return { rule, severity: "error", message, at, hint };
}

function checkDcs(
  { tls, auth, allowPlainHttp }: DcsAccess,
  project: ResolvedProject,
  { at }: Section,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  if (auth !== undefined && tls === undefined && !allowPlainHttp)
    found.push(
      error(
        "QUO015",
        at(["auth"]),
        "the password for the DCS would cross the network in plain text",
        "add tls with ca, or write allowPlainHttp: true in quorate.yaml if you know why",
      ),
    );
  if (tls !== undefined && (tls.certificate === undefined) !== (tls.key === undefined))
    found.push(pairMissing(at(["tls", tls.key === undefined ? "certificate" : "key"])));
  if (auth !== undefined && tls?.certificate !== undefined)
    found.push(...checkCommonName(tls.certificate, project, at));
  return found;
}

/**
 * Patroni speaks to etcd's gRPC gateway, which refuses a client certificate with a common name once etcd
 * asks for certificates and has users: no name may stand for a user there.
 *
 * @see server/embed/serve.go, `accessController.ServeHTTP`, at etcd v3.5.16
 */
function checkCommonName(
  certificate: string,
  { nodes, postgres }: ResolvedProject,
  at: Section["at"],
): readonly Diagnostic[] {
  const needsName = postgres.authentication === "certificate";
  if (certificate !== nodes.tls?.certificate && certificate !== postgres.tls?.certificate)
    return [];
  return [
    {
      rule: "QUO035",
      severity: needsName ? "error" : "warn",
      message: needsName
        ? "this certificate names its node to PostgreSQL, and etcd with users refuses one with a common name"
        : "this is the nodes' own certificate, and etcd with users refuses one with a common name",
      at: at(["tls", "certificate"]),
      hint: "name a certificate without a common name, or leave certificate and key out",
    },
  ];
}

function pairMissing(at: Diagnostic["at"]): Diagnostic {
  const message = "certificate and key belong together, one of them is missing";
  return error("QUO004", at, message, "write both");
}

/** A cluster that replaces one half of a pair would be left with the project's other half. */
function checkCertificatePair(
  rest: NonNullable<NonNullable<ClusterIntent["access"]>["rest"]>,
  { at }: Section,
): readonly Diagnostic[] {
  const { clientCertificate, clientKey } = rest;
  if ((clientCertificate === undefined) === (clientKey === undefined)) return [];
  return [
    error(
      "QUO004",
      at([clientKey === undefined ? "clientCertificate" : "clientKey"]),
      "clientCertificate and clientKey belong together, and the project's other half would stay",
      "write both, as env:NAME or file:/path",
    ),
  ];
}

function checkDcsPair(
  { user, password }: NonNullable<NonNullable<ClusterIntent["access"]>["dcs"]>,
  { auth }: DcsAccess,
  source: Source,
): readonly Diagnostic[] {
  if (auth !== undefined || (user === undefined && password === undefined)) return [];
  return [
    error(
      "QUO004",
      source.at(["access", "dcs", user === undefined ? "password" : "user"]),
      "user and password belong together, one of them is missing",
      "write both; password as env:NAME or file:/path",
    ),
  ];
}

/** `nodes` is the older place of two keys of `access.postgres`: each may stand in one of them only. */
function checkHomes({ nodes, access }: ProjectIntent, source: Source): readonly Diagnostic[] {
  return (["clients", "users"] as const).flatMap((key): Diagnostic[] => {
    if (nodes?.[key] === undefined || access?.postgres?.[key] === undefined) return [];
    return [
      {
        ...error(
          "QUO005",
          source.atKey(["access", "postgres", key]),
          `${key} stands in nodes as well`,
          "keep one of the two",
        ),
        related: [{ at: source.atKey(["nodes", key]), message: "the other one" }],
      },
    ];
  });
}

/** Each of Patroni's users has rights of its own, and pg_hba tells them apart by name. */
function checkUserNames(users: PostgresUserNames, { at }: Section): readonly Diagnostic[] {
  const names = [users.superuser, users.replication, users.rewind];
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  if (repeated === undefined) return [];
  const message = `${repeated} is two of superuser, replication and rewind at once`;
  return [error("QUO005", at([]), message, "give each a user of its own")];
}

function checkPostgres(
  written: z.infer<typeof PostgresAccessIntent>,
  { postgres, nodes }: ResolvedProject,
  { at }: Section,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const { tls } = written;
  if (tls !== undefined && tls !== false) {
    if ((tls.certificate === undefined) !== (tls.key === undefined))
      found.push(pairMissing(at(["tls", tls.key === undefined ? "certificate" : "key"])));
    else if (postgres.tls === undefined)
      found.push(
        error(
          "QUO004",
          at(["tls"]),
          "there are no nodes.tls to take what is not written from",
          "write certificate, key and ca, or add nodes.tls",
        ),
      );
  }
  if (postgres.authentication === "certificate" && postgres.tls === undefined)
    found.push(
      error(
        "QUO034",
        at(["authentication"]),
        "certificates prove nothing without TLS, and PostgreSQL has none",
        nodes.tls === undefined
          ? "add nodes.tls with certificate, key and ca"
          : "remove tls: false",
      ),
    );
  return [...found, ...checkAdmins(postgres, at)];
}

function checkAdmins(
  { admins, tls }: ResolvedProject["postgres"],
  at: Section["at"],
): readonly Diagnostic[] {
  const found = admins.flatMap((network, index): Diagnostic[] =>
    isEveryAddress(network)
      ? [
          error(
            "QUO032",
            at(["admins", index]),
            `the superuser could connect from ${network}, which is everywhere`,
            "name the network of your administrators",
          ),
        ]
      : [],
  );
  if (admins.length === 0 || tls !== undefined || found.length > 0) return found;
  return [
    {
      ...error(
        "QUO032",
        at(["admins"]),
        "what the superuser does would cross the network in plain text",
        "add nodes.tls",
      ),
      severity: "warn",
    },
  ];
}

/**
 * A node with a host name listens everywhere, on IPv6 too, where Patroni sees a caller's IPv4 address as
 * `::ffff:a.b.c.d`, which no IPv4 entry matches: members would refuse each other's `POST /failsafe`.
 *
 * @see patroni/api.py:RestApiServer.check_access and __httpserver_init at v4.1.4
 */
function checkAllowlistNames(
  intent: ClusterIntent,
  { source, project }: ResolvedCluster,
): readonly Diagnostic[] {
  if (project.rest.allowlist === undefined) return [];
  return intent.sites.flatMap(({ nodes = [] }, site) =>
    nodes.flatMap(({ name, address }, node): Diagnostic[] =>
      ipVersion(address) === undefined
        ? [
            error(
              "QUO030",
              source.at(["sites", site, "nodes", node, "address"]),
              `${name} has a host name, and with an allowlist Patroni would refuse the other members there`,
              "write its IP address, or do without rest.allowlist",
            ),
          ]
        : [],
    ),
  );
}

function contextOf({ postgres, nodes }: ResolvedProject, major: number): LineContext {
  const { hba, ident, tls } = postgres;
  return { major, users: nodes.users, hasTls: tls !== undefined, hba, ident };
}

interface FoundLines {
  readonly hba: readonly LineFinding[];
  readonly ident: readonly LineFinding[];
}

function lineFindings(context: LineContext): FoundLines {
  return { hba: checkHba(context), ident: checkIdent(context) };
}

function linesAt({ hba, ident }: FoundLines, { at }: Section): readonly Diagnostic[] {
  const place = (key: "hba" | "ident", found: readonly LineFinding[]): readonly Diagnostic[] =>
    found.map(({ index, ...said }) => ({ ...said, at: at([key, index]) }));
  return [...place("hba", hba), ...place("ident", ident)];
}

/** The project's own lines are looked at there; here only for what this cluster makes wrong in them. */
function checkLines(
  written: z.infer<typeof PostgresAccessIntent> | undefined,
  { project, postgres }: ResolvedCluster,
  place: Section,
): readonly Diagnostic[] {
  const here = lineFindings(contextOf(project, postgres));
  const isOwn = ["hba", "ident", "users", "tls"].some((key) => Object.hasOwn(written ?? {}, key));
  if (isOwn) return linesAt(here, place);
  const anywhere = new Set(
    lineFindings(contextOf(project, NEWEST_POSTGRES)).hba.map(({ index }) => index),
  );
  return here.hba
    .filter(({ index }) => !anywhere.has(index))
    .map(({ index, message, ...said }) => ({
      ...said,
      message: `line ${index + 1} of hba in quorate.yaml: ${message}`,
      at: place.at([]),
    }));
}
