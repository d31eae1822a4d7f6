import { createServer, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { patroniApi } from "../../src/adapters/patroni-api.ts";
import type { RestCredentials } from "../../src/adapters/rest-client.ts";
import { err, ok } from "../../src/core/result.ts";
import type { Endpoint } from "../../src/core/ports.ts";

const CREDENTIALS: RestCredentials = {
  ca: undefined,
  clientCertificate: undefined,
  clientKey: undefined,
  user: "quorate",
  password: "canary-5e1f",
  timeoutSeconds: 2,
  allowPlainHttp: true,
};
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A node that answers every request with these bytes, and then does something to the connection. */
async function nodeThatSays(
  bytes: string,
  then: (socket: Socket) => void = (socket) => socket.end(),
): Promise<Endpoint> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      socket.write(bytes);
      then(socket);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  ends.push(() => server.close());
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    cluster: "pay",
    node: "pay-1",
    url: `http://127.0.0.1:${port}`,
    certificateName: "127.0.0.1",
  };
}

function answer(status: string, body: string): string {
  return `HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

async function readNested(levels: number): Promise<object> {
  const body = `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
  return api().readConfig(await nodeThatSays(answer("200 OK", body)));
}

function api(changes: Partial<RestCredentials> = {}): ReturnType<typeof patroniApi> {
  return patroniApi({ ...CREDENTIALS, ...changes });
}

test("a node that switches protocols gives a bad answer at once", async () => {
  const node = await nodeThatSays(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n",
    () => undefined,
  );
  expect(await api().readConfig(node)).toEqual(
    err({ kind: "bad-answer", status: 101, detail: "expected 200" }),
  );
});

test.each([
  ["nothing", ""],
  ["half a status", "HTTP/1.1 2"],
  ["only an interim answer", "HTTP/1.1 100 Continue\r\n\r\n"],
  ["half a body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"],
])("a node that closes the connection after %s is a failure", async (_what, bytes) => {
  for (const end of [(socket: Socket) => socket.end(), (socket: Socket) => socket.destroy()])
    expect(await api().readConfig(await nodeThatSays(bytes, end))).toMatchObject({
      ok: false,
      error: { kind: "unreachable" },
    });
});

test("a deadline of years and one of none are deadlines that a timer holds", async () => {
  const node = await nodeThatSays(answer("200 OK", '{"ttl":30}'));
  for (const timeoutSeconds of [3_000_000, 1e12, Number.POSITIVE_INFINITY])
    expect(await api({ timeoutSeconds }).readConfig(node)).toEqual(ok({ ttl: 30 }));
  const silent = await nodeThatSays("", () => undefined);
  for (const timeoutSeconds of [0, -1])
    expect(await api({ timeoutSeconds }).readConfig(silent)).toEqual(
      err({ kind: "timeout", seconds: timeoutSeconds }),
    );
});

test("a URL that is none is a node that cannot be reached", async () => {
  const node = { cluster: "pay", node: "pay-1", url: "http://[::1", certificateName: "x" };
  expect(await api().readConfig(node)).toMatchObject({ error: { kind: "unreachable" } });
});

test.each([
  ["401 Unauthorized", "not authenticated", "not authenticated"],
  ["401 Unauthorized", "no auth header received", "no auth header received"],
  ["403 Forbidden", "client certificate required", "client certificate required"],
  ["403 Forbidden", "Access is denied", "Access is denied"],
  ["401 Unauthorized", "you sent quorate:canary-5e1f", ""],
  ["403 Forbidden", "not authenticated as canary-5e1f", ""],
])("of a refusal only Patroni's own words are repeated: %s %s", async (status, body, detail) => {
  const refused = await api().patchConfig(await nodeThatSays(answer(status, body)), { ttl: 1 });
  expect(refused).toEqual(
    err({ kind: "unauthorized", status: Number(status.slice(0, 3)), detail }),
  );
});

test("an answer that nests too deep is a bad one, however deep", async () => {
  expect(await readNested(64)).toMatchObject({ ok: true });
  for (const levels of [65, 200_000])
    expect(await readNested(levels), String(levels)).toEqual(
      err({
        kind: "bad-answer",
        status: 200,
        detail: "the body is nested deeper than 64 levels",
      }),
    );
});
