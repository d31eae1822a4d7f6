import type { Diagnostic } from "../core/diagnostic.ts";
import { nearest } from "../core/nearest.ts";
import type { ClusterIntent } from "./cluster-intent.ts";
import type { ResolvedCluster } from "./resolve-cluster.ts";
import type { SourcePath } from "./source-offset.ts";

/**
 * Checks where failover may go, and what the DCS's voters and remote nodes have to do with it, as far as no
 * tier has a say in it. Empty when nothing is wrong.
 */
export function checkFailover(
  intent: ClusterIntent,
  cluster: ResolvedCluster,
): readonly Diagnostic[] {
  return [
    ...checkScope(intent, cluster),
    ...checkVoterSites(intent, cluster),
    ...checkUnknownSites(intent, cluster),
    ...checkFailsafe(intent, cluster),
  ];
}

function checkScope(intent: ClusterIntent, cluster: ResolvedCluster): readonly Diagnostic[] {
  const { source, failover, sites } = cluster;
  if (failover.scope === "manual") return checkManual(intent, cluster);
  if (failover.scope !== "same-site" || sites.some(({ role }) => role === "primary")) return [];
  return [
    {
      rule: "QUO023",
      severity: "error",
      message: "scope same-site keeps the lead in the primary sites, but no site has that role",
      at: source.at(["failover", "scope"]),
      hint: "give a site the role primary, or write scope: any-site",
    },
  ];
}

/**
 * Patroni's one way to let nobody lead by itself that still lets a person move the lead is the pause, and it
 * rests from more than failover.
 *
 * `nofailover` on every node refuses a switchover, too (`failover_limitation`), and after an outage of the
 * DCS not even the old leader would lead again; a lag limit below zero makes the leader refuse a switchover
 * (`is_failover_possible` asks `is_lagging`), and Patroni's validator refuses the document.
 *
 * @see patroni/ha.py:_run_cycle, is_healthiest_node, recover and _handle_dcs_error at v3.0.2 and v4.1.5
 */
function checkManual(
  intent: ClusterIntent,
  { source, failover }: ResolvedCluster,
): readonly Diagnostic[] {
  const { nodes, sites } = failover.allowance;
  const contradictions: readonly (readonly [boolean, SourcePath, string, string])[] = [
    [
      (nodes ?? 0) > 0 || (sites ?? 0) > 0,
      ["failover", "allowance"],
      "with scope manual nothing fails over by itself, so no loss can be ridden out",
      "remove allowance, or write scope: any-site or same-site",
    ],
    [
      intent.fencing?.watchdog === "required",
      ["fencing", "watchdog"],
      "with scope manual Patroni is paused, and a paused Patroni does not use the watchdog",
      "write watchdog: off, or scope: any-site or same-site",
    ],
    [
      intent.dcs?.onOutage === "read-only",
      ["dcs", "onOutage"],
      "with scope manual Patroni is paused, and a paused leader goes on writing without its DCS",
      "remove onOutage, or write scope: any-site or same-site",
    ],
  ];
  return [
    {
      rule: "QUO023",
      severity: "warn",
      message:
        "scope manual pauses Patroni for good: nobody fails over, but a PostgreSQL that ended is not started again either, a new node gets no data, and a leader without its DCS goes on writing",
      at: source.at(["failover", "scope"]),
      hint: "move the lead by a switchover to a named node; start PostgreSQL again by POST /restart; see docs/intent.md for the whole price",
    },
    ...contradictions.flatMap(([isSo, path, message, hint]): Diagnostic[] =>
      isSo ? [{ rule: "QUO023", severity: "error", message, at: source.at(path), hint }] : [],
    ),
  ];
}

/** A voter on a node's machine is lost with the node's site, whatever its own entry says. */
function checkVoterSites(
  intent: ClusterIntent,
  { dcs, source }: ResolvedCluster,
): readonly Diagnostic[] {
  return intent.sites.flatMap((site, siteIndex) =>
    (site.nodes ?? []).flatMap((node, index): Diagnostic[] => {
      const voter = dcs.voters.find(({ address }) => address === node.address);
      if (voter === undefined || voter.site === site.name) return [];
      return [
        {
          rule: "QUO024",
          severity: "error",
          message: `${node.name} in ${site.name} shares its machine with the DCS voter ${voter.name}, of which ${dcs.name} says that it is in ${voter.site}`,
          at: source.at(["sites", siteIndex, "nodes", index, "address"]),
          hint: `write site: ${site.name} for ${voter.name} in quorate.yaml, or correct the address or the site's name`,
        },
      ];
    }),
  );
}

/**
 * Losses of sites are reckoned by the voters' sites, too. One that the cluster does not name may be a slip for
 * one that it does: the voter would then die with that site, and what was shown would not hold.
 */
function checkUnknownSites(
  intent: ClusterIntent,
  { dcs, failover, source, project }: ResolvedCluster,
): readonly Diagnostic[] {
  if ((failover.allowance.sites ?? 0) < 1) return [];
  const names = intent.sites.map(({ name }) => name);
  const unknown = [...new Set(dcs.voters.map(({ site }) => site))].filter(
    (site) => !names.includes(site),
  );
  return unknown.map((site): Diagnostic => {
    const meant = names.find((name) => lettersOf(name) === lettersOf(site)) ?? nearest(site, names);
    const index = dcs.voters.findIndex((voter) => voter.site === site);
    const asked = meant === undefined ? "" : `did you mean ${meant}? `;
    return {
      rule: "QUO024",
      severity: "error",
      message: `the DCS voter ${dcs.voters[index]?.name ?? ""} is in ${site}, which is no site of this cluster (${names.join(", ")}): it cannot be counted on when one of these is lost`,
      at: source.at(["failover", "allowance", "sites"]),
      hint: `${asked}${asked === "" ? "add" : "Correct it in quorate.yaml, or add"} the site ${site} with role: witness`,
      related: [
        { at: project.source.at(["dcs", dcs.name, "voters", index, "site"]), message: "the voter" },
      ],
    };
  });
}

/** The same for two names that differ by the order of their letters only. */
function lettersOf(name: string): string {
  return name.split("").toSorted().join("");
}

/**
 * In an outage of the DCS the leader asks every member that the DCS last knew, an observer as well. Who wrote
 * `keep-leading` has thought of it.
 *
 * @see patroni/ha.py:check_failsafe_topology at v4.1.4; https://github.com/patroni/patroni/issues/3550
 */
function checkFailsafe(
  intent: ClusterIntent,
  { nodes, onOutage, source }: ResolvedCluster,
): readonly Diagnostic[] {
  if (onOutage !== "keep-leading" || intent.dcs?.onOutage !== undefined) return [];
  return intent.sites.flatMap((site, index): Diagnostic[] => {
    const first = nodes.find((node) => node.site === site.name);
    if (site.role !== "observer" || first === undefined) return [];
    return [
      {
        rule: "QUO028",
        severity: "warn",
        message: `while the DCS is out, the leader goes on only as long as every node answers within 2 s, ${first.name} too: a cut or slow way to ${site.name} would then end the writes`,
        at: source.at(["sites", index, "role"]),
        hint: "give the site the role dr, so that it is a cluster of its own; or write dcs.onOutage: keep-leading to say that the two outages together may be one",
      },
    ];
  });
}
