import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { LabCluster } from "./lab-cluster.ts";
import { REST_PASSWORD } from "./lab-secrets.ts";
import type { LabSecrets } from "./lab-state.ts";
import { clientNamespace, namespaceFile } from "./network.ts";

/** An answer of the REST API: the JSON document, or in one line why there is none. */
const Answer = z.union([z.object({ body: z.json() }), z.object({ error: z.string() })]);
export type Answer = z.infer<typeof Answer>;

const Round = z.record(z.string(), Answer);
/** One look at everything, by URL. */
export type Round = ReadonlyMap<string, Answer>;

/** What a look is to cover: `GET /patroni` and `/cluster` of the nodes, or etcd's `/health`. */
export interface ProbeTargets {
  readonly urls: readonly string[];
  readonly secrets: LabSecrets;
  readonly cluster: string;
  /** Who may write to the REST API. */
  readonly restUser: string;
}

/** Base URL of a node's REST API. */
export function restUrl(cluster: LabCluster, node: LabCluster["nodes"][number]): string {
  return `${cluster.rest.scheme}://${node.address}:${node.restPort}`;
}

/** Wakes the HA loop of the member at this base URL, which else sleeps for up to `loop_wait`. */
export type Wake = (url: string) => void;

/**
 * Asks every URL from the client's network namespace, again and again until `done` says true of a
 * round or the signal aborts. Servers are verified against the lab's authority. Gives the last
 * round; it is empty when there was none.
 */
export async function probe(
  targets: ProbeTargets,
  signal: AbortSignal,
  done: (round: Round, wake: Wake) => boolean | Promise<boolean>,
): Promise<Round> {
  const { urls, secrets, cluster, restUser } = targets;
  const namespace = namespaceFile(clientNamespace(cluster));
  const child = spawn(
    "nsenter",
    [`--net=${namespace}`, process.execPath, "--input-type=module", "--eval", ASK],
    { detached: true, stdio: ["pipe", "pipe", "ignore"], env: {} }, // no Ctrl-C for it
  );
  const stop = (): boolean => child.kill("SIGKILL");
  signal.addEventListener("abort", stop);
  child.stdin.on("error", () => undefined); // it ended: so does the loop below
  const { caPem: ca, certificatePem: cert, keyPem: key } = secrets;
  child.stdin.write(`${JSON.stringify({ urls, tls: { ca, cert, key } })}\n`);
  const wake: Wake = (url) => {
    const password = secrets.patroni[REST_PASSWORD] ?? "";
    const authorization = `Basic ${Buffer.from(`${restUser}:${password}`).toString("base64")}`;
    child.stdin.write(`${JSON.stringify({ url: `${url}/config`, authorization })}\n`);
  };
  let last: Round = new Map();
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      last = new Map(Object.entries(Round.parse(JSON.parse(line))));
      if (signal.aborted || (await done(last, wake))) break;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
  return last;
}

/**
 * Asks without end; the first line of its input says what. Every further line names a member to wake:
 * a `PATCH` that removes a key which is not there writes nothing, and wakes the HA loop all the same.
 * Ends with its parent, because its input closes then. Each question has two seconds.
 * @see https://github.com/patroni/patroni/blob/v4.0.7/patroni/api.py (`do_PATCH_config`)
 */
const ASK = `
import http from "node:http";
import https from "node:https";
import { createInterface } from "node:readline";
const input = createInterface({ input: process.stdin }).on("close", () => process.exit());
const first = await new Promise((resolve) => input.once("line", resolve));
const { urls, tls } = JSON.parse(first);
input.on("line", (line) => {
  const { url, authorization } = JSON.parse(line);
  const headers = { authorization, "content-type": "application/json" };
  void ask(url, { method: "PATCH", headers }, JSON.stringify({ quorate_lab: null }));
});
function ask(url, options = {}, body = undefined) {
  return new Promise((resolve) => {
    const client = url.startsWith("https:") ? https : http;
    const request = client.request(url, { ...tls, ...options, agent: false, timeout: 2000 }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      response.on("error", (error) => resolve({ error: error.message }));
      response.on("end", () => {
        try {
          resolve({ body: JSON.parse(text) });
        } catch {
          resolve({ error: "status " + response.statusCode + " without JSON" });
        }
      });
    });
    request.on("timeout", () => request.destroy(new Error("no answer in 2 s")));
    request.on("error", (error) => resolve({ error: error.message || error.code }));
    request.end(body);
  });
}
for (;;) {
  const answers = await Promise.all(urls.map(async (url) => [url, await ask(url)]));
  process.stdout.write(JSON.stringify(Object.fromEntries(answers)) + "\\n");
  await new Promise((resolve) => setTimeout(resolve, 200));
}`;
