import type { BootedLab } from "./boot-lab.ts";
import type { EndedLab } from "./end-lab.ts";
import { type LabCluster, patroniClusters } from "./lab-cluster.ts";
import type { LabRefusal } from "./lab-refusal.ts";
import type { HostStatus, LabStatus } from "./lab-status.ts";
import type { LabMember } from "./member.ts";

/** What `lab up` prints when the lab is ready. */
export function formatBootedLab(cluster: LabCluster, lab: BootedLab): string {
  const names = patroniClusters(cluster).join(" and ");
  const what = `${names}: ${lab.members.length} members and ${cluster.voters.length} etcd voters`;
  const seconds = `${lab.seconds.toFixed(1)} s`;
  const head = lab.reused
    ? `${what} already run from these files`
    : `${what} ready after ${seconds}`;
  const rows = lab.members.map(versionRow);
  return [head, ...table(rows), ...lab.notes.map((note) => `note: ${note}`)].join("\n");
}

/** What `lab status` prints. */
export function formatLabStatus(status: LabStatus): string {
  const { cluster, clientAddress, clientUp, secondsLeft, hosts } = status;
  const head = `${cluster}: ${formatSeconds(secondsLeft)} left; client ${clientUp ? "at" : "is down, was at"} ${clientAddress}`;
  const columns = [
    "HOST",
    "SITE",
    "ADDRESS",
    "ETCD",
    "PATRONI",
    "ROLE",
    "STATE",
    "TIMELINE",
    "LAG",
  ];
  return [head, ...table([columns, ...hosts.map(hostRow)])].join("\n");
}

/** What `lab down` prints for one cluster. */
export function formatEndedLab(
  cluster: string,
  { processes, namespaces, hadState }: EndedLab,
): string {
  if (processes === 0 && namespaces === 0 && !hadState) return `${cluster}: no lab is up`;
  return `${cluster}: down; ${processes} processes and ${namespaces} namespaces ended`;
}

/** A refusal for people: what happened, the last lines of the log that tells why, the way out. */
export function formatRefusal(refusal: LabRefusal): string {
  if (refusal.kind === "interrupted") return "interrupted: the lab is down";
  const lines = [`lab: ${refusal.message}`];
  if (refusal.kind === "refused" && refusal.log !== undefined)
    lines.push(
      ...refusal.log.tail.split("\n").map((line) => `  | ${line}`),
      `log: ${refusal.log.path}`,
    );
  if (refusal.hint !== undefined) lines.push(`hint: ${refusal.hint}`);
  return lines.join("\n");
}

/** Writes `90` as `1m 30s`; a time that is over counts as none. */
export function formatSeconds(seconds: number): string {
  const left = Math.max(0, seconds);
  const minutes = Math.floor(left / 60);
  return minutes === 0 ? `${left}s` : `${minutes}m ${left % 60}s`;
}

function versionRow(member: LabMember): readonly string[] {
  const { name, site, address, role, state, patroni = "?", postgres = "?" } = member;
  return [name, site, address, role, state, `Patroni ${patroni}`, `PostgreSQL ${postgres}`];
}

function hostRow({
  name,
  site,
  address,
  up,
  etcd,
  patroni,
  member,
}: HostStatus): readonly string[] {
  const shown = up ? [alive(etcd), alive(patroni)] : ["down", "down"];
  return [name, site, address, ...shown, ...memberColumns(member)];
}

function memberColumns(member: LabMember | undefined): readonly string[] {
  if (member === undefined) return ["-", "-", "-", "-"];
  return [member.role, member.state, String(member.timeline ?? "-"), formatLag(member.lag)];
}

function formatLag(lag: number | string | undefined): string {
  return typeof lag === "number" ? `${lag} B` : (lag ?? "-");
}

function alive(service: boolean | undefined): string {
  if (service === undefined) return "-";
  return service ? "runs" : "dead";
}

/** Aligns columns; no spaces at the end of a line. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries())
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
