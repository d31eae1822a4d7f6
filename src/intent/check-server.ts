import type { Diagnostic } from "../core/diagnostic.ts";
import { formatPatroniVersion, isAtLeast } from "../patroni/version.ts";
import type { ResolvedCluster } from "./resolve-cluster.ts";
import type { SourcePath } from "./source-offset.ts";

/** The parameters that `postgresql.archive` sets on every node. */
const ARCHIVE_PARAMETERS = [
  "archive_mode",
  "archive_command",
  "archive_timeout",
  "archive_library",
];

/** Checks the commands that Patroni and PostgreSQL start. Empty when nothing is wrong. */
export function checkServer(cluster: ResolvedCluster): readonly Diagnostic[] {
  return [...checkArchive(cluster), ...checkBeforeStop(cluster)];
}

function finding(
  { source }: ResolvedCluster,
  path: SourcePath,
  [rule, severity, message, hint]: readonly [string, Diagnostic["severity"], string, string],
): Diagnostic {
  return { rule, severity, message, at: source.atKey(["postgresql", ...path]), hint };
}

function checkArchive(cluster: ResolvedCluster): readonly Diagnostic[] {
  const { server, parameters } = cluster;
  if (server.archive === undefined) return checkOpenCommand(cluster);
  const found: Diagnostic[] = Object.keys(parameters)
    .filter((name) => ARCHIVE_PARAMETERS.includes(name.toLowerCase()))
    .map((name) =>
      finding(
        cluster,
        ["parameters", name],
        [
          "QUO054",
          "error",
          `${name} is what postgresql.archive sets; the nodes' files would win over this one`,
          "remove it here",
        ],
      ),
    );
  if (server.archive.timeout === 0)
    found.push(
      finding(
        cluster,
        ["archive", "timeout"],
        [
          "QUO054",
          "error",
          "with an archive timeout of 0 s the last segment of an idle cluster is never archived",
          "write how much of time may be missing from the archive, such as 5m",
        ],
      ),
    );
  return found;
}

/** @see https://github.com/patroni/patroni/issues/1734 and docs/adr/0020 */
function checkOpenCommand(cluster: ResolvedCluster): readonly Diagnostic[] {
  return Object.entries(cluster.parameters)
    .filter(([name, value]) => name.toLowerCase() === "archive_command" && value !== null)
    .map(([name]) =>
      finding(
        cluster,
        ["parameters", name],
        [
          "QUO054",
          "warn",
          `${name} stands in the DCS configuration here: everyone may read it, and whoever may PATCH it can change what runs on the nodes`,
          "write postgresql.archive, which stands in the nodes' files",
        ],
      ),
    );
}

/** @see patroni/postgresql/__init__.py:_before_stop at v4.1.4: no timeout, the exit code is ignored */
function checkBeforeStop(cluster: ResolvedCluster): readonly Diagnostic[] {
  const { server, patroni, fencing } = cluster;
  if (server.beforeStop === undefined) return [];
  if (!isAtLeast(patroni, { major: 3, minor: 0, patch: 3 }))
    return [
      finding(
        cluster,
        ["beforeStop"],
        [
          "QUO013",
          "error",
          `Patroni ${formatPatroniVersion(patroni)} does not know before_stop, it came with 3.0.3`,
          "raise patroni: once every member runs it, or remove beforeStop",
        ],
      ),
    ];
  const isBounded = /^\/\S*\/timeout \S/.test(server.beforeStop);
  if (isBounded || fencing.watchdog === "required") return [];
  return [
    finding(
      cluster,
      ["beforeStop"],
      [
        "QUO054",
        "warn",
        "nothing ends beforeStop when it hangs: a leader that lost its lease would go on while another one leads",
        "begin it with a limit, such as /usr/bin/timeout 5 …, or write fencing.watchdog: required",
      ],
    ),
  ];
}
