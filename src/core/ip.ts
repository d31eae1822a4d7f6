/** Which kind of IP address a text is; undefined when it is none. */
export function ipVersion(text: string): 4 | 6 | undefined {
  if (text.includes(":")) return URL.canParse(`http://[${text}]/`) ? 6 : undefined;
  const parts = text.split(".");
  const isAddress =
    parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
  return isAddress ? 4 : undefined;
}

/** One host as pg_hba and Patroni's allowlist write it: an address with its full mask, or a host name. */
export function hostNetwork(address: string): string {
  const version = ipVersion(address);
  if (version === undefined) return address;
  return `${address}/${version === 4 ? 32 : 128}`;
}

/** True for a network that holds every address there is: `0.0.0.0/0`, `::/0`, or pg_hba's `all`. */
export function isEveryAddress(network: string): boolean {
  const [, mask] = network.split("/");
  return network === "all" || (mask !== undefined && /^[0:.]+$/.test(mask));
}
