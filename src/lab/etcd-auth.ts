import process from "node:process";
import { ok, type Result } from "../core/result.ts";
import { clientUrl, ETCD_ROOT, type EtcdAccess } from "./etcd.ts";
import type { LabCluster } from "./lab-cluster.ts";
import { type LabRefusal, refuse } from "./lab-refusal.ts";
import type { LabSecrets } from "./lab-state.ts";
import { clientNamespace, namespaceFile } from "./network.ts";
import { run } from "./run.ts";

const ETCD_USERNAME = "PATRONI_ETCD3_USERNAME";
/** Where Patroni finds its password for etcd. */
export const ETCD_PASSWORD = "PATRONI_ETCD3_PASSWORD";

/**
 * Gives Patroni a user of etcd that may read and write below the cluster's own prefix and nothing else,
 * and switches authentication on. Leases, which Patroni makes as well, need no permission. Does nothing
 * where the rendered files name no user.
 *
 * @see https://etcd.io/docs/v3.5/op-guide/authentication/rbac/
 */
export async function secureEtcd(
  cluster: LabCluster,
  access: EtcdAccess,
  secrets: LabSecrets,
): Promise<Result<undefined, LabRefusal>> {
  const [voter] = cluster.voters;
  const name = access.user ?? secrets.patroni[ETCD_USERNAME];
  const password = secrets.patroni[ETCD_PASSWORD];
  if (voter === undefined || name === undefined || password === undefined) return ok(undefined);
  const role = "patroni";
  const [key, rangeEnd] = [access.prefix, afterPrefix(access.prefix)].map((text) =>
    Buffer.from(text).toString("base64"),
  );
  const calls = [
    ["role/add", { name: role }],
    ["role/grant", { name: role, perm: { permType: "READWRITE", key, range_end: rangeEnd } }],
    ["user/add", { name, password }],
    ["user/grant", { user: name, role }],
    ["role/add", { name: ETCD_ROOT }],
    ["user/add", { name: ETCD_ROOT, password: secrets.etcdRootPassword ?? "" }],
    ["user/grant", { user: ETCD_ROOT, role: ETCD_ROOT }],
    ["enable", {}],
  ];
  const { caPem: ca, certificatePem: cert, keyPem: key64 } = secrets;
  const task = { url: clientUrl(voter, access), tls: { ca, cert, key: key64 }, calls };
  const node = [process.execPath, "--input-type=module", "--eval", CALL];
  const namespace = namespaceFile(clientNamespace(cluster.name));
  const done = await run("nsenter", [`--net=${namespace}`, ...node], {
    input: JSON.stringify(task),
  });
  if (done.ok) return ok(undefined);
  return refuse(
    `etcd does not take the users of the lab: ${done.error.kind === "refused" ? done.error.message : ""}`,
  );
}

/** The first key behind all keys with a prefix, as etcd wants it: the prefix with its last byte raised. */
function afterPrefix(prefix: string): string {
  return `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`;
}

/** Makes the calls of a task one after the other; ends with 1 and says why when one is refused. */
const CALL = `
import http from "node:http";
import https from "node:https";
let text = "";
for await (const part of process.stdin) text += part;
const { url, tls, calls } = JSON.parse(text);
const client = url.startsWith("https:") ? https : http;
function call(path, body) {
  return new Promise((resolve) => {
    const options = { ...tls, method: "POST", headers: { "content-type": "application/json" }, timeout: 10000 };
    const request = client.request(url + "/v3/auth/" + path, options, (response) => {
      let said = "";
      response.setEncoding("utf8").on("data", (part) => (said += part));
      response.on("end", () => resolve(response.statusCode === 200 ? undefined : said.trim()));
    });
    request.on("timeout", () => request.destroy(new Error("no answer in 10 s")));
    request.on("error", (error) => resolve(error.message));
    request.end(JSON.stringify(body));
  });
}
for (const [path, body] of calls) {
  const problem = await call(path, body);
  if (problem === undefined) continue;
  process.stderr.write(path + ": " + problem + "\\n");
  process.exit(1);
}`;
