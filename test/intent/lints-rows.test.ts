import { test } from "vitest";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { CLUSTER, edit, memoryProject, PROJECT, projectWith } from "../support/memory-project.ts";
import { drProject, DR_CLUSTER } from "./bad-dr-table.ts";

const p = (t: string) => projectWith(`${CLUSTER}${t}\n`);
const cases: Record<string, any> = {
  citus: p("overrides: { node: { citus: { group: 0, database: x } } }"),
  backoff: p("overrides: { dcs: { primary_race_backoff: 3 } }"),
  params_primary: p("overrides: { node: { postgresql: { parameters_primary: { work_mem: 8MB } } } }"),
  params_primary_dcs: p("overrides: { dcs: { postgresql: { parameters_primary: { work_mem: 8MB } } } }"),
  standby: p("overrides: { dcs: { standby_cluster: { primary_slot_name: x } } }"),
  consul: p("overrides: { node: { consul: { host: a } } }"),
  raft: p("overrides: { node: { raft: { self_addr: a } }, nodes: { pay-1: { kubernetes: { leader_label_value: master } } } }"),
  allow: p("overrides: { node: { restapi: { allowlist: [10.0.0.0/8] } } }"),
  ctl: p("overrides: { node: { ctl: { insecure: true } } }"),
  twomembers: projectWith(CLUSTER, edit(CLUSTER.replaceAll("10.1.1.", "10.1.2."), "cluster: pay", "cluster: cap")),
  drpause: drProject(`${DR_CLUSTER}maintenance: { pause: { owner: x, reason: y, until: 2026-12-01 } }\n`),
  four: memoryProject({ "quorate.yaml": PROJECT.replace("nodes:\n", "").replace("  tls:", "      - { name: etcd-4, site: bj, address: 10.1.0.4 }\nnodes:\n  tls:"), "clusters/1.yaml": CLUSTER }),
  archive: p("postgresql: { parameters: { archive_mode: on, archive_command: 'cp %p /a' } }"),
  archive2: p("overrides: { dcs: { postgresql: { parameters: { archive_command: 'cp %p /a' } } } }"),
  capparam: p("slots: { a: { type: physical } }\npostgresql: { parameters: { max_slot_wal_keep_size: 10GB } }"),
  strict: projectWith(edit(CLUSTER, "durability: sync", "durability: sync-strict")),
  wdsync: p("fencing: { watchdog: off }"),
  wdmaj: projectWith(edit(CLUSTER, "durability: sync", "durability: sync-strict") + "fencing: { watchdog: off }\n"),
  lagtext: p("overrides: { dcs: { maximum_lag_on_failover: 10MB } }"),
  lagneg: p("overrides: { dcs: { maximum_lag_on_failover: -1 } }"),
  localttl: p("overrides: { node: { ttl: 20, slots: { a: { type: physical } }, synchronous_mode: true } }"),
  localstop: p("overrides: { node: { primary_stop_timeout: 60 } }"),
  localmax: p("overrides: { node: { postgresql: { parameters: { max_connections: 200 } } } }"),
  wd: p("overrides: { node: { watchdog: { mode: off } } }"),
  wipe: p("overrides: { dcs: { postgresql: { remove_data_directory_on_rewind_failure: true } } }"),
  hba: p("overrides: { nodes: { pay-1: { postgresql: { pg_hba: [x] } } } }"),
  bootdcs: p("overrides: { node: { bootstrap: { dcs: { ttl: 5 } } } }"),
  initdb: p("overrides: { node: { bootstrap: { initdb: [{ encoding: UTF8 }] } } }"),
  hints: p("overrides: { dcs: { postgresql: { parameters: { wal_log_hints: off } } } }"),
  tlsopen: memoryProject({ "quorate.yaml": PROJECT.replace(/ {2}user[^]*/, "  scheme: http\n  verifyClient: required\n"), "clusters/1.yaml": CLUSTER }),
  join: p("rejoin: { joinRate: 500MB/s }"),
  stopasync: projectWith(edit(CLUSTER, "durability: sync", "durability: async") + "overrides: { dcs: { primary_stop_timeout: 60 } }\n"),
  colink: p("overrides: { dcs: { maximum_lag_on_syncnode: 10MB } }"),
  cbsecret: p("slots: { 'x-y': { type: physical } }"),
  host: p("rejoin: { slotRetention: 24h }"),
  kindraft: memoryProject({ "quorate.yaml": edit(PROJECT, "kind: etcd3", "kind: raft"), "clusters/1.yaml": CLUSTER }),
  twokinds: memoryProject({ "quorate.yaml": edit(PROJECT, "kind: etcd3", "kind: [etcd3, consul]"), "clusters/1.yaml": CLUSTER }),
  dr31: drProject(edit(DR_CLUSTER, '"4.1"', '"3.1"')),
};
test.each(Object.entries(cases))("%s", async (name, files) => {
  const { found } = await compileProject(files);
  console.log(`## ${name}\n` + found.map((f) => `${f.severity} ${f.rule} ${f.message}`).join("\n"));
});
