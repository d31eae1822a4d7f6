import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BUNDLE, type RealProject } from "./real-project.ts";
import { run, type Ended } from "./run.ts";

/** A booted lab of one cluster of a project. */
export interface RealLab {
  readonly project: RealProject;
  /** Runs `quorate` on the lab's client. */
  quorate(...args: readonly string[]): Promise<Ended>;
  /** Runs any command on the lab's client, or as root on a node. */
  exec(where: "client" | { readonly on: string }, ...command: readonly string[]): Promise<Ended>;
  /** Asks one node's PostgreSQL; the answer is psql's unaligned text. */
  sql(node: string, query: string): Promise<string>;
  down(): Promise<void>;
}

/** Compiles a project and boots one of its clusters; a failure says what the lab said. */
export async function bootRealLab(project: RealProject, cluster: string): Promise<RealLab> {
  const local = (...args: readonly string[]): Promise<Ended> =>
    run(process.execPath, [BUNDLE, "--project", project.root, ...args]);
  const compiled = await local("compile");
  if (compiled.code !== 0) throw new Error(compiled.stderr);
  const up = await local("lab", "up", cluster, "--time-limit", "20m");
  if (up.code !== 0) throw new Error(`${up.stdout}${up.stderr}`);
  const exec: RealLab["exec"] = (where, ...command) => {
    const on = where === "client" ? [] : ["--on", where.on];
    return local("lab", "exec", cluster, ...on, "--", ...command);
  };
  return {
    project,
    exec,
    quorate: (...args) =>
      exec("client", process.execPath, BUNDLE, "--project", project.root, ...args),
    sql: async (node, query) => {
      const { code, stdout, stderr } = await exec({ on: node }, "psql", "-XAtc", query);
      if (code !== 0) throw new Error(`${node}: ${stderr}`);
      return stdout.trim();
    },
    down: async () => {
      const down = await local("lab", "down", cluster);
      if (down.code !== 0) throw new Error(down.stderr);
    },
  };
}

/** A way into the lab from loopback, as a person who works through a tunnel has it. */
export interface Tunnel {
  /** Node -> `https://127.0.0.1:PORT`. */
  readonly urls: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

/** Runs inside the lab: takes connections on a socket file per target and passes them on. */
const INNER = `
const net = require("node:net");
for (const [path, host, port] of JSON.parse(process.argv[1]))
  net.createServer((near) => {
    const far = net.connect(port, host);
    near.pipe(far).pipe(near);
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
  }).listen(path, () => console.log("listening"));
`;

/** Opens a loopback port per node that leads to its REST API inside the lab, from the client or another host. */
export async function openTunnel(
  cluster: string,
  project: RealProject,
  nodes: readonly { readonly name: string; readonly address: string }[],
  from: "client" | { readonly on: string } = "client",
): Promise<Tunnel> {
  const folder = mkdtempSync(join(tmpdir(), "quorate-tunnel-"));
  const targets = nodes.map(({ name, address }) => [join(folder, name), address, 8008] as const);
  const place = from === "client" ? [] : ["--on", from.on];
  const exec = ["lab", "exec", cluster, ...place, "--", process.execPath];
  const command = ["--project", project.root, ...exec];
  const inner = spawn(
    process.execPath,
    [BUNDLE, ...command, "-e", INNER, JSON.stringify(targets)],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  await listening(inner, nodes.length);
  const servers = await Promise.all(targets.map(([path]) => serve(path)));
  const urls = nodes.map(({ name }, index): [string, string] => {
    const address = servers[index]?.address();
    return [name, `https://127.0.0.1:${isBound(address) ? address.port : 0}`];
  });
  return {
    urls: new Map(urls),
    close: async () => {
      for (const server of servers) server.close();
      const ended = new Promise((resolve) => inner.once("close", resolve));
      inner.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function listening(child: ChildProcess, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = 0;
    child.stdout?.on("data", (text: Buffer) => {
      seen += text.toString().split("listening").length - 1;
      if (seen >= count) resolve();
    });
    child.once("close", (code) => reject(new Error(`the tunnel ended with ${code ?? "a signal"}`)));
  });
}

function serve(path: string): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer((near) => {
      const far = connect(path);
      near.pipe(far).pipe(near);
      near.on("error", () => far.destroy());
      far.on("error", () => near.destroy());
    });
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

function isBound(address: string | AddressInfo | null | undefined): address is AddressInfo {
  return typeof address === "object" && address !== null;
}
