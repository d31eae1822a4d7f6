import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Secrets } from "../core/ports.ts";
import { err, ok } from "../core/result.ts";
import { formatSecretReference } from "../core/secret-reference.ts";

/** Secrets from the environment and from files; relative paths start at the project's folder. */
export function systemSecrets(root: string, environment: NodeJS.ProcessEnv): Secrets {
  return {
    resolve: async (reference) => {
      if (reference.kind === "env") {
        const value = environment[reference.name];
        if (value !== undefined && value !== "") return ok(value);
        return err(`${formatSecretReference(reference)} is not set`);
      }
      try {
        return ok((await readFile(resolve(root, reference.path), "utf8")).replace(/\r?\n$/, ""));
      } catch (error) {
        const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
        return err(`${formatSecretReference(reference)} cannot be read (${code})`);
      }
    },
  };
}
