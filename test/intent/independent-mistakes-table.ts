import { edit, PROJECT } from "../support/memory-project.ts";

/** The two files of a project, as text. */
export interface Written {
  readonly project: string;
  readonly cluster: string;
}

/** A project that compiles, with something of every section. */
export const WITHOUT_MISTAKES: Written = {
  project: `${edit(PROJECT, "etcd-3, site: bj", "etcd-3, site: sh")}  timeout: 5s
defaults:
  fencing: { watchdog: best-effort }
`,
  cluster: `version: 1
cluster: pay
owner: payments
patroni: "4.0.6"
postgres: 15
sites:
  - name: bj
    role: primary
    nodes:
      - { name: pay-1, address: 10.1.1.1 }
      - { name: pay-2, address: 10.1.1.2, promotable: true }
  - name: sh
    role: standby
    nodes:
      - { name: pay-3, address: 10.1.1.3 }
durability: sync
quorum: 2
failover:
  speed: { ttl: 30s, loopWait: 10s, retryTimeout: 10s }
  order: [pay-1, pay-2]
links:
  - { between: [bj, sh], rtt: 2ms }
slots:
  billing: { type: physical }
rejoin:
  rewind: true
logging:
  level: info
  format: plain
access:
  postgres:
    hba: ["hostssl app app 10.0.0.0/8 scram-sha-256"]
postgresql:
  parameters:
    shared_buffers: 1GB
    max_connections: 200
    work_mem: 64MB
overrides:
  dcs:
    postgresql: { use_unix_socket: true }
  node:
    log: { max_queue_size: 1000 }
`,
};

/** One mistake, as a change of the files above. */
export interface IndependentMistake {
  readonly name: string;
  readonly make: (written: Written) => Written;
}

function inCluster(name: string, from: string, to: string): IndependentMistake {
  return { name, make: (written) => ({ ...written, cluster: edit(written.cluster, from, to) }) };
}

function inProject(name: string, from: string, to: string): IndependentMistake {
  return { name, make: (written) => ({ ...written, project: edit(written.project, from, to) }) };
}

/** Mistakes of every stage, none of which has to do with another one. */
export const INDEPENDENT_MISTAKES: readonly IndependentMistake[] = [
  inProject(
    "an unknown key of the project",
    "  user: quorate\n",
    "  user: quorate\n  usr: quorate\n",
  ),
  inProject("an optional value of a wrong form in the project", "timeout: 5s", "timeout: soon"),
  inProject("an unknown word among the defaults", "best-effort", "sometimes"),
  inProject("two voters with one name", "name: etcd-2", "name: etcd-1"),
  inCluster("an unknown key", "owner: payments\n", "owner: payments\nownr: payments\n"),
  inCluster("an unknown key of a node", "promotable: true", "promotble: true"),
  inCluster("an address that is none", "10.1.1.3", "nowhere!"),
  inCluster("a word that is not in the list", "level: info", "level: verbose"),
  inCluster("a switch that is none", "rewind: true", "rewind: maybe"),
  inCluster("a name of a slot", "billing:", "Billing:"),
  inCluster(
    "heartbeats that this Patroni does not know",
    "  format: plain\n",
    "  quietHeartbeats: true\n",
  ),
  inCluster("a lease that is too short", "ttl: 30s", "ttl: 25s"),
  inCluster("an order of nobody", "[pay-1, pay-2]", "[pay-1, nobody]"),
  inCluster("a link to nowhere", "between: [bj, sh]", "between: [bj, gz]"),
  inCluster(
    "a line of pg_hba",
    "hostssl app app 10.0.0.0/8 scram-sha-256",
    "hostssl app app 10.0.0.0/8 scrum",
  ),
  inCluster("more standbys than there are", "quorum: 2", "quorum: 7"),
  inCluster("an unknown parameter", "shared_buffers:", "shared_bufers:"),
  inCluster("too few connections", "max_connections: 200", "max_connections: 10"),
  inCluster("a value with a wrong unit", "work_mem: 64MB", "work_mem: 64s"),
  inCluster("an unknown key of the DCS", "use_unix_socket: true", "foo: true"),
  inCluster("an override of what Quorate answers for", "  dcs:\n", "  dcs:\n    ttl: 60\n"),
  inCluster("an unknown key of a node's file", "max_queue_size", "max_queue_sise"),
];
