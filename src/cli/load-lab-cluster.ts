import { join } from "node:path";
import { commonNameOf } from "../compiler/compile-hba.ts";
import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { RestAccess } from "../intent/resolve-access.ts";
import type { LabCluster } from "../lab/lab-cluster.ts";
import { formatPatroniVersion, type PatroniVersion } from "../patroni/version.ts";
import type { CommandContext } from "./command-context.ts";
import { openProject } from "./open-project.ts";

/** Why a cluster cannot be booted as the project stands. */
export interface LabMistake {
  readonly message: string;
  readonly hint?: string;
}

/** Finds a cluster in the project and says of it what the lab must know. */
export async function loadLabCluster(
  context: CommandContext,
  name: string,
): Promise<Result<LabCluster, LabMistake>> {
  const opened = await openProject(context, [name]);
  const compiled = opened?.clusters[0];
  if (compiled === undefined)
    return err({ message: `the lab cannot boot ${name}`, hint: "mend what quorate check says" });
  const { standbyOf } = compiled.resolved;
  if (standbyOf !== undefined)
    return err({
      message: `${name} follows ${standbyOf.cluster} and cannot be booted alone`,
      hint: `run \`quorate lab up ${standbyOf.cluster}\`: it boots both`,
    });
  const release = labRelease(compiled.resolved.patroni);
  if (release === undefined)
    return err({
      message: `the lab has no Patroni ${formatPatroniVersion(compiled.resolved.patroni)}`,
      hint: "it boots Patroni 3.0, 4.0 and 4.1",
    });
  const followers = compiled.resolved.followers.map(({ cluster }) => cluster);
  const clusters = [
    compiled,
    ...(opened?.allClusters ?? []).filter(({ resolved }) => followers.includes(resolved.name)),
  ];
  return ok(labClusterOf(compiled, clusters, { release, root: context.projectRoot() }));
}

function labRelease({ major, minor }: PatroniVersion): LabCluster["patroni"] | undefined {
  return (["3.0", "4.0", "4.1"] as const).find((release) => release === `${major}.${minor}`);
}

/** The cluster with all those that follow it; each brings its nodes and its DCS. */
function labClusterOf(
  { resolved }: CompiledCluster,
  clusters: readonly CompiledCluster[],
  { release, root }: { readonly release: LabCluster["patroni"]; readonly root: string },
): LabCluster {
  const { nodes: defaults, rest, postgres } = resolved.project;
  const dcs = new Map(clusters.map((cluster) => [cluster.resolved.dcs.name, cluster.resolved.dcs]));
  return {
    name: resolved.name,
    renderedDir: join(root, "rendered", resolved.name),
    patroni: release,
    postgresMajor: resolved.postgres,
    nodes: clusters.flatMap(({ resolved: { name: cluster, nodes, dcs: own } }) =>
      nodes.map(({ name, site, address, place }) => ({
        name,
        cluster,
        dcs: own.name,
        site,
        address,
        restPort: place.restPort,
        postgresPort: place.postgresPort,
        ...(postgres.tls === undefined
          ? {}
          : { commonName: commonNameOf(postgres.tls, name, cluster) }),
      })),
    ),
    voters: [...dcs.values()].flatMap((own) =>
      own.voters.map(({ name, site, address, port }) => ({
        name,
        dcs: own.name,
        site,
        address,
        clientPort: port,
      })),
    ),
    clients: defaults.clients,
    ...(rest.allowlist === undefined ? {} : { allowlist: rest.allowlist }),
    rest: labRest(rest),
  };
}

function labRest(rest: RestAccess): LabCluster["rest"] {
  return {
    scheme: rest.scheme,
    ...(rest.user?.kind === "literal" ? { user: rest.user.name } : {}),
    ...(rest.password === undefined ? {} : { password: rest.password }),
    ...(rest.ca === undefined ? {} : { ca: rest.ca }),
    ...(rest.clientCertificate === undefined ? {} : { clientCertificate: rest.clientCertificate }),
    ...(rest.clientKey === undefined ? {} : { clientKey: rest.clientKey }),
  };
}
