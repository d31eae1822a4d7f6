import { describe, expect, test } from "vitest";
import type { ProjectFiles } from "../../src/core/ports.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { CLUSTER, edit, memoryProject, PROJECT, projectWith } from "../support/memory-project.ts";

/** What becomes of a lost site is judged elsewhere. */
const TWO_SITES = `${edit(
  edit(CLUSTER, "role: primary", "role: peer"),
  "      - { name: pay-3",
  "  - name: sh\n    role: peer\n    nodes:\n      - { name: pay-3",
)}failover: { allowance: { sites: 0 } }\n`;

async function messagesOf(files: ProjectFiles): Promise<readonly string[]> {
  const { found } = await compileProject(files);
  return found.map(({ rule, severity, message }) => `${severity} ${rule}: ${message}`);
}

function release(version: string, text: string, cluster = CLUSTER): ProjectFiles {
  return projectWith(`${edit(cluster, 'patroni: "4.1"', `patroni: "${version}"`)}${text}\n`);
}

/** Nothing is to be said of these; each stands one step beside something that is refused or warned of. */
const SILENT: readonly { readonly name: string; readonly files: ProjectFiles }[] = [
  {
    name: "a second between the reset and a leader's own stop",
    files: projectWith(`${CLUSTER}fencing: { margin: 9s }\n`),
  },
  {
    name: "a lease one second longer",
    files: projectWith(
      `${CLUSTER}failover: { speed: { ttl: 21s, loopWait: 10s, retryTimeout: 5s } }\n`,
    ),
  },
  {
    name: "half of a long lease",
    files: projectWith(`${CLUSTER}failover: { speed: wan }\nfencing: { margin: half-ttl }\n`),
  },
  {
    name: "the longest time that Linux arms",
    files: projectWith(
      `${CLUSTER}failover: { speed: { ttl: 65539s, loopWait: 10s, retryTimeout: 10s } }\n`,
    ),
  },
  {
    name: "a watchdog that is off in a tier that does not block",
    files: projectWith(`${CLUSTER}fencing: { watchdog: off }\n`),
  },
  {
    name: "commits that wait 10 ms",
    files: projectWith(`${TWO_SITES}quorum: 2\nlinks: [{ between: [bj, sh], rtt: 10ms }]\n`),
  },
  {
    name: "commits that may wait",
    files: projectWith(
      `${TWO_SITES}quorum: 2\nlinks: [{ between: [bj, sh], rtt: 499ms, commitsMayWait: true }]\n`,
    ),
  },
  {
    name: "a slow link where no commit waits",
    files: projectWith(
      `${edit(TWO_SITES, "durability: sync", "durability: async")}links: [{ between: [bj, sh], rtt: 499ms }]\n`,
    ),
  },
  {
    name: "a slow link behind which nobody confirms",
    files: projectWith(
      `${edit(TWO_SITES, "name: pay-3,", "name: pay-3, confirms: false, promotable: false,")}links: [{ between: [bj, sh], rtt: 60ms }]\n`,
    ),
  },
  {
    name: "a link that fails, without failsafe mode",
    files: projectWith(
      `${TWO_SITES}dcs: { onOutage: read-only }\nlinks: [{ between: [sh, bj], reliable: false }]\n`,
    ),
  },
  {
    name: "voters 100 ms apart",
    files: memoryProject({
      "quorate.yaml": edit(PROJECT, "name: etcd-2, site: bj", "name: etcd-2, site: sh"),
      "clusters/1.yaml": `${TWO_SITES}links: [{ between: [bj, sh], rtt: 100ms, commitsMayWait: true }]\n`,
    }),
  },
  {
    name: "a copy that takes exactly half of the link",
    files: projectWith(
      `${TWO_SITES}rejoin: { joinRate: 12500kB/s }\nlinks: [{ between: [bj, sh], bandwidth: 200Mbit }]\n`,
    ),
  },
  { name: "the slowest copy", files: projectWith(`${CLUSTER}rejoin: { joinRate: 32KiB/s }\n`) },
  { name: "the fastest copy", files: projectWith(`${CLUSTER}rejoin: { joinRate: 1GiB/s }\n`) },
  { name: "a cap of two segments", files: release("4.1.4", "rejoin: { walCap: 32MiB }") },
  {
    name: "slots that are capped by a parameter",
    files: release(
      "4.1.4",
      "slots: { backup: { type: physical } }\npostgresql: { parameters: { max_slot_wal_keep_size: 10GB } }",
    ),
  },
  { name: "a slot that must not be there", files: projectWith(`${CLUSTER}slots: { old: null }\n`) },
  { name: "Patroni's own retention", files: release("4.0.6", "rejoin: { slotRetention: 30m }") },
  {
    name: "just enough slots and senders",
    files: release(
      "4.1.4",
      "rejoin: { walCap: 1GiB }\nslots: { backup: { type: physical } }\nignoreSlots: [{ name: other }]\npostgresql: { parameters: { max_replication_slots: 5, max_wal_senders: 6 } }",
    ),
  },
  {
    name: "a matcher with a plugin",
    files: projectWith(`${CLUSTER}ignoreSlots: [{ plugin: wal2json }]\n`),
  },
  {
    name: "wiping in a tier that loses nothing",
    files: projectWith(`${CLUSTER}rejoin: { onRewindFailure: wipe }\n`),
  },
  {
    name: "wiping with the consent that an asynchronous tier needs",
    files: projectWith(
      `${edit(CLUSTER, "durability: sync", "durability: async")}rejoin: { onRewindFailure: wipe, wipeMayLoseCommits: true }\n`,
    ),
  },
  {
    name: "no hints where nobody rewinds",
    files: projectWith(
      `${CLUSTER}rejoin: { rewind: false }\npostgresql: { parameters: { wal_log_hints: off } }\n`,
    ),
  },
  {
    name: "a bounded script before each stop",
    files: projectWith(`${CLUSTER}postgresql: { beforeStop: /usr/bin/timeout 5 /bin/drain }\n`),
  },
  {
    name: "a script before each stop under a required watchdog",
    files: projectWith(
      `${CLUSTER}fencing: { watchdog: required }\npostgresql: { beforeStop: /bin/drain }\n`,
    ),
  },
  {
    name: "commands that name where a secret is",
    files: projectWith(
      `${CLUSTER}postgresql: { archive: { command: tool --password-file /etc/x --token $TOKEN %p } }\n`,
    ),
  },
  {
    name: "a node that does not stream, with an archive",
    files: projectWith(
      `${edit(CLUSTER, "name: pay-3,", "name: pay-3, stream: false,")}postgresql: { restore: { command: cp /a/%f %p } }\n`,
    ),
  },
  {
    name: "a pause in a tier that does not block",
    files: projectWith(
      `${CLUSTER}maintenance: { pause: { owner: x, reason: y, until: 2026-12-01 } }\n`,
    ),
  },
  {
    name: "overrides of what the intent has no word for",
    files: projectWith(
      `${CLUSTER}overrides: { dcs: { maximum_lag_on_failover: 16777216, primary_stop_timeout: 25, max_timelines_history: 10 }, node: { restapi: { server_tokens: minimal } } }\n`,
    ),
  },
  {
    name: "a Consul that grants exactly what is asked for",
    files: memoryProject({
      "quorate.yaml": edit(
        PROJECT,
        "kind: etcd3\n",
        "kind: consul\n    sessionTtlMin: 15s\n    token: env:X\n",
      ),
      "clusters/1.yaml": CLUSTER,
    }),
  },
  {
    name: "a ZooKeeper that grants exactly what is asked for",
    files: memoryProject({
      "quorate.yaml": edit(
        PROJECT,
        "kind: etcd3\n",
        "kind: zookeeper\n    minSession: 20s\n    maxSession: 30s\n",
      ),
      "clusters/1.yaml": CLUSTER,
    }),
  },
];

