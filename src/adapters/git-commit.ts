import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ProjectFiles } from "../core/ports.ts";
import { err, ok } from "../core/result.ts";

const run = promisify(execFile);

/** A project as a commit holds it. */
export interface CommittedProject {
  /** The commit's short name, for people. */
  readonly commit: string;
  readonly files: ProjectFiles;
}

/**
 * The project as it stands in a commit, read from git's objects without a checkout; undefined when the
 * folder is in no git work tree, the commit does not exist, or git is not installed.
 */
export async function committedProject(
  root: string,
  revision: string,
): Promise<CommittedProject | undefined> {
  const commit = await git(root, [
    "rev-parse",
    "--short",
    "--verify",
    "--quiet",
    `${revision}^{commit}`,
  ]);
  if (commit === undefined) return undefined;
  const name = commit.trim();
  return {
    commit: name,
    files: {
      read: async (path) => {
        const text = await git(root, ["show", `${name}:./${path}`]);
        return text === undefined ? err({ kind: "missing" }) : ok(text);
      },
      list: async (folder) => {
        const listed = await git(root, [
          "ls-tree",
          "-r",
          "-z",
          "--name-only",
          name,
          "--",
          `${folder}/`,
        ]);
        return (listed ?? "")
          .split("\0")
          .filter((path) => path !== "")
          .toSorted();
      },
    },
  };
}

async function git(root: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await run("git", ["-C", root, ...args], { maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch {
    // Every failure means the same to the caller: there is nothing to compare with.
    return undefined;
  }
}
