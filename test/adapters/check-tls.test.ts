import { expect, test } from "vitest";
import { createCertificateAuthority } from "../../src/adapters/certificate-authority.ts";
import { tlsProblems } from "../../src/cli/check-tls.ts";

const authority = await createCertificateAuthority("test");
const one = await authority.issue({ commonName: "one", names: [], client: true });
const two = await authority.issue({ commonName: "two", names: [], client: true });
const GOOD = {
  ca: authority.caPem,
  clientCertificate: one.certificatePem,
  clientKey: one.keyPem,
};
const NONE = { ca: undefined, clientCertificate: undefined, clientKey: undefined };
const BROKEN = authority.caPem.replace(/\n[^-]{40}/, "\nAAAA");

function check(files: Partial<typeof GOOD>): readonly string[] {
  return tlsProblems({ ...GOOD, ...files }, "the project");
}

test("TLS files that can be used are no problem, and neither are none", () => {
  const bundle = `# two of them\n${authority.caPem}${one.certificatePem}`;
  for (const files of [NONE, GOOD, { ...GOOD, ca: bundle }])
    expect(tlsProblems(files, "the project")).toEqual([]);
});

test.each([
  ["", "e.json", "the CA that e.json names cannot be used: it is no PEM certificate"],
  [
    one.keyPem,
    "the project",
    "the CA that the project names cannot be used: it is no PEM certificate",
  ],
  [BROKEN, "the project", "the CA that the project names cannot be used: it is no PEM certificate"],
  [
    authority.caPem + BROKEN,
    "the project",
    "the CA that the project names cannot be used: it is no PEM certificate",
  ],
])("a CA that Node.js would take for none is refused %#", (ca, who, problem) => {
  expect(tlsProblems({ ...GOOD, ca }, who)).toEqual([problem]);
});

test("a client certificate and key are refused by their own name", () => {
  expect(check({ clientCertificate: "garbage" })).toEqual([
    "the client certificate that the project names cannot be used: it is no PEM certificate",
  ]);
  expect(check({ clientKey: "garbage" })).toEqual([
    "the client key that the project names cannot be used: it is no PEM key, or is encrypted",
  ]);
  expect(check({ clientKey: two.keyPem })).toEqual([
    "the client certificate and key that the project names do not belong together",
  ]);
});
