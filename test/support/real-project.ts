import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { edit } from "./memory-project.ts";

/** A project in a folder of its own, with the clusters of this repository as a test wants them. */
export interface RealProject {
  readonly root: string;
  /** Changes one piece of a file that must be there exactly once. */
  edit(path: string, from: string, to: string): void;
  remove(): void;
}

/** Copies this repository's project to a new folder that any user may read: PostgreSQL runs as another one. */
export function copyProject(clusters: readonly string[]): RealProject {
  const root = mkdtempSync(join(tmpdir(), "quorate-real-"));
  mkdirSync(join(root, "clusters"));
  for (const name of clusters) cpSync(`clusters/${name}.yaml`, join(root, `clusters/${name}.yaml`));
  cpSync("policies", join(root, "policies"), { recursive: true });
  cpSync("quorate.yaml", join(root, "quorate.yaml"));
  return {
    root,
    edit: (path, from, to) => {
      const file = join(root, path);
      writeFileSync(file, edit(readFileSync(file, "utf8"), from, to));
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** The built command line. */
export const BUNDLE = resolve("build/quorate.js");
