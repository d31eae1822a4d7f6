import { expect } from "vitest";
import type { RestCall } from "../support/rest-client.ts";
import { NO_CHANGE, type ContractCase, type ContractClient } from "./contract-client.ts";

const UNSAFE: readonly (readonly [method: string, path: string])[] = [
  ["PATCH", "/config"],
  ["PUT", "/config"],
  ["POST", "/reload"],
  ["POST", "/restart"],
  ["DELETE", "/restart"],
  ["POST", "/switchover"],
  ["DELETE", "/switchover"],
  ["POST", "/failover"],
  ["POST", "/reinitialize"],
];

/** Who may call what: Basic authentication, client certificates, and their order. */
export const ACCESS_CASES: readonly ContractCase[] = [
  {
    title: "reading needs no credentials, and no certificate unless every connection needs one",
    async run(client) {
      for (const path of ["/config", "/cluster", "/patroni", "/history", "/health", "/leader"]) {
        const answer = await client.request(first(client), "GET", path, {
          auth: "none",
          certificate: client.verifyClient === "required" ? "own" : "none",
        });
        expect({ path, isOpen: [200, 503].includes(answer.status) }).toEqual({
          path,
          isOpen: true,
        });
      }
    },
  },
  {
    title: "every unsafe method without a password gets 401 and is told how to authenticate",
    async run(client) {
      for (const [method, path] of UNSAFE) {
        const answer = await client.request(first(client), method, path, { auth: "none" });
        expect({ method, path, ...answer }).toMatchObject({
          method,
          path,
          status: 401,
          text: "no auth header received",
          headers: { "www-authenticate": 'Basic realm="Patroni"' },
        });
      }
    },
  },
  {
    title: "a wrong password, or the right one under another scheme, gets 401",
    async run(client) {
      for (const auth of ["wrong", "bearer"] as const)
        expect(await changeNothing(client, { auth })).toMatchObject({
          status: 401,
          text: "not authenticated",
          headers: { "www-authenticate": 'Basic realm="Patroni"' },
        });
    },
  },
  {
    title: "the password alone suffices where no client certificate is asked for",
    applies: (client) => client.verifyClient === "none",
    async run(client) {
      expect(await changeNothing(client, { certificate: "none" })).toMatchObject({ status: 200 });
    },
  },
  {
    title: "a certificate is asked for before the password, and both are needed",
    applies: (client) => client.verifyClient === "optional",
    async run(client) {
      for (const auth of ["none", "wrong", "right"] as const)
        expect(await changeNothing(client, { auth, certificate: "none" })).toMatchObject({
          status: 403,
          text: "client certificate required",
        });
      expect(await changeNothing(client, { auth: "none" })).toMatchObject({ status: 401 });
      expect(await changeNothing(client, {})).toMatchObject({ status: 200 });
    },
  },
  {
    title: "a certificate of another authority ends the connection, even for reading",
    applies: (client) => client.verifyClient !== "none",
    async run(client) {
      const stranger = client.request(first(client), "GET", "/config", { certificate: "stranger" });
      await expect(stranger).rejects.toThrow(TLS_REFUSAL);
    },
  },
  {
    title: "without a certificate there is no connection where every one needs it",
    applies: (client) => client.verifyClient === "required",
    async run(client) {
      const bare = client.request(first(client), "GET", "/health", { certificate: "none" });
      await expect(bare).rejects.toThrow(TLS_REFUSAL);
    },
  },
  {
    title: "a method that a path does not have gets 501 before anyone asks for a password",
    async run(client) {
      for (const [method, path] of [
        ["POST", "/config"],
        ["DELETE", "/config"],
        ["POST", "/nothing-here"],
        ["PUT", "/restart"],
        ["PATCH", "/cluster"],
      ] as const) {
        const answer = await client.request(first(client), method, path, { auth: "none" });
        expect({ method, path, status: answer.status }).toEqual({ method, path, status: 501 });
      }
    },
  },
];

/** What a caller meets whose address the allowlist does not hold. */
export const ALLOWLIST_CASES: readonly ContractCase[] = [
  {
    title: "an address outside of the allowlist may change nothing, whatever it shows",
    async run(client) {
      for (const [method, path] of UNSAFE)
        expect({
          method,
          path,
          ...(await client.request(first(client), method, path)),
        }).toMatchObject({ method, path, status: 403, text: "Access is denied" });
      // It is looked at first: neither a password nor, where it is optional, a certificate is asked for.
      const bare = { auth: "none", certificate: optionalCertificate(client) } as const;
      expect(await changeNothing(client, bare)).toMatchObject({
        status: 403,
        text: "Access is denied",
      });
      expect(await client.request(first(client), "POST", "/failsafe", { body: {} })).toMatchObject({
        status: 403,
        text: "Access is denied",
      });
    },
  },
  {
    title: "an address outside of the allowlist may read everything",
    async run(client) {
      for (const path of ["/config", "/cluster", "/patroni", "/health"]) {
        const answer = await client.request(first(client), "GET", path, { auth: "none" });
        expect({ path, isOpen: [200, 503].includes(answer.status) }).toEqual({
          path,
          isOpen: true,
        });
      }
    },
  },
];

function optionalCertificate({ verifyClient }: ContractClient): "own" | "none" {
  return verifyClient === "required" ? "own" : "none";
}

/** However the client sees it: an alert, or a connection that ends before an answer. */
export const TLS_REFUSAL = /alert|ECONNRESET|EPIPE|socket hang up|disconnected/i;

function first(client: ContractClient): string {
  return client.nodes[0] ?? "";
}

function changeNothing(
  client: ContractClient,
  call: RestCall,
): ReturnType<ContractClient["request"]> {
  return client.request(first(client), "PATCH", "/config", { body: NO_CHANGE, ...call });
}
