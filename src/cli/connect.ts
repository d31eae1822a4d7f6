import { patroniApi } from "../adapters/patroni-api.ts";
import { systemSecrets } from "../adapters/system-secrets.ts";
import type { RestCredentials } from "../adapters/rest-client.ts";
import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import { EXIT_CODE } from "../core/exit-code.ts";
import { hostPort } from "../core/host-port.ts";
import type { Endpoint, PatroniApi, Secrets } from "../core/ports.ts";
import type { SecretReference } from "../core/secret-reference.ts";
import type { RestAccess } from "../intent/resolve-project.ts";
import type { CommandContext } from "./command-context.ts";
import { readEndpointsFile, type Endpoints } from "./endpoints-file.ts";
import type { OpenProject } from "./open-project.ts";

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
  const problems: string[] = [];
  const endpoints =
    options.endpoints === undefined ? undefined : await readEndpointsFile(options.endpoints);
  if (endpoints?.ok === false) problems.push(endpoints.error);
  const found = endpoints?.ok === true ? endpoints.value : undefined;
  const secrets = systemSecrets(context.projectRoot(), process.env);
  const credentials = await resolveCredentials(project.rest, found, options, async (reference) =>
    reference === undefined ? undefined : resolveInto(problems, secrets, reference),
  );
  if (problems.length > 0) {
    for (const problem of problems) context.out.progress(problem);
    context.setExitCode(EXIT_CODE.badInput);
    return undefined;
  }
  return {
    api: patroniApi(credentials),
    endpointsOf: (cluster) => endpointsOf(cluster, project.rest, found),
  };
}

type Resolve = (reference: SecretReference | undefined) => Promise<string | undefined>;

async function resolveCredentials(
  rest: RestAccess,
  endpoints: Endpoints | undefined,
  { withPassword }: ConnectOptions,
  resolve: Resolve,
): Promise<RestCredentials> {
  return {
    ca: endpoints?.ca ?? (rest.scheme === "https" ? await resolve(rest.ca) : undefined),
    clientCertificate: await resolve(rest.clientCertificate),
    clientKey: await resolve(rest.clientKey),
    user: withPassword ? await resolveUser(rest, resolve) : undefined,
    password: withPassword ? await resolve(rest.password) : undefined,
    timeoutSeconds: rest.timeoutSeconds,
    allowPlainHttp: rest.allowPlainHttp,
  };
}

async function resolveInto(
  problems: string[],
  secrets: Secrets,
  reference: SecretReference,
): Promise<string | undefined> {
  const secret = await secrets.resolve(reference);
  if (secret.ok) return secret.value;
  problems.push(`quorate.yaml, rest: ${secret.error}`);
  return undefined;
}

async function resolveUser({ user }: RestAccess, resolve: Resolve): Promise<string | undefined> {
  if (user === undefined) return undefined;
  return user.kind === "literal" ? user.name : resolve(user.reference);
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
