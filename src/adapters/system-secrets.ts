import { resolve } from "node:path";
import { fileFailureText, type Secrets } from "../core/ports.ts";
import { err, ok } from "../core/result.ts";
import { formatSecretReference } from "../core/secret-reference.ts";
import { readTextFile } from "./read-text-file.ts";

/** Secrets from the environment and from files; relative paths start at the project's folder. */
export function systemSecrets(root: string, environment: NodeJS.ProcessEnv): Secrets {
  return {
    resolve: async (reference) => {
      if (reference.kind === "env") {
        const value = environment[reference.name];
        if (value !== undefined && value !== "") return ok(value);
        return err(`${formatSecretReference(reference)} is not set`);
      }
      const text = await readTextFile(resolve(root, reference.path));
      if (text.ok) return ok(text.value.replace(/\r?\n$/, ""));
      return err(
        `${formatSecretReference(reference)} cannot be read (${fileFailureText(text.error)})`,
      );
    },
  };
}
