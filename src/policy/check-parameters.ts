import type { Diagnostic } from "../core/diagnostic.ts";
import type { Json } from "../core/json.ts";
import { looksSecret } from "../core/looks-secret.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import { findSetting } from "../patroni/setting.ts";
import { findPostgresParameter, type PostgresParameter } from "../postgres/parameter.ts";
import { checkParameterValue } from "../postgres/parameter-value.ts";
import { quantityOf } from "../postgres/quantity.ts";
import { commandLineMistake } from "./command-line-mistake.ts";
import { connectionsNeeded, consumersText } from "./connection-budget.ts";
import { missingParameter } from "./parameter-existence.ts";
import { patroniMistake } from "./patroni-mistake.ts";
import { exactSetterOf, type SettingValue } from "./setting-value.ts";

/** What is wrong with a parameter: in its name or in its value. */
interface Mistake {
  readonly rule: "QUO007" | "QUO014" | "QUO110";
  readonly about?: "name";
  readonly message: string;
  readonly hint: string;
}

/**
 * Checks every PostgreSQL parameter that a tier or an intent sets, by its name, its value and its fit to
 * the cluster. Patroni would drop, clamp or replace most of what fails here, with a line in its log.
 */
export function checkParameters(
  cluster: ResolvedCluster,
  settings: readonly SettingValue[],
): readonly Diagnostic[] {
  const parameters = settings.filter(
    ({ path, rank }) => path[0] === "postgresql" && path[1] === "parameters" && rank !== "default",
  );
  const found = parameters.flatMap((setting): Diagnostic[] => {
    const name = setting.path[2];
    if (name === undefined || setting.path.length !== 3) return [misplaced(setting)];
    const mistake = parameterMistake(name, setting.value, cluster);
    if (mistake === undefined) return [];
    const { about, ...said } = mistake;
    return [{ severity: "error", at: about === "name" ? setting.keyAt : setting.at, ...said }];
  });
  return [...found, ...checkReserved(settings)];
}

/** PostgreSQL does not start when nothing is left for ordinary connections. */
function checkReserved(settings: readonly SettingValue[]): readonly Diagnostic[] {
  const find = (name: string): SettingValue | undefined =>
    exactSetterOf(settings, `postgresql.parameters.${name}`);
  const reserved = [find("superuser_reserved_connections"), find("reserved_connections")];
  const taken = reserved.reduce((sum, setting) => sum + Number(setting?.value ?? 0), 0);
  const all = Number(find("max_connections")?.value ?? 100);
  const [first] = reserved.filter((setting) => setting !== undefined);
  if (first === undefined || taken < all) return [];
  const message = `${taken} connections are reserved of ${all}: PostgreSQL would not start`;
  return [
    {
      rule: "QUO014",
      severity: "error",
      message,
      at: first.at,
      hint: "reserve fewer, or raise max_connections",
    },
  ];
}

function misplaced({ path, at }: SettingValue): Diagnostic {
  const message = `${path.join(".")} is not a parameter with a value`;
  return {
    rule: "QUO014",
    severity: "error",
    message,
    at,
    hint: "write postgresql.parameters.<name>: <value>",
  };
}

/** Says what is wrong with one parameter, by its name and its value; undefined when nothing is. */
export function parameterMistake(
  name: string,
  value: Json,
  cluster: ResolvedCluster,
): Mistake | undefined {
  const rule = "QUO014";
  const owned = ownedReason(name);
  if (owned !== undefined)
    return { rule, about: "name", message: `${name} cannot be set here`, hint: owned };
  const missing = EXTENSION.test(name) ? undefined : missingParameter(name, cluster.postgres);
  if (missing !== undefined) return { rule, about: "name", ...missing };
  if (RECOVERY.has(name.toLowerCase())) return recoveryMistake(name);
  if (value === null) return undefined;
  const parameter = findPostgresParameter(name, cluster.postgres);
  if (!isPlain(value))
    return {
      rule,
      message: `${name} is a map or a list, expected one value`,
      hint: "write one value",
    };
  const plain = textMistake(name, value);
  if (plain !== undefined || parameter === undefined) return plain;
  const early = commandLineMistake(parameter, value);
  if (early !== undefined) return { rule, ...early };
  const checked = checkParameterValue(parameter, value);
  if (!checked.ok) return { rule, ...checked.error };
  return (
    floorMistake(parameter, value, cluster) ??
    patroniMistake(parameter, value, cluster.postgres, cluster.patroni)
  );
}

