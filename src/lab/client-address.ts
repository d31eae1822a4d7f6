import { isIPv4 } from "node:net";

/** Where the client stands when no CIDR of the cluster has room for it. */
const FALLBACK = { first: toNumber("10.255.255.1"), last: toNumber("10.255.255.254") };
/** The most addresses of one CIDR that are tried; each taken one is a host of the lab. */
const MOST_TRIES = 1024;

/** Where the client has to stand, as CIDRs. */
export interface WantedPlace {
  /** From here the REST API takes changes. */
  readonly allowlist: readonly string[];
  /** From here PostgreSQL takes applications. */
  readonly clients: readonly string[];
}

/**
 * The address of the lab's client: the highest free one of a CIDR that names ordinary addresses, best in
 * the allowlist and among the clients at once, then in the allowlist; else a free one of 10.255.255.0/24.
 * Undefined only when all of those are taken.
 */
export function chooseClientAddress(
  { allowlist, clients }: WantedPlace,
  taken: ReadonlySet<string>,
): string | undefined {
  const candidates = [...allowlist, ...clients].flatMap((cidr) => {
    const range = hostRange(cidr);
    return (range && highestFree(range, taken)) ?? [];
  });
  const rank = (address: string): number =>
    2 * Number(isHeld(address, allowlist)) + Number(isHeld(address, clients));
  const [best] = candidates.toSorted((a, b) => rank(b) - rank(a));
  return best ?? highestFree(FALLBACK, taken);
}

function isHeld(address: string, cidrs: readonly string[]): boolean {
  const value = toNumber(address);
  return cidrs.some((cidr) => {
    const [base = "", length = "32"] = cidr.split("/");
    if (!isIPv4(base)) return false;
    const size = 2 ** (32 - Number(length));
    return Math.floor(value / size) === Math.floor(toNumber(base) / size);
  });
}

interface AddressRange {
  readonly first: number;
  readonly last: number;
}

/** The addresses of a CIDR that a host may have; undefined for names, IPv6, loopback and `/0` to `/7`. */
function hostRange(cidr: string): AddressRange | undefined {
  const [address = "", length = "32"] = cidr.split("/");
  const prefix = Number(length);
  if (!isIPv4(address) || !(prefix >= 8 && prefix <= 32) || address.startsWith("127."))
    return undefined;
  const size = 2 ** (32 - prefix);
  const first = Math.floor(toNumber(address) / size) * size;
  const edge = size > 2 ? 1 : 0; // network and broadcast address
  return { first: first + edge, last: first + size - 1 - edge };
}

function highestFree(range: AddressRange, taken: ReadonlySet<string>): string | undefined {
  const lowest = Math.max(range.first, range.last - MOST_TRIES);
  for (let candidate = range.last; candidate >= lowest; candidate -= 1) {
    const address = toText(candidate);
    if (!taken.has(address)) return address;
  }
  return undefined;
}

function toNumber(address: string): number {
  let value = 0;
  for (const part of address.split(".")) value = value * 256 + Number(part);
  return value;
}

function toText(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}
