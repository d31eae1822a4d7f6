import { Command, InvalidArgumentError, Option } from "commander";
import { createCertificateAuthority } from "../adapters/certificate-authority.ts";
import { readTextFile } from "../adapters/read-text-file.ts";
import { EXIT_CODE } from "../core/exit-code.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import { fileFailureText, type Out } from "../core/ports.ts";
import { err, ok, type Result } from "../core/result.ts";
import { parseDuration, type Seconds } from "../core/units.ts";
import { mergePatch } from "../patroni/merge.ts";
import { field, printable } from "../report/value-text.ts";
import type {
  Credentials,
  SandboxCluster,
  SandboxEndpoint,
  SandboxTls,
  VerifyClient,
} from "../sandbox/sandbox-cluster.ts";
import { startSandbox } from "../sandbox/start-sandbox.ts";
import { SANDBOX_CA_NAME, writeSandboxFiles, type SandboxFiles } from "./sandbox-files.ts";

/** What the sandbox stands in for: clusters of a project, and how their REST API is reached. */
export interface SandboxProject {
  readonly clusters: readonly SandboxCluster[];
  readonly scheme: "http" | "https";
  readonly verifyClient: VerifyClient;
  /** The user and the password that unsafe calls need; none where absent. */
  readonly authentication?: Credentials;
}

/** A mistake of the user, for people to read. */
export interface SandboxMistake {
  readonly message: string;
  readonly hint?: string;
}

/** What the `sandbox` command needs from the command line around it. */
export interface SandboxCommandPorts {
  /** Compiles the project; no names means all of its clusters. */
  readonly loadSandbox: (
    clusters: readonly string[],
  ) => Promise<Result<SandboxProject, SandboxMistake>>;
  readonly out: Out;
  readonly setExitCode: (code: number) => void;
}

interface SandboxFlags {
  readonly endpoints: string;
  readonly loop?: number;
  readonly drift?: string;
  readonly timeLimit: Seconds;
}

/** Builds `quorate sandbox`. */
export function sandboxCommand(ports: SandboxCommandPorts): Command {
  return new Command("sandbox")
    .description("serve a stand-in for the REST API of every node, without root or PostgreSQL")
    .argument("[cluster...]", "the clusters to stand in for; all when none is named")
    .option("--endpoints <file>", "where to write the nodes' URLs", "sandbox-endpoints.json")
    .option("--loop <seconds>", "how often the stand-ins' HA loops run", readPace)
    .option("--drift <file>", "JSON: per cluster, a patch that somebody made by hand before")
    .addOption(
      new Option("--time-limit <duration>", "the sandbox ends by itself after this")
        .argParser(readDuration)
        .default(readDuration("1h"), "1h"),
    )
    .action(async (clusters: readonly string[], flags: SandboxFlags) => {
      const ready = await prepare(ports, clusters, flags);
      const served = ready.ok ? await serve(ports.out, ready.value, flags) : ready;
      if (served.ok) return;
      ports.out.progress(printable(served.error.message));
      if (served.error.hint !== undefined) ports.out.progress(`  hint: ${served.error.hint}`);
      ports.setExitCode(EXIT_CODE.badInput);
    });
}

async function prepare(
  ports: SandboxCommandPorts,
  names: readonly string[],
  { drift }: SandboxFlags,
): Promise<Result<SandboxProject, SandboxMistake>> {
  const project = await ports.loadSandbox(names);
  if (!project.ok) return project;
  const repeated = repeatedNode(project.value.clusters);
  if (repeated !== undefined)
    return err({
      message: `two clusters have a node ${repeated}, and the endpoints file goes by node`,
      hint: "name the clusters to stand in for, so that only one of them is there",
    });
  if (drift === undefined) return project;
  const patches = await readDrift(drift);
  if (!patches.ok) return err({ message: patches.error });
  return applyDrift(project.value, patches.value, drift);
}

