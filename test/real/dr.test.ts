import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findLabProcesses, hostInits } from "../../src/lab/lab-processes.ts";
import { readRunningVersion } from "../../src/patroni/version.ts";
import { declareCases, type StartedCluster } from "../contract/declare-cases.ts";
import { STANDBY_CASES } from "../contract/standby-cases.ts";
import { bootRealLab, openTunnel, type RealLab } from "../support/real-lab.ts";
import { copyProject } from "../support/real-project.ts";
import { createRestClient, type RestClient } from "../support/rest-client.ts";
import type { Ended } from "../support/run.ts";

const SOURCE = ["crm-bj-1", "crm-bj-2", "crm-bj-3"];
const FOLLOWER = ["crm-dr-1", "crm-dr-2"];
const PATIENT = { timeout: 90_000, interval: 500 };

/** Inserts one row after the other, and writes down each that was acknowledged, until a file appears. */
const WRITER = `
import os, sys, time, psycopg2
acknowledged, stop = open(sys.argv[1], "w"), sys.argv[2]
number, connection = 0, None
while not os.path.exists(stop):
    try:
        if connection is None:
            connection = psycopg2.connect("")
            connection.autocommit = True
        number += 1
        connection.cursor().execute("insert into written values (%s)", (number,))
        print(number, file=acknowledged, flush=True)
        time.sleep(0.02)
    except psycopg2.Error:
        connection = None
        time.sleep(0.2)
`;

