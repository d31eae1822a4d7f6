import type { Loss, RideOutCase, RideOutNode } from "./ride-out.ts";

/**
 * Every loss of up to `most` nodes at once, the smallest first, each under every node that may lead. Nodes
 * that are alike in all that counts (may lead, confirms, carries a DCS voter) stand for each other, so that
 * large clusters stay cheap; the first listed are named.
 */
export function* nodeLosses(given: RideOutCase, most: number): Generator<Loss> {
  if (most < 1) return;
  const kinds = kindsOf(given, given.nodes);
  const sizes = kinds.map((kind) => kind.length);
  for (let total = 1; total <= Math.min(most, given.nodes.length); total += 1)
    for (const counts of distributions(sizes, total))
      for (const [index, kind] of kinds.entries()) {
        const count = counts[index] ?? 0;
        if (kind[0]?.promotable !== true) continue;
        // Who leads is the first that is lost, or the first that is not.
        const leaders = [count > 0 ? kind[0] : undefined, kind[count]];
        for (const leader of leaders)
          if (leader !== undefined)
            yield {
              leader,
              nodes: kinds.flatMap((each, i) => each.slice(0, counts[i])),
              sites: [],
            };
      }
}

/**
 * Every loss of up to `most` whole sites at once, the smallest first, each under every node that may lead.
 * Sites are those of the nodes, and those that hold DCS voters only.
 */
export function* siteLosses(given: RideOutCase, most: number): Generator<Loss> {
  if (most < 1) return;
  const sites = [...new Set([...given.nodes, ...given.voters].map(({ site }) => site))];
  const leaders = sites.flatMap((site) =>
    kindsOf(
      given,
      given.nodes.filter((node) => node.site === site && node.promotable),
    ).flatMap((kind) => kind.slice(0, 1)),
  );
  for (let total = 1; total <= Math.min(most, sites.length); total += 1)
    for (const lost of choices(sites, total)) {
      const nodes = given.nodes.filter((node) => lost.includes(node.site));
      // Losses that take the leader come first: they say more.
      const sorted = leaders.toSorted(
        (a, b) => Number(lost.includes(b.site)) - Number(lost.includes(a.site)),
      );
      for (const leader of sorted) yield { leader, nodes, sites: lost };
    }
}

function kindsOf(
  { voters }: RideOutCase,
  nodes: readonly RideOutNode[],
): readonly (readonly RideOutNode[])[] {
  const hosts = new Set(voters.map((voter) => voter.address));
  const kinds = new Map<string, RideOutNode[]>();
  for (const node of nodes) {
    const key = [node.promotable, node.confirms, hosts.has(node.address)].join(" ");
    kinds.set(key, [...(kinds.get(key) ?? []), node]);
  }
  return [...kinds.values()];
}

/** Every way to take `total` out of heaps of these sizes, more of the earlier heaps first. */
function* distributions(sizes: readonly number[], total: number): Generator<readonly number[]> {
  const [size, ...rest] = sizes;
  if (size === undefined) {
    if (total === 0) yield [];
    return;
  }
  for (let count = Math.min(size, total); count >= 0; count -= 1)
    for (const counts of distributions(rest, total - count)) yield [count, ...counts];
}

/** Every choice of `total` of these names, in their order. */
function* choices(names: readonly string[], total: number): Generator<readonly string[]> {
  if (total === 0) {
    yield [];
    return;
  }
  for (const [index, name] of names.entries())
    for (const rest of choices(names.slice(index + 1), total - 1)) yield [name, ...rest];
}
