import { join } from "node:path";
import type { LabCluster, LabVoter } from "./lab-cluster.ts";
import type { LabPrograms } from "./lab-programs.ts";
import type { NodeFiles } from "./node-files.ts";
import type { Round } from "./rest-probe.ts";

/** How the cluster's nodes talk to etcd. */
export type EtcdAccess = NodeFiles["etcd"];

/** The user of etcd with every right: without one, authentication cannot be switched on. */
export const ETCD_ROOT = "root";

const PEER_PORT = 2380;

/** The command line of a voter's etcd; `folder` is its own, with its data and its certificates. */
export function etcdCommand(
  voter: LabVoter,
  cluster: LabCluster,
  options: {
    readonly programs: LabPrograms;
    readonly access: EtcdAccess;
    readonly folder: string;
  },
): readonly string[] {
  const { programs, access, folder } = options;
  const { name, address, clientPort } = voter;
  const members = cluster.voters.filter((each) => each.dcs === voter.dcs);
  const peers = members.map((each) => `${each.name}=${peerUrl(each)}`).join(",");
  const scheme = access.tls ? "https" : "http";
  const settings = {
    name,
    "data-dir": join(folder, "data"),
    "listen-peer-urls": peerUrl(voter),
    "initial-advertise-peer-urls": peerUrl(voter),
    "listen-client-urls": `${scheme}://${address}:${clientPort},${scheme}://127.0.0.1:${clientPort}`,
    "advertise-client-urls": `${scheme}://${address}:${clientPort}`,
    "initial-cluster": peers,
    "initial-cluster-state": "new",
    "initial-cluster-token": `qlab-${cluster.name}-${voter.dcs ?? ""}`,
    logger: "zap",
    "log-level": "warn",
    "auto-compaction-retention": "1",
    ...(programs.etcdSkipsFsync ? { "unsafe-no-fsync": "true" } : {}),
    ...(access.tls ? tlsSettings(access, folder) : {}),
  };
  return [programs.etcd, ...Object.entries(settings).map(([key, value]) => `--${key}=${value}`)];
}

/** The URL of a voter for its clients. */
export function clientUrl(voter: LabVoter, access: Pick<EtcdAccess, "tls">): string {
  return `${access.tls ? "https" : "http"}://${voter.address}:${voter.clientPort}`;
}

/** The URL at which a voter says whether it sees a leader. */
export function healthUrl(voter: LabVoter, access: EtcdAccess): string {
  return `${clientUrl(voter, access)}/health`;
}

/** True when every voter answers and sees a leader. */
export function isEtcdHealthy(round: Round): boolean {
  return [...round.values()].every(
    (answer) => "body" in answer && JSON.stringify(answer.body).includes(`"health":"true"`),
  );
}

/** Files of an etcd that speaks TLS, below its folder. */
export const ETCD_TLS = { ca: "ca.crt", certificate: "server.crt", key: "server.key" } as const;

/** With a CA to verify clients by, etcd asks everyone for a certificate. */
function tlsSettings(access: EtcdAccess, folder: string): Readonly<Record<string, string>> {
  return {
    "cert-file": join(folder, ETCD_TLS.certificate),
    "key-file": join(folder, ETCD_TLS.key),
    ...(access.clientCertificate
      ? { "trusted-ca-file": join(folder, ETCD_TLS.ca), "client-cert-auth": "true" }
      : {}),
  };
}

function peerUrl(voter: LabVoter): string {
  return `http://${voter.address}:${PEER_PORT}`;
}
