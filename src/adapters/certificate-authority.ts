import { KeyObject, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import type * as X509 from "@peculiar/x509";

/** What a certificate is to be good for, and the names that it vouches for. */
export interface CertificateRequest {
  /** Absent: a certificate without a subject, known by its names alone. */
  readonly commonName?: string;
  /** DNS names and IP addresses, told apart by their form. */
  readonly names: readonly string[];
  /** True: a client's certificate only. Else it serves for both sides, as Patroni's REST API needs. */
  readonly client?: boolean;
}

/** A certificate and its unencrypted PKCS #8 key, both PEM. */
export interface IssuedCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** An authority that lives as long as this object: its key is never written anywhere. */
export interface CertificateAuthority {
  readonly caPem: string;
  issue(request: CertificateRequest): Promise<IssuedCertificate>;
}

const KEY = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };

/**
 * Makes a throw-away certificate authority (ECDSA P-256, valid for a year from now) for the lab and
 * the sandbox. Its certificates pass the full verification of Node and of Python's `ssl`.
 */
export async function createCertificateAuthority(
  commonName: string,
): Promise<CertificateAuthority> {
  const x509 = await loadX509();
  const caKeys = await webcrypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
  const caKeyId = await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey);
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    keys: caKeys,
    signingAlgorithm: SIGNATURE,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      caKeyId,
    ],
  });
  const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;

  async function issue(request: CertificateRequest): Promise<IssuedCertificate> {
    const keys = await webcrypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
    const names = request.names.map((value) => ({ type: generalNameType(value), value }));
    const certificate = await x509.X509CertificateGenerator.create({
      subject: request.commonName === undefined ? [] : [{ CN: [request.commonName] }],
      issuer: ca.subjectName,
      publicKey: keys.publicKey,
      signingKey: caKeys.privateKey,
      signingAlgorithm: SIGNATURE,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension(
          request.client === true ? [clientAuth] : [serverAuth, clientAuth],
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        new x509.AuthorityKeyIdentifierExtension(caKeyId.keyId),
        // Where it is all that a certificate says of its owner, nobody may overlook it (RFC 5280, 4.2.1.6).
        ...(names.length === 0
          ? []
          : [new x509.SubjectAlternativeNameExtension(names, request.commonName === undefined)]),
      ],
    });
    return { certificatePem: pemLine(certificate.toString("pem")), keyPem: exportKey(keys) };
  }
  return { caPem: pemLine(ca.toString("pem")), issue };
}

/**
 * Loads the library when it is needed, not when Quorate starts. Its container, tsyringe, refuses to
 * load where the decorator metadata of `reflect-metadata` is absent, and then asks it only about
 * classes that have none: two functions that know nothing are enough.
 */
async function loadX509(): Promise<typeof X509> {
  if (!Reflect.has(Reflect, "getMetadata")) {
    Object.assign(Reflect, { getMetadata: knowNothing, getOwnMetadata: knowNothing });
  }
  return import("@peculiar/x509");
}

function knowNothing(): undefined {
  return undefined;
}

function generalNameType(name: string): "dns" | "ip" {
  return isIP(name) === 0 ? "dns" : "ip";
}

function exportKey(keys: webcrypto.CryptoKeyPair): string {
  return KeyObject.from(keys.privateKey).export({ format: "pem", type: "pkcs8" }).toString();
}

/** PEM as OpenSSL writes it: one end of line at the end. */
function pemLine(pem: string): string {
  return `${pem.trimEnd()}\n`;
}