/** Serves until someone ends it or the time is over, and leaves no file behind. */
async function serve(
  out: Out,
  project: SandboxProject,
  { endpoints: file, loop, timeLimit }: SandboxFlags,
): Promise<Result<undefined, SandboxMistake>> {
  const tls = project.scheme === "https" ? await createTls(project) : undefined;
  const sandbox = await startSandbox({
    clusters: project.clusters,
    now: () => new Date(),
    ...(tls === undefined ? {} : { tls: tls.options }),
    ...(project.authentication === undefined ? {} : { authentication: project.authentication }),
    ...(loop === undefined ? {} : { loopSeconds: loop }),
  });
  const end = endSignal(timeLimit);
  let files: SandboxFiles | undefined;
  try {
    const written = await writeSandboxFiles(file, sandbox.endpoints, tls?.caPem);
    if (!written.ok) return err({ message: written.error });
    files = written.value;
    for (const cluster of project.clusters) out.result(describeCluster(cluster, sandbox.endpoints));
    out.progress(
      `endpoints are in ${field(file)}; the sandbox ends with Ctrl-C or after ${timeLimit} s`,
    );
    out.progress(`${await end.over}: the sandbox ends`);
    return ok(undefined);
  } finally {
    end.dispose();
    await files?.remove();
    await sandbox.stop();
  }
}

async function createTls(
  project: SandboxProject,
): Promise<{ readonly caPem: string; readonly options: SandboxTls }> {
  const authority = await createCertificateAuthority(SANDBOX_CA_NAME);
  const options: SandboxTls = {
    caPem: authority.caPem,
    verifyClient: project.verifyClient,
    keyFor: ({ name, address }) =>
      authority.issue({ commonName: name, names: [address, "127.0.0.1", "localhost"] }),
  };
  return { caPem: authority.caPem, options };
}

function describeCluster(cluster: SandboxCluster, endpoints: readonly SandboxEndpoint[]): string {
  const nodes = endpoints.filter((endpoint) => endpoint.cluster === cluster.name).length;
  return `${cluster.name}: ${nodes} node${nodes === 1 ? "" : "s"}, Patroni ${cluster.patroniVersion}, PostgreSQL ${cluster.postgresMajor}`;
}

function repeatedNode(clusters: readonly SandboxCluster[]): string | undefined {
  const seen = new Set<string>();
  for (const { nodes } of clusters)
    for (const { name } of nodes) {
      if (seen.has(name)) return name;
      seen.add(name);
    }
  return undefined;
}

async function readDrift(file: string): Promise<Result<JsonObject, string>> {
  const text = await readTextFile(file);
  if (!text.ok) return err(`${field(file)} cannot be read (${fileFailureText(text.error)})`);
  try {
    const parsed: unknown = JSON.parse(text.value);
    if (isJsonObject(parsed)) return ok(parsed);
    return err(`${field(file)} is not a JSON object of patches by cluster`);
  } catch {
    return err(`${field(file)} cannot be read (it is not JSON)`);
  }
}

function applyDrift(
  project: SandboxProject,
  patches: JsonObject,
  file: string,
): Result<SandboxProject, SandboxMistake> {
  const clusters: SandboxCluster[] = [];
  for (const cluster of project.clusters) {
    const patch = patches[cluster.name] ?? {};
    if (!isJsonObject(patch))
      return err({ message: `${field(file)}: the patch of ${cluster.name} is no JSON object` });
    clusters.push({ ...cluster, config: mergePatch(cluster.config, patch).document });
  }
  const unknown = Object.keys(patches).find((name) =>
    clusters.every((cluster) => cluster.name !== name),
  );
  if (unknown !== undefined)
    return err({ message: `${field(file)}: the sandbox has no cluster ${field(unknown)}` });
  return ok({ ...project, clusters });
}

/** What ends the sandbox: a signal, or the end of its time. */
function endSignal(limit: Seconds): { readonly over: Promise<string>; dispose(): void } {
  const controller = new AbortController();
  const { signal } = controller;
  const timer = setTimeout(() => controller.abort("its time is over"), limit * 1000);
  const stop = (name: NodeJS.Signals): void => controller.abort(name);
  process.on("SIGINT", stop).on("SIGTERM", stop);
  return {
    over: new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve(String(signal.reason)), { once: true });
    }),
    dispose() {
      clearTimeout(timer);
      process.off("SIGINT", stop).off("SIGTERM", stop);
    },
  };
}

function readPace(text: string): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds >= 0.05 && seconds <= 3600) return seconds;
  throw new InvalidArgumentError("write seconds from 0.05 to 3600.");
}

/** A timer of Node.js holds 24 days at most. */
const LONGEST_SECONDS = 24 * 86_400;

function readDuration(text: string): Seconds {
  const duration = parseDuration(text);
  if (!duration.ok) throw new InvalidArgumentError(`${duration.error}: write 90s, 30m or 2h.`);
  if (duration.value === 0 || duration.value > LONGEST_SECONDS)
    throw new InvalidArgumentError("it must be longer than 0s and at most 24d.");
  return duration.value;
}
