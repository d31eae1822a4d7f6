import { createServer } from "node:https";
import { afterAll, expect, test } from "vitest";
import { createCertificateAuthority } from "../../src/adapters/certificate-authority.ts";
import { patroniApi } from "../../src/adapters/patroni-api.ts";

const authority = await createCertificateAuthority("test");
const issued = await authority.issue({ commonName: "pay-1", names: ["10.1.1.1"] });
const server = createServer(
  { cert: issued.certificatePem, key: issued.keyPem },
  (_request, reply) => {
    reply.end('{"ttl":30}');
  },
);
await new Promise<void>((resolve) => {
  server.listen(0, "127.0.0.1", resolve);
});
afterAll(() => server.close());

test("every call checks the certificate against the node's own name, also after one that fitted", async () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const api = patroniApi({
    ca: authority.caPem,
    clientCertificate: undefined,
    clientKey: undefined,
    user: undefined,
    password: undefined,
    timeoutSeconds: 2,
    allowPlainHttp: false,
  });
  const read = (certificateName: string): ReturnType<typeof api.readConfig> =>
    api.readConfig({
      cluster: "pay",
      node: "pay-1",
      url: `https://127.0.0.1:${port}`,
      certificateName,
    });
  for (let call = 0; call < 3; call += 1) {
    expect(await read("10.1.1.1")).toMatchObject({ ok: true });
    expect(await read("10.1.1.2")).toMatchObject({ ok: false, error: { kind: "tls" } });
  }
});
