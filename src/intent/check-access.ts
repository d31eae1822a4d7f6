import type { Diagnostic } from "../core/diagnostic.ts";
import { ipVersion } from "../core/ip.ts";
import { errorAt, pairMissing, sectionOf, type Section } from "./access-section.ts";
import {
  checkClusterPostgres,
  checkProjectPostgres,
  checkUserNames,
} from "./check-postgres-access.ts";
import { checkRest } from "./check-rest.ts";
import type { ClusterIntent } from "./cluster-intent.ts";
import type { ProjectIntent } from "./project-intent.ts";
import type { DcsAccess } from "./resolve-access.ts";
import type { ResolvedCluster } from "./resolve-cluster.ts";
import type { ResolvedProject } from "./resolve-project.ts";
import type { Source } from "./source.ts";

/** Checks the access that the project declares for every cluster. Empty when nothing is wrong. */
export function checkProjectAccess(
  intent: ProjectIntent,
  project: ResolvedProject,
  source: Source,
): readonly Diagnostic[] {
  const rest = sectionOf(source, intent.rest === undefined ? [] : ["rest"], "rest");
  const users =
    intent.access?.postgres?.users === undefined
      ? ["nodes", "users"]
      : ["access", "postgres", "users"];
  return [
    ...checkRest(project.rest, project.nodes.tls, rest),
    ...[...project.dcs.values()].flatMap(({ name, access }) =>
      checkDcs(access, project, sectionOf(source, ["dcs", name])),
    ),
    ...checkHomes(intent, source),
    ...checkUserNames(project.nodes.users, sectionOf(source, users)),
    ...checkProjectPostgres(intent.access?.postgres ?? {}, project, source),
  ];
}

/** Checks the access of one cluster: what it overrides, and what of the project does not fit it. */
export function checkClusterAccess(
  intent: ClusterIntent,
  cluster: ResolvedCluster,
): readonly Diagnostic[] {
  const { source, project, dcs } = cluster;
  const { access = {} } = intent;
  const rest = sectionOf(source, ["access", "rest"]);
  return [
    ...(access.rest === undefined ? [] : checkRest(project.rest, project.nodes.tls, rest)),
    ...checkCertificatePair(access.rest ?? {}, project, rest),
    ...(access.dcs === undefined
      ? []
      : checkDcs(dcs.access, project, sectionOf(source, ["access", "dcs"]))),
    ...checkDcsPair(access.dcs ?? {}, dcs.access, source),
    ...checkDcsKind(access.dcs, cluster),
    ...checkAllowlistNames(intent, cluster),
    ...checkFamilies(intent, cluster),
    ...checkClusterPostgres(access.postgres, cluster),
  ];
}

/** What is written for a kind that has no such keys would be lost without a word. */
function checkDcsKind(
  written: NonNullable<ClusterIntent["access"]>["dcs"],
  { dcs, source }: ResolvedCluster,
): readonly Diagnostic[] {
  if (written === undefined || dcs.kind === "etcd3" || dcs.kind === "etcd") return [];
  return [
    errorAt(
      source.atKey(["access", "dcs"]),
      "QUO034",
      `${dcs.name} is ${dcs.kind}, whose TLS and secrets stand with it in quorate.yaml; access.dcs is for etcd`,
      `remove it, and write tls and the secret under dcs.${dcs.name}`,
    ),
  ];
}

function checkDcs(
  { tls, auth, allowPlainHttp }: DcsAccess,
  project: ResolvedProject,
  { at }: Section,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  if (auth !== undefined && tls === undefined && !allowPlainHttp)
    found.push(
      errorAt(
        at(["auth"]),
        "QUO015",
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

/** A cluster that replaces one half of a pair would be left with the project's other half. */
function checkCertificatePair(
  { clientCertificate, clientKey }: NonNullable<NonNullable<ClusterIntent["access"]>["rest"]>,
  { rest }: ResolvedProject,
  { at }: Section,
): readonly Diagnostic[] {
  const isHalf = (clientCertificate === undefined) !== (clientKey === undefined);
  if (!isHalf || rest.clientCertificate === undefined || rest.clientKey === undefined) return [];
  return [
    errorAt(
      at([clientKey === undefined ? "clientCertificate" : "clientKey"]),
      "QUO004",
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
    errorAt(
      source.at(["access", "dcs", user === undefined ? "password" : "user"]),
      "QUO004",
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
        ...errorAt(
          source.atKey(["access", "postgres", key]),
          "QUO005",
          `${key} stands in nodes as well`,
          "keep one of the two",
        ),
        related: [{ at: source.atKey(["nodes", key]), message: "the other one" }],
      },
    ];
  });
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
            errorAt(
              source.at(["sites", site, "nodes", node, "address"]),
              "QUO030",
              `${name} has a host name, and with an allowlist Patroni would refuse the other members there`,
              "write its IP address, or do without rest.allowlist",
            ),
          ]
        : [],
    ),
  );
}

/** A node is known by one address: it reaches nodes of the other kind of IP from one that nobody knows. */
function checkFamilies(intent: ClusterIntent, { source }: ResolvedCluster): readonly Diagnostic[] {
  const placed = intent.sites.flatMap(({ nodes = [] }, site) =>
    nodes.map((node, index) => ({ ...node, path: ["sites", site, "nodes", index, "address"] })),
  );
  const [first] = placed.filter(({ address }) => ipVersion(address) === 4);
  const [other] = placed.filter(({ address }) => ipVersion(address) === 6);
  if (first === undefined || other === undefined) return [];
  return [
    {
      rule: "QUO036",
      severity: "warn",
      message: `${first.name} has an IPv4 address and ${other.name} an IPv6 address: pg_hba knows neither by the address from which it reaches the other`,
      at: source.at(other.path),
      hint: "write addresses of one kind for all nodes of a cluster",
    },
  ];
}
