import type { Diagnostic, Span } from "../core/diagnostic.ts";
import { nearest } from "../core/nearest.ts";
import { slotNameOf } from "../patroni/slot-name.ts";
import { formatPatroniVersion, isAtLeast } from "../patroni/version.ts";
import { checkNodes } from "./check-cluster.ts";
import type { ClusterIntent } from "./cluster-intent.ts";
import type { ResolvedCluster, StandbyOf } from "./resolve-cluster.ts";
import type { ResolvedDcs } from "./dcs-intent.ts";

/** The longest name of a cluster, as for the ones that are written. */
const LONGEST_NAME = 40;

type SiteIntent = ClusterIntent["sites"][number];

/** One dr site with everything that it is judged by. */
interface FollowerCase {
  readonly lead: ResolvedCluster;
  readonly follower: ResolvedCluster;
  readonly standbyOf: StandbyOf;
  readonly site: SiteIntent;
  /** The place of a key of the site. */
  readonly at: (...path: readonly string[]) => Span;
}

/**
 * Checks the dr sites of an intent: each is a cluster of its own, with a DCS, a name, a slot and a leader of
 * its own. Empty when nothing is wrong.
 */
export function checkFollowers(
  intent: ClusterIntent,
  lead: ResolvedCluster,
  followers: readonly ResolvedCluster[],
): readonly Diagnostic[] {
  const found = [...checkOtherSites(intent, lead)];
  if (followers.length === 0) return found;
  if (lead.nodes.length === 0)
    found.push({
      rule: "QUO010",
      severity: "error",
      message: `${lead.name} has dr sites and no nodes that they could follow`,
      at: lead.source.atKey(["sites"]),
      hint: "give one site the role primary",
    });
  found.push(...checkSlotRelease(lead), ...checkLeaderPorts(lead));
  for (const follower of followers) {
    const { standbyOf } = follower;
    const index = follower.namePath[1];
    const site = typeof index === "number" ? intent.sites[index] : undefined;
    if (standbyOf === undefined || site === undefined || index === undefined) continue;
    const at: FollowerCase["at"] = (...path) => lead.source.at(["sites", index, ...path]);
    const given: FollowerCase = { lead, follower, standbyOf, site, at };
    found.push(
      ...checkDcs(given),
      ...checkName(given),
      ...checkSlot(given),
      ...checkLeaders(given),
      ...checkNodes(intent, follower),
    );
  }
  return found;
}

/** `standby_cluster` holds one port for all hosts. */
function checkLeaderPorts({ nodes, source }: ResolvedCluster): readonly Diagnostic[] {
  const leaders = nodes.filter(({ promotable }) => promotable);
  const [first] = leaders;
  const other = leaders.find(({ place }) => place.postgresPort !== first?.place.postgresPort);
  if (first === undefined || other === undefined) return [];
  return [
    {
      rule: "QUO048",
      severity: "error",
      message: `${first.name} serves PostgreSQL on port ${first.place.postgresPort} and ${other.name} on ${other.place.postgresPort}: a dr site follows all that may lead on one port`,
      at: source.at([...other.path, "postgresPort"]),
      hint: "give the nodes that may lead the same postgresPort",
    },
  ];
}

function checkOtherSites(
  intent: ClusterIntent,
  { source }: ResolvedCluster,
): readonly Diagnostic[] {
  return [...intent.sites.entries()].flatMap(([index, { name, role, dcs }]): Diagnostic[] =>
    role === "dr" || dcs === undefined
      ? []
      : [
          {
            rule: "QUO040",
            severity: "error",
            message: `${name} has a DCS of its own, but only a dr site is a cluster of its own`,
            at: source.atKey(["sites", index, "dcs"]),
            hint: "remove dcs, or give the site the role dr",
          },
        ],
  );
}

/** A site that is to go on alone must not hang on the DCS of the site that it may lose. */
function checkDcs(given: FollowerCase): readonly Diagnostic[] {
  const { lead, follower, site, at } = given;
  const { project } = lead;
  const use = site.dcs?.use;
  const others = [...project.dcs.keys()].filter((name) => name !== lead.dcs.name);
  const declared =
    others.length === 0 ? "declare one in quorate.yaml" : `one of ${others.join(", ")}`;
  if (use === undefined)
    return [
      {
        rule: "QUO040",
        severity: "error",
        message: `${site.name} is a dr site and names no DCS: its cluster ${follower.name} needs one of its own`,
        at: at("name"),
        hint: `add dcs: { use: NAME }: ${declared}`,
      },
    ];
  const dcs = project.dcs.get(use);
  if (dcs === undefined) {
    const suggestion = nearest(use, others);
    return [
      {
        rule: "QUO006",
        severity: "error",
        message: `the DCS ${use} is not declared in quorate.yaml`,
        at: at("dcs", "use"),
        hint:
          suggestion === undefined ? `write dcs.use: ${declared}` : `did you mean ${suggestion}?`,
      },
    ];
  }
  const message = dependence(given, dcs);
  if (message !== undefined)
    return [
      {
        rule: "QUO040",
        severity: "error",
        message,
        at: at("dcs", "use"),
        hint: "a dr site must go on when the other one is lost: give it voters of its own",
      },
    ];
  return checkVoterSites(given, dcs);
}