describe("nothing is said of", () => {
  test.each(SILENT)("$name", async ({ files }) => {
    expect(await messagesOf(files)).toEqual([]);
  });
});

const message = (rtt: number, more: string): string =>
  `QUO051: while a node in bj leads, every commit may wait for sh: at least ${rtt} ms, one round trip${more}`;

describe("a slow link", () => {
  test.each([
    { rtt: 11, severity: "warn", more: "" },
    { rtt: 50, severity: "warn", more: "" },
    { rtt: 51, severity: "error", more: " (more than 50 ms)" },
  ])("of $rtt ms is a matter of $severity", async ({ rtt, severity, more }) => {
    const files = projectWith(
      `${TWO_SITES}quorum: 2\nlinks: [{ between: [bj, sh], rtt: ${rtt}ms }]\n`,
    );
    expect(await messagesOf(files)).toEqual([`${severity} ${message(rtt, more)}`]);
  });

  test("counts for the leader alone that has nobody near when one confirmation is enough", async () => {
    const files = projectWith(`${TWO_SITES}quorum: 1\nlinks: [{ between: [bj, sh], rtt: 20ms }]\n`);
    expect(await messagesOf(files)).toEqual([
      "warn QUO051: while a node in sh leads, every commit may wait for bj: at least 20 ms, one round trip",
    ]);
  });

  test("counts without quorum mode too, where Patroni may have picked the far standby", async () => {
    const files = release("3.3", "quorum: 1\nlinks: [{ between: [bj, sh], rtt: 20ms }]", TWO_SITES);
    expect(await messagesOf(files)).toEqual([`warn ${message(20, "")}`]);
  });
});

test("two terms that fit into retryTimeout are no error", async () => {
  const files = memoryProject({
    "quorate.yaml": edit(PROJECT, "name: etcd-2, site: bj", "name: etcd-2, site: sh"),
    "clusters/1.yaml": `${edit(TWO_SITES, "failover: {", "failover: { speed: fast,")}links: [{ between: [bj, sh], rtt: 249ms, commitsMayWait: true }]\n`,
  });
  expect(await messagesOf(files)).toEqual([
    "warn QUO051: the voters of main in bj and sh are 249 ms apart; etcd's default election timeout of 1000 ms is less than 10 round trips, so slow answers look like a dead leader",
  ]);
});

test("a physical slot named like a member's is no mistake before 4.0", async () => {
  const text =
    "slots: { pay_2: { type: physical } }\npostgresql: { parameters: { max_slot_wal_keep_size: 10GB } }";
  expect(await messagesOf(release("3.3", text))).toEqual([
    "warn QUO053: a slot that went beyond max_slot_wal_keep_size stays lost on Patroni 3.3 until somebody drops it; 4.1.4 and newer make it again",
  ]);
});
