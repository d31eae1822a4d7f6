import { err, ok, type Result } from "./result.ts";

/** Where a secret is found when it is needed. The secret itself is never part of a project. */
export type SecretReference =
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "file"; readonly path: string };

/** Reads `env:NAME` or `file:PATH`. The failure never repeats the text, which may be a secret. */
export function parseSecretReference(text: string): Result<SecretReference, string> {
  const env = /^env:([A-Za-z_][A-Za-z0-9_]*)$/.exec(text);
  if (env?.[1] !== undefined) return ok({ kind: "env", name: env[1] });
  const file = /^file:(\S.*)$/.exec(text);
  if (file?.[1] !== undefined) return ok({ kind: "file", path: file[1] });
  return err("is a literal value, not a reference");
}

/** Writes a reference as it stands in a project file. */
export function formatSecretReference(reference: SecretReference): string {
  return reference.kind === "env" ? `env:${reference.name}` : `file:${reference.path}`;
}
