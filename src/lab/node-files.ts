import { isAbsolute, normalize } from "node:path";
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import type { BindMount } from "./bind-mounts.ts";

/**
 * What a lab puts into a file that a rendered `patroni.yml` names. The certificate for the DCS has no common
 * name: etcd v3 with users refuses one that has.
 *
 * @see server/embed/serve.go, `accessController.ServeHTTP`, at etcd v3.5.16
 */
export type TlsContent = "ca" | "certificate" | "key" | "dcsCertificate" | "dcsKey";

/** A file that Patroni, PostgreSQL or etcd's client expects on the node. */
export interface TlsFile {
  readonly path: string;
  readonly content: TlsContent;
}

/** What a rendered `patroni.yml` expects of the machine that it runs on. All paths are absolute. */
export interface NodeFiles {
  readonly binDir: string;
  /** Where Patroni logs to; undefined when that is its standard error. */
  readonly logDir: string | undefined;
  readonly superuser: string;
  /** Directories for sockets and logs: private, and writable for PostgreSQL's user. */
  readonly directories: readonly string[];
  /** What PostgreSQL's user makes itself, in directories that are private and its own. */
  readonly made: readonly BindMount[];
  readonly tls: readonly TlsFile[];
  readonly etcd: {
    readonly tls: boolean;
    readonly clientCertificate: boolean;
    /** Who Patroni is to etcd; undefined: nobody, or its environment says it. */
    readonly user: string | undefined;
    /** The prefix of all keys of the cluster, with a slash at its end. */
    readonly prefix: string;
  };
  readonly watchdogRequired: boolean;
  readonly mayLead: boolean;
  /** `synchronous_mode` of a cluster that this node bootstraps. */
  readonly synchronousMode: "on" | "quorum" | "off";
}

/** Keys whose value is the path of a TLS file, at any depth of `patroni.yml`. */
const TLS_KEYS: ReadonlyMap<string, TlsContent> = new Map([
  ["cafile", "ca"],
  ["cacert", "ca"],
  ["ssl_ca_file", "ca"],
  ["sslrootcert", "ca"],
  ["certfile", "certificate"],
  ["cert", "certificate"],
  ["ssl_cert_file", "certificate"],
  ["sslcert", "certificate"],
  ["keyfile", "key"],
  ["key", "key"],
  ["ssl_key_file", "key"],
  ["sslkey", "key"],
]);

/** Debian's default for `unix_socket_directories`, when the configuration names none. */
const SOCKET_DIR = "/run/postgresql";

/** Reads what a node's configuration expects, or says what the lab cannot work with. */
export function readNodeFiles(config: JsonObject): NodeFiles | string {
  const dataDir = textAt(config, "postgresql", "data_dir");
  if (dataDir === undefined || !isAbsolute(dataDir))
    return "postgresql.data_dir is not an absolute path";
  const etcd = config["etcd3"];
  if (!isJsonObject(etcd)) return "there is no etcd3 section; the lab runs etcd3 only";
  const tags = config["tags"];
  const pgpass = textAt(config, "postgresql", "pgpass");
  const logDir = textAt(config, "log", "dir");
  const directories = [
    ...(logDir === undefined ? [] : [normalize(logDir)]),
    ...socketDirectories(config),
  ];
  const made: BindMount[] = [{ kind: "directory", target: normalize(dataDir) }];
  if (pgpass !== undefined) made.push({ kind: "file", target: normalize(pgpass) });
  return {
    logDir: logDir === undefined ? undefined : normalize(logDir),
    binDir: textAt(config, "postgresql", "bin_dir") ?? "",
    superuser:
      textAt(config, "postgresql", "authentication", "superuser", "username") ?? "postgres",
    directories: [...new Set(directories)].filter((path) => isAbsolute(path)),
    made,
    tls: readTlsFiles(config, etcd),
    etcd: readEtcd(config, etcd),
    watchdogRequired: textAt(config, "watchdog", "mode") === "required",
    synchronousMode: readSynchronousMode(config),
    mayLead: isJsonObject(tags)
      ? tags["nofailover"] !== true && tags["failover_priority"] !== 0
      : true,
  };
}

/** A file that serves for more than the DCS has a common name. */
function readTlsFiles(config: JsonObject, etcd: JsonObject): readonly TlsFile[] {
  const forDcs = findTlsFiles(etcd).map(({ path, content }): TlsFile => {
    if (content === "certificate") return { path, content: "dcsCertificate" };
    return { path, content: content === "key" ? "dcsKey" : content };
  });
  const others = findTlsFiles({ ...config, etcd3: null });
  return [...new Map([...forDcs, ...others].map((file) => [file.path, file])).values()];
}

function readEtcd(config: JsonObject, etcd: JsonObject): NodeFiles["etcd"] {
  const namespace = textAt(config, "namespace") ?? "service";
  const scope = textAt(config, "scope") ?? "";
  return {
    tls: etcd["protocol"] === "https",
    clientCertificate: typeof etcd["cert"] === "string",
    user: textAt(config, "etcd3", "username"),
    prefix: `/${namespace.replaceAll(/^\/|\/$/g, "")}/${scope}/`,
  };
}

function readSynchronousMode(config: JsonObject): NodeFiles["synchronousMode"] {
  const mode = valueAt(config, "bootstrap", "dcs", "synchronous_mode");
  if (mode === "quorum") return "quorum";
  return mode === true || mode === "on" ? "on" : "off";
}

function textAt(config: JsonObject, ...path: readonly string[]): string | undefined {
  const value = valueAt(config, ...path);
  return typeof value === "string" ? value : undefined;
}

function valueAt(config: JsonObject, ...path: readonly string[]): Json | undefined {
  let value: Json | undefined = config;
  for (const key of path) value = isJsonObject(value) ? value[key] : undefined;
  return value;
}

function socketDirectories(config: JsonObject): readonly string[] {
  const named = [
    textAt(config, "bootstrap", "dcs", "postgresql", "parameters", "unix_socket_directories"),
    textAt(config, "postgresql", "parameters", "unix_socket_directories"),
  ];
  const listed = named.flatMap((text) => text?.split(",").map((part) => part.trim()) ?? []);
  return [SOCKET_DIR, ...listed.filter((path) => isAbsolute(path))];
}

function findTlsFiles(value: Json): readonly TlsFile[] {
  if (Array.isArray(value)) return value.flatMap((item: Json) => findTlsFiles(item));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, field]): readonly TlsFile[] => {
    const content = TLS_KEYS.get(key);
    if (content === undefined || typeof field !== "string") return findTlsFiles(field);
    return isAbsolute(field) ? [{ path: normalize(field), content }] : [];
  });
}
