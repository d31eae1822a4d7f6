import type { Secrets } from "../core/ports.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { SecretReference } from "../core/secret-reference.ts";
import type { UserName } from "../intent/resolve-project.ts";

/** What of a project's REST access is wanted; what is undefined is left out. */
export interface WantedAccess {
  readonly user?: UserName | undefined;
  readonly password?: SecretReference | undefined;
  readonly ca?: SecretReference | undefined;
  readonly clientCertificate?: SecretReference | undefined;
  readonly clientKey?: SecretReference | undefined;
}

/** The same, resolved: secrets, in memory only. */
export type ResolvedAccess = { readonly [Part in keyof WantedAccess]: string | undefined };

/** Resolves all references at once. The failure has a line for each one that cannot be resolved. */
export async function resolveAccess(
  secrets: Secrets,
  { user, ...references }: WantedAccess,
): Promise<Result<ResolvedAccess, readonly string[]>> {
  const problems: string[] = [];
  const resolved = new Map<string, string>();
  const all: readonly (readonly [string, SecretReference | undefined])[] = [
    ["user", user?.kind === "reference" ? user.reference : undefined],
    ...Object.entries(references),
  ];
  for (const [part, reference] of all) {
    if (reference === undefined) continue;
    const secret = await secrets.resolve(reference);
    if (secret.ok) resolved.set(part, secret.value);
    else problems.push(`quorate.yaml, rest.${part}: ${secret.error}`);
  }
  if (problems.length > 0) return err(problems);
  return ok({
    user: user?.kind === "literal" ? user.name : resolved.get("user"),
    password: resolved.get("password"),
    ca: resolved.get("ca"),
    clientCertificate: resolved.get("clientCertificate"),
    clientKey: resolved.get("clientKey"),
  });
}
