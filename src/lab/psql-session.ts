import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { err, ok, type Result } from "../core/result.ts";
import { CLIENT } from "./lab-paths.ts";
import { markOf } from "./lab-processes.ts";
import { clientEnvironment } from "./lab-secrets.ts";
import { clientNamespace, hostNamespace, namespaceFile } from "./network.ts";
import type { RunningLab } from "./running-lab.ts";

/** Why there is no answer: the server said no, or the connection is gone and nobody knows. */
export type SessionFailure =
  | { readonly kind: "error"; readonly sqlState: string }
  | { readonly kind: "lost" };

/** One connection to one node's PostgreSQL. It is not made again when it is lost. */
export interface PsqlSession {
  /** Runs one statement without a semicolon; gives its rows unaligned, one per line. One at a time. */
  query(sql: string): Promise<Result<string, SessionFailure>>;
  readonly isOpen: boolean;
  close(): void;
}

/** Where a session begins: a host, in whose network it stands, or else the client. */
export interface SessionEnds {
  readonly from?: string | undefined;
  readonly node: string;
}

/** Printed by psql after each statement, with what became of it. */
const END = "quorate-end";

/**
 * Seconds without an answer to TCP after which a connection counts as lost. A commit that waits for a
 * standby is none of these: the server's kernel still answers.
 */
const SILENCE_SECONDS = 5;

/** Opens a session; it is lost at once when nobody answers within two seconds. */
export function openSession(lab: RunningLab, { from = CLIENT, node }: SessionEnds): PsqlSession {
  const { cluster, state, secrets } = lab;
  const namespace = from === CLIENT ? clientNamespace(cluster) : hostNamespace(cluster, from);
  const silence = SILENCE_SECONDS * 1000;
  const target = `connect_timeout=2 tcp_user_timeout=${silence} keepalives_idle=2 keepalives_interval=1`;
  const psql = `/usr/lib/postgresql/${state.cluster.postgresMajor}/bin/psql`;
  const child = spawn(
    "nsenter",
    [`--net=${namespaceFile(namespace)}`, psql, "-XAtq", "-f", "-", target],
    {
      stdio: ["pipe", "pipe", "ignore"],
      env: {
        LANG: "C.UTF-8",
        ...clientEnvironment(state, secrets, node),
        ...markOf({ cluster, host: from, role: "session" }),
      },
    },
  );
  let isOpen = true;
  let rows: string[] = [];
  let answer: ((result: Result<string, SessionFailure>) => void) | undefined;
  const finish = (result: Result<string, SessionFailure>): void => {
    const waiting = answer;
    answer = undefined;
    rows = [];
    waiting?.(result);
  };
  const lose = (): void => {
    isOpen = false;
    finish(err({ kind: "lost" }));
  };
  child.stdin.on("error", lose);
  child.on("error", lose);
  child.on("close", lose);
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [mark, failed, sqlState = ""] = line.split(" ");
    if (mark !== END) rows.push(line);
    else finish(failed === "true" ? err({ kind: "error", sqlState }) : ok(rows.join("\n")));
  });
  return {
    query: async (sql) =>
      new Promise((resolve) => {
        if (!isOpen) return resolve(err({ kind: "lost" }));
        answer = resolve;
        child.stdin.write(`${sql};\n\\echo ${END} :ERROR :SQLSTATE\n`);
        return undefined;
      }),
    get isOpen() {
      return isOpen;
    },
    close: () => {
      isOpen = false;
      child.kill("SIGKILL");
    },
  };
}
