import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HBA_CORPUS } from "../postgres/hba-corpus-table.ts";

const BIN = "/usr/lib/postgresql/15/bin";

/** A server in single-user mode has no certificates, and says so of lines that it can read. */
const NOT_HERE = "client certificates can only be checked if a root certificate store is available";

let folder = "";
let owner: { readonly uid: number; readonly gid: number };

function asOwner(program: string, args: readonly string[], input = ""): string {
  const ended = spawnSync(join(BIN, program), args, {
    ...owner,
    input,
    encoding: "utf8",
    cwd: folder,
  });
  if (ended.status !== 0) throw new Error(`${program}: ${ended.stderr}`);
  return ended.stdout;
}

beforeAll(() => {
  const [uid = 0, gid = 0] = ["-u", "-g"].map((flag) =>
    Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout),
  );
  owner = { uid, gid };
  folder = mkdtempSync(join(tmpdir(), "quorate-hba-"));
  chmodSync(folder, 0o700);
  chownSync(folder, uid, gid);
  asOwner("initdb", ["--pgdata=data", "--no-sync", "--auth=reject", "--username=postgres"]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("PostgreSQL 15 reads exactly those lines of pg_hba.conf that Quorate takes for readable", () => {
  writeFileSync(join(folder, "pg_hba.conf"), `${HBA_CORPUS.map(([line]) => line).join("\n")}\n`);
  const query = `select line_number from pg_hba_file_rules where type is null and error is distinct from '${NOT_HERE}'`;
  const server = ["--single", "-D", "data", "-c", `hba_file=${folder}/pg_hba.conf`, "postgres"];
  const said = asOwner("postgres", server, `${query}\n`);
  const broken = new Set(
    [...said.matchAll(/line_number = "(\d+)"/g)].map(([, number]) => Number(number)),
  );
  const read = HBA_CORPUS.map(([line], index) => [line, !broken.has(index + 1)]);
  expect(read).toEqual(HBA_CORPUS);
  expect(broken.size).toBeGreaterThan(20);
});
