import type { ProjectFiles } from "../../src/core/ports.ts";
import { CLUSTER, edit, memoryProject, PROJECT, projectWith } from "../support/memory-project.ts";
import type { BadInput } from "./bad-input-table.ts";

/** Two sites of equal rank: bj with pay-1 and pay-2, sh with pay-3. */
/** What becomes of a lost site is judged elsewhere. */
const TWO_SITES = `${edit(
  edit(CLUSTER, "role: primary", "role: peer"),
  "      - { name: pay-3",
  "  - name: sh\n    role: peer\n    nodes:\n      - { name: pay-3",
)}failover: { allowance: { sites: 0 } }\n`;

const plain = (text: string): ProjectFiles => projectWith(`${CLUSTER}${text}\n`);
const sites = (text: string): ProjectFiles => projectWith(`${TWO_SITES}${text}\n`);
const tier = (name: string, text: string): ProjectFiles =>
  projectWith(`${edit(CLUSTER, "durability: sync", `durability: ${name}`)}${text}\n`);

function release(version: string, text: string, cluster = CLUSTER): ProjectFiles {
  return projectWith(`${edit(cluster, 'patroni: "4.1"', `patroni: "${version}"`)}${text}\n`);
}

/** On a Patroni and with a cap that leave nothing to say of slots. */
function capped(text: string, cluster = CLUSTER): ProjectFiles {
  return release("4.1.4", `rejoin: { walCap: 10GiB }\n${text}`, cluster);
}

/** The third node with these keys. */
function node(keys: string, version = "4.1", more = ""): ProjectFiles {
  return release(version, more, edit(CLUSTER, "name: pay-3,", `name: pay-3, ${keys},`));
}

const RESTORE = "postgresql: { restore: { command: cp /a/%f %p } }";
const ASYNC = edit(CLUSTER, "durability: sync", "durability: async");
const TWO_NODES = edit(CLUSTER, "      - { name: pay-3, address: 10.1.1.3 }\n", "");

/** The DCS is of this kind, with these keys. */
function dcs(kind: string, keys: string, cluster = CLUSTER): ProjectFiles {
  const quorate = edit(PROJECT, "kind: etcd3\n", `kind: ${kind}\n${keys}`);
  return memoryProject({ "quorate.yaml": quorate, "clusters/1.yaml": cluster });
}

/** One of the voters stands in the other site. */
function farVoter(text: string, cluster = TWO_SITES): ProjectFiles {
  const quorate = edit(PROJECT, "name: etcd-2, site: bj", "name: etcd-2, site: sh");
  return memoryProject({ "quorate.yaml": quorate, "clusters/1.yaml": `${cluster}${text}\n` });
}

function row(
  name: string,
  files: ProjectFiles,
  found: readonly (readonly [string, string, string])[],
  hint: string,
): BadInput {
  return { name, files, want: found.map(([file, at, said]) => `${file} ^${at}^ ${said}`), hint };
}

const C = "clusters/1.yaml";
const Q = "quorate.yaml";

