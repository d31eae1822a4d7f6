import type { z } from "zod";
import type { Diagnostic } from "../core/diagnostic.ts";
import { isEveryAddress } from "../core/ip.ts";
import { NEWEST_POSTGRES } from "../postgres/parameter.ts";
import type { PostgresAccessIntent } from "./access-intent.ts";
import { errorAt, pairMissing, sectionOf, type Section } from "./access-section.ts";
import { checkHba, checkIdent, type LineContext, type LineFinding } from "./check-hba.ts";
import type { PostgresUserNames } from "./resolve-access.ts";
import type { ResolvedCluster } from "./resolve-cluster.ts";
import type { ResolvedProject } from "./resolve-project.ts";
import type { Source } from "./source.ts";

type Written = z.infer<typeof PostgresAccessIntent>;

/** Checks the access to PostgreSQL that the project declares. */
export function checkProjectPostgres(
  written: Written,
  project: ResolvedProject,
  source: Source,
): readonly Diagnostic[] {
  const place = sectionOf(source, ["access", "postgres"]);
  return [
    ...checkPostgres(written, project, place),
    ...linesAt(lineFindings(contextOf(project, NEWEST_POSTGRES)), place),
  ];
}

/** Checks what a cluster overrides of the access to PostgreSQL, and the project's lines in its version. */
export function checkClusterPostgres(
  written: Written | undefined,
  cluster: ResolvedCluster,
): readonly Diagnostic[] {
  const { source, project } = cluster;
  const place = sectionOf(source, ["access", "postgres"]);
  const users = sectionOf(source, ["access", "postgres", "users"]);
  return [
    ...(written === undefined ? [] : checkPostgres(written, project, place)),
    ...(written?.users === undefined ? [] : checkUserNames(project.nodes.users, users)),
    ...checkLines(written, cluster, place),
  ];
}

/** Each of Patroni's users has rights of its own, and pg_hba tells them apart by name. */
export function checkUserNames(users: PostgresUserNames, { at }: Section): readonly Diagnostic[] {
  const keys = ["superuser", "replication", "rewind"] as const;
  return keys.flatMap((key, index): Diagnostic[] => {
    const other = keys.slice(0, index).find((before) => users[before] === users[key]);
    if (other === undefined) return [];
    const message = `${users[key]} is the ${other} user and the ${key} user`;
    return [errorAt(at([key]), "QUO005", message, "give each a name of its own")];
  });
}

function checkPostgres(
  written: Written,
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
        errorAt(
          at(["tls"]),
          "QUO004",
          "there are no nodes.tls to take what is not written from",
          "write certificate, key and ca, or add nodes.tls",
        ),
      );
  }
  if (postgres.authentication === "certificate" && postgres.tls === undefined)
    found.push(
      errorAt(
        at(["authentication"]),
        "QUO034",
        "certificates prove nothing without TLS, and PostgreSQL has none",
        tlsHint(nodes.tls),
      ),
    );
  return [...found, ...checkAdmins({ postgres, nodes }, at)];
}

function tlsHint(nodeTls: ResolvedProject["nodes"]["tls"]): string {
  return nodeTls === undefined ? "add nodes.tls with certificate, key and ca" : "remove tls: false";
}

function checkAdmins(
  { postgres: { admins, tls }, nodes }: Pick<ResolvedProject, "postgres" | "nodes">,
  at: Section["at"],
): readonly Diagnostic[] {
  const found = admins.flatMap((network, index): Diagnostic[] =>
    isEveryAddress(network)
      ? [
          errorAt(
            at(["admins", index]),
            "QUO032",
            `the superuser could connect from ${network}, which is everywhere`,
            "name the network of your administrators",
          ),
        ]
      : [],
  );
  if (admins.length === 0 || tls !== undefined || found.length > 0) return found;
  return [
    {
      ...errorAt(
        at(["admins"]),
        "QUO032",
        "what the superuser does would cross the network in plain text",
        tlsHint(nodes.tls),
      ),
      severity: "warn",
    },
  ];
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
  written: Written | undefined,
  { project, postgres, source }: ResolvedCluster,
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
      at: source.at(["postgres"]),
    }));
}
