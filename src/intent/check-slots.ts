import type { Diagnostic, Span } from "../core/diagnostic.ts";
import { slotNameOf } from "../patroni/slot-name.ts";
import { formatPatroniVersion, isAtLeast } from "../patroni/version.ts";
import type { ClusterIntent } from "./cluster-intent.ts";
import type { ResolvedCluster } from "./resolve-cluster.ts";
import type { ResolvedSlot, SlotMatcher } from "./slots-intent.ts";

/**
 * Checks permanent and ignored slots against the members and against each other. Empty when nothing is wrong.
 *
 * @see patroni/postgresql/slots.py and patroni/dcs/__init__.py:slot_name_from_member_name at v4.1.4
 */
export function checkSlots(intent: ClusterIntent, cluster: ResolvedCluster): readonly Diagnostic[] {
  const members = intent.sites.flatMap((site) => (site.nodes ?? []).map((node) => node.name));
  return [
    ...cluster.slots.flatMap((slot) => checkSlot(slot, members, cluster)),
    ...cluster.ignoreSlots.flatMap((matcher, index) =>
      checkMatcher(matcher, cluster, cluster.source.at(["ignoreSlots", index])),
    ),
  ];
}

function checkSlot(
  slot: ResolvedSlot,
  members: readonly string[],
  { patroni, source }: ResolvedCluster,
): readonly Diagnostic[] {
  const at = source.atKey(["slots", slot.name]);
  if (slot.type === "absent") return [];
  const member = members.find((name) => slotNameOf(name) === slot.name);
  const keepsMembers = isAtLeast(patroni, { major: 4, minor: 0, patch: 0 });
  // Before 4.0 a permanent slot of that name is the only way to keep a member's WAL while it is away.
  if (member !== undefined && (keepsMembers || slot.type === "logical"))
    return [
      {
        rule: "QUO052",
        severity: "error",
        message: `${slot.name} is the slot that Patroni makes for the member ${member}`,
        at,
        hint: keepsMembers
          ? "write rejoin.slotRetention to keep the slots of members that are away, or give this one another name"
          : "give it another name",
      },
    ];
  if (slot.type !== "physical" || isAtLeast(patroni, { major: 3, minor: 2, patch: 0 })) return [];
  return [
    {
      rule: "QUO052",
      severity: "warn",
      message: `Patroni ${formatPatroniVersion(patroni)} keeps the physical slot ${slot.name} on the leader only: after a failover it begins anew, and WAL may be missing (3.2 and newer keep it on every node)`,
      at,
      hint: "raise patroni: once every member runs 3.2 or newer, or know that its reader may have to begin again",
    },
  ];
}

function checkMatcher(
  matcher: SlotMatcher,
  { slots }: ResolvedCluster,
  at: Span,
): readonly Diagnostic[] {
  const wrong = (
    severity: Diagnostic["severity"],
    message: string,
    hint: string,
  ): readonly Diagnostic[] => [{ rule: "QUO052", severity, message, at, hint }];
  if (Object.keys(matcher).length === 0)
    return wrong(
      "error",
      "this matcher fits every slot, so that Patroni would drop none",
      "write at least a name, or a plugin and a database",
    );
  const own = slots.find((slot) => slot.type !== "absent" && fits(matcher, slot));
  if (own !== undefined)
    return wrong(
      "error",
      `this matcher fits the permanent slot ${own.name}: Patroni would make it, and then not look after it`,
      "make the matcher narrower, or remove the slot",
    );
  const isWide =
    matcher.name === undefined && matcher.plugin === undefined && matcher.database === undefined;
  if (!isWide || matcher.type !== "physical") return [];
  return wrong(
    "warn",
    "every physical slot fits this matcher, those of members that have left too: nobody drops them, and they keep WAL for ever",
    "write the names of the slots",
  );
}

function fits(matcher: SlotMatcher, slot: ResolvedSlot): boolean {
  const facts = new Map<string, unknown>(Object.entries(slot));
  return Object.entries(matcher).every(([word, value]) => facts.get(word) === value);
}
