import { hostPort } from "../core/host-port.ts";
import type { JsonObject } from "../core/json.ts";
import type { DcsTls, ResolvedDcs } from "../intent/dcs-intent.ts";

/**
 * The section of `patroni.yml` that says where the DCS is, under the name of its kind. `access` are further keys
 * of that section, such as TLS files and a user; they win over those made here.
 *
 * @see https://patroni.readthedocs.io/en/latest/yaml_configuration.html and patroni/dcs/*.py at v4.1.5
 */
export function compileDcsSection(dcs: ResolvedDcs, access: JsonObject = {}): JsonObject {
  return { [dcs.kind]: { ...sectionOf(dcs), ...access } };
}

/** Environment variables from which Patroni takes what the DCS section must not hold. */
export function dcsSecretNames(dcs: ResolvedDcs): readonly string[] {
  if (dcs.kind === "consul") return dcs.token === undefined ? [] : ["PATRONI_CONSUL_TOKEN"];
  if (dcs.kind !== "zookeeper") return [];
  return [
    ...(dcs.auth === undefined ? [] : ["PATRONI_ZOOKEEPER_AUTH_DATA"]),
    ...(dcs.keyPassword === undefined ? [] : ["PATRONI_ZOOKEEPER_KEY_PASSWORD"]),
  ];
}

function sectionOf(dcs: ResolvedDcs): JsonObject {
  const hosts = dcs.voters.map((voter) => hostPort(voter.address, voter.port));
  switch (dcs.kind) {
    case "etcd3":
    case "etcd":
      return { hosts };
    case "consul":
      return {
        host: dcs.agent,
        scheme: dcs.tls === undefined ? "http" : "https",
        ...(dcs.tls === undefined ? {} : { ...filesOf(dcs.tls), verify: true }),
        ...(dcs.datacenter === undefined ? {} : { dc: dcs.datacenter }),
        ...(dcs.consistency === undefined ? {} : { consistency: dcs.consistency }),
        ...(dcs.registerService ? { register_service: true } : {}),
      };
    case "zookeeper":
      return {
        hosts,
        ...(dcs.tls === undefined ? {} : { use_ssl: true, ...filesOf(dcs.tls), verify: true }),
      };
    default:
      return dcs satisfies never;
  }
}

function filesOf({ ca, certificate, key }: DcsTls): JsonObject {
  return {
    cacert: ca,
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
  };
}
