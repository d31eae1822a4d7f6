import { request as requestHttp, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { checkServerIdentity } from "node:tls";
import type { Json } from "../../src/core/json.ts";

/** A node's REST API as a test reaches it: perhaps through a tunnel, so that the URL's host says nothing. */
export interface RestTarget {
  readonly url: string;
  /** The address or name that the node's certificate must vouch for. */
  readonly certificateName: string;
}

/** A certificate and its key, both PEM. */
export interface ClientCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** What every request of a client shares. */
export interface RestClientOptions {
  readonly targets: ReadonlyMap<string, RestTarget>;
  readonly caPem?: string;
  readonly username: string;
  readonly password: string;
  /** The certificates that a call may show. */
  readonly certificates: {
    readonly own?: ClientCertificate;
    readonly stranger?: ClientCertificate;
  };
}

/** How one request differs from a plain one with everything right. */
export interface RestCall {
  /** Sent as JSON. */
  readonly body?: Json;
  /** Sent as it is. */
  readonly rawBody?: string;
  /** Leaves out `Content-Length`, and so the body. */
  readonly withoutLength?: true;
  /** `right` by default. `bearer` is right in everything but its kind. */
  readonly auth?: "none" | "wrong" | "bearer" | "right";
  /** `own` by default, where there is one. */
  readonly certificate?: "none" | "own" | "stranger";
}

/** What came back. `json` is undefined when the body is no JSON. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: unknown;
}

/** Sends requests to the nodes of a cluster. */
export interface RestClient {
  request(node: string, method: string, path: string, call?: RestCall): Promise<RestAnswer>;
}

const LIMIT_MS = 60_000;

/** Makes a client that verifies each node's certificate against the name that it is known by. */
export function createRestClient(options: RestClientOptions): RestClient {
  return {
    request(node, method, path, call = {}) {
      const target = options.targets.get(node);
      if (target === undefined) throw new Error(`no target for node ${node}`);
      return send(target, method, path, call, options);
    },
  };
}

function send(
  target: RestTarget,
  method: string,
  path: string,
  call: RestCall,
  options: RestClientOptions,
): Promise<RestAnswer> {
  const url = new URL(path, target.url);
  const body = call.rawBody ?? (call.body === undefined ? undefined : JSON.stringify(call.body));
  const shared = {
    method,
    headers: headersOf(call, body, options),
    agent: false,
    timeout: LIMIT_MS,
  };
  return new Promise((resolve, reject) => {
    const onResponse = (response: IncomingMessage): void => {
      readAnswer(response).then(resolve, reject);
    };
    const request =
      url.protocol === "http:"
        ? requestHttp(url, shared, onResponse)
        : requestHttps(url, { ...shared, ...tlsOf(target, call, options) }, onResponse);
    request.on("error", reject);
    request.on("timeout", () => request.destroy(new Error(`${method} ${path}: no answer`)));
    if (call.withoutLength === true) {
      request.removeHeader("content-length");
      request.removeHeader("transfer-encoding");
    }
    request.end(body);
  });
}

function headersOf(
  call: RestCall,
  body: string | undefined,
  { username, password }: RestClientOptions,
): Record<string, string> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers["content-length"] = String(Buffer.byteLength(body));
  const key = Buffer.from(`${username}:${password}`).toString("base64");
  const wrong = Buffer.from(`${username}:not-${password}`).toString("base64");
  const auth = call.auth ?? "right";
  if (auth === "right") headers["authorization"] = `Basic ${key}`;
  if (auth === "wrong") headers["authorization"] = `Basic ${wrong}`;
  if (auth === "bearer") headers["authorization"] = `Bearer ${key}`;
  return headers;
}

function tlsOf(
  target: RestTarget,
  call: RestCall,
  { caPem, certificates }: RestClientOptions,
): object {
  const kind = call.certificate ?? "own";
  const shown = kind === "none" ? undefined : certificates[kind];
  return {
    ...(caPem === undefined ? {} : { ca: caPem }),
    ...(shown === undefined ? {} : { cert: shown.certificatePem, key: shown.keyPem }),
    servername: "",
    checkServerIdentity: (_host: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
      checkServerIdentity(target.certificateName, certificate),
  };
}

async function readAnswer(response: IncomingMessage): Promise<RestAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    json: parseJson(text),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
