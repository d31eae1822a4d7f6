import type { Diagnostic, Span } from "../core/diagnostic.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import { slotNameOf } from "../patroni/slot-name.ts";

/** Something of a cluster that must be unique in the project. */
export interface Identity {
  readonly kind: "cluster" | "member" | "address";
  readonly name: string;
  /** Equal for two identities that must not both be there. */
  readonly key: string;
  readonly at: Span;
}

/**
 * What no other cluster may have as well: PostgreSQL knows a standby by its member name only. Whatever is
 * compared across clusters must be compared by these, so that a cluster that is not compiled again still counts.
 */
export function identitiesOf(cluster: ResolvedCluster): readonly Identity[] {
  const { source, name, namePath } = cluster;
  const members = cluster.nodes.flatMap((node): Identity[] => {
    const at = (field: string): Span => source.at([...node.path, field]);
    const { name: member, address } = node;
    return [
      { kind: "member", name: member, key: `slot ${slotNameOf(member)}`, at: at("name") },
      { kind: "address", name: address, key: `address ${address}`, at: at("address") },
    ];
  });
  return [{ kind: "cluster", name, key: `cluster ${name}`, at: source.at(namePath) }, ...members];
}

/** Takes the identities of one cluster after the other, and says which were taken before. */
export function uniqueIdentities(): (identities: readonly Identity[]) => readonly Diagnostic[] {
  const taken = new Map<string, Identity>();
  return (identities) =>
    identities.flatMap((identity) => {
      const before = taken.get(identity.key);
      if (before !== undefined) return [duplicate(identity, before)];
      taken.set(identity.key, identity);
      return [];
    });
}

function duplicate(identity: Identity, before: Identity): Diagnostic {
  const [text, other] = [textOf(identity), textOf(before)];
  return {
    rule: "QUO005",
    severity: "error",
    message: text === other ? text : `${text}, and ${other}`,
    at: identity.at,
    hint: "give one of them its own",
    related: [{ at: before.at, message: "the other one" }],
  };
}

function textOf({ kind, name }: Identity): string {
  switch (kind) {
    case "cluster":
      return `two clusters are named ${name}`;
    case "member":
      return `the member name ${name} is used twice (as slot ${slotNameOf(name)})`;
    case "address":
      return `the address ${name} is used twice`;
    default:
      return kind satisfies never;
  }
}
