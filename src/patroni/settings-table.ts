import type { Setting } from "./setting.ts";
import { readRunningVersion } from "./version.ts";

interface RowOptions {
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly string[];
  readonly valuesSince?: Readonly<Record<string, string>>;
  readonly unit?: string;
  readonly since?: string;
  readonly until?: string;
  readonly byDefault?: string;
  readonly note?: string;
}

/**
 * Every setting of Patroni 3.0 to 4.1, read in its source and partly confirmed in runs on 3.0.2, 4.0.7
 * and 4.1.5: `config.py`, `global_config.py`, `validator.py`, `postgresql/config.py`, `tags.py` and
 * `dcs/*.py`. Keys that only the unreleased branch knows are left out, so that they are unknown here.
 */
export const SETTINGS: readonly Setting[] = [
  row("ttl", "dynamic", "int", "ha-loop", {
    min: 20,
    unit: "s",
    byDefault: "30",
    note: "raised to 20 silently (>=3.2.0); also in bootstrap.dcs; lease/session recreated; local value ignored",
  }),
  row("loop_wait", "dynamic", "int", "ha-loop", {
    min: 1,
    unit: "s",
    byDefault: "10",
    note: "reduced so loop_wait+2*retry_timeout<=ttl (>=3.2.0)",
  }),
  row("retry_timeout", "dynamic", "int", "ha-loop", {
    min: 3,
    unit: "s",
    byDefault: "10",
    note: "reduced only when loop_wait is already 1",
  }),
  row("maximum_lag_on_failover", "dynamic", "int", "ha-loop", {
    min: 0,
    unit: "bytes",
    byDefault: "1048576",
    note: "no unit suffix; bad value -> default; applied in sync modes too",
  }),
  row("maximum_lag_on_syncnode", "dynamic", "int", "ha-loop", {
    min: -1,
    unit: "bytes",
    byDefault: "-1",
    note: "<=0 disables",
  }),
  row("max_timelines_history", "dynamic", "int", "ha-loop", {
    min: 0,
    unit: "lines",
    byDefault: "0",
    note: "0 keeps all",
  }),
  row("check_timeline", "dynamic", "bool", "ha-loop", { byDefault: "false" }),
  row("primary_start_timeout", "dynamic", "int", "ha-loop", {
    min: 0,
    unit: "s",
    byDefault: "300",
    note: "0 = fail over instead of restarting a crashed primary",
  }),
  row("master_start_timeout", "dynamic", "int", "ha-loop", {
    min: 0,
    unit: "s",
    byDefault: "300",
    note: "deprecated alias; used only if primary_start_timeout absent",
  }),
  row("primary_stop_timeout", "dynamic", "int", "ha-loop", {
    min: 0,
    unit: "s",
    byDefault: "0",
    note: "effective only in synchronous mode; 0 = wait for ever",
  }),
  row("master_stop_timeout", "dynamic", "int", "ha-loop", {
    min: 0,
    unit: "s",
    byDefault: "0",
    note: "deprecated alias",
  }),
  row("synchronous_mode", "dynamic", "bool_or_enum", "ha-loop", {
    values: ["off", "on", "quorum"],
    valuesSince: { quorum: "4.0.0" },
    byDefault: "false",
    note: "quorum >=4.0.0 and PG>=10; ignored in standby cluster (>=3.2.0)",
  }),
  row("synchronous_mode_strict", "dynamic", "bool", "ha-loop", {
    byDefault: "false",
    note: "<=4.1: ssn='*' when nobody eligible; next: last known names/placeholder",
  }),
  row("synchronous_node_count", "dynamic", "int", "ha-loop", {
    min: 1,
    unit: "nodes",
    byDefault: "1",
    note: "effective min(value, eligible)",
  }),
  row("failsafe_mode", "dynamic", "bool", "ha-loop", {
    byDefault: "false",
    note: "all members must be reachable over REST in an outage",
  }),
  row("pause", "dynamic", "bool", "ha-loop", {
    byDefault: "absent",
    note: "no failover, no watchdog; null or false resumes",
  }),
  row("member_slots_ttl", "dynamic", "duration", "ha-loop", {
    min: 0,
    unit: "s",
    since: "4.0.0",
    byDefault: "1800",
    note: "accepts 30min; 0 = drop with member key",
  }),
  row("slots", "dynamic", "map", "ha-loop", {
    byDefault: "{}",
    note: "permanent slots; aliases permanent_slots, permanent_replication_slots take precedence",
  }),
  row("slots.<name>", "dynamic", "map_or_null", "ha-loop", { note: "empty = physical" }),
  row("slots.<name>.type", "dynamic", "enum", "ha-loop", {
    values: ["physical", "logical"],
    byDefault: "physical or logical by keys",
  }),
  row("slots.<name>.database", "dynamic", "string", "ha-loop", { note: "required for logical" }),
  row("slots.<name>.plugin", "dynamic", "string", "ha-loop", { note: "required for logical" }),
  row("slots.<name>.cluster_type", "dynamic", "enum", "ha-loop", {
    values: ["primary", "standby"],
    since: "4.1.0",
    byDefault: "absent",
    note: "physical only",
  }),
  row("ignore_slots", "dynamic", "list", "ha-loop", {
    byDefault: "[]",
    note: "matchers name,type,database,plugin; subset match",
  }),
  row("standby_cluster", "dynamic", "map", "ha-loop", {
    byDefault: "absent",
    note: "active iff host, port or restore_command truthy; removing promotes",
  }),
  row("standby_cluster.host", "dynamic", "string", "ha-loop", {
    byDefault: "''",
    note: "comma list allowed",
  }),
  row("standby_cluster.port", "dynamic", "int", "ha-loop", { max: 65535, byDefault: "''" }),
  row("standby_cluster.primary_slot_name", "dynamic", "string", "ha-loop", {
    byDefault: "''",
    note: "slot must exist on the remote",
  }),
  row("standby_cluster.create_replica_methods", "dynamic", "list", "next-use", { byDefault: "''" }),
  row("standby_cluster.restore_command", "dynamic", "string", "ha-loop", { byDefault: "''" }),
  row("standby_cluster.archive_cleanup_command", "dynamic", "string", "ha-loop", {
    byDefault: "''",
  }),
  row("standby_cluster.recovery_min_apply_delay", "dynamic", "string", "ha-loop", {
    byDefault: "''",
  }),
  row("postgresql.use_slots", "dynamic", "bool", "ha-loop", {
    byDefault: "true",
    note: "local value ignored",
  }),
  row("postgresql.use_pg_rewind", "both", "bool", "next-use", {
    byDefault: "false",
    note: "needs wal_log_hints or checksums",
  }),
  row("postgresql.remove_data_directory_on_rewind_failure", "both", "bool", "next-use", {
    byDefault: "false",
    note: "destructive",
  }),
  row("postgresql.remove_data_directory_on_diverged_timelines", "both", "bool", "next-use", {
    byDefault: "false",
    note: "destructive",
  }),
  row("postgresql.recovery_conf", "both", "map", "reload-or-restart", {
    byDefault: "absent",
    note: "replaced wholesale by local; restart of standby if PG<13 or param needs it",
  }),
  row("postgresql.parameters", "both", "map", "reload-or-restart", {
    byDefault: "{}",
    note: "merged per GUC, local wins except the DCS-only ones; unknown GUC removed, out of range clamped",
  }),
  row("postgresql.parameters.max_connections", "dynamic", "int", "restart", {
    min: 25,
    byDefault: "100",
    note: "invalid -> default; standbys first when increasing",
  }),
  row("postgresql.parameters.max_locks_per_transaction", "dynamic", "int", "restart", {
    min: 32,
    byDefault: "64",
    note: "ordered restart",
  }),
  row("postgresql.parameters.max_worker_processes", "dynamic", "int", "restart", {
    min: 2,
    byDefault: "8",
    note: "ordered restart",
  }),
  row("postgresql.parameters.max_prepared_transactions", "dynamic", "int", "restart", {
    min: 0,
    byDefault: "0",
    note: "ordered restart",
  }),
  row("postgresql.parameters.max_wal_senders", "dynamic", "int", "restart", {
    min: 3,
    byDefault: "10",
    note: "ordered restart on PG>=12",
  }),
  row("postgresql.parameters.max_replication_slots", "dynamic", "int", "restart", {
    min: 4,
    byDefault: "10",
  }),
  row("postgresql.parameters.wal_level", "dynamic", "enum", "restart", {
    values: ["hot_standby", "replica", "logical"],
    byDefault: "hot_standby",
  }),
  row("postgresql.parameters.track_commit_timestamp", "dynamic", "bool", "restart", {
    byDefault: "off",
  }),
  row("postgresql.parameters.wal_log_hints", "dynamic", "bool", "restart", {
    since: "4.0.0",
    byDefault: "on",
    note: "forced on before 4.0.0",
  }),
  row("postgresql.parameters.wal_keep_segments", "dynamic", "int", "reload", {
    min: 1,
    unit: "segments",
    byDefault: "8",
    note: "PG<13; converted to wal_keep_size",
  }),
  row("postgresql.parameters.wal_keep_size", "dynamic", "size", "reload", {
    min: 16,
    unit: "MB",
    byDefault: "128MB",
    note: "PG>=13",
  }),
  row("postgresql.parameters.hot_standby", "dynamic", "bool", "n/a", {
    values: ["on"],
    byDefault: "on",
    note: "forced",
  }),
  row("postgresql.parameters.listen_addresses", "none", "string", "n/a", {
    byDefault: "from postgresql.listen",
    note: "never accepted",
  }),
  row("postgresql.parameters.port", "none", "int", "n/a", {
    byDefault: "from postgresql.listen",
    note: "never accepted",
  }),
  row("postgresql.parameters.cluster_name", "none", "string", "n/a", {
    byDefault: "scope",
    note: "never accepted",
  }),
  row("postgresql.parameters.synchronous_standby_names", "both", "string", "reload", {
    byDefault: "absent",
    note: "ignored while synchronous_mode is active",
  }),
  row("postgresql.pg_hba", "both", "list", "reload", {
    byDefault: "absent",
    note: "local list replaces DCS list; ignored if hba_file GUC is non default",
  }),
  row("postgresql.pg_ident", "both", "list", "reload", { byDefault: "absent", note: "as pg_hba" }),
  row("postgresql.pg_ctl_timeout", "both", "int", "next-use", {
    min: 0,
    unit: "s",
    byDefault: "60",
  }),
  row("postgresql.callbacks.on_reload", "both", "string", "next-use", {
    byDefault: "absent",
    note: "script action role scope",
  }),
  row("postgresql.callbacks.on_restart", "both", "string", "next-use", { byDefault: "absent" }),
  row("postgresql.callbacks.on_role_change", "both", "string", "next-use", {
    byDefault: "absent",
    note: "role text primary since 4.0",
  }),
  row("postgresql.callbacks.on_start", "both", "string", "next-use", { byDefault: "absent" }),
  row("postgresql.callbacks.on_stop", "both", "string", "next-use", { byDefault: "absent" }),
  row("postgresql.pre_promote", "both", "string", "next-use", {
    byDefault: "absent",
    note: "non-zero aborts promotion",
  }),
  row("postgresql.before_stop", "both", "string", "next-use", {
    since: "3.0.3",
    byDefault: "absent",
    note: "no timeout",
  }),
  row("postgresql.create_replica_methods", "both", "list", "next-use", {
    byDefault: "[basebackup]",
    note: "alias create_replica_method",
  }),
  row("postgresql.basebackup", "both", "list_or_map", "next-use", {
    byDefault: "absent",
    note: "long options; max-rate etc.; forbidden options dropped",
  }),
  row("postgresql.<method>.command", "both", "string", "next-use", { byDefault: "method name" }),
  row("postgresql.<method>.keep_data", "both", "bool", "next-use", { byDefault: "false" }),
  row("postgresql.<method>.no_params", "both", "bool", "next-use", { byDefault: "false" }),
  row("postgresql.<method>.no_leader", "both", "bool", "next-use", {
    byDefault: "false",
    note: "usable without a leader",
  }),
  row("postgresql.custom_conf", "both", "string", "reload", {
    byDefault: "absent",
    note: "not monitored",
  }),
  row("postgresql.use_unix_socket", "both", "bool", "reload", { byDefault: "false" }),
  row("postgresql.use_unix_socket_repl", "both", "bool", "reload", { byDefault: "false" }),
  row("postgresql.krbsrvname", "both", "string", "reload", { byDefault: "absent" }),
  row("postgresql.database", "both", "string", "patroni-restart", {
    byDefault: "postgres",
    note: "undocumented",
  }),
  row("postgresql.config_base_name", "both", "string", "patroni-restart", {
    byDefault: "postgresql",
    note: "undocumented",
  }),
  row("postgresql.listen", "local", "host:port", "restart", {
    byDefault: "required",
    note: "comma separated hosts allowed; cannot come from DCS",
  }),
  row("postgresql.connect_address", "local", "host:port", "reload", {
    byDefault: "derived",
    note: "published as conn_url",
  }),
  row("postgresql.proxy_address", "local", "host:port", "reload", { byDefault: "absent" }),
  row("postgresql.data_dir", "local", "path", "patroni-restart", { byDefault: "required" }),
  row("postgresql.config_dir", "local", "path", "patroni-restart", { byDefault: "data_dir" }),
  row("postgresql.bin_dir", "local", "path", "patroni-restart", {
    byDefault: "''",
    note: "DCS copy not blocked by code but read at start only",
  }),
  row("postgresql.bin_name.<program>", "local", "string", "next-use", {
    since: "3.0.3",
    byDefault: "binary name",
  }),
  row("postgresql.pgpass", "local", "path", "patroni-restart", {
    byDefault: "~/pgpass",
    note: "written by Patroni",
  }),
  row("postgresql.authentication.superuser", "local", "map", "reload", {
    byDefault: "required",
    note: "never from DCS",
  }),
  row("postgresql.authentication.replication", "local", "map", "reload", { byDefault: "required" }),
  row("postgresql.authentication.rewind", "local", "map", "reload", {
    byDefault: "superuser",
    note: "PG>=11; mandatory for validator on <=3.0.2",
  }),
  row("postgresql.authentication.<role>.username", "local", "string", "reload"),
  row("postgresql.authentication.<role>.password", "local", "string", "reload", {
    byDefault: "absent",
    note: "secret; must be a string",
  }),
  row("postgresql.authentication.<role>.sslmode", "local", "string", "reload", {
    byDefault: "absent",
  }),
  row("postgresql.authentication.<role>.sslcert", "local", "path", "reload", {
    byDefault: "absent",
  }),
  row("postgresql.authentication.<role>.sslkey", "local", "path", "reload", {
    byDefault: "absent",
  }),
  row("postgresql.authentication.<role>.sslpassword", "local", "string", "reload", {
    byDefault: "absent",
    note: "secret",
  }),
  row("postgresql.authentication.<role>.sslrootcert", "local", "path", "reload", {
    byDefault: "absent",
  }),
  row("postgresql.authentication.<role>.sslcrl", "local", "path", "reload", {
    byDefault: "absent",
  }),
  row("postgresql.authentication.<role>.sslcrldir", "local", "path", "reload", {
    byDefault: "absent",
  }),
  row("postgresql.authentication.<role>.gssencmode", "local", "string", "reload", {
    byDefault: "absent",
  }),
  row("postgresql.authentication.<role>.channel_binding", "local", "string", "reload", {
    byDefault: "absent",
  }),
  row("postgresql.authentication.<role>.sslnegotiation", "local", "string", "reload", {
    since: "4.0.3",
    byDefault: "absent",
    note: "PG17 clients",
  }),
  row("name", "local", "string", "patroni-restart", {
    byDefault: "required",
    note: "also slot name and application_name",
  }),
  row("scope", "local", "string", "patroni-restart", { byDefault: "required" }),
  row("namespace", "local", "string", "patroni-restart", { byDefault: "service" }),
  row("thread_pool_size", "local", "int", "patroni-restart", {
    min: 5,
    unit: "threads",
    since: "4.1.1",
    byDefault: "5",
  }),
  row("thread_stack_size", "local", "size", "patroni-restart", {
    min: 65536,
    unit: "bytes",
    since: "4.1.1",
    byDefault: "512kB",
    note: "alignment check wrong (65535) in 4.1.1-4.1.4; fixed 4.1.5",
  }),
  row("citus.group", "local", "int", "patroni-restart", { min: 0, byDefault: "absent" }),
  row("citus.database", "local", "string", "patroni-restart", { byDefault: "absent" }),
  row("tags.nofailover", "local", "bool", "reload", { byDefault: "false" }),
  row("tags.failover_priority", "local", "int", "reload", {
    min: 0,
    since: "3.2.0",
    byDefault: "1",
    note: "<=0 = nofailover",
  }),
  row("tags.noloadbalance", "local", "bool", "reload", { byDefault: "false" }),
  row("tags.clonefrom", "local", "bool", "reload", { byDefault: "false" }),
  row("tags.nosync", "local", "bool", "reload", { byDefault: "false" }),
  row("tags.sync_priority", "local", "int", "reload", {
    min: 0,
    since: "4.1.0",
    byDefault: "1",
    note: "mode on only",
  }),
  row("tags.replicatefrom", "local", "string", "reload", { byDefault: "absent" }),
  row("tags.nostream", "local", "bool", "reload", { since: "3.3.0", byDefault: "false" }),
  row("tags.<custom>", "local", "any", "reload", {
    note: "visible in /cluster and /patroni; usable as ?tag_<name>=",
  }),
  row("restapi.listen", "local", "host:port", "reload", {
    byDefault: "required",
    note: "server socket is reopened",
  }),
  row("restapi.connect_address", "local", "host:port", "reload", {
    byDefault: "required by validator",
    note: "published as api_url",
  }),
  row("restapi.authentication.username", "local", "string", "reload", {
    byDefault: "absent",
    note: "both keys or neither",
  }),
  row("restapi.authentication.password", "local", "string", "reload", {
    byDefault: "absent",
    note: "secret",
  }),
  row("restapi.certfile", "local", "path", "reload", {
    byDefault: "absent",
    note: "presence enables HTTPS; reread on SIGHUP (>=3.0.4)",
  }),
  row("restapi.keyfile", "local", "path", "reload", { byDefault: "absent" }),
  row("restapi.keyfile_password", "local", "string", "reload", {
    byDefault: "absent",
    note: "secret",
  }),
  row("restapi.cafile", "local", "path", "reload", { byDefault: "absent" }),
  row("restapi.ciphers", "local", "string", "reload", { byDefault: "absent" }),
  row("restapi.verify_client", "local", "enum", "reload", {
    values: ["none", "optional", "required"],
    byDefault: "none",
    note: "runtime lower-cases, validator is case sensitive",
  }),
  row("restapi.allowlist", "local", "list", "reload", {
    byDefault: "[]",
    note: "unsafe endpoints only",
  }),
  row("restapi.allowlist_include_members", "local", "bool", "reload", {
    byDefault: "false",
    note: "not applied to POST /failsafe (>=4.0.0)",
  }),
  row("restapi.http_extra_headers", "local", "map", "reload", { byDefault: "{}" }),
  row("restapi.https_extra_headers", "local", "map", "reload", { byDefault: "{}" }),
  row("restapi.request_queue_size", "local", "int", "patroni-restart", {
    min: 0,
    max: 4096,
    since: "3.0.3",
    byDefault: "5",
  }),
  row("restapi.server_tokens", "local", "enum", "reload", {
    values: ["minimal", "productonly", "original"],
    since: "4.1.0",
    byDefault: "original",
  }),
  row("restapi.thread_pool_size", "local", "int", "patroni-restart", {
    min: 5,
    unit: "threads",
    since: "4.1.1",
    byDefault: "5",
  }),
  row("ctl.authentication.username", "local", "string", "reload", {
    byDefault: "restapi",
    note: "used for inter-node calls too",
  }),
  row("ctl.authentication.password", "local", "string", "reload", {
    byDefault: "restapi",
    note: "secret",
  }),
  row("ctl.insecure", "local", "bool", "reload", { byDefault: "false" }),
  row("ctl.cacert", "local", "path", "reload", { byDefault: "restapi.cafile" }),
  row("ctl.certfile", "local", "path", "reload", {
    byDefault: "absent",
    note: "needed when verify_client is set",
  }),
  row("ctl.keyfile", "local", "path", "reload", { byDefault: "absent" }),
  row("ctl.keyfile_password", "local", "string", "reload", { byDefault: "absent", note: "secret" }),
  row("watchdog.mode", "local", "enum", "reload", {
    values: ["off", "automatic", "required"],
    byDefault: "automatic",
    note: "runtime accepts aliases auto,require,disable",
  }),
  row("watchdog.device", "local", "path", "reload", { byDefault: "/dev/watchdog" }),
  row("watchdog.safety_margin", "local", "int", "reload", {
    min: -1,
    unit: "s",
    byDefault: "5",
    note: "-1 -> ttl//2; timeout=ttl-margin must be >= loop_wait",
  }),
  row("log.type", "local", "enum", "reload", {
    values: ["plain", "json"],
    since: "3.3.0",
    byDefault: "plain",
  }),
  row("log.level", "local", "enum", "reload", {
    values: ["DEBUG", "INFO", "WARN", "WARNING", "ERROR", "FATAL", "CRITICAL"],
    byDefault: "INFO",
  }),
  row("log.traceback_level", "local", "enum", "reload", {
    values: ["DEBUG", "ERROR"],
    byDefault: "ERROR",
  }),
  row("log.format", "local", "string_or_list", "reload", {
    byDefault: "%(asctime)s %(levelname)s: %(message)s",
    note: "list only for json",
  }),
  row("log.dateformat", "local", "string", "reload", { byDefault: "''" }),
  row("log.static_fields", "local", "map", "reload", {
    since: "3.3.0",
    byDefault: "{}",
    note: "json only",
  }),
  row("log.max_queue_size", "local", "int", "reload", { unit: "records", byDefault: "1000" }),
  row("log.dir", "local", "path", "reload", { byDefault: "absent" }),
  row("log.mode", "local", "int", "reload", {
    min: 0,
    max: 511,
    since: "4.0.0",
    byDefault: "umask",
  }),
  row("log.file_size", "local", "int", "reload", { unit: "bytes", byDefault: "25000000" }),
  row("log.file_num", "local", "int", "reload", { unit: "files", byDefault: "4" }),
  row("log.loggers", "local", "map", "reload", { byDefault: "{}" }),
  row("log.deduplicate_heartbeat_logs", "local", "bool", "reload", {
    since: "4.1.0",
    byDefault: "false",
  }),
  row("etcd3.host", "local", "host:port", "patroni-restart"),
  row("etcd3.hosts", "local", "list_or_csv", "patroni-restart"),
  row("etcd3.srv", "local", "string", "patroni-restart"),
  row("etcd3.srv_suffix", "local", "string", "patroni-restart"),
  row("etcd3.url", "local", "string", "patroni-restart"),
  row("etcd3.proxy", "local", "string", "patroni-restart"),
  row("etcd3.use_proxies", "local", "bool", "patroni-restart", { byDefault: "false" }),
  row("etcd3.protocol", "local", "enum", "patroni-restart", {
    values: ["http", "https"],
    byDefault: "http",
  }),
  row("etcd3.username", "local", "string", "reload"),
  row("etcd3.password", "local", "string", "reload", { note: "secret" }),
  row("etcd3.cacert", "local", "path", "patroni-restart"),
  row("etcd3.cert", "local", "path", "patroni-restart"),
  row("etcd3.key", "local", "path", "patroni-restart"),
  row("etcd.host", "local", "host:port", "patroni-restart", {
    note: "the v2 API, which etcd 3.6 no longer has",
  }),
  row("etcd.hosts", "local", "list_or_csv", "patroni-restart"),
  row("etcd.srv", "local", "string", "patroni-restart"),
  row("etcd.srv_suffix", "local", "string", "patroni-restart"),
  row("etcd.url", "local", "string", "patroni-restart"),
  row("etcd.proxy", "local", "string", "patroni-restart"),
  row("etcd.use_proxies", "local", "bool", "patroni-restart", { byDefault: "false" }),
  row("etcd.protocol", "local", "enum", "patroni-restart", {
    values: ["http", "https"],
    byDefault: "http",
  }),
  row("etcd.username", "local", "string", "reload"),
  row("etcd.password", "local", "string", "reload", { note: "secret" }),
  row("etcd.cacert", "local", "path", "patroni-restart"),
  row("etcd.cert", "local", "path", "patroni-restart"),
  row("etcd.key", "local", "path", "patroni-restart"),
  row("consul.host", "local", "host:port", "patroni-restart", { byDefault: "127.0.0.1:8500" }),
  row("consul.url", "local", "string", "patroni-restart"),
  row("consul.port", "local", "int", "patroni-restart", { max: 65535, byDefault: "8500" }),
  row("consul.scheme", "local", "enum", "patroni-restart", {
    values: ["http", "https"],
    byDefault: "http",
  }),
  row("consul.token", "local", "string", "reload", { note: "secret" }),
  row("consul.verify", "local", "bool", "patroni-restart"),
  row("consul.cacert", "local", "path", "patroni-restart"),
  row("consul.cert", "local", "path", "patroni-restart"),
  row("consul.key", "local", "path", "patroni-restart"),
  row("consul.dc", "local", "string", "reload"),
  row("consul.consistency", "local", "enum", "reload", {
    values: ["default", "consistent", "stale"],
    byDefault: "default",
  }),
  row("consul.checks", "local", "list", "patroni-restart", { byDefault: "[]" }),
  row("consul.register_service", "local", "bool", "reload", { byDefault: "false" }),
  row("consul.service_tags", "local", "list", "reload", { byDefault: "[]" }),
  row("consul.service_check_interval", "local", "string", "patroni-restart", { byDefault: "5s" }),
  row("consul.service_check_tls_server_name", "local", "string", "patroni-restart"),
  row("zookeeper.hosts", "local", "list_or_csv", "patroni-restart", { byDefault: "required" }),
  row("zookeeper.use_ssl", "local", "bool", "patroni-restart", { byDefault: "false" }),
  row("zookeeper.cacert", "local", "path", "patroni-restart"),
  row("zookeeper.cert", "local", "path", "patroni-restart"),
  row("zookeeper.key", "local", "path", "patroni-restart"),
  row("zookeeper.key_password", "local", "string", "patroni-restart", { note: "secret" }),
  row("zookeeper.verify", "local", "bool", "patroni-restart", { byDefault: "true" }),
  row("zookeeper.set_acls", "local", "map", "patroni-restart", { note: "x509 only before next" }),
  row("zookeeper.auth_data", "local", "map", "patroni-restart", {
    since: "3.3.0",
    byDefault: "{}",
    note: "secret",
  }),
  row("exhibitor.hosts", "local", "list", "patroni-restart", { byDefault: "required" }),
  row("exhibitor.port", "local", "int", "patroni-restart", { max: 65535, byDefault: "required" }),
  row("exhibitor.poll_interval", "local", "int", "patroni-restart", {
    min: 1,
    unit: "s",
    byDefault: "300",
  }),
  row("kubernetes.labels", "local", "map", "patroni-restart", { byDefault: "required" }),
  row("kubernetes.namespace", "local", "string", "patroni-restart", { byDefault: "default" }),
  row("kubernetes.scope_label", "local", "string", "patroni-restart", {
    byDefault: "cluster-name",
  }),
  row("kubernetes.role_label", "local", "string", "patroni-restart", { byDefault: "role" }),
  row("kubernetes.leader_label_value", "local", "string", "patroni-restart", {
    since: "3.1.0",
    byDefault: "primary",
    note: "default master before 4.0",
  }),
  row("kubernetes.follower_label_value", "local", "string", "patroni-restart", {
    since: "3.1.0",
    byDefault: "replica",
  }),
  row("kubernetes.standby_leader_label_value", "local", "string", "patroni-restart", {
    since: "3.1.0",
    byDefault: "primary",
  }),
  row("kubernetes.tmp_role_label", "local", "string", "patroni-restart", {
    since: "3.1.0",
    byDefault: "absent",
  }),
  row("kubernetes.bootstrap_labels", "local", "map", "patroni-restart", {
    since: "4.1.0",
    byDefault: "{}",
  }),
  row("kubernetes.use_endpoints", "local", "bool", "patroni-restart", { byDefault: "false" }),
  row("kubernetes.pod_ip", "local", "ip", "patroni-restart"),
  row("kubernetes.ports", "local", "list", "patroni-restart", { byDefault: "[{}]" }),
  row("kubernetes.bypass_api_service", "local", "bool", "patroni-restart", { byDefault: "false" }),
  row("kubernetes.cacert", "local", "path", "patroni-restart", { byDefault: "service account CA" }),
  row("kubernetes.retriable_http_codes", "local", "int_or_list", "reload", {
    since: "3.0.2",
    byDefault: "[]",
    note: "added to 500,503,504",
  }),
  row("raft.self_addr", "local", "host:port", "patroni-restart", { note: "deprecated DCS" }),
  row("raft.bind_addr", "local", "host:port", "patroni-restart", { byDefault: "self_addr" }),
  row("raft.partner_addrs", "local", "list", "patroni-restart", { byDefault: "[]" }),
  row("raft.data_dir", "local", "path", "patroni-restart", { byDefault: "cwd" }),
  row("raft.password", "local", "string", "patroni-restart", { note: "secret" }),
  row("bootstrap.dcs", "bootstrap", "map", "n/a", {
    byDefault: "{}",
    note: "used only when DCS and cache have no config; dead afterwards",
  }),
  row("bootstrap.method", "bootstrap", "string", "n/a", {
    byDefault: "initdb",
    note: "no fallback",
  }),
  row("bootstrap.<method>.command", "bootstrap", "string", "n/a", { byDefault: "required" }),
  row("bootstrap.<method>.no_params", "bootstrap", "bool", "n/a", { byDefault: "false" }),
  row("bootstrap.<method>.keep_existing_recovery_conf", "bootstrap", "bool", "n/a", {
    byDefault: "false",
  }),
  row("bootstrap.<method>.recovery_conf", "bootstrap", "map", "n/a", { byDefault: "absent" }),
  row("bootstrap.initdb", "bootstrap", "list_or_map", "n/a", {
    byDefault: "absent",
    note: "data-checksums recommended",
  }),
  row("bootstrap.pg_hba", "bootstrap", "list", "n/a", {
    byDefault: "absent",
    note: "mandatory for the 3.0.2 validator only",
  }),
  row("bootstrap.post_bootstrap", "bootstrap", "string", "n/a", {
    byDefault: "absent",
    note: "alias post_init",
  }),
  row("bootstrap.users", "bootstrap", "map", "n/a", {
    until: "4.0.0",
    byDefault: "absent",
    note: "removed in 4.0.0",
  }),
];

function row(
  path: string,
  scope: Setting["scope"],
  kind: Setting["kind"],
  effect: Setting["effect"],
  options: RowOptions = {},
): Setting {
  const { since, until, ...rest } = options;
  const from = since === undefined ? undefined : readRunningVersion(since);
  const to = until === undefined ? undefined : readRunningVersion(until);
  return {
    path: path.split("."),
    scope,
    kind,
    effect,
    ...rest,
    ...(from === undefined ? {} : { since: from }),
    ...(to === undefined ? {} : { until: to }),
  };
}
