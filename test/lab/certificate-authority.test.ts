import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type TLSSocket } from "node:tls";
import { expect, test } from "vitest";
import { createCertificateAuthority } from "../../src/adapters/certificate-authority.ts";

test("a certificate names its DNS names and addresses, and its authority vouches for it", async () => {
  const authority = await createCertificateAuthority("lab of orders");
  const { certificatePem } = await authority.issue({
    commonName: "orders-bj-1",
    names: ["orders-bj-1", "10.10.1.11", "fd00::11"],
  });
  const certificate = new X509Certificate(certificatePem);
  const ca = new X509Certificate(authority.caPem);
  expect(certificate.checkIP("10.10.1.11")).toBe("10.10.1.11");
  expect(certificate.checkIP("fd00::11")).toBe("fd00::11");
  expect(certificate.checkHost("orders-bj-1")).toBe("orders-bj-1");
  expect(certificate.checkIP("10.10.1.12")).toBeUndefined();
  expect(certificate.checkIssued(ca)).toBe(true);
  expect(certificate.verify(ca.publicKey)).toBe(true);
  expect([ca.ca, certificate.ca]).toEqual([true, false]);
});

test("a certificate without a common name has its names alone, and says that they matter", async () => {
  const authority = await createCertificateAuthority("lab of orders");
  const { certificatePem } = await authority.issue({ names: ["10.10.1.11"] });
  const certificate = new X509Certificate(certificatePem);
  expect(certificate.subject).toBeFalsy();
  expect(certificate.checkIP("10.10.1.11")).toBe("10.10.1.11");
  expect(certificate.verify(new X509Certificate(authority.caPem).publicKey)).toBe(true);
});

test("a server and a client that verify each other fully can talk", async () => {
  const authority = await createCertificateAuthority("lab of orders");
  const server = await authority.issue({ commonName: "a1", names: ["127.0.0.1"] });
  const client = await authority.issue({ commonName: "lab client", names: [], client: true });
  const options = { ca: authority.caPem, requestCert: true, rejectUnauthorized: true };
  const listener = createServer(
    { ...options, key: server.keyPem, cert: server.certificatePem },
    (socket) => socket.end(JSON.stringify(socket.getPeerCertificate().subject)),
  );
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const socket: TLSSocket = connect({
    host: "127.0.0.1",
    port,
    ca: authority.caPem,
    key: client.keyPem,
    cert: client.certificatePem,
  });
  const chunks: string[] = [];
  socket.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));
  await once(socket, "close");
  listener.close();
  expect(chunks.join("")).toBe(`{"CN":"lab client"}`);
  expect(socket.authorized).toBe(true);
});
