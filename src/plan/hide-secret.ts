import { digestOf, shortDigest } from "../core/digest.ts";
import { canonicalJson, isJsonObject, type Json } from "../core/json.ts";
import { isSecretName, looksSecret } from "../core/looks-secret.ts";
import { postgresParameterRows } from "../postgres/parameter.ts";

/**
 * Gives a live value as it may be shown and stored. Somebody else wrote it, so whatever looks like a
 * secret, and every free text, is replaced by its digest: enough to see that two values differ.
 */
export function hideSecret(path: readonly string[], value: Json): Json {
  return isHidden(path, value) ? hidden(value) : value;
}

function isHidden(path: readonly string[], value: Json): boolean {
  return (
    path.some((key) => isSecretName(key)) ||
    looksSecret(canonicalJson(value)) ||
    isFreeText(path, value)
  );
}

function hidden(value: Json): string {
  return `(hidden, digest ${shortDigest(digestOf(value))})`;
}

/** Commands, connection strings and what belongs to extensions: text that may hold anything. */
function isFreeText(path: readonly string[], value: Json): boolean {
  if (["postgresql.pg_hba", "postgresql.pg_ident"].includes(path.join("."))) return false;
  if (isJsonObject(value) || Array.isArray(value)) return true;
  if (path[0] === "standby_cluster") return path[1]?.endsWith("_command") === true;
  if (typeof value !== "string" || path[1] !== "parameters") return false;
  const rows = postgresParameterRows(path.at(-1) ?? "");
  return rows.length === 0 || (rows.some(({ type }) => type === "string") && /\s/.test(value));
}

/** The same for a value that Patroni gives as text, with the name of the parameter that it is of. */
export function hideSecretText(parameter: string, value: string): string {
  return isHidden(["postgresql", "parameters", parameter], value) ? hidden(value) : value;
}
