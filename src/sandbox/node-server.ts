import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { TLSSocket } from "node:tls";
import { Bug } from "../core/bug.ts";
import type { RestReply, RestRequest } from "./rest-message.ts";
import { answer, type RouteContext } from "./routes.ts";
import type { SandboxTls } from "./sandbox-cluster.ts";

/** A node's listening server. */
export interface NodeServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

const HOST = "127.0.0.1";
const LONGEST_BODY_BYTES = 4 * 1024 * 1024;

/** Listens on a free port of 127.0.0.1 and answers for one node. */
export async function listenForNode(
  context: RouteContext,
  tls: SandboxTls | undefined,
): Promise<NodeServer> {
  const server = await createNodeServer(context, tls);
  server.listen(0, HOST);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Bug("a server has no port");
  return {
    url: `${context.scheme}://${HOST}:${address.port}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function createNodeServer(
  context: RouteContext,
  tls: SandboxTls | undefined,
): Promise<Server> {
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    void respond(request, response, context);
  };
  if (tls === undefined) return createServer(onRequest);
  const { certificatePem, keyPem } = await tls.keyFor(context.standIn.node);
  const asks = context.verifyClient !== "none";
  const server = createTlsServer(
    {
      cert: certificatePem,
      key: keyPem,
      ca: context.clientCaPem ?? tls.caPem,
      requestCert: asks,
      rejectUnauthorized: asks && context.verifyClient === "required",
    },
    onRequest,
  );
  server.on("secureConnection", refuseStranger);
  return server;
}

/** A certificate of another authority ends the connection, even where none is needed. */
function refuseStranger(socket: TLSSocket): void {
  const hasCertificate = Object.keys(socket.getPeerCertificate()).length > 0;
  if (hasCertificate && !socket.authorized) socket.destroy();
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  context: RouteContext,
): Promise<void> {
  const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
  const reply = await answer(
    {
      method: request.method ?? "GET",
      path,
      query: new URLSearchParams(query),
      headers: request.headers,
      hasClientCertificate: request.socket instanceof TLSSocket && request.socket.authorized,
      remoteAddress: request.socket.remoteAddress ?? "",
      readBody: () => readText(request),
    } satisfies RestRequest,
    context,
  );
  send(response, reply);
}

/** Gives an empty text when the client goes away or sends more than any document needs. */
function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= LONGEST_BODY_BYTES) chunks.push(chunk);
    });
    request.on("end", () => {
      resolve(size > LONGEST_BODY_BYTES ? "" : Buffer.concat(chunks).toString("utf8"));
    });
    request.on("error", () => resolve(""));
  });
}

/** One answer per connection, as Python's HTTP/1.0 server gives. */
function send(response: ServerResponse, reply: RestReply): void {
  response.statusCode = reply.status;
  response.setHeader("Connection", "close");
  if (reply.isStatusOnly === true) response.sendDate = false;
  else response.setHeader("Content-Type", reply.contentType);
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  response.end(reply.body);
}