/** Why a DCS is not the follower's own; undefined when it is. */
function dependence({ lead, follower }: FollowerCase, dcs: ResolvedDcs): string | undefined {
  if (dcs.name === lead.dcs.name)
    return `${follower.name} uses ${dcs.name}, the DCS of ${lead.name}`;
  const taken = new Set(lead.dcs.voters.map(({ address }) => address));
  const shared = dcs.voters.filter(({ address }) => taken.has(address));
  if (shared.length === 0) return undefined;
  const names = shared.map(({ name, address }) => `${name} (${address})`).join(", ");
  return `${dcs.name} shares machines with ${lead.dcs.name}, the DCS of ${lead.name}: ${names}`;
}

function checkVoterSites(
  { lead, follower, at }: FollowerCase,
  { name, voters }: ResolvedDcs,
): readonly Diagnostic[] {
  const majority = Math.floor(voters.length / 2) + 1;
  const sites = new Set(lead.nodes.map((node) => node.site));
  return [...sites].flatMap((site): Diagnostic[] => {
    const inside = voters.filter((voter) => voter.site === site).length;
    if (voters.length - inside >= majority) return [];
    return [
      {
        rule: "QUO040",
        severity: "warn",
        message: `${inside} of the ${voters.length} voters of ${name} stand in ${site}: without that site ${follower.name} has no DCS and no leader`,
        at: at("dcs", "use"),
        hint: `keep the majority of its voters out of the sites of ${lead.name}`,
      },
    ];
  });
}

function checkName({ follower, at }: FollowerCase): readonly Diagnostic[] {
  const { length } = follower.name;
  if (length <= LONGEST_NAME) return [];
  return [
    {
      rule: "QUO041",
      severity: "error",
      message: `the cluster of this site would be named ${follower.name}, which is ${length} long, at most ${LONGEST_NAME} are allowed`,
      at: at("name"),
      hint: "shorten the name of the site or of the cluster",
    },
  ];
}

/** A permanent slot and a member's slot of one name would be one slot, with two places to keep. */
function checkSlot({ lead, standbyOf, follower, at }: FollowerCase): readonly Diagnostic[] {
  return [...lead.nodes, ...lead.relatives]
    .filter((node) => slotNameOf(node.name) === standbyOf.slot)
    .map((node) => ({
      rule: "QUO042",
      severity: "error",
      message: `the slot of ${follower.name} is ${standbyOf.slot}, which is also that of the member ${node.name}`,
      at: at("name"),
      hint: "rename the site or the member",
      related: [{ at: lead.source.at([...node.path, "name"]), message: `the member ${node.name}` }],
    }));
}

/** @see https://github.com/patroni/patroni/issues/1754 */
function checkLeaders({ lead, follower, at }: FollowerCase): readonly Diagnostic[] {
  const leaders = follower.nodes.filter(({ promotable }) => promotable);
  const [only, second] = leaders;
  if (follower.nodes.length === 0 || second !== undefined) return [];
  if (only === undefined)
    return [
      {
        rule: "QUO043",
        severity: "error",
        message: `no node of ${follower.name} may lead, so none of them would follow ${lead.name}`,
        at: at("name"),
        hint: "remove promotable: false from one of them: only a leader streams from the other cluster",
      },
    ];
  if (follower.nodes.length === 1) return [];
  return [
    {
      rule: "QUO043",
      severity: "warn",
      message: `only ${only.name} may lead ${follower.name}: without it, nobody there follows ${lead.name}`,
      at: at("name"),
      hint: "remove promotable: false from another one",
    },
  ];
}

/** @see patroni/dcs/__init__.py:get_replication_slots at v3.0.2: physical permanent slots on the leader alone */
function checkSlotRelease({ patroni, name, source }: ResolvedCluster): readonly Diagnostic[] {
  if (isAtLeast(patroni, { major: 3, minor: 2, patch: 0 })) return [];
  return [
    {
      rule: "QUO046",
      severity: "warn",
      message: `Patroni ${formatPatroniVersion(patroni)} keeps the slot of a dr site on the leader of ${name} only: a new leader makes it anew, and WAL that the site had not received may be gone`,
      at: source.at(["patroni"]),
      hint: "raise patroni to 3.2 or newer once every member runs it, or set wal_keep_size to what a site may lag behind",
    },
  ];
}
