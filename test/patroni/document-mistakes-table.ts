import type { JsonObject } from "../../src/core/json.ts";
import type { DocumentKind } from "../../src/patroni/document-schema.ts";

/** A document that one release of Patroni would misread, and what is said of it. */
interface Mistake {
  readonly kind: DocumentKind;
  readonly release: string;
  readonly document: JsonObject;
  readonly want: string;
  readonly hint?: string;
}

const KNOW_LATER = "raise patroni: in the intent once every member runs it, or leave the key out";

/** One of each kind of mistake, in each kind of document. */
export const MISTAKES: readonly Mistake[] = [
  {
    kind: "dynamic",
    release: "4.1",
    document: { tll: 30 },
    want: "Patroni 4.1 does not know tll",
    hint: "did you mean ttl?",
  },
  {
    kind: "dynamic",
    release: "4.1",
    document: { postgresql: { use_slot: true } },
    want: "Patroni 4.1 does not know postgresql.use_slot",
    hint: "did you mean postgresql.use_slots?",
  },
  {
    kind: "dynamic",
    release: "4.1",
    document: { postgresql: { parameter: { work_mem: "8MB" } } },
    want: "Patroni 4.1 does not know postgresql.parameter",
    hint: "did you mean postgresql.parameters?",
  },
  {
    kind: "dynamic",
    release: "4.1",
    document: { watchdog: { mode: "off" } },
    want: "watchdog has no effect in the DCS configuration",
    hint: "it counts only in patroni.yml",
  },
  {
    kind: "dynamic",
    release: "4.1",
    document: { postgresql: { listen: "*:5432" } },
    want: "postgresql.listen has no effect in the DCS configuration",
    hint: "it counts only in patroni.yml",
  },
  {
    kind: "dynamic",
    release: "4.1",
    document: { postgresql: { parameters: { port: 5433 } } },
    want: "postgresql.parameters.port has no effect in the DCS configuration",
    hint: "Patroni sets it itself",
  },
  {
    kind: "dynamic",
    release: "3.3.2",
    document: { member_slots_ttl: 60 },
    want: "Patroni 3.3.2 does not know member_slots_ttl, it came with 4.0",
    hint: KNOW_LATER,
  },
  {
    kind: "dynamic",
    release: "4.0",
    document: { slots: { a: { type: "physical", cluster_type: "primary" } } },
    want: "Patroni 4.0 does not know slots.a.cluster_type, it came with 4.1",
    hint: KNOW_LATER,
  },
  {
    kind: "dynamic",
    release: "3.0.2",
    document: { synchronous_mode: "quorum" },
    want: 'Patroni 3.0.2 does not know synchronous_mode: "quorum", it came with 4.0',
    hint: "Patroni would silently take it for off",
  },
  {
    kind: "dynamic",
    release: "4.1.5",
    document: { primary_race_backoff: 5 },
    want: "Patroni 4.1.5 does not know primary_race_backoff: it comes with the release after 4.1",
    hint: "leave it out; Patroni 4.1.5 ignores it",
  },
  {
    kind: "dynamic",
    release: "4.1.5",
    document: { postgresql: { parameters_primary: {} } },
    want: "Patroni 4.1.5 does not know postgresql.parameters_primary: it comes with the release after 4.1",
    hint: "leave it out; Patroni 4.1.5 ignores it",
  },
  {
    kind: "dynamic",
    release: "4.1",
    document: { ttl: "30" },
    want: 'ttl is "30", expected whole seconds',
  },
  {
    kind: "dynamic",
    release: "4.1",
    document: { ttl: 19 },
    want: "ttl is 19, expected at least 20",
  },
  {
    kind: "dynamic",
    release: "4.1",
    document: { maximum_lag_on_failover: "16MB" },
    want: 'maximum_lag_on_failover is "16MB", expected whole bytes',
  },
  {
    kind: "dynamic",
    release: "4.1",
    document: { failsafe_mode: "on" },
    want: 'failsafe_mode is "on", expected true or false',
  },
  {
    kind: "dynamic",
    release: "4.1",
    document: { synchronous_mode: "maybe" },
    want: 'synchronous_mode is "maybe", expected true, false or one of off, on, quorum',
  },
  {
    kind: "dynamic",
    release: "4.1",
    document: { slots: { "Bad-Name": null } },
    want: "slots.Bad-Name is not a name that Patroni takes here",
    hint: "write lower-case letters, digits and underscores",
  },
  {
    kind: "dynamic",
    release: "4.1",
    document: { ignore_slots: [{ name: "a" }, { nam: "b" }] },
    want: "Patroni 4.1 does not know ignore_slots.1.nam",
    hint: "did you mean ignore_slots.1.name?",
  },
  {
    kind: "dynamic",
    release: "4.1",
    document: { postgresql: { pg_hba: ["local all all peer", 7] } },
    want: "postgresql.pg_hba.1 is 7, expected text",
  },
  {
    kind: "dynamic",
    release: "4.1",
    document: { postgresql: "on" },
    want: "postgresql must be a map",
  },
  {
    kind: "node",
    release: "4.1",
    document: { ttl: 30 },
    want: "ttl has no effect in patroni.yml",
    hint: "it counts only in the DCS",
  },
  {
    kind: "node",
    release: "4.1",
    document: { postgresql: { parameters: { max_connections: 50 } } },
    want: "postgresql.parameters.max_connections has no effect in patroni.yml",
    hint: "it counts only in the DCS",
  },
  {
    kind: "node",
    release: "4.1",
    document: { bootstrap: { dcs: { ttl: 5 } } },
    want: "bootstrap.dcs.ttl is 5, expected at least 20",
  },
  {
    kind: "node",
    release: "4.1",
    document: { bootstrap: { dcs: { tags: {} } } },
    want: "bootstrap.dcs.tags has no effect in the DCS configuration",
    hint: "it counts only in patroni.yml",
  },
  {
    kind: "node",
    release: "4.1",
    document: { bootstrap: { initbd: { encoding: "UTF8" } } },
    want: "Patroni 4.1 does not know bootstrap.initbd",
    hint: "did you mean bootstrap.initdb?",
  },
  {
    kind: "node",
    release: "4.0",
    document: { bootstrap: { users: {} } },
    want: "Patroni 4.0 does not know bootstrap.users, it went with 4.0",
    hint: "leave it out",
  },
  {
    kind: "node",
    release: "3.0",
    document: { ctl: { authentication: { username: "u", password: "p" } } },
    want: "Patroni 3.0 does not know ctl.authentication",
    hint: KNOW_LATER,
  },
  {
    kind: "node",
    release: "4.1",
    document: { postgresql: { authentication: { superuser: { passwort: "x" } } } },
    want: "Patroni 4.1 does not know postgresql.authentication.superuser.passwort",
    hint: "did you mean postgresql.authentication.superuser.password?",
  },
  {
    kind: "node",
    release: "4.1",
    document: { watchdog: { mode: true } },
    want: "watchdog.mode is true, expected one of off, automatic, required",
  },
  {
    kind: "node",
    release: "4.1.1",
    document: { thread_stack_size: 65537 },
    want: "thread_stack_size is 65537, expected a multiple of 65536",
  },
  {
    kind: "node",
    release: "4.1",
    document: { log: { mode: 512 } },
    want: "log.mode is 512, expected at most 511",
  },
  {
    kind: "node",
    release: "4.1",
    document: { etcd3: { hosts: "" } },
    want: 'etcd3.hosts is "", expected a list',
  },
  {
    kind: "node",
    release: "4.1",
    document: { restapi: { listen: 8008 } },
    want: "restapi.listen is 8008, expected host:port",
  },
];
