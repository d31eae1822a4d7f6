import { committedProject } from "../adapters/git-commit.ts";
import { projectFolder } from "../adapters/project-folder.ts";
import { findBaseline, type Baseline } from "../pipeline/find-baseline.ts";
import type { CommandContext } from "./command-context.ts";
import { connect, type Connection } from "./connect.ts";
import { openProject, type OpenProject } from "./open-project.ts";

/** The options that `plan` and `apply` share. */
export interface LiveOptions {
  readonly format: "human" | "json";
  readonly endpoints?: string;
  readonly since: string;
}

/** A compiled project, the way to its live clusters, and what it wanted before. */
export interface LiveProject {
  readonly opened: OpenProject;
  readonly connection: Connection;
  readonly baseline: Baseline | undefined;
}

/** Opens a project and its live side; undefined when it cannot, with the exit code set and the reason said. */
export async function openLive(
  context: CommandContext,
  names: readonly string[],
  { endpoints, since }: LiveOptions,
  withPassword: boolean,
): Promise<LiveProject | undefined> {
  const opened = await openProject(context, names);
  if (opened === undefined) return undefined;
  const options = { ...(endpoints === undefined ? {} : { endpoints }), withPassword };
  const connection = await connect(context, opened, options);
  if (connection === undefined) return undefined;
  const root = context.projectRoot();
  const baseline = await findBaseline(await committedProject(root, since), projectFolder(root));
  return { opened, connection, baseline };
}
