import { committedProject } from "../adapters/git-commit.ts";
import { projectFolder } from "../adapters/project-folder.ts";
import { EXIT_CODE } from "../core/exit-code.ts";
import { err, ok, type Result } from "../core/result.ts";
import { committedBaseline, renderedBaseline, type Baseline } from "../pipeline/find-baseline.ts";
import { field } from "../report/value-text.ts";
import type { CommandContext } from "./command-context.ts";
import { connect, type Connection } from "./connect.ts";
import { openProject, type OpenProject } from "./open-project.ts";

/** The options that `plan` and `apply` share. */
export interface LiveOptions {
  readonly format: "human" | "json";
  readonly endpoints?: string;
  /** The commit that a person named; undefined: HEAD, or what is rendered where there is none. */
  readonly since?: string;
}

/** What a command is about to do to live clusters. */
export interface LiveUse {
  /** Whether it writes, and so needs the password. */
  readonly withPassword: boolean;
  /** The clusters of the plan at hand; undefined: all that were named. */
  readonly planned?: readonly string[];
}

/** A compiled project, the way to its live clusters, and what it wanted before. */
export interface LiveProject {
  readonly opened: OpenProject;
  readonly connection: Connection;
  readonly baseline: Baseline | undefined;
}

/** The text of `--since`, which has no default value: only a revision that a person named must exist. */
export const SINCE_DESCRIPTION =
  "the commit against which drift is told from change (default: HEAD)";

/** Opens a project and its live side; undefined when it cannot, with the exit code set and the reason said. */
export async function openLive(
  context: CommandContext,
  names: readonly string[],
  { endpoints, since }: LiveOptions,
  { withPassword, planned }: LiveUse,
): Promise<LiveProject | undefined> {
  const opened = await openProject(context, names);
  if (opened === undefined) return undefined;
  const baseline = await findBaseline(context.projectRoot(), since);
  if (!baseline.ok) {
    context.out.progress(`--since ${field(since ?? "")}: ${field(baseline.error)}`);
    context.setExitCode(EXIT_CODE.badInput);
    return undefined;
  }
  const connection = await connect(context, opened, {
    ...(endpoints === undefined ? {} : { endpoints }),
    withPassword,
    clusters: opened.clusters.filter(({ resolved }) => planned?.includes(resolved.name) ?? true),
  });
  if (connection === undefined) return undefined;
  return { opened, connection, baseline: baseline.value };
}

/** The baseline is a commit, or what is rendered; where a person named the commit, nothing else will do. */
async function findBaseline(
  root: string,
  since: string | undefined,
): Promise<Result<Baseline | undefined, string>> {
  const committed = await committedProject(root, since ?? "HEAD");
  const baseline = committed.ok ? await committedBaseline(committed.value) : undefined;
  if (baseline !== undefined) return ok(baseline);
  if (since === undefined) return ok(await renderedBaseline(projectFolder(root)));
  return err(committed.ok ? "no cluster of this project compiles there" : committed.error);
}
