import { expect, test } from "vitest";
import { failureText } from "../../src/report/verdict-report.ts";

test.each([
  [
    "Access is denied",
    403,
    "takes no changes from this address, which is not in rest.allowlist (403: Access is denied)",
  ],
  [
    "client certificate required",
    403,
    "asks for a client certificate, and got none (403: client certificate required)",
  ],
  ["not authenticated", 401, "refused our credentials (401: not authenticated)"],
  ["", 403, "refused our credentials (403)"],
])("the refusal %j says what to look at", (detail, status, text) => {
  const failure = { kind: "unauthorized", status, detail } as const;
  expect(failureText({ node: "a", call: "PATCH /config", failure })).toBe(
    `a: PATCH /config: ${text}`,
  );
});
