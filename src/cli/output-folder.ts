import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { isOutside } from "../adapters/project-folder.ts";
import { errorCode } from "../adapters/read-text-file.ts";
import { err, ok, type Result } from "../core/result.ts";

/** The folders of a project that hold what people wrote. */
const SOURCE_FOLDERS = ["clusters", "policies"];

/** Where compiled files go, as the command line says. */
export interface WantedOutput {
  readonly out: string;
  /** Whether a person named it, and so answers for where a link leads. */
  readonly isExplicit: boolean;
}

/**
 * Finds the real folder that compiled files go to. Refused are the project's own folder, the folders of
 * what people wrote, and a link out of the project that nobody named. The failure says which.
 */
export async function findOutputFolder(
  root: string,
  { out, isExplicit }: WantedOutput,
): Promise<Result<string, string>> {
  const folder = resolve(root, out);
  try {
    const [realRoot, real] = [await realpath(root), await realFolder(folder)];
    const problem = sourceProblem(root, folder) ?? sourceProblem(realRoot, real);
    if (problem !== undefined) return err(problem);
    if (!isExplicit && isOutside(realRoot, real))
      return err("it is a link that leads out of the project; name its target with --out");
    const entry = await stat(real).catch(() => undefined);
    return entry?.isDirectory() === false ? err("it is no folder") : ok(real);
  } catch (error) {
    const code = errorCode(error);
    return err(code === "ENOTDIR" ? "it is no folder" : code);
  }
}

function sourceProblem(root: string, folder: string): string | undefined {
  if (folder === root) return "it is the project's own folder";
  const source = SOURCE_FOLDERS.find((name) => !isOutside(join(root, name), folder));
  return source === undefined ? undefined : `${source}/ holds what people write`;
}

/** The real path of a folder, or what it will be once it is made. */
async function realFolder(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (error) {
    const parent = dirname(folder);
    if (errorCode(error) !== "ENOENT" || parent === folder) throw error;
    return join(await realFolder(parent), basename(folder));
  }
}
