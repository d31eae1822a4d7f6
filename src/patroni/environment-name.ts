import type { Setting } from "./setting.ts";

/** Sections of which Patroni takes every key from its environment, but for those in {@link FILE_ONLY}. */
const SECTIONS: ReadonlySet<string> = new Set([
  "citus",
  "consul",
  "ctl",
  "etcd",
  "etcd3",
  "exhibitor",
  "kubernetes",
  "log",
  "raft",
  "restapi",
  "zookeeper",
]);
const FILE_ONLY: ReadonlySet<string> = new Set([
  "consul.scheme",
  "exhibitor.poll_interval",
  "restapi.thread_pool_size",
]);
const POSTGRESQL: ReadonlySet<string> = new Set([
  "bin_dir",
  "config_dir",
  "connect_address",
  "data_dir",
  "listen",
  "pgpass",
  "proxy_address",
]);

/**
 * The variable of Patroni's environment that wins over a setting of `patroni.yml`, such as
 * `PATRONI_RESTAPI_PASSWORD`; undefined when there is none.
 *
 * @see patroni/config.py:_build_environment_configuration at 3.0.2, 4.0.7 and 4.1.5
 */
export function environmentName({ path, scope, isUpcoming }: Setting): string | undefined {
  if (scope !== "local" || isUpcoming === true || path.some((key) => /[<[]/.test(key)))
    return undefined;
  const steps = stepsOf(path);
  return steps === undefined ? undefined : `PATRONI_${steps.join("_").toUpperCase()}`;
}

function stepsOf(path: readonly string[]): readonly string[] | undefined {
  const [section = "", key = "", ...rest] = path;
  if (path.length === 1) return path;
  if (section === "postgresql") return postgresqlSteps(path);
  if (!SECTIONS.has(section) || FILE_ONLY.has(path.join("."))) return undefined;
  return key === "authentication" ? [section, ...rest] : path;
}

function postgresqlSteps(path: readonly string[]): readonly string[] | undefined {
  const [section = "", key = "", ...rest] = path;
  if (key === "authentication") return rest.length === 2 ? rest : undefined;
  if (key === "bin_name") return [section, "bin", ...rest];
  return POSTGRESQL.has(key) && rest.length === 0 ? path : undefined;
}
