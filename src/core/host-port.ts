/** Joins a host and a port as URLs and Patroni write it: an IPv6 address stands in brackets. */
export function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
