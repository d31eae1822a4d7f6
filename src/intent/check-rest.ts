import type { Diagnostic } from "../core/diagnostic.ts";
import { isEveryAddress } from "../core/ip.ts";
import type { Section } from "./access-section.ts";
import type { RestAccess } from "./resolve-access.ts";
import type { NodeDefaults } from "./resolve-project.ts";
import type { SourcePath } from "./source-offset.ts";

/** Checks how the REST API is reached. Empty when Quorate and the nodes can, and nobody else may. */
export function checkRest(
  rest: RestAccess,
  nodeTls: NodeDefaults["tls"],
  { name, at }: Section,
): readonly Diagnostic[] {
  const wrong: readonly (readonly [boolean, string, SourcePath, string, string])[] = [
    [
      rest.scheme === "https" && nodeTls === undefined,
      "QUO015",
      ["scheme"],
      "the REST API is to be reached over https, but the nodes have no TLS files",
      "add nodes.tls with certificate, key and ca",
    ],
    [
      rest.scheme === "http" && rest.password !== undefined && !rest.allowPlainHttp,
      "QUO015",
      ["scheme"],
      "the password would cross the network in plain text",
      "use scheme: https, or write allowPlainHttp: true if you know why",
    ],
    [
      rest.password === undefined && rest.verifyClient === "none",
      "QUO015",
      [],
      "anyone who reaches a node's REST API could change its configuration",
      `add ${name}.user and ${name}.password, or ${name}.verifyClient with a client certificate`,
    ],
    [
      (rest.user === undefined) !== (rest.password === undefined),
      "QUO004",
      rest.user === undefined ? ["password"] : ["user"],
      "user and password belong together, one of them is missing",
      "write both; password as env:NAME or file:/path",
    ],
    [
      (rest.clientCertificate === undefined) !== (rest.clientKey === undefined),
      "QUO004",
      rest.clientKey === undefined ? ["clientCertificate"] : ["clientKey"],
      "clientCertificate and clientKey belong together, one of them is missing",
      "write both, as env:NAME or file:/path",
    ],
    [
      rest.verifyClient !== "none" && rest.clientCertificate === undefined,
      "QUO004",
      ["verifyClient"],
      "the nodes ask for a client certificate, but Quorate has none",
      `add ${name}.clientCertificate and ${name}.clientKey`,
    ],
    [
      rest.verifyClient !== "none" && rest.scheme === "http",
      "QUO015",
      ["verifyClient"],
      "client certificates exist only with TLS, but the scheme is http",
      "use scheme: https",
    ],
  ];
  const found = wrong.flatMap(([isWrong, rule, path, message, hint]): Diagnostic[] =>
    isWrong ? [{ rule, severity: "error", message, at: at(path), hint }] : [],
  );
  return [...found, ...checkAllowlist(rest, at)];
}

/** The compiler adds the members: what can be missing is the place where Quorate itself runs. */
function checkAllowlist({ allowlist }: RestAccess, at: Section["at"]): readonly Diagnostic[] {
  if (allowlist === undefined) return [];
  if (allowlist.length === 0)
    return [
      {
        rule: "QUO030",
        severity: "error",
        message: "the allowlist holds the members alone, so Quorate could not apply anything",
        at: at(["allowlist"]),
        hint: "name the network in which quorate apply runs",
      },
    ];
  return allowlist.flatMap((network, index): Diagnostic[] => {
    if (!isEveryAddress(network)) return [];
    return [
      {
        rule: "QUO030",
        severity: "warn",
        message: `the allowlist holds ${network}, which is everyone`,
        at: at(["allowlist", index]),
        hint: "name the network in which quorate apply runs, or leave the allowlist out",
      },
    ];
  });
}
