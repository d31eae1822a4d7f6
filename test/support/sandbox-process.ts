import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import { vi } from "vitest";
import { BUNDLE, type RealProject } from "./real-project.ts";

/** A running `quorate sandbox`. */
export interface SandboxProcess {
  /** The endpoints file that it wrote. */
  readonly endpoints: string;
  readonly ca: string;
  readonly urls: ReadonlyMap<string, string>;
  /** Everything that it said. */
  readonly said: string[];
  /** Ends it; true when it took its files with it. */
  stop(): Promise<boolean>;
}

/** Starts the sandbox for a project, with loops of so many seconds. */
export async function startSandboxProcess(
  project: RealProject,
  password: string,
  loopSeconds: number,
): Promise<SandboxProcess> {
  const endpoints = join(project.root, "endpoints.json");
  const flags = ["--endpoints", endpoints, "--loop", String(loopSeconds), "--time-limit", "5m"];
  const child = spawn(process.execPath, [BUNDLE, "--project", project.root, "sandbox", ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, QUORATE_REST_PASSWORD: password },
  });
  const said: string[] = [];
  child.stdout.on("data", (text: Buffer) => said.push(text.toString()));
  child.stderr.on("data", (text: Buffer) => said.push(text.toString()));
  await vi.waitUntil(() => existsSync(endpoints), { timeout: 20_000 });
  const written: { readonly nodes: Record<string, string> } = JSON.parse(
    readFileSync(endpoints, "utf8"),
  );
  return {
    endpoints,
    ca: readFileSync(`${endpoints}.ca.pem`, "utf8"),
    urls: new Map(Object.entries(written.nodes)),
    said,
    stop: async () => {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGTERM");
      await ended;
      return !existsSync(endpoints);
    },
  };
}

/** What a network in between does to one exchange. */
export type Meddle = (exchange: {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly answer: { readonly status: number; readonly body: string };
  readonly reply: ServerResponse;
}) => void;

/** A network in between: passes every call on to a node and lets `meddle` give the answer. */
export async function startMeddler(
  target: string,
  ca: string,
  meddle: Meddle,
): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((call, reply) => {
    void passOn(call, reply, { target, ca, meddle });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, server };
}

async function passOn(
  call: IncomingMessage,
  reply: ServerResponse,
  { target, ca, meddle }: { readonly target: string; readonly ca: string; readonly meddle: Meddle },
): Promise<void> {
  const body = await textOf(call);
  const onward = request(
    new URL(call.url ?? "/", target),
    { method: call.method, headers: call.headers, ca },
    (answer) => {
      void textOf(answer).then((text) =>
        meddle({
          method: call.method ?? "",
          path: call.url ?? "",
          body,
          answer: { status: answer.statusCode ?? 0, body: text },
          reply,
        }),
      );
    },
  );
  onward.end(body);
}

async function textOf(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString("utf8");
}
