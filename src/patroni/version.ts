import { err, ok, type Result } from "../core/result.ts";

/** A Patroni release: major, minor and, where it matters, the patch level (0 when not written). */
export interface PatroniVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** The release lines whose behaviour Quorate knows, oldest first. */
export const KNOWN_PATRONI_LINES = ["3.0", "3.1", "3.2", "3.3", "4.0", "4.1"] as const;

/**
 * Reads `4.1` or `4.1.5`. A line that Quorate does not know is a failure: what it would emit there
 * would be a hope.
 */
export function parsePatroniVersion(text: string): Result<PatroniVersion, string> {
  const match = /^(\d{1,2})\.(\d{1,2})(?:\.(\d{1,3}))?$/.exec(text);
  if (match === null) return err(`"${text}" is not a Patroni version`);
  const line = `${Number(match[1])}.${Number(match[2])}`;
  if (!KNOWN_PATRONI_LINES.some((known) => known === line))
    return err(`Patroni ${line} is not one of ${KNOWN_PATRONI_LINES.join(", ")}`);
  return ok({ major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3] ?? 0) });
}

/** Reads what a running Patroni says of itself, any release; undefined when it is no version. */
export function readRunningVersion(text: string): PatroniVersion | undefined {
  const match = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  if (match === null) return undefined;
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3] ?? 0) };
}

/** True when `version` is `floor` or newer. */
export function isAtLeast(version: PatroniVersion, floor: PatroniVersion): boolean {
  if (version.major !== floor.major) return version.major > floor.major;
  if (version.minor !== floor.minor) return version.minor > floor.minor;
  return version.patch >= floor.patch;
}

/**
 * The first release with the tag `failover_priority`, by which some nodes are preferred as leader.
 *
 * @see patroni docs/releases.rst, 3.2.0
 */
export const FIRST_WITH_FAILOVER_PRIORITY: PatroniVersion = { major: 3, minor: 2, patch: 0 };

/**
 * The first release with the tag `sync_priority`, by which the picked standbys are the preferred ones.
 *
 * @see patroni docs/releases.rst, 4.1.0, and patroni/tags.py:sync_priority at v4.1.5
 */
export const FIRST_WITH_SYNC_PRIORITY: PatroniVersion = { major: 4, minor: 1, patch: 0 };

/** Writes `4.1`, or `4.1.5` where a patch level was written. */
export function formatPatroniVersion(version: PatroniVersion): string {
  const line = `${version.major}.${version.minor}`;
  return version.patch === 0 ? line : `${line}.${version.patch}`;
}
