import { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContextOptions } from "node:tls";

/** The TLS files of a connection, as PEM; undefined ones are not used. */
export interface TlsFiles {
  readonly ca: string | undefined;
  readonly clientCertificate: string | undefined;
  readonly clientKey: string | undefined;
}

/**
 * Says which TLS files cannot be used, before any node is asked: Node.js itself finds out with each
 * connection, and takes a CA that it cannot read for none. Empty when all can.
 */
export function tlsProblems(files: TlsFiles, whoNamesCa: string): readonly string[] {
  const { ca, clientCertificate: cert, clientKey: key } = files;
  const unusable = [
    ...(ca === undefined || isCertificates(ca)
      ? []
      : [`the CA that ${whoNamesCa} names cannot be used: it is no PEM certificate`]),
    ...(cert === undefined || (isCertificates(cert) && isUsable({ cert }))
      ? []
      : [`${CLIENT} certificate that the project names cannot be used: it is no PEM certificate`]),
    ...(key === undefined || isUsable({ key })
      ? []
      : [`${CLIENT} key that the project names cannot be used: it is no PEM key, or is encrypted`]),
  ];
  if (unusable.length > 0 || cert === undefined || key === undefined) return unusable;
  return isUsable({ cert, key })
    ? []
    : [`${CLIENT} certificate and key that the project names do not belong together`];
}

const CLIENT = "the client";

function isUsable(options: SecureContextOptions): boolean {
  try {
    createSecureContext(options);
    return true;
  } catch {
    // OpenSSL's own words name no file and may change: the caller says which one it is.
    return false;
  }
}

/** At least one certificate, and nothing that only looks like one. */
function isCertificates(pem: string): boolean {
  const blocks = pem.match(/-----BEGIN [A-Z0-9 ]*CERTIFICATE-----[^]*?(?:-----END|$)[^\n]*/g) ?? [];
  try {
    const certificates = blocks.map((block) => new X509Certificate(block));
    return certificates.length > 0;
  } catch {
    return false;
  }
}
