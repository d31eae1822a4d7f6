import { timingSafeEqual } from "node:crypto";
import { BlockList, isIPv4 } from "node:net";
import { textReply, type RestReply, type RestRequest } from "./rest-message.ts";
import type { Credentials, VerifyClient } from "./sandbox-cluster.ts";

/** What a caller of an unsafe method must show. */
export interface AccessRules {
  /** Networks from which unsafe methods are taken; none: from everywhere. */
  readonly allowlist: readonly string[];
  readonly scheme: "http" | "https";
  readonly verifyClient: VerifyClient;
  readonly authentication: Credentials | undefined;
}

/**
 * Refuses a caller of an unsafe method: first from an address that the allowlist does not hold (403), then
 * without a client's certificate where one is asked for (403), then without the right name and password
 * (401). Undefined when the caller may go on.
 *
 * @see patroni/api.py:RestApiServer.check_access
 */
export function refuseAccess(request: RestRequest, rules: AccessRules): RestReply | undefined {
  if (rules.allowlist.length > 0 && !isListed(request.remoteAddress, rules.allowlist))
    return textReply(403, "Access is denied");
  const needsCertificate = rules.scheme === "https" && rules.verifyClient !== "none";
  if (needsCertificate && !request.hasClientCertificate)
    return textReply(403, "client certificate required");
  const reason = refuseCredentials(request.headers.authorization, rules.authentication);
  if (reason === undefined) return undefined;
  return textReply(401, reason, { "WWW-Authenticate": 'Basic realm="Patroni"' });
}

function isListed(address: string, allowlist: readonly string[]): boolean {
  const networks = new BlockList();
  for (const network of allowlist) {
    const [base = "", bits] = network.split("/");
    networks.addSubnet(base, Number(bits), isIPv4(base) ? "ipv4" : "ipv6");
  }
  return networks.check(address, isIPv4(address) ? "ipv4" : "ipv6");
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
