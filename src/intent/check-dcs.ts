import type { Diagnostic } from "../core/diagnostic.ts";
import { formatPatroniVersion, isAtLeast } from "../patroni/version.ts";
import type { DcsTls, ResolvedDcs } from "./dcs-intent.ts";
import type { ResolvedCluster } from "./resolve-cluster.ts";
import type { Source } from "./source.ts";
import type { SourcePath } from "./source-offset.ts";

type Said = readonly [Diagnostic["severity"], string, string];

/** Checks what `quorate.yaml` says of one DCS, as far as its kind matters. Empty when nothing is wrong. */
export function checkDcsKind(dcs: ResolvedDcs, source: Source): readonly Diagnostic[] {
  const say = (path: SourcePath, [severity, message, hint]: Said): Diagnostic => ({
    rule: "QUO059",
    severity,
    message,
    at: source.at(["dcs", dcs.name, ...path]),
    hint,
  });
  switch (dcs.kind) {
    case "etcd3":
      return [];
    case "etcd":
      return [
        say(
          ["kind"],
          [
            "warn",
            `${dcs.name} is spoken to by etcd's v2 API, which etcd 3.6 no longer has, and 3.4 and 3.5 only with enable-v2`,
            "write kind: etcd3",
          ],
        ),
      ];
    case "consul":
      return [
        ...checkPair(dcs.tls, say),
        ...(dcs.token === undefined || dcs.tls !== undefined || isLoopback(dcs.agent)
          ? []
          : [
              say(
                ["token"],
                [
                  "error",
                  `the token would cross the network to ${dcs.agent} in plain text`,
                  "add tls, or let every node speak to an agent of its own (127.0.0.1:8500)",
                ],
              ),
            ]),
      ];
    case "zookeeper":
      return [
        ...checkPair(dcs.tls, say),
        ...(dcs.minSession < dcs.maxSession
          ? []
          : [
              say(
                ["maxSession"],
                [
                  "error",
                  `maxSession is ${dcs.maxSession} s, not longer than minSession (${dcs.minSession} s)`,
                  "write what the servers' configuration says",
                ],
              ),
            ]),
        ...(dcs.auth === undefined || dcs.tls !== undefined
          ? []
          : [
              say(
                ["auth"],
                [
                  "warn",
                  "the credential crosses the network in plain text",
                  "add tls, once the servers have it",
                ],
              ),
            ]),
      ];
    default:
      return dcs satisfies never;
  }
}

function checkPair(
  tls: DcsTls | undefined,
  say: (path: SourcePath, said: Said) => Diagnostic,
): readonly Diagnostic[] {
  if (tls === undefined || (tls.certificate === undefined) === (tls.key === undefined)) return [];
  return [
    say(
      ["tls"],
      [
        "error",
        "certificate and key belong together, one of them is missing",
        "write both, or neither",
      ],
    ),
  ];
}

function isLoopback(agent: string): boolean {
  return /^(?:127\.|localhost:|\[::1\]:)/.test(agent);
}

/**
 * Checks that the DCS of a cluster grants the lease that the cluster asks for. Empty when nothing is wrong.
 *
 * @see patroni/dcs/consul.py:set_ttl and adjust_ttl, patroni/dcs/zookeeper.py:set_ttl at v4.1.5
 */
export function checkDcsLease(cluster: ResolvedCluster): readonly Diagnostic[] {
  const { dcs, timing, source, patroni } = cluster;
  const { ttl } = timing;
  const wrong = (path: SourcePath, message: string, hint: string): Diagnostic => ({
    rule: "QUO059",
    severity: "error",
    message,
    at: source.at(path),
    hint,
  });
  const speed = ["failover", "speed"];
  if (dcs.kind === "consul" && ttl < 2 * dcs.sessionTtlMin)
    return [
      wrong(
        speed,
        `ttl is ${ttl} s, so the session in Consul would last ${ttl / 2} s, but ${dcs.name} grants none below ${dcs.sessionTtlMin} s: Patroni would silently lead by a ttl of ${2 * dcs.sessionTtlMin} s`,
        `raise ttl to ${2 * dcs.sessionTtlMin}s, or lower session_ttl_min on the servers and sessionTtlMin in quorate.yaml`,
      ),
    ];
  if (dcs.kind !== "zookeeper") return [];
  const found: Diagnostic[] = [];
  if (ttl < dcs.minSession || ttl > dcs.maxSession)
    found.push(
      wrong(
        speed,
        `ttl is ${ttl} s, but ${dcs.name} grants sessions of ${dcs.minSession} s to ${dcs.maxSession} s: ZooKeeper would silently grant ${ttl < dcs.minSession ? dcs.minSession : dcs.maxSession} s`,
        ttl > dcs.maxSession
          ? `raise maxSessionTimeout on the servers and maxSession in quorate.yaml, or lower ttl to ${dcs.maxSession}s`
          : `raise ttl to ${dcs.minSession}s`,
      ),
    );
  if (dcs.auth !== undefined && !isAtLeast(patroni, { major: 3, minor: 3, patch: 0 }))
    found.push({
      ...wrong(
        ["patroni"],
        `Patroni ${formatPatroniVersion(patroni)} cannot log in to ZooKeeper (auth_data came with 3.3), but ${dcs.name} asks for it`,
        "raise patroni: once every member runs it",
      ),
      rule: "QUO013",
    });
  return found;
}
