import type { Diagnostic } from "../core/diagnostic.ts";
import { nearest } from "../core/nearest.ts";
import type { FileFailure, ProjectFiles } from "../core/ports.ts";
import { err, ok, type Result } from "../core/result.ts";
import { unreadableFile } from "../core/unreadable.ts";
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
import type { Expressions } from "../policy/expression.ts";
import { loadTiers, type Tier } from "../policy/tier.ts";
import { PROJECT_FILE } from "./list-clusters.ts";

/** What all clusters of a project share: what is usable of it, and everything that is wrong with it. */
export interface SharedProject extends ReadProject {
  readonly tiers: ReadonlyMap<string, Tier>;
}

/**
 * Reads `quorate.yaml` and the tiers, and nothing of any cluster. Fails only when `quorate.yaml` itself is
 * missing or unusable.
 */
export async function loadShared(
  files: ProjectFiles,
  expressions: Expressions,
): Promise<Result<SharedProject, readonly Diagnostic[]>> {
  const project = await readProject(files);
  const { tiers, found } = await loadTiers(files, expressions);
  if (!project.ok) return err([...project.error, ...found]);
  return ok({ ...project.value, tiers, found: [...project.value.found, ...found] });
}

/** `quorate.yaml`, and its text for what it says of all clusters. */
interface ReadProject {
  readonly project: ResolvedProject;
  readonly source: Source;
  readonly found: readonly Diagnostic[];
}

async function readProject(
  files: ProjectFiles,
): Promise<Result<ReadProject, readonly Diagnostic[]>> {
  const source = sourceOf(PROJECT_FILE, await files.read(PROJECT_FILE));
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

/**
 * Reads one intent: the cluster that it names, and one more for each of its dr sites. `text` is what reading the
 * file gave: nothing else is read. Fails when nothing of it is usable.
 */
export function readClusters(
  file: string,
  text: Result<string, FileFailure>,
  { project, source: defaults }: SharedProject,
): Result<
  { readonly clusters: readonly ResolvedCluster[]; readonly found: readonly Diagnostic[] },
  readonly Diagnostic[]
> {
  const written = sourceOf(file, text);
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

function sourceOf(
  file: string,
  text: Result<string, FileFailure>,
): Result<Source, readonly Diagnostic[]> {
  if (text.ok) return readSource(file, text.value);
  if (file !== PROJECT_FILE || text.error.kind !== "missing")
    return err([unreadableFile(file, text.error)]);
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
