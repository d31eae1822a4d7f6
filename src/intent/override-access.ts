import type { ClusterAccess } from "./access-intent.ts";
import type { ResolvedDcs } from "./dcs-intent.ts";
import {
  referenceOr,
  resolvePostgres,
  resolveRest,
  resolveUsers,
  userName,
} from "./resolve-access.ts";
import type { ResolvedProject } from "./resolve-project.ts";

/** The project as one cluster sees it: with the cluster's `access` over the project's. */
export function overrideProject(
  project: ResolvedProject,
  access: ClusterAccess | undefined,
): ResolvedProject {
  if (access === undefined) return project;
  const { rest, postgres } = access;
  const { nodes } = project;
  return {
    ...project,
    // The very same object where nothing is written: then one connection serves them all.
    rest: rest === undefined ? project.rest : resolveRest(rest, project.rest),
    postgres:
      postgres === undefined
        ? project.postgres
        : resolvePostgres(postgres, nodes.tls, project.postgres),
    nodes: {
      ...nodes,
      users: resolveUsers(postgres?.users, nodes.users),
      clients: postgres?.clients ?? nodes.clients,
    },
  };
}

/** A DCS as one cluster sees it. */
export function overrideDcs(dcs: ResolvedDcs, written: ClusterAccess | undefined): ResolvedDcs {
  const access = written?.dcs;
  if (access === undefined) return dcs;
  const { auth } = dcs.access;
  const user = access.user === undefined ? auth?.user : userName(access.user);
  const password = referenceOr(access.password, auth?.password);
  return {
    ...dcs,
    access: {
      ...dcs.access,
      tls: access.tls ?? dcs.access.tls,
      auth: user === undefined || password === undefined ? undefined : { user, password },
    },
  };
}
