import { timingSafeEqual } from "node:crypto";
import { textReply, type RestReply, type RestRequest } from "./rest-message.ts";
import type { Credentials, VerifyClient } from "./sandbox-cluster.ts";

/** What a caller of an unsafe method must show. */
export interface AccessRules {
  readonly scheme: "http" | "https";
  readonly verifyClient: VerifyClient;
  readonly authentication: Credentials | undefined;
}

/**
 * Refuses a caller of an unsafe method: first without a client's certificate where one is asked for
 * (403), then without the right name and password (401). Undefined when the caller may go on.
 *
 * @see patroni/api.py:RestApiServer.check_access
 */
export function refuseAccess(request: RestRequest, rules: AccessRules): RestReply | undefined {
  const needsCertificate = rules.scheme === "https" && rules.verifyClient !== "none";
  if (needsCertificate && !request.hasClientCertificate)
    return textReply(403, "client certificate required");
  const reason = refuseCredentials(request.headers.authorization, rules.authentication);
  if (reason === undefined) return undefined;
  return textReply(401, reason, { "WWW-Authenticate": 'Basic realm="Patroni"' });
}

function refuseCredentials(
  header: string | undefined,
  wanted: Credentials | undefined,
): string | undefined {
  if (wanted === undefined) return undefined;
  if (header === undefined) return "no auth header received";
  const key = Buffer.from(`${wanted.username}:${wanted.password}`, "utf8").toString("base64");
  return isSameText(header, `Basic ${key}`) ? undefined : "not authenticated";
}

function isSameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, "utf8"), Buffer.from(b, "utf8")];
  return left.length === right.length && timingSafeEqual(left, right);
}
