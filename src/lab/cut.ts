import { ok, type Result } from "../core/result.ts";
import type { LabHost } from "./lab-plan.ts";
import { badInput, type LabRefusal } from "./lab-refusal.ts";
import { siteNamespace } from "./network.ts";
import { run } from "./run.ts";
import { findRunningLab, pickHosts, type RunningLab } from "./running-lab.ts";

/** Marks the routing rules of cuts, among those of `/etc/iproute2/rt_protos` that nobody uses. */
const CUT_PROTOCOL = 171;

/**
 * Cuts hosts off from every other host and from the client: packets vanish without an answer, as behind a
 * dead line. Those that are named together still reach each other; the name of a site stands for its hosts.
 * Cuts add up until {@link healLab}. Gives the hosts that were cut off.
 */
export async function cutHosts(
  cluster: string,
  names: readonly string[],
): Promise<Result<readonly LabHost[], LabRefusal>> {
  const lab = await findRunningLab(cluster);
  if (!lab.ok) return lab;
  const picked = pickHosts(lab.value, names);
  if (!picked.ok) return picked;
  if (picked.value.length === 0) return badInput(`no host of ${cluster} to cut off is named`);
  const rules = planCut(lab.value, picked.value);
  const results = await Promise.all(
    [...rules].map(([site, lines]) =>
      run("ip", ["-n", siteNamespace(cluster, site), "-batch", "-"], {
        input: `${lines.join("\n")}\n`,
      }),
    ),
  );
  return results.find((result) => !result.ok) ?? picked;
}

/** Undoes every cut of {@link cutHosts}. */
export async function healLab(cluster: string): Promise<Result<undefined, LabRefusal>> {
  const lab = await findRunningLab(cluster);
  if (!lab.ok) return lab;
  const sites = new Set(lab.value.hosts.map(({ site }) => site));
  const flush = ["rule", "flush", "protocol", String(CUT_PROTOCOL)];
  const results = await Promise.all(
    [...sites].map((site) => run("ip", ["-n", siteNamespace(cluster, site), ...flush])),
  );
  return results.find((result) => !result.ok) ?? ok(undefined);
}

/**
 * `ip -batch` lines by site. Every packet to or from a host passes the router of its site, where those
 * between a host that is cut off and one that is not are lost.
 */
export function planCut(
  { hosts, clientAddress }: Pick<RunningLab, "hosts" | "clientAddress">,
  cut: readonly LabHost[],
): ReadonlyMap<string, readonly string[]> {
  const others = hosts.filter((host) => !cut.includes(host)).map(({ address }) => address);
  const rules = new Map<string, string[]>();
  for (const { site, address } of cut) {
    const lines = rules.get(site) ?? [];
    rules.set(site, lines);
    for (const other of [...others, clientAddress])
      lines.push(
        `rule add from ${address} to ${other} blackhole protocol ${CUT_PROTOCOL}`,
        `rule add from ${other} to ${address} blackhole protocol ${CUT_PROTOCOL}`,
      );
  }
  return rules;
}
