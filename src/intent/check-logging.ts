import type { Diagnostic } from "../core/diagnostic.ts";
import { formatBytes } from "../core/units.ts";
import { formatPatroniVersion, isAtLeast, type PatroniVersion } from "../patroni/version.ts";
import type { ResolvedCluster } from "./resolve-cluster.ts";

/** Smaller files would turn over within a loop or two of a busy node. */
const SMALLEST_FILE = 1024 ** 2;

/** Checks that every word of `logging` has an effect. Empty when nothing is wrong. */
export function checkLogging(cluster: ResolvedCluster): readonly Diagnostic[] {
  const { logging, source } = cluster;
  const found: Diagnostic[] = [];
  const add = (rule: string, key: string, message: string, hint: string): void => {
    found.push({ rule, severity: "error", message, at: source.atKey(["logging", key]), hint });
  };
  for (const [key, word, since] of NEWER) {
    if (logging[key] !== word || isAtLeast(cluster.patroni, since)) continue;
    const now = formatPatroniVersion(cluster.patroni);
    add(
      "QUO013",
      key,
      `Patroni ${now} does not know ${key}: ${word}, it came with ${formatPatroniVersion(since)}`,
      `raise patroni: once every member runs it, or remove ${key}`,
    );
  }
  if (logging.dir === undefined)
    for (const key of ["fileSize", "files"] as const)
      if (logging[key] !== undefined)
        add(
          "QUO055",
          key,
          `${key} has no effect: Patroni writes to no files`,
          "write dir, or remove it",
        );
  if (logging.fileSize !== undefined && logging.fileSize < SMALLEST_FILE)
    add(
      "QUO055",
      "fileSize",
      `fileSize is ${formatBytes(logging.fileSize)}: what happened before a failover would be gone in minutes`,
      "write 1MiB or more",
    );
  return found;
}

const NEWER: readonly (readonly ["format" | "quietHeartbeats", string | true, PatroniVersion])[] = [
  ["format", "json", { major: 3, minor: 3, patch: 0 }],
  ["quietHeartbeats", true, { major: 4, minor: 1, patch: 0 }],
];
