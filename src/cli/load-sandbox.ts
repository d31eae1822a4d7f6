import { systemSecrets } from "../adapters/system-secrets.ts";
import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import { isJsonObject } from "../core/json.ts";
import type { Secrets } from "../core/ports.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { RestAccess } from "../intent/resolve-access.ts";
import { formatPatroniVersion } from "../patroni/version.ts";
import { field } from "../report/value-text.ts";
import type { SandboxCluster } from "../sandbox/sandbox-cluster.ts";
import type { CommandContext } from "./command-context.ts";
import { openProject } from "./open-project.ts";
import { placeOfPart, resolveAccess } from "./resolve-access.ts";
import type { SandboxMistake, SandboxProject } from "./sandbox-command.ts";

/** Compiles the project and says of its clusters what the sandbox must know to stand in for them. */
export async function loadSandbox(
  context: CommandContext,
  names: readonly string[],
): Promise<Result<SandboxProject, SandboxMistake>> {
  const opened = await openProject(context, names);
  if (opened === undefined)
    return err({ message: "the sandbox cannot start", hint: "mend what quorate check says" });
  const secrets = systemSecrets(context.projectRoot(), process.env);
  const project = opened.project.rest;
  const shared = new Map<RestAccess, Result<ClusterRest, readonly string[]>>();
  const clusters: SandboxCluster[] = [];
  const problems = new Set<string>();
  for (const cluster of opened.clusters) {
    const { rest } = cluster.resolved.project;
    const whose = { project, file: cluster.resolved.source.file };
    const access = shared.get(rest) ?? (await readRest(secrets, rest, whose));
    shared.set(rest, access);
    if (access.ok) clusters.push({ ...sandboxClusterOf(cluster), ...access.value });
    else for (const problem of access.error) problems.add(problem);
  }
  if (problems.size > 0)
    return err({
      message: [...problems].map((problem) => field(problem)).join("\n"),
      hint: "the sandbox asks for the password that plan and apply send: set it for both",
    });
  const isPlain = clusters.every(({ plainHttp }) => plainHttp === true);
  return ok({ clusters, scheme: isPlain ? "http" : "https", verifyClient: "none" });
}

/** How one cluster's stand-ins are reached. */
type ClusterRest = Pick<
  SandboxCluster,
  "authentication" | "verifyClient" | "clientCaPem" | "plainHttp"
>;

/** An allowlist is left out: who calls the sandbox is on loopback, which none of them names. */
async function readRest(
  secrets: Secrets,
  rest: RestAccess,
  whose: Parameters<typeof placeOfPart>[1],
): Promise<Result<ClusterRest, readonly string[]>> {
  const { verifyClient } = rest;
  const wanted = {
    user: rest.user,
    password: rest.password,
    // Only where clients show certificates must the sandbox trust the authority that signed them.
    ca: verifyClient === "none" ? undefined : rest.ca,
  };
  const access = await resolveAccess(secrets, wanted, placeOfPart(rest, whose));
  if (!access.ok) return access;
  const { user, password, ca } = access.value;
  return ok({
    verifyClient,
    ...(rest.scheme === "http" ? { plainHttp: true } : {}),
    ...(ca === undefined ? {} : { clientCaPem: ca }),
    ...(user === undefined || password === undefined
      ? {}
      : { authentication: { username: user, password } }),
  });
}

function sandboxClusterOf({ resolved, dcs, nodes }: CompiledCluster): SandboxCluster {
  const source = resolved.standbyOf?.cluster;
  return {
    name: resolved.name,
    patroniVersion: formatPatroniVersion(resolved.patroni),
    postgresMajor: resolved.postgres,
    config: dcs,
    ...(source === undefined ? {} : { copyOf: source }),
    nodes: nodes.map(({ config, name, address, site, restPort, postgresPort }) => {
      const tags = config["tags"];
      return { name, address, site, tags: isJsonObject(tags) ? tags : {}, restPort, postgresPort };
    }),
  };
}
