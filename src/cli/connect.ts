import { patroniApi } from "../adapters/patroni-api.ts";
import { systemSecrets } from "../adapters/system-secrets.ts";
import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import { EXIT_CODE } from "../core/exit-code.ts";
import { hostPort } from "../core/host-port.ts";
import type { Endpoint, PatroniApi } from "../core/ports.ts";
import type { RestAccess } from "../intent/resolve-project.ts";
import type { CommandContext } from "./command-context.ts";
import { readEndpointsFile, type Endpoints } from "./endpoints-file.ts";
import type { OpenProject } from "./open-project.ts";
import { resolveAccess, type WantedAccess } from "./resolve-access.ts";

/** The live side of a project: its REST API, and where each cluster's nodes are. */
export interface Connection {
  readonly api: PatroniApi;
  readonly endpointsOf: (cluster: CompiledCluster) => readonly Endpoint[];
}

/** How a command wants to connect. */
export interface ConnectOptions {
  readonly endpoints?: string;
  /** Whether the command writes, and so needs the password. */
  readonly withPassword: boolean;
}

/** Resolves what connecting takes. Says what is missing, sets the exit code and gives undefined if it cannot. */
export async function connect(
  context: CommandContext,
  { project }: OpenProject,
  options: ConnectOptions,
): Promise<Connection | undefined> {
  const endpoints =
    options.endpoints === undefined ? undefined : await readEndpointsFile(options.endpoints);
  const overrides = endpoints?.ok === true ? endpoints.value : undefined;
  const access = await resolveAccess(
    systemSecrets(context.projectRoot(), process.env),
    wantedAccess(project.rest, overrides, options),
  );
  const problems = [
    ...(endpoints?.ok === false ? [endpoints.error] : []),
    ...(access.ok ? [] : access.error),
  ];
  if (problems.length > 0 || !access.ok) {
    for (const problem of problems) context.out.progress(problem);
    context.setExitCode(EXIT_CODE.badInput);
    return undefined;
  }
  const { ca, clientCertificate, clientKey, user, password } = access.value;
  const { timeoutSeconds, allowPlainHttp } = project.rest;
  const secrets = { clientCertificate, clientKey, user, password };
  return {
    api: patroniApi({ ca: overrides?.ca ?? ca, ...secrets, timeoutSeconds, allowPlainHttp }),
    endpointsOf: (cluster) => endpointsOf(cluster, project.rest, overrides),
  };
}

function wantedAccess(
  { scheme, ca, clientCertificate, clientKey, user, password }: RestAccess,
  endpoints: Endpoints | undefined,
  { withPassword }: ConnectOptions,
): WantedAccess {
  const needsCa = scheme === "https" && endpoints?.ca === undefined;
  return {
    ...(needsCa ? { ca } : {}),
    clientCertificate,
    clientKey,
    ...(withPassword ? { user, password } : {}),
  };
}

function endpointsOf(
  { nodes, resolved }: CompiledCluster,
  rest: RestAccess,
  endpoints: Endpoints | undefined,
): readonly Endpoint[] {
  const port = resolved.project.nodes.restPort;
  return nodes.map((node) => ({
    cluster: resolved.name,
    node: node.name,
    url: endpoints?.nodes.get(node.name) ?? `${rest.scheme}://${hostPort(node.address, port)}`,
    certificateName: node.address,
  }));
}
