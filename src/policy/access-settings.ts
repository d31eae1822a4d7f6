import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import type { SettingValue } from "./setting-value.ts";

/** The settings that TLS of PostgreSQL takes. None when it speaks no TLS, or is not told how. */
export function accessSettings({ project, source }: ResolvedCluster): readonly SettingValue[] {
  const { tls } = project.postgres;
  if (tls === undefined) return [];
  const written = ["access", "postgres", "tls"];
  const values = {
    ssl: "on",
    ssl_cert_file: tls.certificate,
    ssl_key_file: tls.key,
    ssl_ca_file: tls.ca,
    ...(tls.minVersion === undefined ? {} : { ssl_min_protocol_version: tls.minVersion }),
  };
  return Object.entries(values).map(([name, value]) => ({
    path: ["postgresql", "parameters", name],
    value,
    rank: "default",
    at: source.at(written),
    keyAt: source.at(written),
    because: "the nodes have TLS files",
  }));
}
