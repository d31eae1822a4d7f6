import type { Diagnostic } from "../core/diagnostic.ts";
import type { ProjectFiles } from "../core/ports.ts";
import { unreadableFolder } from "../core/unreadable.ts";

/** The file that makes a folder a project. */
export const PROJECT_FILE = "quorate.yaml";
const CLUSTER_FOLDER = "clusters";

/** The files that hold clusters. */
export interface ClusterListing {
  /** Sorted; every one must be read as a cluster. */
  readonly clusterFiles: readonly string[];
  /** Why there may be more. */
  readonly found: readonly Diagnostic[];
}

/** Finds the files that hold clusters. */
export async function listClusters(files: ProjectFiles): Promise<ClusterListing> {
  const listed = await files.list(CLUSTER_FOLDER);
  return {
    clusterFiles: listed.files.filter((file) => /\.ya?ml$/.test(file)),
    found: listed.failures.map(({ path, failure }) => unreadableFolder(path, failure)),
  };
}

/** The finding for a project in which nothing could be looked at: that is never a pass. */
export function noClusters(): Diagnostic {
  return {
    rule: "QUO009",
    severity: "error",
    message: `there is no cluster in ${CLUSTER_FOLDER}/`,
    at: { file: PROJECT_FILE, line: 1, col: 1 },
    hint: `write an intent file such as ${CLUSTER_FOLDER}/orders.yaml`,
  };
}
