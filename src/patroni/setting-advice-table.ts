/** What a setting is for, and what goes wrong on either side of a good value, in a DBA's words. */
export interface SettingAdvice {
  /** The path in the DCS document or in `patroni.yml`. */
  readonly path: string;
  readonly meaning: string;
  /** What a smaller value, or switching it off, does. */
  readonly lower?: string;
  /** What a larger value, or switching it on, does. */
  readonly higher?: string;
}

/**
 * Advice on every setting that Quorate compiles.
 *
 * @see patroni/ha.py, patroni/config.py, patroni/postgresql/{sync,rewind,slots,config}.py and
 * patroni/watchdog/base.py at v4.1.4, and the PostgreSQL documentation of each parameter
 */
export const SETTING_ADVICE: readonly SettingAdvice[] = [
  {
    path: "ttl",
    meaning:
      "seconds that the leader key lives after its last refresh: a dead leader is replaced after about this time",
    lower: "a slow DCS or a paused machine costs the leader its key; below 20 s Patroni uses 20 s",
    higher: "nobody leads for longer after a crash",
  },
  {
    path: "loop_wait",
    meaning:
      "seconds between two runs of Patroni's loop, in which it refreshes the key and sees changes",
    lower: "more load on the DCS, and a steadier time to failover",
    higher: "changes and lost standbys are noticed later",
  },
  {
    path: "retry_timeout",
    meaning:
      "seconds that Patroni retries the DCS and PostgreSQL before it gives up, and a leader demotes",
    lower: "a short hiccup of the DCS demotes the leader",
    higher: "must fit loop_wait + 2 x retry_timeout <= ttl, or Patroni shrinks it silently",
  },
  {
    path: "maximum_lag_on_failover",
    meaning:
      "bytes of WAL that a node may be behind the leader's last known position and still lead; in synchronous modes too",
    lower: "after a bulk load no standby may be near enough, and nobody leads",
    higher: "an automatic failover without synchronous mode may lose more",
  },
  {
    path: "maximum_lag_on_syncnode",
    meaning: "bytes of lag beyond which a standby is no longer chosen as synchronous",
    lower: "standbys come and go as synchronous ones under load",
    higher: "a slow standby holds up commits for longer",
  },
  {
    path: "check_timeline",
    meaning: "a node on an older timeline than the last leader's may not lead",
    lower: "a node that missed a failover could lead and discard what came after",
  },
  {
    path: "primary_start_timeout",
    meaning: "seconds that a crashed leader may take to recover before another node leads",
    lower: "a long crash recovery becomes a failover; 0 fails over at once",
    higher: "a leader that cannot start holds the cluster for longer",
  },
  {
    path: "primary_stop_timeout",
    meaning:
      "seconds that a demoting leader may take to stop before it is killed; synchronous modes only",
    lower: "a leader under load is killed and needs crash recovery",
    higher: "a leader that lost the DCS may still be stopping when the next one leads",
  },
  {
    path: "synchronous_mode",
    meaning:
      "off: commits wait for no standby; on: for the standbys that Patroni picked; quorum: for any of the eligible ones",
  },
  {
    path: "synchronous_mode_strict",
    meaning:
      "whether writes wait when no synchronous standby is left, instead of going on with one copy",
    lower: "a commit may exist on the leader only, and is gone with its disk",
    higher: "writes stop when the last standby is lost; it guarantees one standby, not more",
  },
  {
    path: "synchronous_node_count",
    meaning:
      "standbys that confirm each commit; automatic failover rides out the loss of the leader and of one standby less than this at once",
    lower: "fewer simultaneous losses are survived by an automatic failover",
    higher: "commits wait for slower standbys; Patroni lowers it while standbys are missing",
  },
  {
    path: "failsafe_mode",
    meaning:
      "a leader that lost the DCS goes on as long as every member answers it over the REST API",
    lower: "losing the DCS makes the cluster read-only",
    higher:
      "one member that does not answer within 2 s during a DCS outage still demotes the leader",
  },
  {
    path: "pause",
    meaning: "Patroni leaves PostgreSQL alone: no failover, no demotion, no watchdog",
    higher: "a dead leader is not replaced, and nothing keeps two leaders apart",
  },
  {
    path: "member_slots_ttl",
    meaning: "seconds that the slot of a member that is gone is kept",
    lower: "a node that comes back later needs a new base backup",
    higher: "WAL for an absent node fills the disk for longer",
  },
  {
    path: "max_timelines_history",
    meaning: "lines of the history of leaders that the DCS keeps; 0 keeps all",
  },
  {
    path: "slots",
    meaning: "permanent replication slots, kept on every node that may lead",
    higher: "a slot that nobody reads retains WAL until the disk is full",
  },
  {
    path: "ignore_slots",
    meaning: "slots that others made and that Patroni must not drop",
  },
  {
    path: "standby_cluster",
    meaning: "this cluster follows another one: its leader streams from there and is read-only",
    lower: "removing it promotes the cluster; nothing keeps the other one from writing too",
  },
  {
    path: "postgresql.use_pg_rewind",
    meaning: "a former leader with other WAL than the new one is rewound instead of copied anew",
    lower: "it stays out until somebody reinitializes it",
  },
  {
    path: "postgresql.use_slots",
    meaning: "each member has a replication slot, so that its WAL is kept while it is away",
    lower: "a node that was away for longer than wal_keep_size lasts needs a new base backup",
  },
  {
    path: "postgresql.remove_data_directory_on_rewind_failure",
    meaning: "a node that cannot be rewound deletes its data and copies it anew",
    higher: "what only that node had is gone, and with it the evidence",
  },
  {
    path: "postgresql.remove_data_directory_on_diverged_timelines",
    meaning: "a node with other WAL than the leader deletes its data and copies it anew",
    higher: "what only that node had is gone, and with it the evidence",
  },
  {
    path: "postgresql.pg_hba",
    meaning: "who may connect from where, and how; the first line that matches decides",
  },
  {
    path: "postgresql.basebackup",
    meaning: "options of pg_basebackup when a member is copied from another one",
  },
  {
    path: "postgresql.parameters.wal_sender_timeout",
    meaning:
      "how long the leader waits for a word of a standby before it drops the connection: a standby that vanishes silently holds up synchronous commits until then",
    lower: "a slow network drops standbys",
    higher: "commits hang for longer when a standby vanishes; 0 for ever",
  },
  {
    path: "postgresql.parameters.synchronous_commit",
    meaning: "what a commit waits for on a standby: remote_write, on (flushed) or remote_apply",
    lower: "a commit may be confirmed that the standby loses in a crash",
    higher: "replay conflicts on the standby hold up commits",
  },
  {
    path: "postgresql.parameters.max_wal_senders",
    meaning: "replication connections that a node serves: members, base backups, streams of others",
    lower: "a standby or a base backup is refused; below 3 Patroni uses its default of 10",
  },
  {
    path: "postgresql.parameters.max_replication_slots",
    meaning: "replication slots that a node holds: one per other member, and the permanent ones",
    lower:
      "a member gets no slot, which only the log tells; below 4 Patroni uses its default of 10",
  },
  {
    path: "postgresql.parameters.max_slot_wal_keep_size",
    meaning: "WAL that slots may retain before the slowest is given up",
    lower: "a standby that is away for long needs a new base backup",
    higher: "an absent standby can fill the leader's disk",
  },
  {
    path: "postgresql.parameters.max_connections",
    meaning: "connections that a node accepts; a standby must have at least as many as the leader",
    lower: "clients are refused; below 25 Patroni uses its default of 100",
    higher: "more memory, and a restart of every node, standbys first",
  },
  {
    path: "postgresql.parameters.ssl",
    meaning: "whether PostgreSQL speaks TLS; the compiled pg_hba then asks for it",
    lower: "passwords and data cross the network in the clear",
  },
  {
    path: "postgresql.parameters.ssl_cert_file",
    meaning: "the node's certificate, at the same path on every node",
  },
  { path: "postgresql.parameters.ssl_key_file", meaning: "the key of the node's certificate" },
  {
    path: "postgresql.parameters.ssl_ca_file",
    meaning: "the CA whose certificates PostgreSQL takes from clients and other nodes",
  },
  {
    path: "postgresql.parameters.ssl_min_protocol_version",
    meaning: "the oldest TLS that PostgreSQL speaks",
    lower: "old clients connect, with ciphers that are no longer safe",
  },
  {
    path: "postgresql.parameters.wal_level",
    meaning: "how much WAL says: logical slots need logical",
    higher: "more WAL, and a restart of every node",
  },
  {
    path: "postgresql.parameters.password_encryption",
    meaning: "how passwords are stored; the compiled pg_hba admits SCRAM only",
  },
  {
    path: "watchdog.mode",
    meaning:
      "whether the machine resets itself when Patroni hangs: the only fence against a leader that nobody can stop",
    lower: "a hung Patroni leaves a writable PostgreSQL beside the new leader",
    higher: "required: without a usable device the node cannot lead",
  },
  {
    path: "watchdog.safety_margin",
    meaning: "seconds between the watchdog's reset and the end of the leader key",
    lower: "a machine that hangs at the wrong moment may still write when the next one leads",
    higher: "a slow DCS lets the watchdog reset a healthy leader",
  },
  { path: "tags.nofailover", meaning: "this node never leads, by itself or by hand" },
  { path: "tags.nosync", meaning: "this node never confirms commits" },
  {
    path: "tags.failover_priority",
    meaning: "who leads among nodes with equally much WAL: the highest",
  },
  {
    path: "tags.sync_priority",
    meaning:
      "who is picked as synchronous standby with synchronous_mode on, and so may lead: the highest",
    higher: "after it was away, commits wait for it as soon as it streams again, caught up or not",
  },
  { path: "tags.replicatefrom", meaning: "the member that this node streams from, not the leader" },
  {
    path: "tags.noloadbalance",
    meaning: "GET /replica answers 503: load balancers leave it alone",
  },
  {
    path: "tags.clonefrom",
    meaning: "new members are copied from this node rather than the leader",
  },
  { path: "tags.nostream", meaning: "this node takes WAL from the archive only" },
  {
    path: "restapi.allowlist",
    meaning: "from where the REST API takes orders; every member must be in it, or failsafe fails",
  },
  {
    path: "restapi.verify_client",
    meaning:
      "whether callers must show a certificate: optional for orders only, required for every call",
  },
  {
    path: "ctl",
    meaning: "what members show when they call each other; without it verify_client ends failover",
  },
];
