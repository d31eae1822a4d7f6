import { request as requestHttp, type IncomingMessage } from "node:http";
import { Agent, request as requestHttps } from "node:https";
import { checkServerIdentity } from "node:tls";
import type { Endpoint, RestFailure } from "../core/ports.ts";
import { err, ok, type Result } from "../core/result.ts";

/** How nodes are reached, with the secrets in it: it lives in memory only and is never printed. */
export interface RestCredentials {
  /** PEM; undefined: the CAs that Node.js knows. */
  readonly ca: string | undefined;
  readonly clientCertificate: string | undefined;
  readonly clientKey: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly timeoutSeconds: number;
  /** Whether credentials may cross the network without TLS; to loopback they always may. */
  readonly allowPlainHttp: boolean;
}

/** One call: GETs carry no credentials, as Patroni asks for none. */
export interface RestCall {
  readonly method: "GET" | "PATCH";
  readonly path: string;
  readonly body?: string;
}

/** A status and the body's text. */
export interface RestAnswer {
  readonly status: number;
  readonly body: string;
}

const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** Makes calls within one deadline each, TLS verified against the node's own name, no redirects. */
export function restClient(
  credentials: RestCredentials,
): (endpoint: Endpoint, call: RestCall) => Promise<Result<RestAnswer, RestFailure>> {
  // A resumed TLS session is not checked against the node's name again: so none is resumed.
  const agent = new Agent({ keepAlive: false, maxCachedSessions: 0, ...tlsOptions(credentials) });
  return async (endpoint, call) => {
    try {
      const url = new URL(call.path, endpoint.url);
      if (
        call.method !== "GET" &&
        credentials.password !== undefined &&
        !maySendPassword(url, credentials)
      )
        return err({ kind: "tls", detail: "the password would cross the network in plain text" });
      return ok(await send(url, endpoint, call, { credentials, agent }));
    } catch (error) {
      return err(failureOf(error, credentials.timeoutSeconds));
    }
  };
}

function tlsOptions({ ca, clientCertificate, clientKey }: RestCredentials) {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(clientCertificate === undefined ? {} : { cert: clientCertificate }),
    ...(clientKey === undefined ? {} : { key: clientKey }),
  };
}

function maySendPassword(url: URL, { allowPlainHttp }: RestCredentials): boolean {
  if (url.protocol === "https:" || allowPlainHttp) return true;
  return ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
}

interface Connection {
  readonly credentials: RestCredentials;
  readonly agent: Agent;
}

async function send(
  url: URL,
  endpoint: Endpoint,
  call: RestCall,
  { credentials, agent }: Connection,
): Promise<RestAnswer> {
  const headers: Record<string, string> = { accept: "application/json", connection: "close" };
  if (call.body !== undefined) {
    headers["content-type"] = "application/json";
    headers["content-length"] = String(Buffer.byteLength(call.body));
  }
  if (call.method !== "GET" && credentials.user !== undefined && credentials.password !== undefined)
    headers["authorization"] =
      `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString("base64")}`;
  const options = {
    method: call.method,
    headers,
    signal: AbortSignal.timeout(timerMilliseconds(credentials.timeoutSeconds)),
  };
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    const onAnswer = (answer: IncomingMessage): void => {
      isAnswered = true;
      collect(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject);
    };
    const request =
      url.protocol === "https:"
        ? requestHttps(
            url,
            {
              ...options,
              agent,
              // A tunnel's end has another name than the node: the node's own name must be in the certificate.
              checkServerIdentity: (_host, certificate) =>
                checkServerIdentity(endpoint.certificateName, certificate),
            },
            onAnswer,
          )
        : requestHttp(url, { ...options, agent: false }, onAnswer);
    request.on("error", reject);
    // Whoever wants to speak another protocol now is no Patroni; nothing more is read from it.
    request.on("upgrade", (answer, socket) => {
      isAnswered = true;
      socket.destroy();
      resolve({ status: answer.statusCode ?? 0, body: "" });
    });
    request.on("close", () => {
      if (!isAnswered) reject(new Error("the connection was closed without an answer"));
    });
    request.end(call.body);
  });
}

/** A timer of Node.js that is longer than this ends at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The deadline of one call: never none, never longer than a timer holds. */
function timerMilliseconds(seconds: number): number {
  return Math.trunc(Math.min(Math.max(seconds * 1000, 1), LONGEST_TIMER));
}

async function collect(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size > MAX_ANSWER_BYTES) throw new RangeError("the answer is larger than 16 MiB");
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString("utf8");
}

const TLS_CODES = /^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|EPROTO|ERR_OSSL)/;

function failureOf(error: unknown, seconds: number): RestFailure {
  const name = error instanceof Error ? error.name : "";
  if (name === "AbortError" || name === "TimeoutError") return { kind: "timeout", seconds };
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ABORT_ERR") return { kind: "timeout", seconds };
  if (TLS_CODES.test(code)) return { kind: "tls", detail: tlsDetail(code) };
  if (code === "ECONNRESET")
    return {
      kind: "unreachable",
      detail: "it closed the connection without an answer; Patroni does so while its DCS is down",
    };
  return { kind: "unreachable", detail: code === "" ? "the connection failed" : code };
}

function tlsDetail(code: string): string {
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return "its certificate does not name the node's address";
  if (/ALERT|EPROTO/.test(code))
    return `it refused our TLS handshake (${code}); it may ask for a client certificate`;
  if (code === "CERT_HAS_EXPIRED") return "its certificate has expired";
  return `its certificate is not signed by the CA that the project names (${code})`;
}
