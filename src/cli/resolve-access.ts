import type { Secrets } from "../core/ports.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { SecretReference } from "../core/secret-reference.ts";
import type { RestAccess, UserName } from "../intent/resolve-access.ts";

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
  placeOf: (part: keyof WantedAccess) => string,
): Promise<Result<ResolvedAccess, readonly string[]>> {
  const problems: string[] = [];
  const resolved = new Map<string, string>();
  const all: readonly (readonly [keyof WantedAccess, SecretReference | undefined])[] = [
    ["user", user?.kind === "reference" ? user.reference : undefined],
    ["password", references.password],
    ["ca", references.ca],
    ["clientCertificate", references.clientCertificate],
    ["clientKey", references.clientKey],
  ];
  for (const [part, reference] of all) {
    if (reference === undefined) continue;
    const secret = await secrets.resolve(reference);
    if (secret.ok) resolved.set(part, secret.value);
    else problems.push(`${placeOf(part)}: ${secret.error}`);
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

/** Says where a part of a cluster's access is written: what it does not override is the project's own. */
export function placeOfPart(
  rest: RestAccess,
  { project, file }: { readonly project: RestAccess; readonly file: string },
): (part: keyof WantedAccess) => string {
  return (part) =>
    rest[part] === project[part] ? `quorate.yaml, rest.${part}` : `${file}, access.rest.${part}`;
}
