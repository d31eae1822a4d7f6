/** A key of Patroni that no override may touch, why, and what to write instead. */
export interface OwnWord {
  readonly path: readonly string[];
  readonly why: string;
  readonly instead: string;
}

const LEASE = "Quorate checks that the lease timing holds together";
const PROMISE = "it decides what the tier promises";
const IDENTITY = "it says who this node is to the others";
const LOGIN =
  "members would no longer reach each other, and failover or failsafe would silently end";
const COMMANDS =
  "whoever may PATCH the DCS configuration could then change a command that runs on the nodes";

/** Keys that count in both documents. */
const BOTH: readonly OwnWord[] = [
  own(
    "postgresql.use_pg_rewind",
    "it decides how a former leader comes back",
    "write rejoin.rewind",
  ),
  own(
    "postgresql.remove_data_directory_on_rewind_failure",
    "it deletes data, which needs its own consent",
    "write rejoin.onRewindFailure",
  ),
  own(
    "postgresql.remove_data_directory_on_diverged_timelines",
    "it deletes data, which needs its own consent",
    "write rejoin.onRewindFailure",
  ),
  own(
    "postgresql.pg_hba",
    LOGIN,
    "write who may log in under access.postgres, further lines as access.postgres.hba",
  ),
  own("postgresql.pg_ident", "it decides who may log in as whom", "write access.postgres.ident"),
];

/** What no override of the DCS document may touch. */
export const DCS_WORDS: readonly OwnWord[] = [
  own("ttl", LEASE, "write failover.speed"),
  own("loop_wait", LEASE, "write failover.speed"),
  own("retry_timeout", LEASE, "write failover.speed"),
  own("failsafe_mode", "it decides what a leader does without the DCS", "write dcs.onOutage"),
  own("synchronous_mode", PROMISE, "write durability"),
  own("synchronous_mode_strict", PROMISE, "write durability"),
  own("synchronous_node_count", PROMISE, "write quorum"),
  own("check_timeline", "a node on an old timeline must not lead", "leave it out"),
  own("pause", "a pause needs an owner, a reason and an end", "write maintenance.pause"),
  own(
    "standby_cluster",
    "it makes the whole cluster follow another one",
    "give a site the role dr",
  ),
  own("slots", "slots are checked against members and limits", "write slots"),
  own("permanent_slots", "Patroni would ignore every other slot", "write slots"),
  own("permanent_replication_slots", "Patroni would ignore every other slot", "write slots"),
  own("ignore_slots", "slots are checked against members and limits", "write ignoreSlots"),
  own("master_start_timeout", "it is the old name", "write primary_start_timeout"),
  own("master_stop_timeout", "it is the old name", "write primary_stop_timeout"),
  own("postgresql.use_slots", "a standby that is away must find its WAL again", "leave it out"),
  own("postgresql.callbacks", COMMANDS, "write postgresql.callbacks"),
  own("postgresql.pre_promote", COMMANDS, "write postgresql.prePromote"),
  own("postgresql.before_stop", COMMANDS, "write postgresql.beforeStop"),
  own("postgresql.custom_conf", "the nodes' files say it", "write postgresql.customConf"),
  own("postgresql.parameters.archive_command", COMMANDS, "write postgresql.archive"),
  own("postgresql.recovery_conf", COMMANDS, "write postgresql.restore, or overrides.node"),
  ...BOTH,
];

const ONE_FOR_ALL = "it must be the same on every node";
const IN_PARAMETERS = "write it under postgresql.parameters";

/** What no override of a node's file may touch. */
export const NODE_WORDS: readonly OwnWord[] = [
  own("scope", IDENTITY, "rename the cluster"),
  own("name", IDENTITY, "rename the node"),
  own("namespace", IDENTITY, "write namespace at the DCS in quorate.yaml"),
  own("bootstrap.dcs", "it is the DCS document", "write overrides.dcs"),
  ...["etcd", "etcd3", "consul", "zookeeper", "exhibitor", "kubernetes", "raft"].map((section) =>
    own(section, "every node must see the same DCS", "write it at the DCS in quorate.yaml"),
  ),
  own(
    "citus",
    "Quorate knows nothing of a cluster of clusters, and on a coordinator POST /mpp is open to everyone",
    "leave it out",
  ),
  own(
    "restapi.connect_address",
    IDENTITY,
    "write the node's address, or nodes.restPort in quorate.yaml",
  ),
  own("restapi.listen", IDENTITY, "write the node's address, or nodes.restPort in quorate.yaml"),
  ...[
    "authentication",
    "certfile",
    "keyfile",
    "keyfile_password",
    "cafile",
    "verify_client",
    "allowlist",
    "allowlist_include_members",
  ].map((key) => own(`restapi.${key}`, LOGIN, "write it under access, or rest in quorate.yaml")),
  own("ctl", LOGIN, "write it under access, or rest in quorate.yaml"),
  own("postgresql.connect_address", IDENTITY, "write the node's address, or nodes.postgresPort"),
  own("postgresql.listen", IDENTITY, "write the node's address, or nodes.postgresPort"),
  own("postgresql.data_dir", "another folder would be an empty database", "write nodes.dataDir"),
  own(
    "postgresql.authentication",
    LOGIN,
    "write nodes.users in quorate.yaml, or access; passwords come from the nodes' environment",
  ),
  own(
    "tags",
    "tags decide who leads, confirms and serves reads",
    "write the node's own keys, or its tags",
  ),
  own("watchdog", "the unit's drop-in and the timing rules rest on it", "write fencing"),
  ...["synchronous_commit", "fsync", "full_page_writes", "wal_sender_timeout"].map((name) =>
    own(`postgresql.parameters.${name}`, ONE_FOR_ALL, IN_PARAMETERS),
  ),
  ...BOTH,
];

function own(path: string, why: string, instead: string): OwnWord {
  return { path: path.split("."), why, instead };
}
