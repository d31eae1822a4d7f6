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
import {
  ALL_FITS,
  readPossibly,
  type Reading,
  type Readings,
  type Unfit,
} from "../intent/possible-readings.ts";
import { resolveCluster, type ResolvedCluster } from "../intent/resolve-cluster.ts";
import { resolveFollowers } from "../intent/resolve-followers.ts";
import { checkProject, resolveProject, type ResolvedProject } from "../intent/resolve-project.ts";
import { readSource, type Source } from "../intent/source.ts";
import type { Expressions } from "../policy/expression.ts";
import { loadTiers, type Tier } from "../policy/tier.ts";
import { certainErrors } from "./certain-errors.ts";
import { PROJECT_FILE } from "./list-clusters.ts";

/** What all clusters of a project share: what is usable of it, and everything that is wrong with it. */
export interface SharedProject {
  /**
   * What `quorate.yaml` says: one reading of it, and more where it holds values that do not fit; what follows from
   * some of these only says nothing. Empty when it cannot be read at all.
   */
  readonly projects: readonly ReadProject[];
  /** `quorate.yaml` as it is written; undefined when it is no YAML. */
  readonly written: Source | undefined;
  /** False when there is no `quorate.yaml`. */
  readonly isProject: boolean;
  readonly tiers: ReadonlyMap<string, Tier>;
  readonly found: readonly Diagnostic[];
  /** What is not known of `quorate.yaml`; undefined: every value has the form that it should have. */
  readonly unfit: Unfit | undefined;
}

/** `quorate.yaml`, and its text for what it says of all clusters. */
export interface ReadProject {
  readonly project: ResolvedProject;
  readonly source: Source;
}

/** Reads `quorate.yaml` and the tiers, and nothing of any cluster. */
export async function loadShared(
  files: ProjectFiles,
  expressions: Expressions,
): Promise<SharedProject> {
  const file = await files.read(PROJECT_FILE);
  const isProject = file.ok || file.error.kind !== "missing";
  const text = writtenSource(PROJECT_FILE, file);
  const { tiers, found: inTiers } = await loadTiers(files, expressions);
  if (!text.ok) {
    const found = [...text.error, ...inTiers];
    return { projects: [], written: undefined, isProject, tiers, found, unfit: ALL_FITS };
  }
  const { found, unfit, readings } = readPossibly(ProjectIntent, text.value, [...tiers.keys()]);
  const read = readings.map(({ intent, source, found: own }) => {
    const project = resolveProject(intent, source);
    const said = [
      ...own,
      ...checkProject(intent, project, source),
      ...checkProjectAccess(intent, project, source),
    ];
    return { project, source, said };
  });
  const isFit = found.length === 0;
  const said = isFit
    ? read.flatMap((one) => one.said)
    : certainErrors(read, (one) => one.said, unfit);
  return {
    projects: read,
    written: text.value,
    isProject,
    tiers,
    found: [...found, ...said, ...inTiers],
    unfit: isFit ? undefined : unfit,
  };
}

/** Reads one intent. Values that do not fit give further readings, as those of `quorate.yaml` do. */
export function readIntent(
  written: Result<Source, readonly Diagnostic[]>,
  { project, source: defaults }: ReadProject,
  tiers: Iterable<string>,
): Readings<ClusterIntent> {
  if (!written.ok) return { found: written.error, unfit: ALL_FITS, readings: [] };
  const source = layerSource(written.value, defaults, ["defaults"]);
  return readPossibly(ClusterIntent, source, [...tiers, ...project.dcs.keys()]);
}

/**
 * What does not fit in one intent where nothing can be told of the project. What its defaults give is not missing, be
 * they known or not.
 */
export function misfitsOf(
  file: string,
  written: Result<Source, readonly Diagnostic[]>,
  project: Source | undefined,
): readonly Diagnostic[] {
  if (!written.ok) return written.error;
  const source =
    project === undefined ? written.value : layerSource(written.value, project, ["defaults"]);
  const { found } = readPossibly(ClusterIntent, source, []);
  return found.filter(
    ({ rule, at }) => at.file === file && (project !== undefined || rule !== "QUO004"),
  );
}

/** One intent: the cluster that it names, and one more for each of its dr sites. */
export interface ResolvedIntent {
  readonly clusters: readonly ResolvedCluster[];
  readonly found: readonly Diagnostic[];
}

/** Resolves one intent, and checks what needs no tier. */
export function resolveIntent(
  { intent, source, found: misfits }: Reading<ClusterIntent>,
  { project }: ReadProject,
): ResolvedIntent {
  const dcs = findDcs(intent, source, project);
  const cluster = resolveCluster(intent, dcs.ok ? dcs.value : UNKNOWN_DCS, project, source);
  const followers = resolveFollowers(
    intent,
    cluster,
    (name = "") => project.dcs.get(name) ?? UNKNOWN_DCS,
  );
  const found = [
    ...misfits,
    ...(dcs.ok ? [] : dcs.error),
    ...checkCluster(intent, cluster),
    ...checkClusterAccess(intent, cluster),
    ...checkFollowers(intent, cluster, followers),
  ];
  return { clusters: [cluster, ...followers], found };
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

/** A file as it is written. `text` is what reading it gave: nothing else is read. */
export function writtenSource(
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