describe.each(["4.1.5", "3.0"])(
  "crm and the cluster that follows it on a real Patroni %s",
  (release) => {
    const project = copyProject(["crm"]);
    let lab: RealLab;
    let rest: RestClient;
    declareCases(
      STANDBY_CASES,
      {
        version: readRunningVersion(release) ?? { major: 0, minor: 0, patch: 0 },
        verifyClient: "none",
        nodes: FOLLOWER,
        loopSeconds: 5,
        slackSeconds: 1.5,
      },
      async (): Promise<StartedCluster> => {
        project.edit("clusters/crm.yaml", 'patroni: "4.1.5"', `patroni: "${release}"`);
        lab = await bootRealLab(project, "crm");
        const nodes = [...SOURCE, ...FOLLOWER].map((name) => ({ name, address: addressOf(name) }));
        const tunnel = await openTunnel("crm", project, nodes);
        const targets = nodes.map(
          ({ name, address }) =>
            [name, { url: tunnel.urls.get(name) ?? "", certificateName: address }] as const,
        );
        rest = createRestClient({
          targets: new Map(targets),
          caPem: said(await lab.exec("client", "cat", "/etc/quorate/ca.crt")),
          username: "quorate",
          password: said(await lab.exec("client", "printenv", "QUORATE_REST_PASSWORD")),
          certificates: {},
        });
        const stop = async (): Promise<void> => {
          await tunnel.close();
          await lab.down();
          project.remove();
        };
        return { rest, stop };
      },
    );

    /** The one of these nodes that holds its cluster's lock; waits for it. */
    async function leaderOf(nodes: readonly string[]): Promise<string> {
      let leader: string | undefined;
      await expect
        .poll(async () => {
          const answers = await Promise.all(
            nodes.map(async (node) => {
              const answer = await rest.request(node, "GET", "/leader").catch(() => undefined);
              return answer?.status === 200;
            }),
          );
          leader = nodes[answers.indexOf(true)];
          return answers.filter(Boolean).length;
        }, PATIENT)
        .toBe(1);
      return leader ?? "";
    }

    /** Who streams from a node, as it says itself. */
    async function streamersOf(node: string): Promise<readonly string[]> {
      const query =
        "select application_name from pg_stat_replication where state = 'streaming' order by 1";
      return (await lab.sql(node, query)).split("\n");
    }

    /** Waits until a row that is written on the source's leader now can be read on a node. */
    async function expectToArrive(value: string, nodes: readonly string[]): Promise<void> {
      const leader = await leaderOf(SOURCE);
      await lab.sql(leader, `insert into marks values ('${value}')`);
      for (const node of nodes)
        await expect
          .poll(() => lab.sql(node, `select count(*) from marks where mark = '${value}'`), PATIENT)
          .toBe("1");
    }

    test("the follower streams through the slot, and its second node from its first", async () => {
      const [leader, standbyLeader] = [await leaderOf(SOURCE), await leaderOf(FOLLOWER)];
      const others = SOURCE.filter((node) => node !== leader);
      await expect
        .poll(() => streamersOf(leader), PATIENT)
        .toEqual([...others, standbyLeader].toSorted());
      expect(await streamersOf(standbyLeader)).toEqual(
        FOLLOWER.filter((node) => node !== standbyLeader),
      );
      expect(await lab.sql(leader, SLOT)).toBe("t");
      await lab.sql(
        leader,
        "create table marks (mark text); create table written (id int); grant all on written to public",
      );
      await expectToArrive("first", FOLLOWER);
    });

    test("both clusters plan to nothing right after they were booted from compiled files", async () => {
      expect(await lab.quorate("plan")).toMatchObject({
        code: 0,
        stdout: "crm: no changes\n\ncrm-dr: no changes\n\nNo changes in 2 clusters.\n",
      });
    });

    test("a switchover of the source under load is followed, and no acknowledged row is missing", async () => {
      const [acknowledged, stop] = [join(project.root, "rows"), join(project.root, "stop")];
      const writer = lab.exec("client", "/usr/bin/python3", "-c", WRITER, acknowledged, stop);
      const count = (): number => rowsIn(acknowledged).length;
      await expect.poll(count, PATIENT).toBeGreaterThan(20);

      const before = await leaderOf(SOURCE);
      // Only a synchronous standby may take over.
      const candidate = await syncStandby(rest, SOURCE);
      const body = { leader: before, candidate };
      const answer = await rest.request(before, "POST", "/switchover", { body });
      expect(answer).toMatchObject({ status: 200 });
      expect(await leaderOf(SOURCE)).toBe(candidate);
      const already = count();
      await expect.poll(count, PATIENT).toBeGreaterThan(already + 20);
      writeFileSync(stop, "");
      expect(await writer).toMatchObject({ code: 0 });

      await expectToArrive("after the switchover", FOLLOWER);
      const ids = "select string_agg(id::text, ',') from written";
      for (const node of [candidate, ...FOLLOWER]) {
        const stored = new Set((await lab.sql(node, ids)).split(","));
        expect(rowsIn(acknowledged).filter((id) => !stored.has(id))).toEqual([]);
      }
      await expect.poll(() => lab.sql(candidate, SLOT), PATIENT).toBe("t");
      expect(await streamersOf(candidate)).toContain(await leaderOf(FOLLOWER));
      const timelines = await Promise.all(
        [candidate, ...FOLLOWER].map((node) => lab.sql(node, TIMELINE)),
      );
      expect(new Set(timelines)).toEqual(new Set(["2"]));
    });

    test("both clusters still plan to nothing", async () => {
      await expect
        .poll(async () => (await lab.quorate("plan")).stdout, PATIENT)
        .toBe("crm: no changes\n\ncrm-dr: no changes\n\nNo changes in 2 clusters.\n");
    });

    test("a change is applied to both, and every node of both runs it", async () => {
      project.edit(
        "clusters/crm.yaml",
        "shared_buffers: 64MB",
        "shared_buffers: 64MB\n    work_mem: 9MB",
      );
      const applied = await lab.quorate("apply");
      expect(applied).toMatchObject({ code: 0 });
      expect(applied.stdout).toContain("crm-dr: applied 1 key, every node runs them");
      for (const node of [...SOURCE, ...FOLLOWER])
        expect(await lab.sql(node, "show work_mem"), node).toBe("9MB");
    });

    test("when the standby leader's machine dies, the other one takes over and follows", async () => {
      const dead = await leaderOf(FOLLOWER);
      const heir = FOLLOWER.find((node) => node !== dead) ?? "";
      const init = hostInits(await findLabProcesses("crm")).get(dead);
      if (init === undefined) throw new Error(`${dead} does not run`);
      process.kill(init, "SIGKILL");
      await expect
        .poll(async () => (await rest.request(heir, "GET", "/standby-leader")).status, PATIENT)
        .toBe(200);
      await expectToArrive("after the loss", [heir]);
      const leader = await leaderOf(SOURCE);
      expect(await streamersOf(leader)).toContain(heir);
      expect(await lab.sql(leader, SLOT)).toBe("t");
      expect(await lab.quorate("plan", "crm")).toMatchObject({ code: 0 });
    });
  },
);

const SLOT = "select active from pg_replication_slots where slot_name = 'crm_dr'";
/** Of the WAL that a node has replayed or written last. */
const TIMELINE =
  "select case when pg_is_in_recovery() then (select received_tli from pg_stat_wal_receiver) else (select timeline_id from pg_control_checkpoint()) end";

function addressOf(node: string): string {
  const [, site = "", number = ""] = /^crm-(\w+)-(\d)$/.exec(node) ?? [];
  return `${site === "dr" ? "10.60.1" : "10.50.1"}.1${number}`;
}

function said({ code, stdout, stderr }: Ended): string {
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

function rowsIn(file: string): readonly string[] {
  try {
    return readFileSync(file, "utf8").split("\n").filter(Boolean);
  } catch {
    return [];
  }
}

async function syncStandby(rest: RestClient, nodes: readonly string[]): Promise<string> {
  for (const node of nodes) {
    const { json } = await rest.request(node, "GET", "/patroni");
    const status = Object(json);
    if (status["sync_standby"] === true || status["quorum_standby"] === true) return node;
  }
  throw new Error("nobody confirms");
}
