import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { compareText } from "../core/json.ts";
import type { FileListing, ProjectFiles } from "../core/ports.ts";
import { err, ok, type Result } from "../core/result.ts";
import { decodeUtf8, errorCode } from "./read-text-file.ts";

const run = promisify(execFile);

/** A project as a commit holds it. */
export interface CommittedProject {
  /** The commit's short name, for people. */
  readonly commit: string;
  readonly files: ProjectFiles;
}

/**
 * The project as it stands in a commit, read from git's objects without a checkout. The failure says why
 * there is none, for people: no git, no work tree, no such commit.
 */
export async function committedProject(
  root: string,
  revision: string,
): Promise<Result<CommittedProject, string>> {
  if (revision.startsWith("-")) return err("it is an option, not a revision");
  const inside = await git(root, ["rev-parse", "--is-inside-work-tree"]);
  if (!inside.ok) return inside;
  if (inside.value.toString("utf8").trim() !== "true") return err("this is no git work tree");
  const commit = await nameOf(root, revision, []);
  if (!commit.ok) return err("git knows no such commit");
  const short = await nameOf(root, commit.value, ["--short"]);
  return ok({
    commit: short.ok ? short.value : commit.value,
    files: filesOf(root, commit.value),
  });
}

function filesOf(root: string, commit: string): ProjectFiles {
  return {
    read: async (path) => {
      const bytes = await git(root, ["cat-file", "blob", `${commit}:./${path}`]);
      return bytes.ok ? decodeUtf8(bytes.value) : err({ kind: "missing" });
    },
    list: async (folder) => {
      const args = ["ls-tree", "-r", "-z", "--name-only", commit, "--", `${folder}/`];
      const names = await git(root, args);
      return names.ok ? listing(names.value) : unlisted(folder, names.error);
    },
  };
}

function listing(names: Buffer): FileListing {
  const files = names
    .toString("utf8")
    .split("\0")
    .filter((path) => path !== "");
  return { files: files.toSorted(compareText), failures: [] };
}

function unlisted(path: string, reason: string): FileListing {
  return { files: [], failures: [{ path, failure: { kind: "unreadable", reason } }] };
}

/** The name of a commit; options say in which form. */
async function nameOf(
  root: string,
  revision: string,
  options: readonly string[],
): Promise<Result<string, string>> {
  const name = await git(root, [
    "rev-parse",
    ...options,
    "--verify",
    "--end-of-options",
    `${revision}^{commit}`,
  ]);
  if (!name.ok) return name;
  const text = name.value.toString("utf8").trim();
  return /^[0-9a-f]{4,64}$/.test(text) ? ok(text) : err("git gave no name of a commit");
}

/** Runs git on the project's own repository, whatever the environment says of another one. */
async function git(root: string, args: readonly string[]): Promise<Result<Buffer, string>> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.toUpperCase().startsWith("GIT_")),
  );
  try {
    const { stdout } = await run("git", ["-C", root, ...args], {
      encoding: "buffer",
      maxBuffer: 64 * 1024 * 1024,
      env: { ...env, LC_ALL: "C" },
    });
    return ok(stdout);
  } catch (error) {
    return err(failureOf(error));
  }
}

/** What git itself says, in one line; it knows best, as when a repository belongs to somebody else. */
function failureOf(error: unknown): string {
  const code = errorCode(error);
  if (code === "ENOENT") return "git is not installed";
  const said = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
  const line = said.split("\n").find((text) => text.startsWith("fatal: "));
  if (line?.includes("not a git repository") === true) return "the project is in no git repository";
  return line?.slice("fatal: ".length) ?? `git failed (${code})`;
}
