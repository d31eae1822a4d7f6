/** The longest name of a replication slot. */
const LONGEST = 63;

/**
 * The physical slot that Patroni makes for a member: its name in lower case, `-` and `.` as `_`, every other
 * sign as its code. Two members whose slots are the same share one, and so do a member and a permanent slot.
 *
 * @see patroni/dcs/__init__.py:slot_name_from_member_name at v4.1.4
 */
export function slotNameOf(member: string): string {
  return member
    .toLowerCase()
    .replaceAll(/[-.]/g, "_")
    .replaceAll(
      /[^a-z0-9_]/gu,
      (sign) => `u${(sign.codePointAt(0) ?? 0).toString().padStart(4, "0")}`,
    )
    .slice(0, LONGEST);
}
