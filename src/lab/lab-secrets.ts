import { randomBytes } from "node:crypto";
import type { SecretReference } from "../core/secret-reference.ts";
import {
  type CertificateAuthority,
  createCertificateAuthority,
} from "../adapters/certificate-authority.ts";
import type { LabCluster } from "./lab-cluster.ts";
import type { LabSecrets, LabState } from "./lab-state.ts";
import type { RenderedCluster } from "./rendered-cluster.ts";

/** Where Patroni finds the password of its REST API. */
export const REST_PASSWORD = "PATRONI_RESTAPI_PASSWORD";
const SUPERUSER_PASSWORD = "PATRONI_SUPERUSER_PASSWORD";

/**
 * Makes the secrets of a lab: a random value for every name that the rendered files list, the same on
 * all nodes, and a client certificate of the lab's own authority.
 */
export async function createLabSecrets(
  cluster: LabCluster,
  rendered: RenderedCluster,
): Promise<{ readonly secrets: LabSecrets; readonly authority: CertificateAuthority }> {
  const names = new Set(rendered.nodes.flatMap((node) => node.secretNames));
  const patroni = Object.fromEntries([...names].map((name) => [name, randomSecret()]));
  const authority = await createCertificateAuthority(`Quorate lab of ${cluster.name}`);
  const request = { commonName: cluster.rest.user ?? "quorate", names: [], client: true };
  const { certificatePem, keyPem } = await authority.issue(request);
  return { authority, secrets: { patroni, caPem: authority.caPem, certificatePem, keyPem } };
}

/** The files that the project's `file:` references name, with what stands in them in this lab. */
export function secretFiles(cluster: LabCluster, secrets: LabSecrets): ReadonlyMap<string, string> {
  const entries = restSecrets(cluster, secrets).flatMap(([reference, text]): [string, string][] =>
    reference.kind === "file" ? [[reference.path, text]] : [],
  );
  return new Map(entries);
}

/** The environment of a command in the lab: the project's `env:` references, and libpq's variables. */
export function clientEnvironment(
  { cluster, superuser }: LabState,
  secrets: LabSecrets,
  node?: string,
): Readonly<Record<string, string>> {
  // Without a node: the lab's own cluster, whose leader takes writes.
  const nodes = cluster.nodes.filter((each) =>
    node === undefined ? (each.cluster ?? cluster.name) === cluster.name : each.name === node,
  );
  const references = restSecrets(cluster, secrets).flatMap(
    ([reference, text]): [string, string][] =>
      reference.kind === "env" ? [[reference.name, text]] : [],
  );
  const password = secrets.patroni[SUPERUSER_PASSWORD];
  return {
    ...Object.fromEntries(references),
    PGHOST: nodes.map(({ address }) => address).join(","),
    PGPORT: nodes.map(({ postgresPort }) => postgresPort).join(","),
    PGDATABASE: "postgres",
    PGUSER: superuser,
    ...(password === undefined ? {} : { PGPASSWORD: password }),
    PGCONNECT_TIMEOUT: "3", // a host that was cut off does not answer
    ...(node === undefined ? { PGTARGETSESSIONATTRS: "read-write" } : {}),
  };
}

function restSecrets(
  { rest }: LabCluster,
  secrets: LabSecrets,
): readonly (readonly [SecretReference, string])[] {
  const all = [
    [rest.password, secrets.patroni[REST_PASSWORD] ?? ""],
    [rest.ca, secrets.caPem],
    [rest.clientCertificate, secrets.certificatePem],
    [rest.clientKey, secrets.keyPem],
  ] as const;
  return all.flatMap(([reference, text]) => (reference === undefined ? [] : [[reference, text]]));
}

function randomSecret(): string {
  return randomBytes(18).toString("base64url");
}
