import type { Loss, RideOutCase, Setback } from "../topology/ride-out.ts";

/** What is lost, as the beginning of a sentence. */
export function lossText({ nodes, sites }: Loss): string {
  if (sites.length > 0) return `losing ${sites.length > 1 ? "the sites" : "site"} ${listed(sites)}`;
  return `losing ${listed(nodes.map((node) => node.name))}${nodes.length > 1 ? " at once" : ""}`;
}

/** What follows from it, as the rest of the sentence, with the numbers that decide it. */
export function consequenceText(setback: Setback, loss: Loss, given: RideOutCase): string {
  const leader = loss.leader.name;
  switch (setback.kind) {
    case "no-dcs":
      return dcsText(setback, loss, given);
    case "no-candidate":
      return `takes the leader ${leader}, and no node that is left may lead`;
    case "no-votes": {
      const { standbys, standbysLost, votersLeft, count, votersNeeded } = setback;
      const also = standbysLost === 0 ? "" : ` and ${standbysLost} of ${standbys} standbys`;
      const left = votersLeft === 1 ? "1 voter is left" : `${votersLeft} voters are left`;
      return `takes the leader ${leader}${also}; ${left}, and quorum ${count} needs ${standbys} - ${count} + 1 = ${votersNeeded} to elect another`;
    }
    case "no-sync": {
      const { picked } = setback;
      const standbys = picked === 1 ? "the one standby" : `the ${picked} standbys`;
      return `takes the leader ${leader} and, at worst, ${standbys} that Patroni made synchronous; no other may lead`;
    }
    case "blocked":
      return setback.leaderIsLost
        ? `takes the leader ${leader}, and the next one finds no standby to confirm: writes wait`
        : `leaves the leader ${leader} without a standby to confirm: writes wait`;
    default:
      return setback satisfies never;
  }
}

function dcsText(
  { votersLeft, voters, leaderIsLost }: Extract<Setback, { readonly kind: "no-dcs" }>,
  loss: Loss,
  { failsafe }: RideOutCase,
): string {
  const needed = Math.floor(voters / 2) + 1;
  const count = `leaves ${votersLeft} of ${voters} DCS voters, where ${needed} ${needed === 1 ? "is" : "are"} needed`;
  if (leaderIsLost) return `${count}: nobody is elected in place of ${loss.leader.name}`;
  const why = failsafe
    ? "keep-leading needs every node to answer"
    : "without the DCS it is read-only";
  return `${count}: the leader ${loss.leader.name} stops writing (${why})`;
}

function listed(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? "";
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}
