import { execFile } from "node:child_process";
import process from "node:process";
import { ok, type Result } from "../core/result.ts";
import { type LabRefusal, refuse } from "./lab-refusal.ts";

/** Runs a program to its end, without a shell, and gives its standard output. */
export async function run(
  program: string,
  args: readonly string[],
  options: {
    readonly input?: string;
    readonly environment?: Readonly<Record<string, string>>;
  } = {},
): Promise<Result<string, LabRefusal>> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...options.environment };
    const settings = { encoding: "utf8", env } as const;
    const child = execFile(program, [...args], settings, (error, stdout, stderr) => {
      if (error === null) return resolve(ok(stdout));
      const reason = stderr.trim() || error.message;
      return resolve(refuse(`${program} ${args[0] ?? ""} failed: ${reason}`));
    });
    child.stdin?.on("error", () => undefined); // it ended before it read: its exit code tells
    child.stdin?.end(options.input ?? "");
  });
}
