import { Bug } from "../core/bug.ts";
import { parseSize, type Seconds } from "../core/units.ts";
import { parsePatroniVersion, type PatroniVersion } from "../patroni/version.ts";
import { slotNameOf } from "../patroni/slot-name.ts";
import type { ClusterIntent } from "./cluster-intent.ts";
import type { ResolvedDcs } from "./dcs-intent.ts";
import { resolveDurability, type WrittenDurability } from "./durability-intent.ts";
import { resolveFailover, type FailoverScope, type ResolvedFailover } from "./failover-intent.ts";
import { resolveNodeKeys, type ResolvedNodeKeys } from "./node-keys-intent.ts";
import type { NodeSettings } from "./node-settings.ts";
import { overrideDcs, overrideProject } from "./override-access.ts";
import type { NodePlace, ResolvedProject } from "./resolve-project.ts";
import { resolveSections, type ResolvedSections } from "./sections-intent.ts";
import type { Source } from "./source.ts";
import type { SourcePath } from "./source-offset.ts";
import { secondsOf } from "./read-duration.ts";

/** The roles of sites, as the intent writes them. */
export type SiteRole = ClusterIntent["sites"][number]["role"];

/** One data node with every default filled in. */
export interface ResolvedNode extends ResolvedNodeKeys {
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
  /** What a person wrote of the two above; undefined: a default, which the tier may change. */
  readonly written: {
    readonly promotable: boolean | undefined;
    readonly confirms: boolean | undefined;
  };
  /** Its ports and paths. */
  readonly place: NodePlace;
  /** Where it stands in its intent. */
  readonly path: SourcePath;
}

/** What a standby cluster follows: the section `standby_cluster` of its DCS document. */
export interface StandbyOf {
  /** The cluster that it follows. */
  readonly cluster: string;
  /** The addresses of that cluster's nodes that may lead, those that lead by preference first. */
  readonly hosts: readonly string[];
  readonly port: number;
  /** The permanent slot there that keeps its place. */
  readonly slot: string;
}

/** A dr site as the cluster that it follows sees it. */
export interface Follower {
  /** The name of its own cluster. */
  readonly cluster: string;
  readonly site: string;
  /** The permanent slot that keeps its place. */
  readonly slot: string;
  /** Where the name of its site stands in the intent. */
  readonly namePath: SourcePath;
}

/** The lease timing that a cluster runs with. */
export interface LeaseTiming {
  readonly ttl: Seconds;
  readonly loopWait: Seconds;
  readonly retryTimeout: Seconds;
  /** The word that stands for it, or `own` for numbers of the cluster's own. */
  readonly speed: "fast" | "standard" | "patient" | "wan" | "own";
}

/**
 * One Patroni cluster with every default filled in, ready for the later stages. An intent resolves to the
 * cluster that it names and to one more for each of its dr sites.
 */
