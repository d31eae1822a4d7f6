import { Bug } from "../core/bug.ts";
import { parseDuration, parseSize, type Seconds } from "../core/units.ts";
import { parsePatroniVersion, type PatroniVersion } from "../patroni/version.ts";
import type { ClusterIntent } from "./cluster-intent.ts";
import { overrideDcs, overrideProject } from "./override-access.ts";
import type { ResolvedDcs, ResolvedProject } from "./resolve-project.ts";
import type { Source } from "./source.ts";

/** The roles of sites, as the intent writes them. */
export type SiteRole = ClusterIntent["sites"][number]["role"];

/** One data node with every default filled in. */
export interface ResolvedNode {
  readonly name: string;
  readonly address: string;
  readonly site: string;
  readonly role: SiteRole;
  /** May lead. */
  readonly promotable: boolean;
  /** May be a synchronous standby. */
  readonly confirms: boolean;
  /** The member that it streams from; undefined: the leader. */
  readonly upstream: string | undefined;
}

/** The lease timing that a cluster runs with. */
export interface LeaseTiming {
  readonly ttl: Seconds;
  readonly loopWait: Seconds;
  readonly retryTimeout: Seconds;
  /** The word that stands for it, or `own` for numbers of the cluster's own. */
  readonly speed: "fast" | "standard" | "patient" | "wan" | "own";
}

/** One cluster's intent with every default filled in, ready for the later stages. */
export interface ResolvedCluster {
  readonly name: string;
  readonly owner: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly patroni: PatroniVersion;
  readonly postgres: number;
  readonly sites: readonly { readonly name: string; readonly role: SiteRole }[];
  readonly nodes: readonly ResolvedNode[];
  readonly tier: string;
  readonly quorum: number | "auto";
  readonly timing: LeaseTiming;
  /** WAL that an automatic failover may lose, in bytes; undefined when the intent does not say. */
  readonly maxLossBytes: number | undefined;
  readonly order: readonly string[];
  readonly dcs: ResolvedDcs;
  readonly onOutage: "keep-leading" | "read-only";
  readonly watchdog: "off" | "best-effort" | "required";
  /** Parameters as written; null: the DCS must not set it. */
  readonly parameters: Readonly<Record<string, boolean | number | string | null>>;
  /** The project as this cluster sees it: with the cluster's own `access` over the project's. */
  readonly project: ResolvedProject;
  readonly source: Source;
}

/**
 * Lease timings by name. Each keeps `loop_wait + 2 * retry_timeout <= ttl`, and leaves time between the
 * leader's own demotion and the earliest promotion.
 *
 * @see patroni/config.py:_validate_and_adjust_timeouts at v4.1.4
 */
const SPEEDS = {
  fast: { ttl: "20s", loopWait: "5s", retryTimeout: "5s" },
  standard: { ttl: "30s", loopWait: "10s", retryTimeout: "10s" },
  patient: { ttl: "60s", loopWait: "10s", retryTimeout: "20s" },
  wan: { ttl: "90s", loopWait: "10s", retryTimeout: "30s" },
} as const;

/**
 * Fills in the defaults of one cluster. The intent must have passed its schema and `dcs` must be the one
 * it names; what the shape alone cannot say is checked by {@link checkCluster}.
 */
export function resolveCluster(
  intent: ClusterIntent,
  dcs: ResolvedDcs,
  project: ResolvedProject,
  source: Source,
): ResolvedCluster {
  const { failover = {}, dcs: { onOutage = "keep-leading" } = {}, fencing = {} } = intent;
  return {
    name: intent.cluster,
    owner: intent.owner,
    labels: intent.labels ?? {},
    patroni: versionOf(intent.patroni),
    postgres: intent.postgres,
    sites: intent.sites.map(({ name, role }) => ({ name, role })),
    nodes: intent.sites.flatMap((site) =>
      (site.nodes ?? []).map((node) => resolveNode(node, site)),
    ),
    tier: intent.durability,
    quorum: intent.quorum ?? "auto",
    timing: resolveTiming(failover.speed ?? "standard"),
    maxLossBytes: resolveMaxLoss(failover.maxLoss),
    order: failover.order ?? [],
    dcs: overrideDcs(dcs, intent.access),
    onOutage,
    watchdog: fencing.watchdog ?? "best-effort",
    parameters: intent.postgresql?.parameters ?? {},
    project: overrideProject(project, intent.access),
    source,
  };
}

type SiteIntent = ClusterIntent["sites"][number];
type NodeIntent = NonNullable<SiteIntent["nodes"]>[number];

function resolveNode(node: NodeIntent, site: SiteIntent): ResolvedNode {
  const promotable = node.promotable ?? site.role !== "observer";
  return {
    name: node.name,
    address: node.address,
    site: site.name,
    role: site.role,
    promotable,
    // A node that cannot lead, or that hangs behind another one, must not hold up commits.
    confirms: node.confirms ?? (promotable && node.upstream === undefined),
    upstream: node.upstream,
  };
}

function resolveTiming(
  speed: NonNullable<NonNullable<ClusterIntent["failover"]>["speed"]>,
): LeaseTiming {
  const written = typeof speed === "string" ? SPEEDS[speed] : speed;
  return {
    ttl: secondsOf(written.ttl),
    loopWait: secondsOf(written.loopWait),
    retryTimeout: secondsOf(written.retryTimeout),
    speed: typeof speed === "string" ? speed : "own",
  };
}

function resolveMaxLoss(written: 0 | string | undefined): number | undefined {
  if (written === undefined || written === 0) return written;
  const size = parseSize(written);
  if (!size.ok) throw new Bug(`the schema let a size pass: ${size.error}`);
  return size.value;
}

function versionOf(text: string): PatroniVersion {
  const version = parsePatroniVersion(text);
  if (!version.ok) throw new Bug(`the schema let a version pass: ${version.error}`);
  return version.value;
}

function secondsOf(text: string): Seconds {
  const duration = parseDuration(text);
  if (!duration.ok) throw new Bug(`the schema let a duration pass: ${duration.error}`);
  return duration.value;
}
