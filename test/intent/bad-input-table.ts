import type { ProjectFiles } from "../../src/core/ports.ts";
import { CLUSTER, edit, memoryProject, PROJECT, projectWith } from "../support/memory-project.ts";
import { PARAMETER_INPUT } from "./parameter-input-table.ts";

/** One mistake, what is said of it, and the way out of the first finding. */
export interface BadInput {
  readonly name: string;
  readonly files: ProjectFiles;
  /** File, the text that the place points at, code and message of each finding. */
  readonly want: readonly string[];
  readonly hint: string | undefined;
}

const inCluster = (from: string, to: string): ProjectFiles => projectWith(edit(CLUSTER, from, to));
const inProject = (from: string, to: string): ProjectFiles =>
  memoryProject({ "quorate.yaml": edit(PROJECT, from, to), "clusters/1.yaml": CLUSTER });
const withLines = (lines: string): ProjectFiles => projectWith(CLUSTER + lines);
const ALIAS_BOMB = ["a: &a [x, x, x, x, x, x, x, x, x]"]
  .concat(
    ["b", "c", "d", "e"].map(
      (name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcd"[index]}`).join(", ")}]`,
    ),
  )
  .join("\n");

const TIER_HINT =
  'tiers see patroni.atLeast("4.0"), postgres, nodes (name, site, role, promotable, confirms), sites (name, role, confirming), quorum.count, durability (ack, onStandbyLoss) and failover (ordered, maxLoss, ttl)';

/** One parameter in each of these spellings makes the tier's promise void. */
function spelt(name: string, values: readonly string[], why: string): readonly BadInput[] {
  return values.map((value) => {
    const said = value.replaceAll('"', "");
    return {
      name: `${name} ${value}`,
      files: withLines(`postgresql: { parameters: { ${name}: ${value} } }\n`),
      want: [
        `clusters/1.yaml ^${`${value} } }`.slice(0, 14)}^ QUO011: ${name} ${said} ${why}, but tier sync promises that nothing is lost`,
      ],
      hint: `remove ${name}, or choose the tier async`,
    };
  });
}

function parameter(line: string, at: string, found: string, hint: string): readonly BadInput[] {
  const files = withLines(`postgresql: { parameters: { ${line} } }\n`);
  return [{ name: line, files, want: [`clusters/1.yaml ^${at.slice(0, 14)}^ ${found}`], hint }];
}

function address(value: string, why: string, hint: string): readonly BadInput[] {
  const files = inCluster("10.1.1.2", `"${value}"`);
  const want = [
    `clusters/1.yaml ^${`"${value}" }`.slice(0, 14)}^ QUO003: address: "${value}" ${why}`,
  ];
  return [{ name: `the address ${value}`, files, want, hint }];
}

/** A tier x that promises no loss, on Patroni 3.0. */
function tier(
  name: string,
  entry: string,
  at: string,
  found: string,
  hint: string | undefined,
): readonly BadInput[] {
  const files = memoryProject({
    "quorate.yaml": PROJECT,
    "clusters/1.yaml": CLUSTER.replace("4.1", "3.0").replace("sync", "x"),
    "policies/tiers/x.yaml": `tier: x\npromise: { loss: none, copies: 2, withoutStandby: continue }\nset:\n  - ${entry}\n`,
  });
  return [
    {
      name: `a tier with ${name}`,
      files,
      want: [`policies/tiers/x.yaml ^${at.slice(0, 14)}^ ${found}`],
      hint,
    },
  ];
}

