import { hasErrors, type Diagnostic } from "../core/diagnostic.ts";
import { nearest } from "../core/nearest.ts";
import { fileFailureText, type FileFailure, type ProjectFiles } from "../core/ports.ts";
import { err, ok, type Result } from "../core/result.ts";
import { checkClusterAccess, checkProjectAccess } from "../intent/check-access.ts";
import type { ResolvedDcs } from "../intent/dcs-intent.ts";
import { checkCluster } from "../intent/check-cluster.ts";
import { checkFollowers } from "../intent/check-followers.ts";
import { ClusterIntent } from "../intent/cluster-intent.ts";
import { ProjectIntent } from "../intent/project-intent.ts";
import { layerSource } from "../intent/layered-source.ts";
import { readAs } from "../intent/read-as.ts";
import { resolveCluster, type ResolvedCluster } from "../intent/resolve-cluster.ts";
import { resolveFollowers } from "../intent/resolve-followers.ts";
import { checkProject, resolveProject, type ResolvedProject } from "../intent/resolve-project.ts";
import { readSource, type Source } from "../intent/source.ts";
import { slotNameOf } from "../patroni/slot-name.ts";
import type { Expressions } from "../policy/expression.ts";
import { loadTiers, unreadableFolder, type Tier } from "../policy/tier.ts";

/** The file that makes a folder a project. */
export const PROJECT_FILE = "quorate.yaml";
const CLUSTER_FOLDER = "clusters";

/** A project that was read: what is usable of it, and everything that is wrong with it. */
export interface LoadedProject {
  readonly project: ResolvedProject;
  readonly clusters: readonly ResolvedCluster[];
  readonly tiers: ReadonlyMap<string, Tier>;
  readonly found: readonly Diagnostic[];
}

/**
 * Reads a whole project and reports everything that is wrong in all its files at once. Fails only when
 * `quorate.yaml` itself is missing or unusable; a broken cluster is left out and reported.
 */
export async function loadProject(
  files: ProjectFiles,
  expressions: Expressions,
): Promise<Result<LoadedProject, readonly Diagnostic[]>> {
  const project = await readProject(files);
  const { tiers, found: inTiers } = await loadTiers(files, expressions);
  if (!project.ok) return err([...project.error, ...inTiers]);
  const found: Diagnostic[] = [...project.value.found, ...inTiers];
  const clusters: ResolvedCluster[] = [];
  const listed = await files.list(CLUSTER_FOLDER);
  found.push(...listed.failures.map(({ path, failure }) => unreadableFolder(path, failure)));
  for (const file of listed.files) {
    if (!/\.ya?ml$/.test(file)) continue;
    const read = await readClusters(files, file, project.value);
    if (!read.ok) found.push(...read.error);
    else {
      clusters.push(...read.value.clusters);
      found.push(...read.value.found);
    }
  }
  found.push(...checkAcrossClusters(clusters));
  if (clusters.length === 0 && !hasErrors(found)) found.push(noClusters());
  return ok({ project: project.value.project, clusters, tiers, found });
}

async function readProject(files: ProjectFiles): Promise<
  Result<
    {
      readonly project: ResolvedProject;
      readonly source: Source;
      readonly found: readonly Diagnostic[];
    },
    readonly Diagnostic[]
  >
> {
  const source = await readFile(files, PROJECT_FILE);
  if (!source.ok) return source;
  const intent = readAs(ProjectIntent, source.value);
  if (!intent.ok) return intent;
  const project = resolveProject(intent.value, source.value);
  const found = [
    ...checkProject(intent.value, project, source.value),
    ...checkProjectAccess(intent.value, project, source.value),
  ];
  return ok({ project, source: source.value, found });
}

/** Reads one intent: the cluster that it names, and one more for each of its dr sites. */
async function readClusters(
  files: ProjectFiles,
  file: string,
  { project, source: defaults }: { readonly project: ResolvedProject; readonly source: Source },
): Promise<
  Result<
    { readonly clusters: readonly ResolvedCluster[]; readonly found: readonly Diagnostic[] },
    readonly Diagnostic[]
  >
> {
  const written = await readFile(files, file);
  if (!written.ok) return written;
  const source = layerSource(written.value, defaults, ["defaults"]);
  const intent = readAs(ClusterIntent, source);
  if (!intent.ok) return intent;
  const dcs = findDcs(intent.value, source, project);
  const cluster = resolveCluster(intent.value, dcs.ok ? dcs.value : UNKNOWN_DCS, project, source);
  const followers = resolveFollowers(
    intent.value,
    cluster,
    (name = "") => project.dcs.get(name) ?? UNKNOWN_DCS,
  );
  const found = [
    ...(dcs.ok ? [] : dcs.error),
    ...checkCluster(intent.value, cluster),
    ...checkClusterAccess(intent.value, cluster),
    ...checkFollowers(intent.value, cluster, followers),
  ];
  return ok({ clusters: [cluster, ...followers], found });
}

