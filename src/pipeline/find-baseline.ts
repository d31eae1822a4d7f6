import { parse } from "yaml";
import { isJsonObject } from "../core/json.ts";
import type { ProjectFiles } from "../core/ports.ts";
import type { WantedDocument } from "../patroni/minimal-patch.ts";
import { wantedOf } from "../plan/plan-cluster.ts";
import { compileProject } from "./compile-project.ts";

/** What was wanted before the work at hand, so that a change can be told from drift. */
export interface Baseline {
  /** What it is, for people. */
  readonly name: string;
  readonly documents: ReadonlyMap<string, WantedDocument>;
}

/** What a commit of the project compiles to; undefined when no cluster of it compiles. */
export async function committedBaseline(committed: {
  readonly commit: string;
  readonly files: ProjectFiles;
}): Promise<Baseline | undefined> {
  const compiled = await compileProject(committed.files);
  const documents = new Map(
    compiled.clusters.map((cluster) => [cluster.resolved.name, wantedOf(cluster)]),
  );
  return documents.size === 0 ? undefined : { name: `commit ${committed.commit}`, documents };
}

/**
 * What stands in `rendered/`; undefined when nothing does: then a difference cannot be told to be a change
 * or drift. A file that cannot be read is no baseline for its cluster.
 */
export async function renderedBaseline(folder: ProjectFiles): Promise<Baseline | undefined> {
  const documents = new Map<string, WantedDocument>();
  for (const path of (await folder.list("rendered")).files) {
    const cluster = /^rendered\/([^/]+)\/dcs\.yaml$/.exec(path)?.[1];
    if (cluster === undefined) continue;
    const text = await folder.read(path);
    const values = text.ok ? parseMap(text.value) : undefined;
    if (values !== undefined) documents.set(cluster, { values, absent: [] });
  }
  return documents.size === 0 ? undefined : { name: "rendered/", documents };
}

function parseMap(text: string): WantedDocument["values"] | undefined {
  try {
    const value: unknown = parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // A rendered file that somebody broke is no baseline.
    return undefined;
  }
}
