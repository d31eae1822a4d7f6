import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bootRealLab, type RealLab } from "../support/real-lab.ts";
import { copyProject } from "../support/real-project.ts";

const NODES = ["shop-1", "shop-2", "shop-3"] as const;
const FILE = "clusters/shop.yaml";
/** What the programs leave on each node, in a folder that is private there. */
const SEEN = "/run/postgresql/seen";
const PAUSE = "maintenance: { pause: { owner: dba, reason: a test, until: 2099-01-01 } }\n";

function intent(version: string, more: string): string {
  return `version: 1
cluster: shop
patroni: "${version}"
postgres: 15
sites:
  - name: bj
    role: primary
    nodes:
      - { name: shop-1, address: 10.10.1.11, cloneSource: true, tags: { rack: a1 } }
      - { name: shop-2, address: 10.10.1.12, serveReads: false }
      - { name: shop-3, address: 10.10.1.13 }
durability: sync
failover: { speed: fast }
rejoin: { walCap: 1GiB, joinRate: 100MB/s${more} }
slots:
  backup: { type: physical }
  cdc: { type: logical, database: postgres, plugin: pgoutput }
ignoreSlots: [{ name: mine }]
postgresql:
  archive: { command: /bin/true %p, timeout: 1m }
  restore: { command: /bin/false %f %p }
  callbacks:
    onStart: /bin/sh -c 'echo $0 $@ >> ${SEEN}'
    onRoleChange: /bin/sh -c 'echo $0 $@ >> ${SEEN}'
  prePromote: /bin/sh -c 'echo pre_promote >> ${SEEN}'
access: { postgres: { ident: ['people /^(.*)@example\\.net$ \\1'] } }
logging: { level: debug, dir: /var/log/patroni-shop, fileSize: 1MiB, files: 2 }
overrides:
  dcs: { max_timelines_history: 7 }
  nodes: { shop-3: { postgresql: { parameters: { log_min_duration_statement: 750ms } } } }
`;
}

/** A request from the lab's client to a node's REST API. */
const REQUEST = `
import base64, os, ssl, sys, urllib.request
address, method, path, body = sys.argv[1:5]
tls = ssl.create_default_context(cafile="/etc/quorate/ca.crt")
request = urllib.request.Request(f"https://{address}:8008{path}", method=method, data=body.encode() or None)
key = base64.b64encode(("quorate:" + os.environ["QUORATE_REST_PASSWORD"]).encode()).decode()
request.add_header("Authorization", "Basic " + key)
print(urllib.request.urlopen(request, context=tls, timeout=60).read().decode())
`;

/** Slots that are not the members' own. */
function slotsOn(lab: RealLab, node: string): Promise<string> {
  return lab.sql(
    node,
    "select string_agg(slot_name || ':' || slot_type, ' ' order by slot_name) from pg_replication_slots where slot_name not like 'shop%'",
  );
}

function addressOf(node: string): string {
  return `10.10.1.1${node.slice(-1)}`;
}

const RELEASES = [
  { version: "3.0", more: "", leaderWord: "master" },
  { version: "4.1", more: ", slotRetention: 2h", leaderWord: "primary" },
] as const;

