import type { Diagnostic, Span } from "../core/diagnostic.ts";
import { formatPatroniVersion, isAtLeast } from "../patroni/version.ts";
import type { ClusterIntent } from "./cluster-intent.ts";
import type { ResolvedCluster } from "./resolve-cluster.ts";

/** Checks nodes that take WAL from the archive only. Empty when there is none, or nothing is wrong. */
export function checkNodeKeys(
  intent: ClusterIntent,
  cluster: ResolvedCluster,
): readonly Diagnostic[] {
  return intent.sites.flatMap((site, siteIndex) =>
    (site.nodes ?? []).flatMap((node, index) => {
      if (node.stream !== false) return [];
      const at = (key: string): Span =>
        cluster.source.atKey(["sites", siteIndex, "nodes", index, key]);
      return checkArchiveOnly(node, cluster, at);
    }),
  );
}

type NodeIntent = NonNullable<ClusterIntent["sites"][number]["nodes"]>[number];

function checkArchiveOnly(
  { name, confirms, upstream }: NodeIntent,
  { patroni, server }: ResolvedCluster,
  at: (key: string) => Span,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const add = (rule: string, key: string, message: string, hint: string): void => {
    found.push({ rule, severity: "error", message, at: at(key), hint });
  };
  if (!isAtLeast(patroni, { major: 3, minor: 3, patch: 0 }))
    add(
      "QUO013",
      "stream",
      `Patroni ${formatPatroniVersion(patroni)} does not know stream: false (nostream), it came with 3.3`,
      "raise patroni: once every member runs it, or let the node stream",
    );
  if (server.restoreCommand === undefined)
    add(
      "QUO056",
      "stream",
      `${name} does not stream, and there is no archive to take WAL from: it would never get any`,
      "write postgresql.restore.command, or let the node stream",
    );
  if (upstream !== undefined)
    add(
      "QUO056",
      "upstream",
      `${name} does not stream, so ${upstream} cannot be its upstream`,
      "remove upstream or stream",
    );
  if (confirms === true)
    add(
      "QUO056",
      "confirms",
      `${name} does not stream, so it cannot confirm commits`,
      "remove confirms or stream",
    );
  return found;
}