/** Kinds of bad input, each with exactly what is found. */
export const BAD_INPUT: readonly BadInput[] = [
  {
    name: "broken YAML",
    files: projectWith("cluster: [a\n"),
    want: [
      "clusters/1.yaml ^^ QUO001: Flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
    hint: "mend the YAML here",
  },
  {
    name: "a tab for indentation",
    files: projectWith("sites:\n\t- a\n"),
    want: ["clusters/1.yaml ^\t- a^ QUO001: a tab cannot indent: use spaces"],
    hint: "mend the YAML here",
  },
  {
    name: "an empty file",
    files: projectWith("# nothing\n"),
    want: ["clusters/1.yaml ^# nothing^ QUO001: the file is empty"],
    hint: "write exactly one document in this file",
  },
  {
    name: "two documents in one file",
    files: projectWith(`${CLUSTER}---\n${CLUSTER}`),
    want: ["clusters/1.yaml ^version: 1^ QUO001: a second document begins here"],
    hint: "write exactly one document in this file",
  },
  {
    name: "a list where a map belongs",
    files: projectWith("- a\n"),
    want: ["clusters/1.yaml ^- a^ QUO003: the document is a list, expected a map"],
    hint: "write a map here",
  },
  {
    name: "a key that stands twice",
    files: withLines("cluster: pay\n"),
    want: ["clusters/1.yaml ^cluster: pay^ QUO005: this key stands twice in one map"],
    hint: "keep one of the two",
  },
  {
    name: "an unknown key that is nearly a known one",
    files: inCluster("durability: sync", "durabilty: sync"),
    want: [
      "clusters/1.yaml ^version: 1^ QUO004: the document has no durability",
      "clusters/1.yaml ^durabilty: syn^ QUO002: unknown key durabilty",
    ],
    hint: "add durability:",
  },
  {
    name: "an unknown key deep inside",
    files: inCluster("pay-2, address: 10.1.1.2", "pay-2, address: 10.1.1.2, promotabel: true"),
    want: ["clusters/1.yaml ^promotabel: tr^ QUO002: unknown key promotabel in sites.0.nodes.1"],
    hint: "did you mean promotable?",
  },
  {
    name: "a missing key",
    files: inCluster("cluster: pay\n", ""),
    want: ["clusters/1.yaml ^version: 1^ QUO004: the document has no cluster"],
    hint: "add cluster:",
  },
  {
    name: "a bare number where a unit is meant",
    files: withLines("failover: { maxLoss: 16 }\n"),
    want: ["clusters/1.yaml ^16 }^ QUO003: maxLoss: 16 has no unit"],
    hint: "write a size with its unit, such as 16MiB",
  },
  {
    name: "a wrong unit",
    files: withLines("failover: { speed: { ttl: 30MiB, loopWait: 10s, retryTimeout: 10s } }\n"),
    want: ['clusters/1.yaml ^30MiB, loopWai^ QUO003: ttl: "30MiB" is not a duration'],
    hint: "write a whole number and one of s, m, h, d, such as 30s",
  },
  {
    name: "a decimal size unit",
    files: withLines("failover: { maxLoss: 16MB }\n"),
    want: ['clusters/1.yaml ^16MB }^ QUO003: maxLoss: "16MB" is not a size'],
    hint: "write a whole number and one of B, KiB, MiB, GiB, TiB, such as 16MiB",
  },
  {
    name: "a duplicate node",
    files: inCluster("name: pay-2", "name: pay-1"),
    want: [
      "clusters/1.yaml ^pay-1, address^ QUO005: the member name pay-1 is used twice (as slot pay_1)",
    ],
    hint: "give one of them its own",
  },
  {
    name: "a duplicate address",
    files: inCluster("10.1.1.3", "10.1.1.1"),
    want: ["clusters/1.yaml ^10.1.1.1 }^ QUO005: the address 10.1.1.1 is used twice"],
    hint: "give one of them its own",
  },
  {
    name: "the same cluster in two files",
    files: projectWith(CLUSTER, CLUSTER.replaceAll("pay-", "cap-").replaceAll("10.1.1", "10.1.2")),
    want: ["clusters/2.yaml ^pay^ QUO005: two clusters are named pay"],
    hint: "give one of them its own",
  },
  {
    name: "two names that give one slot",
    files: inCluster("name: pay-2", "name: pay.1"),
    want: [
      "clusters/1.yaml ^pay.1, address^ QUO005: the member name pay.1 is used twice (as slot pay_1), and the member name pay-1 is used twice (as slot pay_1)",
    ],
    hint: "give one of them its own",
  },
  {
    name: "a quorum larger than the confirming standbys",
    files: withLines("quorum: 3\n"),
    want: ["clusters/1.yaml ^3^ QUO011: quorum is 3, but only 2 standbys may confirm"],
    hint: "lower it to 2, or add nodes that confirm; Patroni would silently lower it",
  },
  {
    name: "a quorum with a tier that waits for nobody",
    files: projectWith(`${edit(CLUSTER, "durability: sync", "durability: async")}quorum: 1\n`),
    want: [
      "clusters/1.yaml ^1^ QUO011: quorum is 1, but with tier async no commit waits for a standby",
    ],
    hint: "remove quorum, or choose a tier that waits",
  },
  {
    name: "an unknown tier",
    files: inCluster("durability: sync", "durability: sinc"),
    want: ["clusters/1.yaml ^sinc^ QUO006: durability sinc is not a tier of this project"],
    hint: "did you mean sync?",
  },
  {
    name: "an unknown DCS",
    files: withLines("dcs: { use: mian }\n"),
    want: ["clusters/1.yaml ^mian }^ QUO006: the DCS mian is not declared in quorate.yaml"],
    hint: "did you mean main?",
  },
  {
    name: "a literal secret",
    files: inProject("env:REST_PASSWORD", "hunter2"),
    want: [
      "quorate.yaml ^hunter2^ QUO007: password: this is a literal value where a reference to a secret belongs",
    ],
    hint: "write env:NAME or file:/path; change the secret if this file was ever shared",
  },
  {
    name: "a secret in a parameter",
    files: withLines(
      "postgresql: { parameters: { ssl_passphrase_command: 'cp postgres://a:hunter2@h/x' } }\n",
    ),
    want: [
      "clusters/1.yaml ^'cp postgres:/^ QUO007: ssl_passphrase_command holds what looks like a secret; everyone may read the DCS configuration",
    ],
    hint: "keep it in a file on the nodes and name the file",
  },
  {
    name: "an alias bomb",
    files: projectWith(ALIAS_BOMB),
    want: ["clusters/1.yaml ^*a, *a, *a, *a^ QUO008: the file has aliases that expand too far"],
    hint: "write the values out, or split the file",
  },
  {
    name: "an alias without an anchor",
    files: projectWith("cluster: *x\n"),
    want: ["clusters/1.yaml ^*x^ QUO001: no anchor with this name stands before the alias"],
    hint: "write the anchor first, or the value itself",
  },
  {
    name: "bottomless nesting",
    files: projectWith(`a: ${"[".repeat(5000)}`),
    want: ["clusters/1.yaml ^[[[[[[[[[[[[[[^ QUO008: the file nests deeper than 64 levels"],
    hint: "write the values out, or split the file",
  },
  {
    name: "an enormous file",
    files: projectWith(`#${"x".repeat(1024 * 1024)}`),
    want: ["clusters/1.yaml ^#xxxxxxxxxxxxx^ QUO008: the file is larger than 1048576 bytes"],
    hint: "write the values out, or split the file",
  },
  {
    name: "a key that names a prototype",
    files: withLines("__proto__: { a: 1 }\n"),
    want: ["clusters/1.yaml ^__proto__: { a^ QUO001: a key must be a plain word"],
    hint: "write a name before the colon",
  },
  {
    name: "a directory that is not a project",
    files: memoryProject({ "readme.md": "" }),
    want: ["quorate.yaml ^^ QUO009: there is no quorate.yaml here, so this is no Quorate project"],
    hint: "go to the project's folder, or name it with --project",
  },
  {
    name: "a project without clusters",
    files: memoryProject({ "quorate.yaml": PROJECT }),
    want: ["quorate.yaml ^version: 1^ QUO009: there is no cluster in clusters/"],
    hint: "write an intent file such as clusters/orders.yaml",
  },
  {
    name: "a project without clusters, and a warning about its DCS",
    files: memoryProject({ "quorate.yaml": PROJECT.replace(/ {6}- \{ name: etcd-3.*\n/, "") }),
    want: [
      "quorate.yaml ^version: 1^ QUO009: there is no cluster in clusters/",
      "quorate.yaml ^voters:^ QUO017: main has 2 voters, which survive no more losses than 1 would",
    ],
    hint: "write an intent file such as clusters/orders.yaml",
  },
  {
    name: "a role that does not exist",
    files: inCluster("role: primary", "role: primry"),
    want: [
      'clusters/1.yaml ^primry^ QUO003: role: "primry" is not one of primary, peer, standby, observer, witness, dr',
    ],
    hint: "did you mean primary?",
  },
  {
    name: "an address that is loopback",
    files: inCluster("10.1.1.2", "127.0.0.1"),
    want: [
      'clusters/1.yaml ^127.0.0.1 }^ QUO003: address: "127.0.0.1" is not an address at which the other nodes reach this one',
    ],
    hint: "write the address that the other nodes use",
  },
  {
    name: "an address that is none",
    files: inCluster("10.1.1.2", "10.1.1.256"),
    want: [
      'clusters/1.yaml ^10.1.1.256 }^ QUO003: address: "10.1.1.256" is not an IP address or a host name in its usual form',
    ],
    hint: "write it like 10.10.1.11, fd00:4::1 or db1.example.net, in lower case",
  },
  {
    name: "a Patroni version that is not quoted",
    files: inCluster('patroni: "4.1"', "patroni: 4.1"),
    want: ["clusters/1.yaml ^4.1^ QUO003: patroni: 4.1 is not quoted, so 4.10 would read as 4.1"],
    hint: 'write patroni: "4.1"',
  },
  {
    name: "a Patroni that nobody knows",
    files: inCluster('"4.1"', '"5.0"'),
    want: [
      'clusters/1.yaml ^"5.0"^ QUO013: patroni: Patroni 5.0 is not one of 3.0, 3.1, 3.2, 3.3, 4.0, 4.1',
    ],
    hint: 'write the lowest release of any member, such as "4.1"',
  },
  {
    name: "a PostgreSQL that is too old",
    files: inCluster("postgres: 15", "postgres: 12"),
    want: [
      "clusters/1.yaml ^12^ QUO003: postgres: 12 is not a PostgreSQL major version that Quorate knows",
    ],
    hint: "write a whole number from 13 to 18",
  },
  {
    name: "a witness site with nodes",
    files: projectWith(edit(CLUSTER, "role: primary", "role: witness")),
    want: [
      "clusters/1.yaml ^- { name: pay-^ QUO010: bj is a witness site and has 3 nodes; a witness holds DCS voters and no data",
    ],
    hint: "remove the nodes, or give the site another role",
  },
  {
    name: "an upstream that is no node",
    files: inCluster("name: pay-3", "upstream: pay-9, name: pay-3"),
    want: ["clusters/1.yaml ^pay-9, name: p^ QUO006: upstream pay-9 is not a node of this cluster"],
    hint: "did you mean pay-1?",
  },
  {
    name: "upstreams in a circle",
    files: projectWith(
      edit(
        edit(CLUSTER, "name: pay-2", "upstream: pay-3, name: pay-2"),
        "name: pay-3, a",
        "upstream: pay-2, name: pay-3, a",
      ),
    ),
    want: [
      "clusters/1.yaml ^pay-3, name: p^ QUO010: the upstreams of pay-2, pay-3, pay-2 go in a circle",
      "clusters/1.yaml ^pay-2, name: p^ QUO010: the upstreams of pay-3, pay-2, pay-3 go in a circle",
      "clusters/1.yaml ^sync^ QUO011: tier sync needs two nodes that may confirm commits",
    ],
    hint: "let one of them stream from the leader: remove its upstream",
  },
  {
    name: "a lease that a leader could outlive",
    files: withLines("failover: { speed: { ttl: 25s, loopWait: 10s, retryTimeout: 10s } }\n"),
    want: [
      "clusters/1.yaml ^{ ttl: 25s, lo^ QUO012: ttl is 25 s but loopWait + 2 x retryTimeout is 30 s: a leader could outlive its lease",
    ],
    hint: "raise ttl to 30s, or lower the other two",
  },
  {
    name: "an order that Patroni 3.0 does not know",
    files: projectWith(`${edit(CLUSTER, '"4.1"', '"3.0"')}failover: { order: [pay-1] }\n`),
    want: [
      "clusters/1.yaml ^order: [pay-1]^ QUO013: Patroni 3.0 knows no order of candidates (failover_priority came with 3.2)",
    ],
    hint: "remove failover.order, or raise patroni: once every member runs 3.2 or newer",
  },
  {
    name: "a parameter that PostgreSQL does not have",
    files: withLines("postgresql: { parameters: { max_conections: 100 } }\n"),
    want: [
      "clusters/1.yaml ^max_conections^ QUO014: PostgreSQL 15 has no parameter max_conections",
    ],
    hint: "did you mean max_connections?",
  },
  {
    name: "a parameter without its unit",
    files: withLines("postgresql: { parameters: { work_mem: 64 } }\n"),
    want: [
      "clusters/1.yaml ^64 } }^ QUO014: work_mem is 64, expected a number with a unit of memory",
    ],
    hint: "write it like work_mem: 16MB",
  },
  {
    name: "a parameter that Patroni would replace by its default",
    files: withLines("postgresql: { parameters: { max_connections: 10 } }\n"),
    want: ["clusters/1.yaml ^10 } }^ QUO014: max_connections is 10, Patroni takes no less than 25"],
    hint: "Patroni would silently use its default 100 instead",
  },
  {
    name: "a parameter that Patroni owns",
    files: withLines("postgresql: { parameters: { synchronous_standby_names: '*' } }\n"),
    want: ["clusters/1.yaml ^synchronous_st^ QUO014: synchronous_standby_names cannot be set here"],
    hint: "Patroni sets it from the tier; choose durability instead",
  },
  {
    name: "a commit level that voids the tier",
    files: withLines("postgresql: { parameters: { synchronous_commit: local } }\n"),
    want: [
      "clusters/1.yaml ^local } }^ QUO011: synchronous_commit local does not wait for a standby, but tier sync promises that nothing is lost",
    ],
    hint: "remove synchronous_commit, or choose the tier async",
  },
  {
    name: "a password over plain HTTP",
    files: inProject("rest:\n", "rest:\n  scheme: http\n"),
    want: ["quorate.yaml ^http^ QUO015: the password would cross the network in plain text"],
    hint: "use scheme: https, or write allowPlainHttp: true if you know why",
  },
  {
    name: "a REST API that is open to everyone",
    files: memoryProject({
      "quorate.yaml": PROJECT.replace(/ {2}user[^]*/, ""),
      "clusters/1.yaml": CLUSTER,
    }),
    want: [
      "quorate.yaml ^ca: file:/etc/^ QUO015: anyone who reaches a node's REST API could change its configuration",
    ],
    hint: "add rest.user and rest.password, or rest.verifyClient with a client certificate",
  },
  {
    name: "a tier with a typo in its condition",
    files: memoryProject({
      "quorate.yaml": PROJECT,
      "clusters/1.yaml": CLUSTER,
      "policies/tiers/x.yaml":
        "tier: x\npromise: { loss: none, copies: 2, withoutStandby: continue }\nset:\n  - when: quorum.cuont > 1\n    dcs: { ttl: 30 }\n",
    }),
    want: [
      "policies/tiers/x.yaml ^quorum.cuont >^ QUO016: this condition does not hold together: No such key: cuont",
    ],
    hint: TIER_HINT,
  },
  {
    name: "a tier that sets a key which this Patroni does not know",
    files: memoryProject({
      "quorate.yaml": PROJECT,
      "clusters/1.yaml": CLUSTER.replace("4.1", "3.0").replace("sync", "x"),
      "policies/tiers/x.yaml":
        "tier: x\npromise: { loss: none, copies: 2, withoutStandby: continue }\nset:\n  - dcs: { synchronous_mode: true, member_slots_ttl: 60, synchronous_mod: true }\n",
    }),
    want: [
      "policies/tiers/x.yaml ^60, synchronou^ QUO013: Patroni 3.0 does not know member_slots_ttl, it came with 4.0",
      "policies/tiers/x.yaml ^true }^ QUO013: Patroni 3.0 does not know synchronous_mod",
    ],
    hint: "raise patroni: in the intent once every member runs it, or leave the key out",
  },
  {
    name: "a tier that sets what only the intent may",
    files: memoryProject({
      "quorate.yaml": PROJECT,
      "clusters/1.yaml": CLUSTER.replace("sync", "x"),
      "policies/tiers/x.yaml":
        "tier: x\npromise: { loss: none, copies: 2, withoutStandby: continue }\nset:\n  - dcs: { synchronous_mode: true, ttl: 60 }\n",
    }),
    want: [
      "policies/tiers/x.yaml ^ttl: 60 }^ QUO019: tier x sets ttl, which only failover.speed sets",
    ],
    hint: "remove it, and write failover.speed in the cluster's file or in the project's defaults",
  },

  ...spelt("synchronous_commit", ['"OFF"', '"no"', "Local"], "does not wait for a standby"),
  ...spelt("fsync", ["off"], "loses commits when a machine crashes"),
  ...spelt("wal_sender_timeout", ["0"], "lets a silent standby hold up commits for ever"),
  ...parameter(
    "password_encryption: md5",
    "md5 } }",
    "QUO014: password_encryption is md5, but the compiled pg_hba admits SCRAM only",
    "write scram-sha-256, or leave it out",
  ),
  ...parameter(
    "wal_keep_size: 8MB",
    "8MB } }",
    "QUO014: wal_keep_size is 8MB, Patroni takes no less than 16 MB",
    "Patroni would silently use its default 128MB instead",
  ),
  ...parameter(
    "max_wal_senders: 3",
    "3 } }",
    "QUO014: max_wal_senders is 3, but 3 members need 4",
    "raise it, or leave it out: Quorate computes it",
  ),
  ...parameter(
    "log_file_mode: 0640",
    "0640 } }",
    "QUO014: log_file_mode is 640, expected an octal mode in quotes",
    'write it like log_file_mode: "0600"',
  ),
  ...parameter(
    "max_connections: 0",
    "0 } }",
    "QUO014: max_connections is 0, Patroni takes no less than 25",
    "Patroni would silently use its default 100 instead",
  ),
  ...parameter(
    "max_locks_per_transaction: 5",
    "5 } }",
    "QUO014: max_locks_per_transaction is 5, Patroni takes no less than 32",
    "Patroni would silently use its default 64 instead",
  ),
  ...parameter(
    "max_connections: 300000",
    "300000 } }",
    "QUO014: max_connections is 300000, which is outside 1 to 262143",
    "write 262143 or less: Patroni would hand it on, and PostgreSQL would not start",
  ),
  ...parameter(
    "WAL_LEVEL: minimal",
    "minimal } }",
    "QUO014: wal_level is minimal, Patroni takes only replica or logical",
    "write replica or logical, or leave it out: Patroni would silently use its default replica instead",
  ),
  ...parameter(
    "restore_command: cp",
    "restore_comman",
    "QUO014: restore_command is a recovery setting, which does not belong among the parameters",
    "write postgresql.restore.command",
  ),
  ...parameter(
    "recovery_target_time: x",
    "recovery_targe",
    "QUO014: recovery_target_time is a recovery setting, which does not belong among the parameters",
    "leave it out: Patroni would move it to recovery_conf, in place of all that is there; this version of the intent has no key for it",
  ),
  ...parameter(
    "my.conn: 'host=x password=hunter2'",
    "'host=x passwo",
    "QUO007: my.conn holds what looks like a secret; everyone may read the DCS configuration",
    "keep it in a file on the nodes and name the file",
  ),
  ...parameter(
    'ssl_passphrase_command: "cp %p /a\\n"',
    '"cp %p /a\\n" }',
    "QUO014: ssl_passphrase_command holds a line break or another control character, which would break postgresql.conf",
    "write it on one line: use > or quotes instead of |, and nothing after the last word",
  ),
  ...parameter(
    '"a.b c": 1',
    '"a.b c": 1 } }',
    "QUO014: PostgreSQL 15 has no parameter a.b c",
    "Patroni would drop it with a line in its log",
  ),
  ...address(
    "all",
    "is not an address at which the other nodes reach this one",
    "write the address that the other nodes use",
  ),
  ...address(
    "fe80::1",
    "is not an address at which the other nodes reach this one",
    "write the address that the other nodes use",
  ),
  ...address(
    "FD00:0::1",
    "is not an IP address or a host name in its usual form",
    "write it like 10.10.1.11, fd00:4::1 or db1.example.net, in lower case",
  ),
  ...address(
    "10.10.1.012",
    "is not an IP address or a host name in its usual form",
    "write it like 10.10.1.11, fd00:4::1 or db1.example.net, in lower case",
  ),
  {
    name: "a loss with a tier that loses nothing",
    files: withLines("failover: { maxLoss: 16MiB }\n"),
    want: [
      "clusters/1.yaml ^16MiB }^ QUO011: tier sync loses nothing; as a lag limit maxLoss would only keep healthy standbys from leading",
    ],
    hint: "write maxLoss: 0, or remove it",
  },
  {
    name: "a directive for another YAML",
    files: projectWith(`%YAML 1.1\n---\n${CLUSTER}`),
    want: ["clusters/1.yaml ^%YAML 1.1^ QUO001: this directive asks for another YAML than 1.2"],
    hint: "remove the line",
  },
  {
    name: "a database user that pg_hba takes for everyone",
    files: inProject("nodes:\n", "nodes:\n  users: { replication: all }\n"),
    want: [
      'quorate.yaml ^all }^ QUO003: replication: "all" is not a PostgreSQL user name of its own',
    ],
    hint: "write it like replicator",
  },
  {
    name: "a data directory that is the root",
    files: inProject("nodes:\n", "nodes:\n  dataDir: /\n"),
    want: [
      'quorate.yaml ^/^ QUO003: dataDir: "/" is not an absolute path below a folder, in which {cluster}, {node} and {postgres} may stand',
    ],
    hint: "write it like /var/lib/postgresql/{postgres}/{cluster}",
  },
  {
    name: "two services on one port",
    files: inProject("nodes:\n", "nodes:\n  restPort: 5432\n"),
    want: [
      "quorate.yaml ^5432^ QUO005: PostgreSQL, the REST API and the DCS need ports of their own",
    ],
    hint: "give each service another port",
  },
  {
    name: "a network that is none",
    files: inProject("nodes:\n", 'nodes:\n  clients: ["999.1.1.1/8"]\n'),
    want: [
      'quorate.yaml ^"999.1.1.1/8"]^ QUO003: clients: "999.1.1.1/8" is not a network in CIDR form',
    ],
    hint: "write it like 10.0.0.0/8",
  },
  ...tier(
    "quorum where it does not exist",
    "dcs: { synchronous_mode: quorum }",
    "quorum }",
    'QUO013: Patroni 3.0 does not know synchronous_mode: "quorum", it came with 4.0',
    "Patroni would silently take it for off",
  ),
  ...tier(
    "no synchronous mode",
    "dcs: { synchronous_node_count: 1 }",
    "{ loss: none, ",
    "QUO011: tier x promises that nothing is lost, but its settings wait for no standby",
    "set synchronous_mode in every case of the tier",
  ),
  ...tier(
    "a misspelt parameter",
    "dcs: { synchronous_mode: true, postgresql: { parameters: { work_memm: 1 } } }",
    "work_memm: 1 }",
    "QUO014: PostgreSQL 15 has no parameter work_memm",
    "did you mean work_mem?",
  ),
  ...tier(
    "a single value for postgresql",
    "dcs: { synchronous_mode: true, postgresql: 5 }",
    "5 }",
    "QUO019: postgresql is set to a single value, but it holds other settings",
    "remove it",
  ),
  ...tier(
    "pg_hba lines of its own",
    "dcs: { synchronous_mode: true, postgresql: { pg_hba: [x] } }",
    "[x] } }",
    "QUO019: postgresql.pg_hba is made by the compiler",
    "remove it",
  ),
  ...tier(
    "half an expression",
    'dcs: { synchronous_mode: true, ttl: "a ${quorum.count}" }',
    '"a ${quorum.cou',
    "QUO016: tier x: an expression must be the whole value",
    undefined,
  ),
  ...tier(
    "an expression without end",
    "when: nodes.all(a, nodes.all(b, nodes.all(c, nodes.all(d, true))))\n    dcs: { synchronous_mode: true }",
    "nodes.all(a, n",
    "QUO016: this condition does not hold together: it goes through lists 4 times, at most 3 are allowed",
    TIER_HINT,
  ),
  ...PARAMETER_INPUT,
];
