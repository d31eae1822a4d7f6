import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { AccessLab } from "./access-lab.ts";
import type { Undo } from "./lab-services.ts";

/** What every other node's replication must look like on a node that leads. */
function followers({ nodes, release }: AccessLab, leader: string): readonly string[] {
  return nodes
    .filter((node) => node !== leader)
    .toSorted()
    .map((node) => {
      const subject = release.authentication === "certificate" ? `/CN=${node}` : "-";
      return `${node}|t|TLSv1.3|replicator|${subject}`;
    });
}

/** Replication is encrypted by the declared means, and PostgreSQL reads every line of pg_hba. */
export async function expectSoundStart(lab: AccessLab): Promise<void> {
  const leader = await lab.settled();
  expect(await lab.streaming(leader)).toEqual(followers(lab, leader));
  const lines = "select count(*) > 10, count(error) from pg_hba_file_rules";
  for (const node of lab.nodes) expect(await lab.sql(node, lines)).toBe("t|0");
  const bare =
    "select count(*) from pg_authid where rolname in ('replicator', 'rewinder') and rolpassword is null";
  const wanted = lab.release.authentication === "certificate" ? "2" : "0";
  expect(await lab.sql(leader, bare)).toBe(wanted);
  expect(await lab.quorate("plan")).toMatchObject({ code: 0 });
}

/** The rewind user reads what pg_rewind reads, from every node on every other one. */
export async function expectRewindEverywhere(lab: AccessLab): Promise<void> {
  const tls = "/etc/patroni/tls";
  const identity =
    lab.release.authentication === "scram"
      ? ""
      : `sslcert=${tls}/server.crt sslkey=${tls}/server.key`;
  const sql = "select length(pg_read_binary_file('global/pg_control', 0, 100, false))";
  // Client keys must belong to who uses them, and root's own certificates are not meant.
  const asPostgres = "setpriv --reuid=postgres --clear-groups env HOME=/nonexistent";
  for (const from of lab.nodes)
    for (const [index, to] of lab.nodes.entries()) {
      if (from === to) continue;
      const host = `host=10.10.1.${index + 1} port=5432 user=rewinder dbname=postgres`;
      const target = `${host} sslmode=verify-full sslrootcert=${tls}/ca.crt ${identity}`;
      const script = `PGPASSWORD="$PATRONI_REWIND_PASSWORD" ${asPostgres} psql -XAtc "${sql}" "${target}"`;
      const { stdout, stderr } = await lab.exec({ on: from }, "sh", "-c", script);
      expect({ from, to, said: stdout.trim() || stderr }).toEqual({ from, to, said: "100" });
    }
}

/** Every node leads once, and every other one follows it. */
export async function passLeadRound(lab: AccessLab): Promise<void> {
  for (const candidate of [...lab.nodes.slice(1), lab.nodes[0] ?? ""]) {
    const before = await lab.settled();
    const leader = lab.release.version === "3.0" ? "--master" : "--primary";
    const ends = [leader, before, "--candidate", candidate];
    const moved = await lab.exec({ on: before }, "patronictl", "switchover", "--force", ...ends);
    expect(moved).toMatchObject({ code: 0 });
    expect(await lab.settled()).toBe(candidate);
    expect(await lab.streaming(candidate)).toEqual(followers(lab, candidate));
  }
}

/** All of etcd is gone for longer than the lease: the leader goes on, for every member vouches for it. */
export async function outliveEtcd(
  lab: AccessLab,
  stop: (cluster: string) => Promise<Undo>,
): Promise<void> {
  const leader = await lab.settled();
  // Failsafe covers the members that the leader has written down.
  const covered = async (): Promise<readonly string[]> => {
    const { json } = await lab.rest.request(leader, "GET", "/failsafe");
    return typeof json === "object" && json !== null ? Object.keys(json) : [];
  };
  await expect.poll(covered, { timeout: 30_000, interval: 1000 }).toHaveLength(3);
  const isActive = async (): Promise<unknown> =>
    (await lab.status(leader))?.["failsafe_mode_is_active"];
  const undo = await stop(lab.name);
  try {
    for (let seconds = 0; seconds < 26; seconds += 2) {
      await sleep(2000);
      expect(await lab.sql(leader, "select pg_is_in_recovery(), txid_current() > 0")).toBe("f|t");
    }
    expect(await isActive()).toBe(true);
  } finally {
    await undo();
  }
  await expect.poll(isActive, { timeout: 60_000, interval: 1000 }).toBeUndefined();
  expect(await lab.settled()).toBe(leader);
}
