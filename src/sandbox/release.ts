import { Bug } from "../core/bug.ts";
import {
  isAtLeast,
  KNOWN_PATRONI_LINES,
  parsePatroniVersion,
  type PatroniVersion,
} from "../patroni/version.ts";

/**
 * What changed between the releases of Patroni, as far as its REST API shows it.
 *
 * @see patroni/api.py, patroni/utils.py:cluster_as_json at 3.0.2, 4.0.7 and 4.1.5
 */
export interface Release {
  readonly version: PatroniVersion;
  /** All three numbers, as `GET /patroni` says them. */
  readonly text: string;
  /** The word for a node that takes writes: `master` before 4.0. */
  readonly primaryRole: "master" | "primary";
  /** The roles that `POST /restart` takes as a filter. */
  readonly restartRoles: readonly string[];
  /** `GET /cluster` says `streaming`, and `GET /patroni` has `replication_state`. */
  readonly showsReplicationState: boolean;
  /** `GET /cluster` says the scope and `GET /patroni` the node's name. */
  readonly showsScopeAndName: boolean;
  readonly showsPendingRestartReason: boolean;
  /** `GET /cluster` tells received from replayed WAL. */
  readonly showsLsnDetails: boolean;
  readonly adjustsTimeouts: boolean;
  /** A standby cluster ignores `synchronous_mode`. */
  readonly standbyClusterIsAsync: boolean;
  readonly knowsQuorumCommit: boolean;
  readonly knowsSyncPriority: boolean;
  readonly knowsFailoverPriority: boolean;
  readonly knowsNoStream: boolean;
  /** Setting a parameter back to what runs is a change, and so ends the wait for a restart for good. */
  readonly noticesReverts: boolean;
  /** Before, `wal_log_hints` was always on. */
  readonly hasTolerantParser: boolean;
}

/** The release that a bare line such as `4.1` stands for. */
const LATEST_PATCH: Readonly<Record<(typeof KNOWN_PATRONI_LINES)[number], number>> = {
  "3.0": 2,
  "3.1": 2,
  "3.2": 2,
  "3.3": 2,
  "4.0": 7,
  "4.1": 5,
};

/** Describes a release by its text. A line that Quorate does not know cannot get here. */
export function releaseOf(text: string): Release {
  const parsed = parsePatroniVersion(text);
  if (!parsed.ok) throw new Bug(parsed.error);
  const version = withPatch(parsed.value, /^\d+\.\d+$/.test(text));
  const since = (major: number, minor: number, patch = 0): boolean =>
    isAtLeast(version, { major, minor, patch });
  return {
    version,
    text: `${version.major}.${version.minor}.${version.patch}`,
    primaryRole: since(4, 0) ? "primary" : "master",
    restartRoles: since(4, 0)
      ? ["primary", "standby_leader", "replica"]
      : ["master", "primary", "replica"],
    showsReplicationState: since(3, 0, 4),
    showsScopeAndName: since(3, 2),
    showsPendingRestartReason: since(3, 3),
    showsLsnDetails: since(4, 1),
    adjustsTimeouts: since(3, 2),
    standbyClusterIsAsync: since(3, 2),
    knowsQuorumCommit: since(4, 0),
    knowsSyncPriority: since(4, 1),
    knowsFailoverPriority: since(3, 2),
    knowsNoStream: since(3, 3),
    noticesReverts: since(3, 3),
    hasTolerantParser: since(4, 0),
  };
}

function withPatch(version: PatroniVersion, isLine: boolean): PatroniVersion {
  if (!isLine) return version;
  const line = KNOWN_PATRONI_LINES.find((known) => known === `${version.major}.${version.minor}`);
  return { ...version, patch: line === undefined ? 0 : LATEST_PATCH[line] };
}
