import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cutSite, healSite } from "../../src/lab/network.ts";
import { readRunningVersion } from "../../src/patroni/version.ts";
import { ACCESS_CASES, ALLOWLIST_CASES } from "../contract/access-cases.ts";
import { createContractClient, type ContractFacts } from "../contract/contract-client.ts";
import {
  ADMIN_HOST,
  SITES,
  startAccessLab,
  STRANGE_HOST,
  type AccessLab,
} from "../support/access-lab.ts";
import {
  expectRewindEverywhere,
  expectSoundStart,
  outliveEtcd,
  passLeadRound,
} from "../support/access-story.ts";
import { killEtcd, killNode } from "../support/lab-services.ts";
import type { Ended } from "../support/run.ts";

const RELEASE = { version: "4.1", authentication: "scram" } as const;
const NAME = "access-41";
const FACTS: ContractFacts = {
  version: readRunningVersion(RELEASE.version) ?? { major: 0, minor: 0, patch: 0 },
  verifyClient: "required",
  nodes: SITES.map((site) => `${NAME}-${site}`),
  loopSeconds: 5,
  slackSeconds: 2,
};

describe("Patroni 4.1 with users and client certificates for etcd, REST API and PostgreSQL", () => {
  let lab: AccessLab;
  beforeAll(async () => {
    lab = await startAccessLab(RELEASE);
  });
  afterAll(() => lab?.down());

  test("starts; replication is encrypted, and PostgreSQL reads every line of pg_hba", async () => {
    expect.hasAssertions();
    await expectSoundStart(lab);
  });

  for (const each of ACCESS_CASES.filter(({ applies }) => applies?.(FACTS) !== false))
    test(`REST API: ${each.title}`, async () => {
      expect.hasAssertions();
      await each.run(createContractClient(lab.rest, FACTS));
    });

  test("REST API: an address outside of the allowlist may read, and change nothing", async () => {
    expect.hasAssertions();
    const rest = await lab.restFrom({ on: STRANGE_HOST });
    for (const each of ALLOWLIST_CASES) await each.run(createContractClient(rest, FACTS));
  });

  test("etcd: nobody gets in without a user, and Patroni's user sees its own cluster alone", async () => {
    const prefix = `/service/${NAME}/`;
    const without = (...variables: readonly string[]): Promise<Ended> =>
      lab.exec(
        "client",
        "env",
        ...variables.flatMap((variable) => ["-u", variable]),
        "etcdctl",
        "get",
        "--prefix",
        prefix,
      );
    const asPatroni = (command: string): Promise<Ended> => {
      const user = `ETCDCTL_USER=patroni-${NAME} ETCDCTL_PASSWORD="$PATRONI_ETCD3_PASSWORD"`;
      return lab.exec({ on: lab.nodes[0] ?? "" }, "sh", "-c", `${user} etcdctl ${command}`);
    };
    const other = ["put", "/service/other/leader", "somebody"];
    expect(await lab.exec("client", "etcdctl", ...other)).toMatchObject({ code: 0 });
    const nobody = await without("ETCDCTL_USER", "ETCDCTL_PASSWORD");
    expect(nobody.stdout).toBe("");
    expect(nobody.stderr).toMatch(/permission denied|user name is empty/);
    // One without a certificate is not even spoken to.
    const bare = await without("ETCDCTL_CERT", "ETCDCTL_KEY");
    expect(bare.code).not.toBe(0);
    expect(bare.stdout).toBe("");
    const own = await asPatroni(`get --prefix --keys-only ${prefix}`);
    expect(own.stdout).toContain(`${prefix}leader`);
    for (const command of [
      "get /service/other/leader",
      "put /service/other/x y",
      "get --prefix /",
    ]) {
      const denied = await asPatroni(command);
      expect({ command, said: denied.stdout }).toEqual({ command, said: "" });
      expect(denied.stderr).toContain("permission denied");
    }
  });

  test("PostgreSQL: Patroni's users come from members and administrators alone, others from clients", async () => {
    const [client, admin, member, stranger] = [
      "client" as const,
      { on: ADMIN_HOST },
      { on: lab.nodes[1] ?? "" },
      { on: STRANGE_HOST },
    ];
    const rejected = "pg_hba.conf rejects connection";
    const unknown = "no pg_hba.conf entry";
    const postgres = {
      user: "postgres",
      password: await lab.secret("PATRONI_SUPERUSER_PASSWORD"),
    };
    expect(await lab.login(client, postgres)).toBe(rejected);
    expect(await lab.login(member, postgres)).toBe(rejected);
    expect(await lab.login(admin, postgres)).toBe("postgres");
    expect(await lab.login(admin, { ...postgres, sslmode: "disable" })).toBe(rejected);
    const { stdout } = await lab.exec("client", "printenv", "PGPASSWORD");
    const application = { user: "quorate_lab", password: stdout.trim() };
    expect(await lab.login(client, application)).toBe("quorate_lab");
    expect(await lab.login(client, { ...application, sslmode: "disable" })).toBe(unknown);
    expect(await lab.login(stranger, application)).toBe(unknown);
    for (const [user, variable] of [
      ["replicator", "PATRONI_REPLICATION_PASSWORD"],
      ["rewinder", "PATRONI_REWIND_PASSWORD"],
    ] as const) {
      const password = await lab.secret(variable);
      for (const place of [client, admin])
        expect(await lab.login(place, { user, password })).toBe(rejected);
    }
  });

  test("every node may rewind from every other one, over TLS", async () => {
    expect.hasAssertions();
    await expectRewindEverywhere(lab);
  });

  test("every node follows every other one: the lead goes round", async () => {
    expect.hasAssertions();
    await passLeadRound(lab);
  });

  test("all of etcd is killed for longer than the lease, and the leader goes on", async () => {
    expect.hasAssertions();
    await outliveEtcd(lab, killEtcd);
  });

  test("a leader that is cut off is replaced, and comes back by rewinding over TLS", async () => {
    const leader = await lab.settled();
    const site = SITES[lab.nodes.indexOf(leader)] ?? "bj";
    await lab.sql(leader, "create table if not exists alone (i int)");
    let next = "";
    await cutSite(NAME, site);
    try {
      // What nobody confirms exists on this node alone, so that it has to rewind.
      const alone = "insert into alone select generate_series(1, 1000)";
      await lab.sql(leader, `set synchronous_commit = local; ${alone}; checkpoint`);
      const successor = async (): Promise<string> => (next = (await lab.leader(leader)) ?? "");
      await expect.poll(successor, { timeout: 90_000, interval: 1000 }).not.toBe("");
      await lab.sql(next, "insert into alone values (0)");
    } finally {
      await healSite(NAME, site);
    }
    expect(await lab.settled()).toBe(next);
    const log = `/var/lib/quorate-lab/${NAME}/logs/${leader}.patroni.log`;
    const { stdout } = await lab.exec("client", "grep", "-c", "running pg_rewind", log);
    expect(Number(stdout)).toBeGreaterThan(0);
    expect(await lab.sql(leader, "select count(*) from alone")).toBe("1");
  });

  // What the compiler never leaves out: members that show no certificate cannot ask each other who is
  // ahead, so that nobody may lead.
  test("without certificates for calls between members nobody takes over; with them somebody does", async () => {
    const leader = await lab.settled();
    const survivors = lab.nodes.filter((other) => other !== leader);
    const file = "/etc/patroni/patroni.yml";
    const kept = "/etc/patroni/whole.yml";
    const bare = `-e '/^ctl:/,/^watchdog:/{/certfile:/d;/keyfile:/d}' ${revision("bare")}`;
    for (const node of survivors)
      await lab.reload(node, "bare", `cp ${file} ${kept} && sed ${bare} ${kept} > ${file}`);
    const start = await killNode(NAME, leader);
    for (let seconds = 0; seconds < 32; seconds += 2) {
      await sleep(2000);
      expect(await lab.leader(leader)).toBeUndefined();
    }
    for (const node of survivors)
      await lab.reload(node, "whole", `sed ${revision("whole")} ${kept} > ${file}`);
    await expect.poll(() => lab.leader(leader), { timeout: 40_000, interval: 1000 }).toBeDefined();
    await start();
    expect(await lab.settled()).not.toBe(leader);
  });
});

/** Makes `sed` write another revision into a node's file. */
function revision(text: string): string {
  return `-e 's/quorate_rev: .*/quorate_rev: ${text}/'`;
}