/** Stands in for a DCS that is not declared, so that the rest of the cluster is checked all the same. */
const UNKNOWN_DCS: ResolvedDcs = {
  name: "",
  kind: "etcd3",
  namespace: "/service/",
  voters: [],
  access: { tls: undefined, auth: undefined, allowPlainHttp: false },
};

function findDcs(
  intent: ClusterIntent,
  source: Source,
  project: ResolvedProject,
): Result<ResolvedDcs, readonly Diagnostic[]> {
  const names = [...project.dcs.keys()];
  const wanted = intent.dcs?.use ?? (names.length === 1 ? names[0] : undefined);
  const dcs = wanted === undefined ? undefined : project.dcs.get(wanted);
  if (dcs !== undefined) return ok(dcs);
  const suggestion = wanted === undefined ? undefined : nearest(wanted, names);
  return err([
    {
      rule: "QUO006",
      severity: "error",
      message:
        wanted === undefined
          ? `the project declares ${names.length} DCS, so the cluster must say which one it uses`
          : `the DCS ${wanted} is not declared in ${PROJECT_FILE}`,
      at: source.at(["dcs", "use"]),
      hint:
        suggestion === undefined
          ? `write dcs.use: one of ${names.join(", ")}`
          : `did you mean ${suggestion}?`,
    },
  ]);
}

async function readFile(
  files: ProjectFiles,
  file: string,
): Promise<Result<Source, readonly Diagnostic[]>> {
  const text = await files.read(file);
  if (text.ok) return readSource(file, text.value);
  if (file !== PROJECT_FILE || text.error.kind !== "missing")
    return err([unreadable(file, text.error)]);
  return err([
    {
      rule: "QUO009",
      severity: "error",
      message: `there is no ${PROJECT_FILE} here, so this is no Quorate project`,
      at: { file, line: 1, col: 1 },
      hint: "go to the project's folder, or name it with --project",
    },
  ]);
}

function unreadable(file: string, failure: FileFailure): Diagnostic {
  return {
    rule: "QUO001",
    severity: "error",
    message: `the file cannot be read (${fileFailureText(failure)})`,
    at: { file, line: 1, col: 1 },
    hint: "make it a readable text file",
  };
}

function noClusters(): Diagnostic {
  return {
    rule: "QUO009",
    severity: "error",
    message: `there is no cluster in ${CLUSTER_FOLDER}/`,
    at: { file: PROJECT_FILE, line: 1, col: 1 },
    hint: `write an intent file such as ${CLUSTER_FOLDER}/orders.yaml`,
  };
}

/** Names and addresses are unique in the project: PostgreSQL knows a standby by its member name only. */
function checkAcrossClusters(clusters: readonly ResolvedCluster[]): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const first = new Map<string, ResolvedCluster>();
  const places = new Map<string, { readonly at: Diagnostic["at"]; readonly text: string }>();
  for (const cluster of clusters) {
    const other = first.get(cluster.name);
    if (other !== undefined)
      found.push(
        duplicate(
          `two clusters are named ${cluster.name}`,
          cluster.source.at(cluster.namePath),
          other.source.at(other.namePath),
        ),
      );
    first.set(cluster.name, other ?? cluster);
    for (const { key, text, at } of identitiesOf(cluster)) {
      const before = places.get(key);
      if (before === undefined) places.set(key, { at, text });
      else
        found.push(
          duplicate(before.text === text ? text : `${text}, and ${before.text}`, at, before.at),
        );
    }
  }
  return found;
}

function identitiesOf(
  cluster: ResolvedCluster,
): readonly { readonly key: string; readonly text: string; readonly at: Diagnostic["at"] }[] {
  return cluster.nodes.flatMap((node) => {
    const at = (field: string): Diagnostic["at"] => cluster.source.at([...node.path, field]);
    const slot = slotNameOf(node.name);
    return [
      {
        key: `slot ${slot}`,
        text: `the member name ${node.name} is used twice (as slot ${slot})`,
        at: at("name"),
      },
      {
        key: `address ${node.address}`,
        text: `the address ${node.address} is used twice`,
        at: at("address"),
      },
    ];
  });
}

function duplicate(message: string, at: Diagnostic["at"], other: Diagnostic["at"]): Diagnostic {
  return {
    rule: "QUO005",
    severity: "error",
    message,
    at,
    hint: "give one of them its own",
    related: [{ at: other, message: "the other one" }],
  };
}
