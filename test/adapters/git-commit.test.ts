import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { committedProject } from "../../src/adapters/git-commit.ts";
import { err, ok } from "../../src/core/result.ts";
import { scratchFolder } from "./scratch.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

function git(root: string, ...args: readonly string[]): string {
  const who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
  return execFileSync("git", ["-C", root, ...who, ...args], { encoding: "utf8" }).trim();
}

/** A repository whose folder `project` is committed once, and then changed. */
function repository(text: string | Uint8Array = "first"): string {
  const root = scratchFolder({ "project/clusters/a.yaml": text, "project/clusters/é.yaml": "" });
  git(root, "init", "--quiet");
  git(root, "add", ".");
  git(root, "commit", "--quiet", "-m", "first");
  git(root, "tag", "v1");
  return join(root, "project");
}

test("a commit's files are read and listed relative to the project", async () => {
  const root = repository();
  const committed = await committedProject(root, "v1");
  if (!committed.ok) throw new Error(committed.error);
  const { commit, files } = committed.value;
  expect(commit).toBe(git(root, "rev-parse", "--short", "HEAD"));
  expect(await files.list("clusters")).toEqual({
    files: ["clusters/a.yaml", "clusters/é.yaml"],
    failures: [],
  });
  expect(await files.list("policies/tiers")).toEqual({ files: [], failures: [] });
  expect(await files.read("clusters/a.yaml")).toEqual(ok("first"));
  expect(await files.read("clusters/none.yaml")).toEqual(err({ kind: "missing" }));
});

test("a file that is no UTF-8 is not read as something else", async () => {
  const committed = await committedProject(repository(Buffer.from([0x66, 0xff])), "HEAD");
  expect(committed.ok && (await committed.value.files.read("clusters/a.yaml"))).toEqual(
    err({ kind: "unreadable", reason: "it is not UTF-8" }),
  );
});

test.each([
  ["v2", "git knows no such commit"],
  ["", "git knows no such commit"],
  ["HEAD^{tree}", "git knows no such commit"],
  ["HEAD:project/clusters/a.yaml", "git knows no such commit"],
  ["HEAD..HEAD", "git knows no such commit"],
  ["^HEAD", "git knows no such commit"],
  ["--help", "it is an option, not a revision"],
  ["-", "it is an option, not a revision"],
])("what is no commit is refused with the reason: %s", async (revision, reason) => {
  expect(await committedProject(repository(), revision)).toEqual(err(reason));
});

test("a folder in no repository has no commits", async () => {
  expect(await committedProject(scratchFolder(), "HEAD")).toEqual(
    err("the project is in no git repository"),
  );
});

test("the environment leads to no other repository", async () => {
  const root = repository();
  const other = repository("other");
  vi.stubEnv("GIT_DIR", join(other, "../.git"));
  vi.stubEnv("GIT_WORK_TREE", join(other, ".."));
  const committed = await committedProject(root, "HEAD");
  expect(committed.ok && (await committed.value.files.read("clusters/a.yaml"))).toEqual(
    ok("first"),
  );
});
