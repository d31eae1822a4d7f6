import { systemSecrets } from "../adapters/system-secrets.ts";
import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import { isJsonObject } from "../core/json.ts";
import { err, ok, type Result } from "../core/result.ts";
import { formatPatroniVersion } from "../patroni/version.ts";
import { field } from "../report/value-text.ts";
import type { SandboxCluster } from "../sandbox/sandbox-cluster.ts";
import type { CommandContext } from "./command-context.ts";
import { openProject } from "./open-project.ts";
import { resolveAccess } from "./resolve-access.ts";
import type { SandboxMistake, SandboxProject } from "./sandbox-command.ts";

/** Compiles the project and says of its clusters what the sandbox must know to stand in for them. */
export async function loadSandbox(
  context: CommandContext,
  names: readonly string[],
): Promise<Result<SandboxProject, SandboxMistake>> {
  const opened = await openProject(context, names);
  if (opened === undefined)
    return err({ message: "the sandbox cannot start", hint: "mend what quorate check says" });
  const { rest } = opened.project;
  const secrets = systemSecrets(context.projectRoot(), process.env);
  const access = await resolveAccess(secrets, {
    user: rest.user,
    password: rest.password,
    // Only where clients show certificates must the sandbox trust the authority that signed them.
    ca: rest.verifyClient === "none" ? undefined : rest.ca,
  });
  if (!access.ok)
    return err({
      message: access.error.map((problem) => field(problem)).join("\n"),
      hint: "the sandbox asks for the password that plan and apply send: set it for both",
    });
  const { user, password, ca } = access.value;
  return ok({
    clusters: opened.clusters.map(sandboxClusterOf),
    scheme: rest.scheme,
    verifyClient: rest.verifyClient,
    ...(ca === undefined ? {} : { clientCa: ca }),
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