/** Mistakes in the sections that have files of their own, and in the kinds of DCS, each with exactly what is found. */
export const SECTION_BAD_INPUT: readonly BadInput[] = [
  row(
    "a watchdog that fires before the next loop",
    plain(
      "failover: { speed: { ttl: 30s, loopWait: 10s, retryTimeout: 10s } }\nfencing: { margin: 25s }",
    ),
    [
      [
        C,
        "25s }",
        "QUO012: the watchdog fires 5 s after its last keepalive (ttl 30 s - margin 25 s), which is sooner than a loop of 10 s: Patroni would not use it",
      ],
    ],
    "lower loopWait or the margin",
  ),
  row(
    "a watchdog that fires before a leader can stop by itself",
    plain("fencing: { margin: half-ttl }"),
    [
      [
        C,
        "half-ttl }",
        "QUO012: the watchdog fires 15 s after its last keepalive (half of ttl 30 s), but a leader whose DCS is slow needs loopWait + retryTimeout = 20 s before it stops by itself: the machine would be reset first",
      ],
    ],
    "raise ttl to 42s, or write a margin of at most 9s",
  ),
  row(
    "a watchdog without room for a slow DCS",
    plain("failover: { speed: { ttl: 20s, loopWait: 10s, retryTimeout: 5s } }"),
    [
      [
        C,
        "{ ttl: 20s, lo",
        "QUO012: the watchdog fires 15 s after its last keepalive (ttl 20 s - margin 5 s), but a leader whose DCS is slow needs loopWait + retryTimeout = 15 s before it stops by itself: the machine would be reset first",
      ],
    ],
    "raise ttl to 21s, or lower fencing.margin to 4s",
  ),
  row(
    "a watchdog that fires when it is too late",
    plain("fencing: { margin: 0s }"),
    [
      [
        C,
        "0s }",
        "QUO012: with a margin of 0 s the machine is reset only when another node may lead already",
      ],
    ],
    "write a margin of 1s or more; 5s is Patroni's own",
  ),
  row(
    "a margin that is longer than the lease",
    plain("fencing: { margin: 30s }"),
    [[C, "30s }", "QUO012: the margin of 30 s is not shorter than ttl (30 s)"]],
    "write 5s, Patroni's own, or half-ttl",
  ),
  row(
    "a watchdog that Linux cannot arm",
    plain("failover: { speed: { ttl: 65540s, loopWait: 10s, retryTimeout: 10s } }"),
    [
      [
        C,
        "{ ttl: 65540s,",
        "QUO012: the watchdog fires 65535 s after its last keepalive (ttl 65540 s - margin 5 s); Linux arms a watchdog for less than 65535 s",
      ],
    ],
    "lower ttl, or write watchdog: off",
  ),
  row(
    "a margin of a watchdog that is off",
    plain("fencing: { watchdog: off, margin: 5s, device: /dev/watchdog1 }"),
    [
      [C, "margin: 5s, de", "QUO050: margin has no effect: the watchdog is off"],
      [C, "device: /dev/w", "QUO050: device has no effect: the watchdog is off"],
    ],
    "remove margin, or write watchdog: best-effort or required",
  ),
  row(
    "a device outside /dev",
    plain("fencing: { device: /tmp/watchdog }"),
    [
      [
        C,
        "/tmp/watchdog ",
        'QUO003: device: "/tmp/watchdog" is not a watchdog device, /dev/watchdog or /dev/watchdog0 to /dev/watchdog31',
      ],
    ],
    "write it like /dev/watchdog",
  ),
  ...["/dev/sda", "/dev/watchdog32", "/dev/watchdog/0"].map((device) =>
    row(
      `a device that is no watchdog, ${device}`,
      plain(`fencing: { device: ${device} }`),
      [
        [
          C,
          `${device} }`.slice(0, 14),
          `QUO003: device: "${device}" is not a watchdog device, /dev/watchdog or /dev/watchdog0 to /dev/watchdog31`,
        ],
      ],
      "write it like /dev/watchdog",
    ),
  ),
  row(
    "a device with a specifier of systemd",
    plain("fencing: { device: /dev/watch%n }"),
    [
      [
        C,
        "/dev/watch%n }",
        'QUO003: device: "/dev/watch%n" is not a watchdog device, /dev/watchdog or /dev/watchdog0 to /dev/watchdog31',
      ],
    ],
    "write it like /dev/watchdog",
  ),
  row(
    "no watchdog in a tier that blocks",
    tier("majority", "fencing: { watchdog: off }"),
    [
      [
        C,
        "off }",
        "QUO050: the watchdog is off, but tier majority promises that commits wait rather than get lost: a leader whose Patroni hangs stays writable beside the next one, without limit",
      ],
    ],
    "write watchdog: best-effort, or required where every node has a device",
  ),
  row(
    "a link to a site that does not exist",
    sites("links: [{ between: [bj, shh] }]"),
    [[C, "[bj, shh] }]", "QUO006: shh is not a site of this cluster"]],
    "did you mean sh?",
  ),
  row(
    "a link from a site to itself",
    sites("links: [{ between: [bj, bj] }]"),
    [
      [
        C,
        "[bj, bj] }]",
        "QUO051: a link lies between two different sites, this one begins and ends in bj",
      ],
    ],
    "name the site at its other end",
  ),
  row(
    "a link between three sites",
    sites("links: [{ between: [bj, sh, gz] }]"),
    [[C, "[bj, sh, gz] }", "QUO003: between: a link lies between two sites"]],
    "write it like [bj, sh]",
  ),
  row(
    "a link declared twice",
    sites("links: [{ between: [bj, sh] }, { between: [sh, bj] }]"),
    [[C, "[sh, bj] }]", "QUO005: the link between sh and bj is declared twice"]],
    "keep one of the two",
  ),
  row(
    "a round trip without a unit",
    sites("links: [{ between: [bj, sh], rtt: 12 }]"),
    [[C, "12 }]", "QUO003: rtt: 12 has no unit"]],
    "write a round-trip time with its unit, such as 12ms",
  ),
  row(
    "a bandwidth in bytes",
    sites("links: [{ between: [bj, sh], bandwidth: 200MB }]"),
    [[C, "200MB }]", 'QUO003: bandwidth: "200MB" is not a bandwidth']],
    "write a whole number and one of kbit, Mbit, Gbit, such as 200Mbit",
  ),
  row(
    "commits that wait noticeably across a link",
    sites("quorum: 2\nlinks: [{ between: [bj, sh], rtt: 11ms }]"),
    [
      [
        C,
        "11ms }]",
        "QUO051: while a node in bj leads, every commit may wait for sh: at least 11 ms, one round trip",
      ],
    ],
    "let nodes nearby confirm (confirms: false on the far ones, or a smaller quorum), or write commitsMayWait: true on the link",
  ),
  row(
    "commits that wait too long across a link",
    sites("quorum: 2\nlinks: [{ between: [bj, sh], rtt: 51ms }]"),
    [
      [
        C,
        "51ms }]",
        "QUO051: while a node in bj leads, every commit may wait for sh: at least 51 ms, one round trip (more than 50 ms)",
      ],
    ],
    "let nodes nearby confirm (confirms: false on the far ones, or a smaller quorum), or write commitsMayWait: true on the link",
  ),
  row(
    "failsafe mode over a link that is too slow for it",
    sites("links: [{ between: [bj, sh], rtt: 500ms, commitsMayWait: true }]"),
    [
      [
        C,
        "500ms, commits",
        "QUO051: keep-leading needs an answer of every member within 2000 ms when the DCS is gone; between bj and sh one takes 2000 ms (4 round trips of 500 ms)",
      ],
    ],
    "write dcs.onOutage: read-only, or make the far site a cluster of its own that follows this one",
  ),
  row(
    "failsafe mode over a link that fails",
    sites("links: [{ between: [bj, sh], reliable: false }]"),
    [
      [
        C,
        "false }]",
        "QUO051: the link between bj and sh is not reliable, but keep-leading needs every member to answer when the DCS is gone: if the link fails too, the leader stops",
      ],
    ],
    "know that it may, write dcs.onOutage: read-only, or make the far site a cluster of its own that follows this one",
  ),
  row(
    "voters too far apart for their elections",
    farVoter("links: [{ between: [bj, sh], rtt: 101ms, commitsMayWait: true }]"),
    [
      [
        C,
        "101ms, commits",
        "QUO051: the voters of main in bj and sh are 101 ms apart; etcd's default election timeout of 1000 ms is less than 10 round trips, so slow answers look like a dead leader",
      ],
    ],
    "start the voters with heartbeat-interval 101 and election-timeout 1010, or keep them closer together",
  ),
  row(
    "voters whose elections outlast retryTimeout",
    farVoter(
      "links: [{ between: [bj, sh], rtt: 250ms, commitsMayWait: true }]",
      edit(TWO_SITES, "failover: {", "failover: { speed: fast,"),
    ),
    [
      [
        C,
        "250ms, commits",
        "QUO051: electing a new etcd leader may take two terms of 2500 ms, but Patroni waits only retryTimeout (5 s) for it: the leader would stop",
      ],
      [
        C,
        "250ms, commits",
        "QUO051: the voters of main in bj and sh are 250 ms apart; etcd's default election timeout of 1000 ms is less than 10 round trips, so slow answers look like a dead leader",
      ],
    ],
    "choose failover.speed: wan, or keep the voters closer together",
  ),
  row(
    "a slot name that PostgreSQL does not take",
    plain("slots: { Billing-CDC: { type: physical } }\nrejoin: { walCap: 10GiB }"),
    [
      [
        C,
        "Billing-CDC: {",
        'QUO003: Billing-CDC: "Billing-CDC" is not a slot name of lower-case letters, digits and underscores, at most 63 long',
      ],
    ],
    "write it like billing_cdc",
  ),
  row(
    "a slot of no type",
    plain("slots: { cdc: { database: pay, plugin: pgoutput } }"),
    [[C, "cdc: { databas", "QUO004: slots.cdc has no type"]],
    "add type:",
  ),
  row(
    "a logical slot without a plugin",
    plain("slots: { cdc: { type: logical, database: pay } }"),
    [[C, "cdc: { type: l", "QUO004: slots.cdc has no plugin"]],
    "add plugin:",
  ),
  row(
    "a slot named like a member's",
    capped("slots: { pay_2: { type: physical } }"),
    [[C, "pay_2: { type:", "QUO052: pay_2 is the slot that Patroni makes for the member pay-2"]],
    "write rejoin.slotRetention to keep the slots of members that are away, or give this one another name",
  ),
  row(
    "a logical slot named like a member's, before 4.0",
    release(
      "3.3",
      "slots: { pay_2: { type: logical, database: pay, plugin: pgoutput } }\npostgresql: { parameters: { max_slot_wal_keep_size: 10GB } }",
    ),
    [
      [C, "pay_2: { type:", "QUO052: pay_2 is the slot that Patroni makes for the member pay-2"],
      [
        C,
        "10GB } }",
        "QUO053: a slot that went beyond max_slot_wal_keep_size stays lost on Patroni 3.3 until somebody drops it; 4.1.4 and newer make it again",
      ],
    ],
    "give it another name",
  ),
  row(
    "a slot that nothing caps",
    plain("slots: { backup: { type: physical } }"),
    [
      [
        C,
        "{ type: physic",
        "QUO052: while nobody reads backup, WAL piles up on every node until a disk is full: nothing caps it",
      ],
    ],
    "write rejoin.walCap, well below the size of the WAL's disk",
  ),
  row(
    "a physical slot that dies with the leader",
    release(
      "3.1",
      "slots: { backup: { type: physical } }\npostgresql: { parameters: { max_slot_wal_keep_size: 10GB } }",
    ),
    [
      [
        C,
        "backup: { type",
        "QUO052: Patroni 3.1 keeps the physical slot backup on the leader only: after a failover it begins anew, and WAL may be missing (3.2 and newer keep it on every node)",
      ],
      [
        C,
        "10GB } }",
        "QUO053: a slot that went beyond max_slot_wal_keep_size stays lost on Patroni 3.1 until somebody drops it; 4.1.4 and newer make it again",
      ],
    ],
    "raise patroni: once every member runs 3.2 or newer, or know that its reader may have to begin again",
  ),
  row(
    "a cluster type that Patroni 4.0 does not know",
    release(
      "4.0",
      "slots: { backup: { type: physical, clusterType: primary } }\npostgresql: { parameters: { max_slot_wal_keep_size: 10GB } }",
    ),
    [
      [
        C,
        "{ type: physic",
        "QUO013: Patroni 4.0 does not know slots.backup.cluster_type, it came with 4.1",
      ],
    ],
    "raise patroni: in the intent once every member runs it, or leave the key out",
  ),
  row(
    "a logical slot with a wal_level that forbids it",
    capped(
      "slots: { cdc: { type: logical, database: pay, plugin: pgoutput } }\npostgresql: { parameters: { wal_level: replica } }",
    ),
    [
      [
        C,
        "replica } }",
        "QUO052: wal_level is replica, but logical slots (cdc) need logical: Patroni would fail to make them in every loop",
      ],
    ],
    "remove wal_level: Quorate sets it where a slot needs it",
  ),
  row(
    "a logical slot in a tier that may lose commits",
    capped("slots: { cdc: { type: logical, database: pay, plugin: pgoutput } }", ASYNC),
    [
      [
        C,
        "{ type: logica",
        "QUO052: with tier async the reader of cdc may have seen commits that a failover then loses",
      ],
    ],
    "choose a tier that loses nothing, or let the reader start over after a failover",
  ),
  row(
    "too few slots for the members and the permanent ones",
    capped(
      "slots: { backup: { type: physical } }\npostgresql: { parameters: { max_replication_slots: 4, max_wal_senders: 4 } }\nignoreSlots: [{ name: other }]",
    ),
    [
      [
        C,
        "4, max_wal_sen",
        "QUO014: max_replication_slots is 4, but 3 members and 2 other slots need 5",
      ],
      [C, "4 } }", "QUO014: max_wal_senders is 4, but 3 members and 2 other slots need 6"],
    ],
    "raise it, or leave it out: Quorate computes it",
  ),
  row(
    "a matcher that fits every slot",
    plain("ignoreSlots: [{}]"),
    [[C, "{}]", "QUO052: this matcher fits every slot, so that Patroni would drop none"]],
    "write at least a name, or a plugin and a database",
  ),
  row(
    "a matcher that fits a permanent slot",
    capped(
      "slots: { backup: { type: physical } }\nignoreSlots: [{ name: backup, type: physical }]",
    ),
    [
      [
        C,
        "{ name: backup",
        "QUO052: this matcher fits the permanent slot backup: Patroni would make it, and then not look after it",
      ],
    ],
    "make the matcher narrower, or remove the slot",
  ),
  row(
    "a matcher that fits the slots of members that left",
    plain("ignoreSlots: [{ type: physical }]"),
    [
      [
        C,
        "{ type: physic",
        "QUO052: every physical slot fits this matcher, those of members that have left too: nobody drops them, and they keep WAL for ever",
      ],
    ],
    "write the names of the slots",
  ),
  row(
    "wiping in a tier that may lose commits",
    tier("async", "rejoin: { onRewindFailure: wipe }"),
    [
      [
        C,
        "wipe }",
        "QUO053: with tier async a failover may lose commits, and the former leader holds the only copy of them: wiping it deletes them for good",
      ],
    ],
    "write onRewindFailure: keep-data, or rejoin.wipeMayLoseCommits: true if nobody will look for them",
  ),
  row(
    "wiping with two nodes",
    release("4.1", "rejoin: { onRewindFailure: wipe }", TWO_NODES),
    [
      [
        C,
        "wipe }",
        "QUO053: with 2 nodes, wiping one leaves a single copy until it is copied anew",
      ],
    ],
    "write onRewindFailure: keep-data, or add a node",
  ),
  row(
    "a consent to nothing",
    plain("rejoin: { wipeMayLoseCommits: true }"),
    [[C, "true }", "QUO053: wipeMayLoseCommits has no effect: nothing is wiped"]],
    "remove it, or write onRewindFailure: wipe",
  ),
  row(
    "a join rate below what pg_basebackup takes",
    plain("rejoin: { joinRate: 31KiB/s }"),
    [[C, "31KiB/s }", "QUO053: joinRate is 31 KiB/s; pg_basebackup takes 32 KiB/s to 1024 MiB/s"]],
    "write a rate in between, such as 100MB/s",
  ),
  row(
    "a join rate that would fill a link",
    sites("rejoin: { joinRate: 13MB/s }\nlinks: [{ between: [bj, sh], bandwidth: 200Mbit }]"),
    [
      [
        C,
        "13MB/s }",
        "QUO053: joinRate is 13 MB/s, more than half of the link between bj and sh (200 Mbit/s): a copy would hold up everybody's WAL",
      ],
    ],
    "write at most 12MB/s, or leave it out: Quorate takes half of each site's slowest link",
  ),
  row(
    "a retention that Patroni 3.3 does not know",
    release("3.3", "rejoin: { slotRetention: 30m }"),
    [
      [
        C,
        "30m }",
        "QUO013: Patroni 3.3 drops a member's slot as soon as its key in the DCS ends; slotRetention (member_slots_ttl) came with 4.0",
      ],
    ],
    "raise patroni: once every member runs 4.0 or newer, or declare a physical slot named after the member under slots: together with walCap",
  ),
  row(
    "a long retention that nothing caps",
    plain("rejoin: { slotRetention: 24h }"),
    [
      [
        C,
        "24h }",
        "QUO053: for a member that is away, WAL piles up for 24 h on every node: nothing caps it",
      ],
    ],
    "write rejoin.walCap, well below the size of the WAL's disk",
  ),
  row(
    "a cap below two segments",
    release("4.1.4", "rejoin: { walCap: 31MiB }"),
    [
      [
        C,
        "31MiB }",
        "QUO053: walCap is 31 MiB, expected whole MiB and at least 32 MiB (two WAL segments)",
      ],
    ],
    "write a size that outlasts a member's usual absence, such as 10GiB",
  ),
  row(
    "a cap that stands twice",
    release(
      "4.1.4",
      "rejoin: { walCap: 10GiB }\npostgresql: { parameters: { Max_Slot_WAL_Keep_Size: 10GB } }",
    ),
    [
      [
        C,
        "10GiB }",
        "QUO053: walCap and postgresql.parameters.Max_Slot_WAL_Keep_Size are the same setting",
      ],
    ],
    "keep walCap",
  ),
  row(
    "a cap on a Patroni that does not mend lost slots",
    plain("rejoin: { walCap: 10GiB }"),
    [
      [
        C,
        "10GiB }",
        "QUO053: a slot that went beyond walCap stays lost on Patroni 4.1 until somebody drops it; 4.1.4 and newer make it again",
      ],
    ],
    'write patroni: "4.1.4" once every member runs it, and watch wal_status of pg_replication_slots until then',
  ),
  row(
    "a cap as a parameter on a Patroni that does not mend lost slots",
    release("4.1.3", "postgresql: { parameters: { max_slot_wal_keep_size: 10GB } }"),
    [
      [
        C,
        "10GB } }",
        "QUO053: a slot that went beyond max_slot_wal_keep_size stays lost on Patroni 4.1.3 until somebody drops it; 4.1.4 and newer make it again",
      ],
    ],
    'write patroni: "4.1.4" once every member runs it, and watch wal_status of pg_replication_slots until then',
  ),
  row(
    "rewinding without hints",
    plain("postgresql: { parameters: { wal_log_hints: off } }"),
    [
      [
        C,
        "off } }",
        "QUO053: without wal_log_hints, pg_rewind works only where the data has checksums: a cluster that was not bootstrapped from these files may have none",
      ],
    ],
    "remove wal_log_hints, or look at data_checksums on every node and know that they stay on",
  ),
  row(
    "a secret in a command",
    plain("postgresql: { archive: { command: 'aws s3 cp %p s3://x --secret-key=abc' } }"),
    [
      [
        C,
        "'aws s3 cp %p ",
        "QUO007: command: this command holds what looks like a secret; everyone on the node may read it",
      ],
    ],
    "keep the secret in a file on the nodes and name the file",
  ),
  row(
    "a callback without a path",
    plain("postgresql: { callbacks: { onStart: notify } }"),
    [
      [
        C,
        "notify } }",
        'QUO003: onStart: "notify" is not a command that begins with an absolute path',
      ],
    ],
    "write it like /usr/local/bin/notify --verbose",
  ),
  row(
    "a command on two lines",
    plain('postgresql: { prePromote: "/bin/a\\n/bin/b" }'),
    [[C, '"/bin/a\\n/bin/', "QUO003: prePromote: a command must stand on one line"]],
    "write it on one line: use > or quotes instead of |, or put it into a script",
  ),
  row(
    "an archive command that archives nothing",
    plain("postgresql: { archive: { command: /bin/true } }"),
    [
      [
        C,
        "/bin/true } }",
        'QUO003: command: "/bin/true" is not a command that archives the file %p',
      ],
    ],
    "write it like pgbackrest --stanza=orders archive-push %p",
  ),
  row(
    "a restore command that does not say where to",
    plain("postgresql: { restore: { command: cp /archive/%f } }"),
    [
      [
        C,
        "cp /archive/%f",
        'QUO003: command: "cp /archive/%f" is not a command that fetches the file %f to %p',
      ],
    ],
    "write it like pgbackrest --stanza=orders archive-get %f %p",
  ),
  row(
    "an archive that stands twice",
    plain("postgresql: { archive: { command: cp %p /a }, parameters: { Archive_Mode: on } }"),
    [
      [
        C,
        "Archive_Mode: ",
        "QUO054: Archive_Mode is what postgresql.archive sets; the nodes' files would win over this one",
      ],
    ],
    "remove it here",
  ),
  row(
    "an archive that never gets the last segment",
    plain("postgresql: { archive: { command: cp %p /a, timeout: 0s } }"),
    [
      [
        C,
        "timeout: 0s } ",
        "QUO054: with an archive timeout of 0 s the last segment of an idle cluster is never archived",
      ],
    ],
    "write how much of time may be missing from the archive, such as 5m",
  ),
  row(
    "a script before each stop that nothing ends",
    plain("postgresql: { beforeStop: /usr/local/bin/drain }"),
    [
      [
        C,
        "beforeStop: /u",
        "QUO054: nothing ends beforeStop when it hangs: a leader that lost its lease would go on while another one leads",
      ],
    ],
    "begin it with a limit, such as /usr/bin/timeout 5 …, or write fencing.watchdog: required",
  ),
  row(
    "a script before each stop that Patroni 3.0 does not know",
    release("3.0", "postgresql: { beforeStop: /usr/local/bin/drain }"),
    [[C, "beforeStop: /u", "QUO013: Patroni 3.0 does not know before_stop, it came with 3.0.3"]],
    "raise patroni: once every member runs it, or remove beforeStop",
  ),
  row(
    "JSON logs on Patroni 3.2",
    release("3.2", "logging: { format: json }"),
    [[C, "format: json }", "QUO013: Patroni 3.2 does not know format: json, it came with 3.3"]],
    "raise patroni: once every member runs it, or remove format",
  ),
  row(
    "quiet heartbeats on Patroni 4.0",
    release("4.0.6", "logging: { quietHeartbeats: true }"),
    [
      [
        C,
        "quietHeartbeat",
        "QUO013: Patroni 4.0.6 does not know quietHeartbeats: true, it came with 4.1",
      ],
    ],
    "raise patroni: once every member runs it, or remove quietHeartbeats",
  ),
  row(
    "file sizes without files",
    plain("logging: { fileSize: 25MiB, files: 4 }"),
    [
      [C, "fileSize: 25Mi", "QUO055: fileSize has no effect: Patroni writes to no files"],
      [C, "files: 4 }", "QUO055: files has no effect: Patroni writes to no files"],
    ],
    "write dir, or remove it",
  ),
  row(
    "log files that turn over at once",
    plain("logging: { dir: /var/log/patroni, fileSize: 1000KiB }"),
    [
      [
        C,
        "fileSize: 1000",
        "QUO055: fileSize is 1000 KiB: what happened before a failover would be gone in minutes",
      ],
    ],
    "write 1MiB or more",
  ),
  row(
    "a log level that Patroni does not have",
    plain("logging: { level: verbose }"),
    [
      [
        C,
        "verbose }",
        'QUO003: level: "verbose" is not one of debug, info, warning, error, critical',
      ],
    ],
    "write one of these words",
  ),
  row(
    "a node that takes WAL from an archive that is not there",
    node("stream: false"),
    [
      [
        C,
        "stream: false,",
        "QUO056: pay-3 does not stream, and there is no archive to take WAL from: it would never get any",
      ],
    ],
    "write postgresql.restore.command, or let the node stream",
  ),
  row(
    "a node that does not stream and yet confirms",
    node("stream: false, confirms: true, upstream: pay-2", "4.1", RESTORE),
    [
      [C, "confirms: true", "QUO056: pay-3 does not stream, so it cannot confirm commits"],
      [
        C,
        "true, upstream",
        "QUO010: pay-3 streams from pay-2, so it cannot confirm the leader's commits",
      ],
      [C, "upstream: pay-", "QUO056: pay-3 does not stream, so pay-2 cannot be its upstream"],
    ],
    "remove confirms or stream",
  ),
  row(
    "a node that does not stream on Patroni 3.2",
    node("stream: false", "3.2", RESTORE),
    [
      [
        C,
        "stream: false,",
        "QUO013: Patroni 3.2 does not know stream: false (nostream), it came with 3.3",
      ],
    ],
    "raise patroni: once every member runs it, or let the node stream",
  ),
  row(
    "a tag that means something to Patroni",
    node("tags: { nofailover: true }"),
    [[C, "nofailover: tr", "QUO056: nofailover: this tag means something to Patroni"]],
    "write promotable: false instead",
  ),
  row(
    "a tag that Quorate sets itself",
    node("tags: { quorate_rev: x }"),
    [[C, "quorate_rev: x", "QUO056: quorate_rev: Quorate sets this tag itself"]],
    "choose another name",
  ),
  row(
    "a tag with a name of its own",
    node("tags: { Rack-1: a }"),
    [
      [
        C,
        "Rack-1: a }, a",
        'QUO003: Rack-1: "Rack-1" is not a name of a tag: lower-case letters, digits and underscores',
      ],
    ],
    "write it like rack",
  ),
  row(
    "a secret in a tag",
    node("tags: { db_password: x }"),
    [
      [
        C,
        "db_password: x",
        "QUO007: db_password: this looks like a secret; everyone who reaches a node's REST API may read its tags",
      ],
    ],
    "remove it; change the secret if this file was ever shared",
  ),
  row(
    "a secret in the value of a tag",
    node("tags: { note: 'password=hunter2' }"),
    [
      [
        C,
        "'password=hunt",
        "QUO007: note: this looks like a secret; everyone who reaches a node's REST API may read its tags",
      ],
    ],
    "remove it; change the secret if this file was ever shared",
  ),
  row(
    "a pause without an owner",
    plain("maintenance: { pause: { reason: x, until: 2026-12-01 } }"),
    [[C, "pause: { reaso", "QUO004: maintenance.pause has no owner"]],
    "add owner:",
  ),
  row(
    "a pause without an end",
    plain("maintenance: { pause: { owner: x, reason: x } }"),
    [[C, "pause: { owner", "QUO004: maintenance.pause has no until"]],
    "add until:",
  ),
  row(
    "an end without an offset",
    plain("maintenance: { pause: { owner: x, reason: x, until: 2026-12-01T06:00 } }"),
    [
      [
        C,
        "2026-12-01T06:",
        'QUO003: until: "2026-12-01T06:00" is not a date or a time with its offset from UTC',
      ],
    ],
    "write it like 2026-12-01 or 2026-12-01T06:00Z",
  ),
  row(
    "an end on a day that does not exist",
    plain("maintenance: { pause: { owner: x, reason: x, until: 2026-02-29 } }"),
    [
      [
        C,
        "2026-02-29 } }",
        'QUO003: until: "2026-02-29" is not a date or a time with its offset from UTC',
      ],
    ],
    "write it like 2026-12-01 or 2026-12-01T06:00Z",
  ),
  row(
    "a pause in a tier that blocks",
    tier("majority", "maintenance: { pause: { owner: x, reason: x, until: 2026-12-01 } }"),
    [
      [
        C,
        "{ owner: x, re",
        "QUO057: while it is paused, nothing keeps what tier majority promises of a single leader: nobody fails over, nobody fences, and a leader that lost its lease goes on",
      ],
    ],
    "keep the pause as short as the work",
  ),
  row(
    "an override of the lease",
    plain("overrides: { dcs: { ttl: 20 } }"),
    [
      [
        C,
        "ttl: 20 } }",
        "QUO058: ttl cannot be overridden: Quorate checks that the lease timing holds together",
      ],
    ],
    "write failover.speed",
  ),
  row(
    "an override of what the tier promises",
    plain("overrides: { dcs: { synchronous_mode: off } }"),
    [
      [
        C,
        "synchronous_mo",
        "QUO058: synchronous_mode cannot be overridden: it decides what the tier promises",
      ],
    ],
    "write durability",
  ),
  row(
    "an override that removes everything at once",
    plain("overrides: { dcs: { postgresql: null } }"),
    [
      [
        C,
        "postgresql: nu",
        "QUO058: postgresql cannot be overridden as a whole: it holds keys that Quorate answers for, such as postgresql.use_slots",
      ],
    ],
    "override single keys below it",
  ),
  row(
    "an override of who a node is",
    plain(
      "overrides: { node: { scope: other }, nodes: { pay-2: { restapi: { connect_address: 10.9.9.9:8008 } } } }",
    ),
    [
      [
        C,
        "scope: other }",
        "QUO058: scope cannot be overridden: it says who this node is to the others",
      ],
      [
        C,
        "connect_addres",
        "QUO058: restapi.connect_address cannot be overridden: it says who this node is to the others",
      ],
    ],
    "rename the cluster",
  ),
  row(
    "an override of a node that is none",
    plain("overrides: { nodes: { pay-9: { log: { level: INFO } } } }"),
    [[C, "pay-9: { log: ", "QUO006: pay-9 is not a node of this cluster"]],
    "did you mean pay-1?",
  ),
  row(
    "an override of passwords",
    plain(
      "overrides: { node: { postgresql: { authentication: { superuser: { password: hunter2 } } } } }",
    ),
    [
      [
        C,
        "password: hunt",
        "QUO058: postgresql.authentication.superuser.password cannot be overridden: members would no longer reach each other, and failover or failsafe would silently end",
      ],
    ],
    "write nodes.users in quorate.yaml, or access; passwords come from the nodes' environment",
  ),
  row(
    "an override that holds a secret",
    plain(
      "overrides: { node: { log: { static_fields: { api_key: hunter2 } } }, dcs: { postgresql: { basebackup: { target: 'host=x password=hunter2' } } } }",
    ),
    [
      [C, "api_key: hunte", "QUO007: log.static_fields.api_key holds what looks like a secret"],
      [C, "target: 'host=", "QUO007: postgresql.basebackup.target holds what looks like a secret"],
    ],
    "give it to Patroni in its environment (PATRONI_…), or keep it in a file on the nodes and name the file; change the secret if this file was ever shared",
  ),
  row(
    "an override that Patroni does not know",
    plain("overrides: { dcs: { primary_stop_timout: 60 }, node: { log: { levle: INFO } } }"),
    [
      [C, "60 }, node: { ", "QUO013: Patroni 4.1 does not know primary_stop_timout"],
      [C, "levle: INFO } ", "QUO013: Patroni 4.1 does not know log.levle"],
    ],
    "did you mean primary_stop_timeout?",
  ),
  row(
    "an override of a wrong type",
    plain("overrides: { dcs: { primary_stop_timeout: 1min }, node: { log: { file_num: many } } }"),
    [
      [C, "1min }, node: ", 'QUO013: primary_stop_timeout is "1min", expected whole seconds'],
      [C, "file_num: many", 'QUO013: log.file_num is "many", expected whole files'],
    ],
    "write 60, in seconds",
  ),
  row(
    "an override near a key that the intent has a word for",
    plain("overrides: { node: { restapi: { cacert: /etc/ca.crt } } }"),
    [[C, "cacert: /etc/c", "QUO013: Patroni 4.1 does not know restapi.cacert"]],
    "did you mean restapi.cafile? write it under access, or rest in quorate.yaml",
  ),
  row(
    "an override of pg_hba",
    plain("overrides: { dcs: { postgresql: { pg_hba: [local all all trust] } } }"),
    [
      [
        C,
        "pg_hba: [local",
        "QUO058: postgresql.pg_hba cannot be overridden: members would no longer reach each other, and failover or failsafe would silently end",
      ],
    ],
    "write who may log in under access.postgres, further lines as access.postgres.hba",
  ),
  row(
    "an override in the wrong document",
    plain(
      "overrides: { node: { primary_stop_timeout: 60, postgresql: { parameters: { max_connections: 200 } } } }",
    ),
    [
      [C, "primary_stop_t", "QUO013: primary_stop_timeout has no effect in patroni.yml"],
      [
        C,
        "max_connection",
        "QUO013: postgresql.parameters.max_connections has no effect in patroni.yml",
      ],
    ],
    "it counts only in the DCS",
  ),
  row(
    "an override that Patroni 4.0 does not know",
    release("4.0", "overrides: { node: { restapi: { server_tokens: minimal } } }"),
    [
      [
        C,
        "server_tokens:",
        "QUO013: Patroni 4.0 does not know restapi.server_tokens, it came with 4.1",
      ],
    ],
    "raise patroni: in the intent once every member runs it, or leave the key out",
  ),
  row(
    "an override of a parameter that PostgreSQL does not have",
    plain(
      "overrides: { dcs: { postgresql: { parameters: { work_memm: 8MB } } }, nodes: { pay-1: { postgresql: { parameters: { work_mem: 8 } } } } }",
    ),
    [
      [C, "work_memm: 8MB", "QUO014: PostgreSQL 15 has no parameter work_memm"],
      [C, "8 } } } } }", "QUO014: work_mem is 8, expected a number with a unit of memory"],
    ],
    "did you mean work_mem?",
  ),
  row(
    "an override of a parameter that voids the tier",
    plain(
      "overrides: { dcs: { postgresql: { parameters: { Synchronous_Commit: local } } }, node: { postgresql: { parameters: { fsync: off } } } }",
    ),
    [
      [
        C,
        "local } } }, n",
        "QUO011: synchronous_commit local does not wait for a standby, but tier sync promises that nothing is lost",
      ],
      [
        C,
        "fsync: off } }",
        "QUO058: postgresql.parameters.fsync cannot be overridden: it must be the same on every node",
      ],
    ],
    "remove synchronous_commit, or choose the tier async",
  ),
  row(
    "an override of the lag limit that strands every standby",
    plain("overrides: { dcs: { maximum_lag_on_failover: 1048576 } }"),
    [
      [
        C,
        "1048576 } }",
        "QUO058: maximum_lag_on_failover is 1 MiB; less than one WAL segment (16 MiB) leaves no standby that may lead",
      ],
    ],
    "write at least 16777216",
  ),
  row(
    "a stop timeout where it does not count",
    tier("async", "overrides: { dcs: { primary_stop_timeout: 60 } }"),
    [
      [
        C,
        "60 } }",
        "QUO050: primary_stop_timeout counts in synchronous mode only: here a stop takes as long as it takes",
      ],
    ],
    "remove it, or choose a tier whose commits wait for standbys",
  ),
  row(
    "a stop timeout after which the watchdog is disarmed",
    plain("overrides: { dcs: { primary_stop_timeout: 24 } }"),
    [
      [
        C,
        "24 } }",
        "QUO050: primary_stop_timeout is 24 s, less than the 25 s of the watchdog: Patroni 4.1 disarms it then, while clients may still be writing",
      ],
    ],
    'write at least 25, or patroni: "4.1.4" once every member runs it',
  ),
  row(
    "a margin without a unit",
    plain("fencing: { margin: 5 }"),
    [[C, "5 }", "QUO003: margin: 5 has no unit"]],
    "write a duration with its unit, such as 30s",
  ),
  row(
    "a slot of a type that does not exist",
    plain("slots: { cdc: { type: logicl, database: pay, plugin: pgoutput } }"),
    [[C, "logicl, databa", 'QUO003: type: "logicl" is not physical or logical']],
    "did you mean logical?",
  ),
  row(
    "a slot that is a word",
    plain("slots: { cdc: physical }"),
    [[C, "physical }", 'QUO003: cdc: "physical" is not physical or logical']],
    "write { type: physical }",
  ),
  row(
    "a list where a parameter needs a value",
    plain("postgresql: { parameters: { shared_preload_libraries: [pg_stat_statements] } }"),
    [[C, "[pg_stat_state", "QUO003: shared_preload_libraries: a list is not one value"]],
    'write text, with commas between what it lists: "a, b"',
  ),
  row(
    "a map where a parameter needs a value",
    plain("postgresql: { parameters: { work_mem: { value: 64MB } } }"),
    [[C, "{ value: 64MB ", "QUO003: work_mem: a map is not one value"]],
    "write text, a number, true or false",
  ),
  row(
    "a password among the options of a command",
    plain("postgresql: { archive: { command: tool --password hunter2 %p } }"),
    [
      [
        C,
        "tool --passwor",
        "QUO007: command: this command holds what looks like a secret; everyone on the node may read it",
      ],
    ],
    "keep the secret in a file on the nodes and name the file",
  ),
  row(
    "a DCS that does not exist",
    dcs("etdc3", ""),
    [[Q, "etdc3", 'QUO003: kind: "etdc3" is not one of etcd3, etcd, consul, zookeeper']],
    "did you mean etcd3?",
  ),
  row(
    "etcd by its old API",
    dcs("etcd", ""),
    [
      [
        Q,
        "etcd",
        "QUO059: main is spoken to by etcd's v2 API, which etcd 3.6 no longer has, and 3.4 and 3.5 only with enable-v2",
      ],
    ],
    "write kind: etcd3",
  ),
  row(
    "a key of another kind of DCS",
    dcs("zookeeper", "    token: env:X\n"),
    [[Q, "token: env:X", "QUO002: unknown key token in dcs.main"]],
    "known here: kind, namespace, voters, tls, auth, minSession, maxSession",
  ),
  row(
    "a Consul that grants no short sessions",
    dcs("consul", "    sessionTtlMin: 16s\n"),
    [
      [
        C,
        "version: 1",
        "QUO059: ttl is 30 s, so the session in Consul would last 15 s, but main grants none below 16 s: Patroni would silently lead by a ttl of 32 s",
      ],
    ],
    "raise ttl to 32s, or lower session_ttl_min on the servers and sessionTtlMin in quorate.yaml",
  ),
  row(
    "a Consul token that crosses the network in plain text",
    dcs("consul", "    agent: consul.example.net:8500\n    token: env:X\n"),
    [
      [
        Q,
        "env:X",
        "QUO059: the token would cross the network to consul.example.net:8500 in plain text",
      ],
    ],
    "add tls, or let every node speak to an agent of its own (127.0.0.1:8500)",
  ),
  row(
    "a literal Consul token",
    dcs("consul", "    token: hunter2\n"),
    [
      [
        Q,
        "hunter2",
        "QUO007: token: this is a literal value where a reference to a secret belongs",
      ],
    ],
    "write env:NAME or file:/path; change the secret if this file was ever shared",
  ),
  row(
    "a certificate for Consul without its key",
    dcs("consul", "    tls: { ca: /etc/ca.crt, certificate: /etc/c.crt }\n"),
    [[Q, "{ ca: /etc/ca.", "QUO059: certificate and key belong together, one of them is missing"]],
    "write both, or neither",
  ),
  row(
    "a ZooKeeper that grants no long sessions",
    dcs("zookeeper", "", `${CLUSTER}failover: { speed: patient }\n`),
    [
      [
        C,
        "patient }",
        "QUO059: ttl is 60 s, but main grants sessions of 4 s to 40 s: ZooKeeper would silently grant 40 s",
      ],
    ],
    "raise maxSessionTimeout on the servers and maxSession in quorate.yaml, or lower ttl to 40s",
  ),
  row(
    "a ZooKeeper that grants no short sessions",
    dcs("zookeeper", "    minSession: 31s\n"),
    [
      [
        C,
        "version: 1",
        "QUO059: ttl is 30 s, but main grants sessions of 31 s to 40 s: ZooKeeper would silently grant 31 s",
      ],
    ],
    "raise ttl to 31s",
  ),
  row(
    "a ZooKeeper whose limits are the wrong way round",
    dcs("zookeeper", "    minSession: 30s\n    maxSession: 30s\n"),
    [[Q, "30s", "QUO059: maxSession is 30 s, not longer than minSession (30 s)"]],
    "write what the servers' configuration says",
  ),
  row(
    "a ZooKeeper login in plain text",
    dcs("zookeeper", "    auth: env:X\n"),
    [[Q, "env:X", "QUO059: the credential crosses the network in plain text"]],
    "add tls, once the servers have it",
  ),
  row(
    "a ZooKeeper login that Patroni 3.2 does not know",
    dcs(
      "zookeeper",
      "    tls: { ca: /etc/ca.crt }\n    auth: env:X\n",
      edit(CLUSTER, '"4.1"', '"3.2"'),
    ),
    [
      [
        C,
        '"3.2"',
        "QUO013: Patroni 3.2 cannot log in to ZooKeeper (auth_data came with 3.3), but main asks for it",
      ],
    ],
    "raise patroni: once every member runs it",
  ),
];