type Plain = boolean | number | string;

function isPlain(value: Json): value is Plain {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** An extension's parameter: known only where the extension is installed. */
const EXTENSION = /^[A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)+$/;

function textMistake(name: string, value: Plain): Mistake | undefined {
  if (typeof value === "number" && !Number.isSafeInteger(value) && Number.isInteger(value))
    return {
      rule: "QUO014",
      message: `${name} is larger than YAML and JSON can hold exactly`,
      hint: "write it as text",
    };
  if (typeof value !== "string") return undefined;
  if (looksSecret(value))
    return {
      rule: "QUO007",
      message: `${name} holds what looks like a secret; everyone may read the DCS configuration`,
      hint: "keep it in a file on the nodes and name the file",
    };
  if (/\p{Cc}/u.test(value))
    return {
      rule: "QUO014",
      message: `${name} holds a line break or another control character, which would break postgresql.conf`,
      hint: "write it on one line: use > or quotes instead of |, and nothing after the last word",
    };
  return undefined;
}

/** Parameters that Patroni or Quorate sets: writing one here would be ignored or would break a promise. */
const OWNED: ReadonlyMap<string, string> = new Map([
  ["synchronous_standby_names", "Patroni sets it from the tier; choose durability instead"],
  ["hot_standby", "Patroni forces it on"],
  ["primary_conninfo", "Patroni sets it"],
  ["primary_slot_name", "Patroni sets it"],
  ["data_directory", "it is nodes.dataDir in quorate.yaml"],
  ["config_file", "Patroni writes it"],
  ["external_pid_file", "Patroni starts PostgreSQL itself"],
  ["hba_file", "Patroni would then ignore the compiled pg_hba"],
  ["ident_file", "Patroni would then ignore pg_ident"],
  ...["ssl", "ssl_cert_file", "ssl_key_file", "ssl_ca_file", "ssl_min_protocol_version"].map(
    (name): [string, string] => [name, "it is access.postgres.tls, which pg_hba agrees with"],
  ),
]);

/**
 * The names that Patroni reads in `postgresql.recovery_conf`. Found among the parameters they are moved
 * there, and everything that stood there is forgotten.
 *
 * @see patroni/postgresql/config.py:_RECOVERY_PARAMETERS, _adjust_recovery_parameters at v4.1.4
 */
const RECOVERY: ReadonlySet<string> = new Set([
  "archive_cleanup_command",
  "promote_trigger_file",
  "recovery_end_command",
  "recovery_min_apply_delay",
  "recovery_target",
  "recovery_target_action",
  "recovery_target_inclusive",
  "recovery_target_lsn",
  "recovery_target_name",
  "recovery_target_time",
  "recovery_target_timeline",
  "recovery_target_xid",
  "restore_command",
]);

function recoveryMistake(name: string): Mistake {
  return {
    rule: "QUO014",
    about: "name",
    message: `${name} is a recovery setting, which does not belong among the parameters`,
    hint:
      name.toLowerCase() === "restore_command"
        ? "write postgresql.restore.command"
        : "leave it out: Patroni would move it to recovery_conf, in place of all that is there; this version of the intent has no key for it",
  };
}

/** True for a name that may stand among the parameters of an intent. */
export function isWritable(name: string): boolean {
  return ownedReason(name) === undefined && !RECOVERY.has(name.toLowerCase());
}

function ownedReason(name: string): string | undefined {
  const lower = name.toLowerCase();
  const setting = findSetting(["postgresql", "parameters", lower]);
  return OWNED.get(lower) ?? (setting?.scope === "none" ? "Patroni sets it itself" : undefined);
}

/** Below these floors members could not connect. */
function floorMistake(
  parameter: PostgresParameter,
  value: Plain,
  cluster: ResolvedCluster,
): Mistake | undefined {
  const { name } = parameter;
  const rule = "QUO014";
  if (name === "password_encryption" && value !== "scram-sha-256")
    return {
      rule,
      message: `password_encryption is ${value}, but the compiled pg_hba admits SCRAM only`,
      hint: "write scram-sha-256, or leave it out",
    };
  const amount = quantityOf(parameter, value);
  if (amount === undefined) return undefined;
  const needed = connectionsNeeded(name, cluster);
  if (needed === undefined || amount >= needed) return undefined;
  return {
    rule,
    message: `${name} is ${amount}, but ${consumersText(cluster)} need ${needed}`,
    hint: "raise it, or leave it out: Quorate computes it",
  };
}
