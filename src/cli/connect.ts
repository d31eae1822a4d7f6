import { patroniApi } from "../adapters/patroni-api.ts";
import { systemSecrets } from "../adapters/system-secrets.ts";
import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import { Bug } from "../core/bug.ts";
import { EXIT_CODE } from "../core/exit-code.ts";
import { hostPort } from "../core/host-port.ts";
import { nearest } from "../core/nearest.ts";
import type { Endpoint, PatroniApi, Secrets } from "../core/ports.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { RestAccess } from "../intent/resolve-access.ts";
import { field } from "../report/value-text.ts";
import { tlsProblems, type TlsFiles } from "./check-tls.ts";
import type { CommandContext } from "./command-context.ts";
import { readEndpointsFile, type Endpoints } from "./endpoints-file.ts";
import type { OpenProject } from "./open-project.ts";
import {
  placeOfPart,
  resolveAccess,
  type ResolvedAccess,
  type WantedAccess,
} from "./resolve-access.ts";

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
  /** The clusters that it may speak to: an endpoints file must name all their nodes. */
  readonly clusters: readonly CompiledCluster[];
}

/** Resolves what connecting takes. Says what is missing, sets the exit code and gives undefined if it cannot. */
export async function connect(
  context: CommandContext,
  opened: OpenProject,
  options: ConnectOptions,
): Promise<Connection | undefined> {
  const endpoints = await readOverrides(opened, options);
  if (!endpoints.ok) return refuse(context, endpoints.error);
  const overrides = endpoints.value;
  const secrets = systemSecrets(context.projectRoot(), process.env);
  const apis = new Map<string, PatroniApi>();
  const problems = new Set<string>();
  // Clusters without an access of their own share one object, and so one client.
  const shared = new Map<RestAccess, Result<PatroniApi, readonly string[]>>();
  for (const { resolved } of options.clusters) {
    const { rest } = resolved.project;
    const whose = { project: opened.project.rest, file: resolved.source.file };
    const opening = { overrides, options, whose };
    const api = shared.get(rest) ?? (await openApi(secrets, rest, opening));
    shared.set(rest, api);
    if (api.ok) apis.set(resolved.name, api.value);
    else for (const problem of api.error) problems.add(problem);
  }
  if (problems.size > 0) return refuse(context, [...problems]);
  return {
    api: apiPerCluster(apis),
    endpointsOf: (cluster) => endpointsOf(cluster, overrides),
  };
}

interface Opening {
  readonly overrides: Endpoints | undefined;
  readonly options: ConnectOptions;
  /** The project's own access, and the file of a cluster that has another one. */
  readonly whose: { readonly project: RestAccess; readonly file: string };
}

async function openApi(
  secrets: Secrets,
  rest: RestAccess,
  { overrides, options, whose }: Opening,
): Promise<Result<PatroniApi, readonly string[]>> {
  const wanted = wantedAccess(rest, overrides, options);
  const access = await resolveAccess(secrets, wanted, placeOfPart(rest, whose));
  if (!access.ok) return access;
  const tls = tlsOf(access.value, overrides);
  const whoNamesCa = overrides?.ca === undefined ? "the project" : (options.endpoints ?? "");
  const problems = tlsProblems(tls, whoNamesCa);
  if (problems.length > 0) return err(problems);
  const { user, password } = access.value;
  const { timeoutSeconds, allowPlainHttp } = rest;
  return ok(patroniApi({ ...tls, user, password, timeoutSeconds, allowPlainHttp }));
}

/** Sends each call with the credentials of the cluster that it is for. */
function apiPerCluster(apis: ReadonlyMap<string, PatroniApi>): PatroniApi {
  const apiOf = ({ cluster }: Endpoint): PatroniApi => {
    const api = apis.get(cluster);
    if (api === undefined) throw new Bug(`${cluster} was to be reached without credentials`);
    return api;
  };
  return {
    readConfig: async (endpoint) => apiOf(endpoint).readConfig(endpoint),
    readConfigAfresh: async (endpoint) => apiOf(endpoint).readConfigAfresh(endpoint),
    patchConfig: async (endpoint, patch) => apiOf(endpoint).patchConfig(endpoint, patch),
    readCluster: async (endpoint) => apiOf(endpoint).readCluster(endpoint),
    readStatus: async (endpoint) => apiOf(endpoint).readStatus(endpoint),
  };
}

function refuse(context: CommandContext, problems: readonly string[]): undefined {
  for (const problem of problems) context.out.progress(field(problem));
  context.setExitCode(EXIT_CODE.badInput);
  return undefined;
}

function tlsOf(
  { ca, clientCertificate, clientKey }: ResolvedAccess,
  endpoints: Endpoints | undefined,
): TlsFiles {
  return { ca: endpoints?.ca ?? ca, clientCertificate, clientKey };
}

async function readOverrides(
  opened: OpenProject,
  options: ConnectOptions,
): Promise<Result<Endpoints | undefined, readonly string[]>> {
  if (options.endpoints === undefined) return ok(undefined);
  const read = await readEndpointsFile(options.endpoints);
  if (!read.ok) return err([read.error]);
  const problems = endpointProblems(read.value, opened, options);
  return problems.length === 0 ? read : err(problems);
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

/** A name that nothing has is most likely a node that would else be reached at another address. */
function endpointProblems(
  { nodes }: Endpoints,
  { allClusters }: OpenProject,
  { endpoints: file = "", clusters }: ConnectOptions,
): readonly string[] {
  const known = new Set(allClusters.flatMap((cluster) => cluster.nodes.map(({ name }) => name)));
  const unknown = [...nodes.keys()].filter((name) => !known.has(name));
  const missing = clusters.flatMap((cluster) =>
    cluster.nodes.flatMap(({ name }) => (nodes.has(name) ? [] : [name])),
  );
  return [
    ...unknown.map((name) => {
      const meant = nearest(name, missing) ?? nearest(name, known);
      const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
      return `${file}: the project has no node ${name}${hint}`;
    }),
    ...(missing.length === 0 ? [] : [`${file}: there is no URL for ${missing.join(", ")}`]),
  ];
}

function endpointsOf(
  { nodes, resolved }: CompiledCluster,
  endpoints: Endpoints | undefined,
): readonly Endpoint[] {
  const { rest } = resolved.project;
  return nodes.map(({ name, address, restPort }) => {
    const url =
      endpoints === undefined
        ? `${rest.scheme}://${hostPort(address, restPort)}`
        : endpoints.nodes.get(name);
    if (url === undefined) throw new Bug(`${name} was to be reached without a URL`);
    return { cluster: resolved.name, node: name, url, certificateName: address };
  });
}