export interface ResolvedCluster extends ResolvedSections {
  readonly name: string;
  /** Where what it is named for stands in the intent: `cluster`, or the name of its dr site. */
  readonly namePath: SourcePath;
  /** What it follows as a standby cluster; undefined: it leads by itself. */
  readonly standbyOf: StandbyOf | undefined;
  /** The dr sites that follow it. */
  readonly followers: readonly Follower[];
  /** The nodes of the other clusters of the same intent: they stream from here, or will after a site switch. */
  readonly relatives: readonly ResolvedNode[];
  /**
   * How many members and followers one leader has to serve, itself included: the most over all clusters of
   * the intent, so that each of them can take over from any other.
   */
  readonly streamers: number;
  readonly owner: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly patroni: PatroniVersion;
  readonly postgres: number;
  readonly sites: readonly { readonly name: string; readonly role: SiteRole }[];
  readonly nodes: readonly ResolvedNode[];
  readonly tier: string;
  readonly durability: WrittenDurability;
  readonly quorum: number | "auto";
  readonly timing: LeaseTiming;
  /** WAL that an automatic failover may lose, in bytes; undefined when the intent does not say. */
  readonly maxLossBytes: number | undefined;
  /** Who should lead, as written for the whole intent: names of other clusters' nodes may stand in it. */
  readonly order: readonly string[];
  readonly failover: ResolvedFailover;
  readonly dcs: ResolvedDcs;
  readonly onOutage: "keep-leading" | "read-only";
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
 * Fills in the defaults of the cluster that an intent names: its dr sites are not part of it. The intent
 * must have passed its schema and `dcs` must be the one it names; what the shape alone cannot say is
 * checked by {@link checkCluster}.
 */
export function resolveCluster(
  intent: ClusterIntent,
  dcs: ResolvedDcs,
  project: ResolvedProject,
  source: Source,
): ResolvedCluster {
  const { failover = {}, dcs: { onOutage = "keep-leading" } = {} } = intent;
  const timing = resolveTiming(failover.speed ?? "standard");
  const resolvedFailover = resolveFailover(failover);
  const common = {
    defaults: project.nodes,
    inPrimary: staysInPrimary(intent, resolvedFailover.scope),
  };
  const nodes = resolveNodes(intent.sites, common, ({ role }) => role !== "dr");
  const relatives = resolveNodes(intent.sites, common, ({ role }) => role === "dr");
  const followers = followersOf(intent);
  const sizes = intent.sites.map(({ role, nodes: own = [] }) => (role === "dr" ? own.length : 0));
  return {
    name: intent.cluster,
    namePath: ["cluster"],
    standbyOf: undefined,
    followers,
    relatives,
    streamers: Math.max(nodes.length, ...sizes) + followers.length,
    owner: intent.owner,
    labels: intent.labels ?? {},
    patroni: versionOf(intent.patroni),
    postgres: intent.postgres,
    sites: intent.sites
      .filter(({ role }) => role !== "dr")
      .map(({ name, role }) => ({ name, role })),
    nodes,
    ...resolveDurability(intent.durability),
    quorum: intent.quorum ?? "auto",
    timing,
    maxLossBytes: resolveMaxLoss(failover.maxLoss),
    order: failover.order ?? [],
    failover: resolvedFailover,
    dcs: overrideDcs(dcs, intent.access),
    onOutage,
    parameters: intent.postgresql?.parameters ?? {},
    ...resolveSections(intent, timing.speed),
    project: overrideProject(project, intent.access),
    source,
  };
}

type SiteIntent = ClusterIntent["sites"][number];
type NodeIntent = NonNullable<SiteIntent["nodes"]>[number];

/** What a node is told by its own entry, and else by the defaults of its site. */
export function writtenFor(node: NodeIntent, site: SiteIntent): NodeSettings {
  return { ...site.defaults, ...node, tags: { ...site.defaults?.tags, ...node.tags } };
}

/** With the scope same-site the lead never leaves the primary sites by itself; without one it is refused. */
function staysInPrimary({ sites }: ClusterIntent, scope: FailoverScope): boolean {
  return scope === "same-site" && sites.some(({ role }) => role === "primary");
}

/** What all nodes of an intent are resolved with. */
interface Common {
  readonly defaults: NodePlace;
  /** Only nodes of primary sites, and those of a dr site in their own cluster, lead by themselves. */
  readonly inPrimary: boolean;
}

function resolveNodes(
  sites: readonly SiteIntent[],
  common: Common,
  isWanted: (site: SiteIntent) => boolean,
): readonly ResolvedNode[] {
  return sites.flatMap((site, siteIndex) =>
    isWanted(site)
      ? (site.nodes ?? []).map((node, index) =>
          resolveNode(node, site, { ...common, path: ["sites", siteIndex, "nodes", index] }),
        )
      : [],
  );
}

function followersOf({ cluster, sites }: ClusterIntent): readonly Follower[] {
  return sites.flatMap(({ name, role }, index): Follower[] => {
    const follower = `${cluster}-${name}`;
    const namePath = ["sites", index, "name"];
    return role === "dr"
      ? [{ cluster: follower, site: name, slot: slotNameOf(follower), namePath }]
      : [];
  });
}

function resolveNode(
  node: NodeIntent,
  site: SiteIntent,
  { defaults, inPrimary, path }: Common & { readonly path: SourcePath },
): ResolvedNode {
  const written = writtenFor(node, site);
  const leadsAtAll = inPrimary
    ? site.role === "primary" || site.role === "dr"
    : site.role !== "observer";
  // A node that takes WAL from the archive only is behind by all that is not archived yet.
  const promotable = written.promotable ?? (leadsAtAll && written.stream !== false);
  return {
    name: node.name,
    address: node.address,
    site: site.name,
    role: site.role,
    promotable,
    // A node that cannot lead, or that hangs behind another one, must not hold up commits.
    confirms: written.confirms ?? (promotable && written.upstream === undefined),
    upstream: written.upstream,
    ...resolveNodeKeys(written),
    written: { promotable: written.promotable, confirms: written.confirms },
    place: {
      postgresPort: written.postgresPort ?? defaults.postgresPort,
      restPort: written.restPort ?? defaults.restPort,
      dataDir: written.dataDir ?? defaults.dataDir,
      binDir: written.binDir ?? defaults.binDir,
      passFile: written.passFile ?? defaults.passFile,
    },
    path,
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