describe.each(RELEASES)(
  "the sections on a real Patroni $version",
  ({ version, more, leaderWord }) => {
    const project = copyProject([]);
    let lab: RealLab;
    let leader = "";

    beforeAll(async () => {
      project.edit("quorate.yaml", "  core: # five voters on the hosts of core\n", "  other:\n");
      writeFileSync(
        join(project.root, FILE),
        intent(version, more).replace("durability", "dcs: { use: main }\ndurability"),
      );
      lab = await bootRealLab(project, "shop");
      const recovering = await Promise.all(
        NODES.map((node) => lab.sql(node, "select pg_is_in_recovery()")),
      );
      leader = NODES[recovering.indexOf("f")] ?? "";
    });
    afterAll(async () => {
      await lab?.down();
      project.remove();
    });

    const replicas = (): readonly string[] => NODES.filter((node) => node !== leader);

    async function request(node: string, method: string, path: string, body = ""): Promise<string> {
      const words = ["-c", REQUEST, addressOf(node), method, path, body];
      const answer = await lab.exec("client", "/usr/bin/python3", ...words);
      if (answer.code !== 0) throw new Error(answer.stderr);
      return answer.stdout;
    }

    const seenOn = async (node: string): Promise<string> =>
      (await lab.exec({ on: node }, "cat", SEEN)).stdout;

    test("standbys were copied at the limited rate and stream", async () => {
      expect(replicas()).toHaveLength(2);
      await expect
        .poll(
          () =>
            lab.sql(leader, "select count(*) from pg_stat_replication where state = 'streaming'"),
          {
            timeout: 60_000,
            interval: 1000,
          },
        )
        .toBe("2");
    });

    test("PostgreSQL runs what the sections say", async () => {
      const settings = async (node: string): Promise<string> =>
        lab.sql(
          node,
          "select string_agg(name || '=' || current_setting(name), ' ' order by name) from pg_settings where name in ('archive_command', 'archive_mode', 'archive_timeout', 'log_min_duration_statement', 'max_slot_wal_keep_size', 'wal_level')",
        );
      const same = "archive_command=/bin/true %p archive_mode=on archive_timeout=1min";
      const rest = "max_slot_wal_keep_size=1GB wal_level=logical";
      expect(await Promise.all(NODES.map((node) => settings(node)))).toEqual([
        `${same} log_min_duration_statement=-1 ${rest}`,
        `${same} log_min_duration_statement=-1 ${rest}`,
        `${same} log_min_duration_statement=750ms ${rest}`,
      ]);
      for (const node of replicas())
        expect(await lab.sql(node, "show restore_command")).toBe("/bin/false %f %p");
      expect(
        await lab.sql(leader, "select map_name, sys_name, pg_username from pg_ident_file_mappings"),
      ).toBe("people|/^(.*)@example\\.net$|\\1");
    });

    test("WAL is archived by the command", async () => {
      await lab.sql(leader, "select pg_switch_wal()");
      await expect
        .poll(() => lab.sql(leader, "select archived_count > 0 from pg_stat_archiver"), {
          timeout: 30_000,
        })
        .toBe("t");
    });

    test("permanent slots are made on every node that the release makes them on", async () => {
      await expect
        .poll(() => slotsOn(lab, leader), { timeout: 40_000, interval: 1000 })
        .toBe("backup:physical cdc:logical");
      // Before 3.2 a physical one exists on the leader only.
      const wanted = version === "3.0" ? "cdc:logical" : "backup:physical cdc:logical";
      for (const node of replicas())
        await expect
          .poll(() => slotsOn(lab, node), { timeout: 60_000, interval: 1000 })
          .toBe(wanted);
    });

    test("a slot of somebody else is left alone, and an unknown one is dropped", async () => {
      await lab.sql(leader, "select pg_create_physical_replication_slot('mine')");
      await lab.sql(leader, "select pg_create_physical_replication_slot('stranger')");
      // Patroni looks at the slots that others made when PostgreSQL was started anew.
      await request(leader, "POST", "/restart", "{}");
      await expect
        .poll(() => slotsOn(lab, leader), { timeout: 60_000, interval: 1000 })
        .toBe("backup:physical cdc:logical mine:physical");
    });

    test("tags are where the others see them", async () => {
      const cluster: unknown = JSON.parse(await request(leader, "GET", "/cluster"));
      expect(cluster).toMatchObject({
        members: expect.arrayContaining([
          expect.objectContaining({
            name: "shop-1",
            tags: expect.objectContaining({ rack: "a1", clonefrom: true }),
          }),
          expect.objectContaining({
            name: "shop-2",
            tags: expect.objectContaining({ noloadbalance: true }),
          }),
        ]),
      });
    });

    test("Patroni logs what is asked for, where it is asked for", async () => {
      const words = ["-c", "DEBUG", "/var/log/patroni-shop/patroni.log"];
      const log = await lab.exec({ on: leader }, "grep", ...words);
      expect(Number(log.stdout)).toBeGreaterThan(0);
    });

    test("a declared pause is applied, and ends when it is no longer declared", async () => {
      project.edit(FILE, "durability: sync\n", `${PAUSE}durability: sync\n`);
      expect(await lab.quorate("plan")).toMatchObject({ code: 2 });
      expect(await lab.quorate("apply")).toMatchObject({ code: 0 });
      expect((await lab.quorate("plan")).stdout).toContain(
        "note: the cluster is paused (maintenance",
      );
      expect(await lab.quorate("compile")).toMatchObject({ code: 0 });
      project.edit(FILE, PAUSE, "");
      const ended = await lab.quorate("apply");
      expect(ended).toMatchObject({ code: 0 });
      expect(ended.stdout).toContain("pause  true -> (not set)");
      expect((await lab.quorate("plan")).stdout).toContain("shop: no changes");
    });

    test("programs run when a node starts, and around a promotion", async () => {
      expect(await seenOn(leader)).toContain(`on_start ${leaderWord} shop`);
      // Only a standby that confirms commits may take over.
      const candidate = await lab.sql(
        leader,
        "select application_name from pg_stat_replication where sync_state in ('sync', 'quorum') order by 1 limit 1",
      );
      const body = JSON.stringify({ leader, candidate });
      await expect
        .poll(() => request(leader, "POST", "/switchover", body).catch(String), {
          timeout: 60_000,
          interval: 2000,
        })
        .toContain("Successfully switched over");
      await expect
        .poll(() => seenOn(candidate), { timeout: 30_000, interval: 1000 })
        .toMatch(new RegExp(`pre_promote\\n(?:.*\\n)*on_role_change ${leaderWord} shop`));
    });
  },
);
