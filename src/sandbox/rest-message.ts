import type { IncomingHttpHeaders } from "node:http";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import { err, ok, type Result } from "../core/result.ts";

/** A request as the routes see it. */
export interface RestRequest {
  readonly method: string;
  /** Such as `/config`, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** True when the client showed a certificate that an accepted authority vouches for. */
  readonly hasClientCertificate: boolean;
  /** Where the client is. */
  readonly remoteAddress: string;
  /** The body as text. */
  readonly readBody: () => Promise<string>;
}

/** An answer. `isStatusOnly`: nothing but the status line, as a load balancer's check gets it. */
export interface RestReply {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly isStatusOnly?: true;
}

/** An answer in JSON. */
export function jsonReply(status: number, value: JsonObject | readonly JsonObject[]): RestReply {
  return { status, body: JSON.stringify(value), contentType: "application/json" };
}

/** An answer in a few words, which Patroni labels HTML. */
export function textReply(
  status: number,
  body: string,
  headers?: Readonly<Record<string, string>>,
): RestReply {
  return { status, body, contentType: "text/html", ...(headers === undefined ? {} : { headers }) };
}

/** The HTML page with which Python's `http.server` reports an error. */
export function errorPage(status: number, message: string): RestReply {
  const body = [
    "<!DOCTYPE HTML>",
    '<html lang="en">',
    `<head><title>Error response</title></head>`,
    `<body><h1>Error response</h1><p>Error code: ${status}</p><p>Message: ${message}.</p></body>`,
    "</html>\n",
  ].join("\n");
  return { status, body, contentType: "text/html;charset=utf-8" };
}

/** Nothing but a status line. */
export function statusOnly(status: number): RestReply {
  return { status, body: "", contentType: "", isStatusOnly: true };
}

/**
 * Reads the JSON object in a request's body. Without a length it answers 411; what is no JSON, no
 * object, or an empty object where one is needed, gets 400.
 *
 * @see patroni/api.py:RestApiHandler._read_json_content
 */
export async function readJsonBody(
  request: RestRequest,
  options: { readonly isOptional: boolean },
): Promise<Result<JsonObject, RestReply>> {
  const length = request.headers["content-length"];
  if (length === undefined)
    return options.isOptional ? ok({}) : err(errorPage(411, "Length Required"));
  const text = await request.readBody();
  if (text === "" && options.isOptional) return ok({});
  const parsed = parseJson(text);
  if (!isJsonObject(parsed)) return err(errorPage(400, "Bad Request"));
  if (!options.isOptional && Object.keys(parsed).length === 0)
    return err(errorPage(400, "Bad Request"));
  return ok(parsed);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
