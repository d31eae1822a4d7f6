import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A parameter to read: as it is without any setting, or after it was set on the command line. */
export interface Reading {
  readonly name: string;
  readonly value?: string;
}

/** What `postgres -C` said: the value, counted in the parameter's unit; undefined when it refused. */
export type Answer = string | undefined;

/** A PostgreSQL server program that can be asked about its parameters. */
export interface RealPostgres {
  readonly major: number;
  /** The minor release: 20 of 15.20. */
  readonly minor: number;
  /** The lines of `--describe-config`, cut into their fields. */
  readonly described: readonly (readonly string[])[];
  /** Asks for many parameters, one process each; the answers are in the order of the readings. */
  readonly read: (readings: readonly Reading[]) => readonly Answer[];
}

const SERVERS = process.env["QUORATE_POSTGRES_SERVERS"] ?? "/var/cache/quorate/postgres";

/**
 * The server of a major version: PostgreSQL 15 as scripts/lab-packages.sh installs it, the others where
 * scripts/postgres-servers.sh unpacked them. Undefined when it is not on this machine.
 */
export function realPostgres(major: number): RealPostgres | undefined {
  const installed = `/usr/lib/postgresql/${major}/bin/postgres`;
  const unpacked = join(SERVERS, String(major), "postgres");
  const program = [installed, unpacked].find((path) => existsSync(path));
  if (program === undefined) return undefined;
  const version = run([program, "--version"]);
  return {
    major,
    minor: Number(/\(PostgreSQL\) \d+\.(\d+)/.exec(version)?.[1]),
    described: run([program, "--describe-config"])
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t")),
    read: (readings) => readAll(program, readings),
  };
}

/** The minor releases with which a parameter came to majors that were out already, and Debian's own one. */
const CAME_WITH_MINOR: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  composite_type_mismatch: { 14: 25, 15: 20, 16: 16, 17: 12, 18: 7 },
  output_plugin_libraries: { 14: 24, 15: 19, 16: 15, 17: 11, 18: 6 },
  restrict_nonsystem_relation_kind: { 13: 16, 14: 13, 15: 8, 16: 4 },
};

/** False where this minor release, or this build, is without a parameter that the table has. */
export function isInBuild(name: string, { major, minor, described }: RealPostgres): boolean {
  if (name === "extension_destdir") return described.some(([known]) => known === name);
  return minor >= (CAME_WITH_MINOR[name]?.[major] ?? 0);
}

/** One shell for all of them: it starts once without rights and without a network. */
const READ_ALL = `
while IFS= read -r -d '' name && IFS= read -r -d '' setting; do
  if text=$("$1" -C "$name" -D "$2" -c "\${setting:-$3}" 2>/dev/null); then printf '=%s\\0' "$text"; else printf '!\\0'; fi
done`;
/** Stands for no setting at all: a server without any `-c` would read the same. */
const NOTHING = "quorate.nothing=0";

function readAll(program: string, readings: readonly Reading[]): readonly Answer[] {
  const data = mkdtempSync(join(tmpdir(), "quorate-postgres-"));
  try {
    chmodSync(data, 0o755);
    writeFileSync(join(data, "postgresql.conf"), "");
    const input = readings
      .map(({ name, value }) => `${name}\0${value === undefined ? "" : `${name}=${value}`}\0`)
      .join("");
    const output = run(["/bin/bash", "-c", READ_ALL, "bash", program, data, NOTHING], input);
    const answers = output.split("\0").slice(0, -1);
    if (answers.length !== readings.length)
      throw new Error(`${answers.length} answers to ${readings.length} questions`);
    return answers.map((answer) => (answer.startsWith("=") ? answer.slice(1) : undefined));
  } finally {
    rmSync(data, { recursive: true });
  }
}

function run(command: readonly string[], input = ""): string {
  const nobody = ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"];
  const confined =
    process.getuid?.() === 0 ? ["unshare", "--net", "setpriv", ...nobody, ...command] : command;
  const [program = "", ...args] = confined;
  const done = spawnSync(program, args, { input, encoding: "utf8", maxBuffer: 2 ** 26, cwd: "/" });
  if (done.status !== 0) throw new Error(`${command.join(" ")}: ${done.stderr}`);
  return done.stdout;
}
