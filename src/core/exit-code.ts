/**
 * What a command's exit code means. One table for every command; scripts and CI may rely on it.
 * `bug` is never a verdict about the user's files.
 */
export const EXIT_CODE = {
  done: 0,
  bug: 1,
  changesPresent: 2,
  findings: 3,
  badInput: 4,
  refused: 5,
  stalePlan: 6,
  partlyApplied: 7,
  notVerified: 8,
  usage: 64,
  interrupted: 130,
  terminated: 143,
} as const;

/** One of the numbers of {@link EXIT_CODE}. */
export type ExitCode = (typeof EXIT_CODE)[keyof typeof EXIT_CODE];
