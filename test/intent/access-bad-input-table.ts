import type { ProjectFiles } from "../../src/core/ports.ts";
import { CLUSTER, edit, memoryProject, PROJECT, projectWith } from "../support/memory-project.ts";
import type { BadInput } from "./bad-input-table.ts";

const withAccess = (lines: string): ProjectFiles => projectWith(`${CLUSTER}access: ${lines}\n`);
const inProject = (lines: string): ProjectFiles =>
  memoryProject({ "quorate.yaml": `${PROJECT}${lines}\n`, "clusters/1.yaml": CLUSTER });
const withRest = (lines: string, cluster = CLUSTER): ProjectFiles =>
  memoryProject({ "quorate.yaml": `${PROJECT}  ${lines}\n`, "clusters/1.yaml": cluster });
const withDcs = (lines: string): ProjectFiles =>
  memoryProject({
    "quorate.yaml": edit(PROJECT, "    kind: etcd3\n", `    kind: etcd3\n    ${lines}\n`),
    "clusters/1.yaml": CLUSTER,
  });
const hba = (line: string): ProjectFiles => withAccess(`{ postgres: { hba: ['${line}'] } }`);

/** Mistakes in the access to the DCS, the REST API and PostgreSQL, each with exactly what is found. */
export const ACCESS_BAD_INPUT: readonly BadInput[] = [
  {
    name: "an allowlist that shuts Quorate out",
    files: withRest("allowlist: []"),
    want: [
      "quorate.yaml ^[]^ QUO030: the allowlist holds the members alone, so Quorate could not apply anything",
    ],
    hint: "name the network in which quorate apply runs",
  },
  {
    name: "an allowlist that holds everyone",
    files: withRest("allowlist: [10.0.0.0/8, 0.0.0.0/0]"),
    want: ["quorate.yaml ^0.0.0.0/0]^ QUO030: the allowlist holds 0.0.0.0/0, which is everyone"],
    hint: "name the network in which quorate apply runs, or leave the allowlist out",
  },
  {
    name: "an allowlist with a member that has a host name",
    files: withRest("allowlist: [10.0.0.0/8]", edit(CLUSTER, "10.1.1.2", "db2.example.net")),
    want: [
      "clusters/1.yaml ^db2.example.ne^ QUO030: pay-2 has a host name, and with an allowlist Patroni would refuse the other members there",
    ],
    hint: "write its IP address, or do without rest.allowlist",
  },
  {
    name: "an address in an allowlist",
    files: withRest("allowlist: [10.0.0.1]"),
    want: ['quorate.yaml ^10.0.0.1]^ QUO003: allowlist: "10.0.0.1" is not a network in CIDR form'],
    hint: "write it like 10.0.0.0/8",
  },
  {
    name: "a cluster that takes TLS away from the REST API",
    files: withAccess("{ rest: { scheme: http } }"),
    want: ["clusters/1.yaml ^http } }^ QUO015: the password would cross the network in plain text"],
    hint: "use scheme: https, or write allowPlainHttp: true if you know why",
  },
  {
    name: "one half of a client certificate",
    files: withAccess("{ rest: { clientKey: env:X } }"),
    want: [
      "clusters/1.yaml ^env:X } }^ QUO004: clientCertificate and clientKey belong together, one of them is missing",
    ],
    hint: "write both, as env:NAME or file:/path",
  },
  {
    name: "a cluster that asks for client certificates which Quorate has not",
    files: withAccess("{ rest: { verifyClient: required } }"),
    want: [
      "clusters/1.yaml ^required } }^ QUO004: the nodes ask for a client certificate, but Quorate has none",
    ],
    hint: "add access.rest.clientCertificate and access.rest.clientKey",
  },
  {
    name: "a literal password of a cluster",
    files: withAccess("{ rest: { password: hunter2 } }"),
    want: [
      "clusters/1.yaml ^hunter2 } }^ QUO007: password: this is a literal value where a reference to a secret belongs",
    ],
    hint: "write env:NAME or file:/path; change the secret if this file was ever shared",
  },
  {
    name: "a mistyped key of access",
    files: withAccess("{ rest: { allowlst: [10.0.0.0/8] } }"),
    want: ["clusters/1.yaml ^allowlst: [10.^ QUO002: unknown key allowlst in access.rest"],
    hint: "did you mean allowlist?",
  },
  {
    name: "a password for etcd without TLS",
    files: withDcs("auth: { user: u, password: env:X }"),
    want: [
      "quorate.yaml ^{ user: u, pas^ QUO015: the password for the DCS would cross the network in plain text",
    ],
    hint: "add tls with ca, or write allowPlainHttp: true in quorate.yaml if you know why",
  },
  {
    name: "a user of etcd without a password",
    files: withDcs("auth: { user: u }\n    tls: { ca: /a/b }"),
    want: ["quorate.yaml ^auth: { user: ^ QUO004: dcs.main.auth has no password"],
    hint: "add password:",
  },
  {
    name: "a certificate for etcd without its key",
    files: withDcs("tls: { ca: /a/b, certificate: /a/c }"),
    want: [
      "quorate.yaml ^/a/c }^ QUO004: certificate and key belong together, one of them is missing",
    ],
    hint: "write both",
  },
  {
    name: "TLS for etcd without a CA",
    files: withDcs("tls: { certificate: /a/c, key: /a/k }"),
    want: ["quorate.yaml ^tls: { certifi^ QUO004: dcs.main.tls has no ca"],
    hint: "add ca:",
  },
  {
    name: "the nodes' own certificate for an etcd with users",
    files: withDcs(
      "tls: { ca: /a/b, certificate: /etc/patroni/server.crt, key: /etc/patroni/server.key }\n    auth: { user: u, password: env:X }",
    ),
    want: [
      "quorate.yaml ^/etc/patroni/s^ QUO035: this is the nodes' own certificate, and etcd with users refuses one with a common name",
    ],
    hint: "name a certificate without a common name, or leave certificate and key out",
  },
  {
    name: "a user of etcd with a space",
    files: withDcs("tls: { ca: /a/b }\n    auth: { user: 'a b', password: env:X }"),
    want: [
      "quorate.yaml ^'a b', passwor^ QUO003: user: \"a b\" is not a user name, in which {cluster} may stand, or a reference to one (env:NAME or file:/path)",
    ],
    hint: "write it like patroni-{cluster}",
  },
  {
    name: "a literal password for etcd",
    files: withDcs("tls: { ca: /a/b }\n    auth: { user: u, password: hunter2 }"),
    want: [
      "quorate.yaml ^hunter2 }^ QUO007: password: this is a literal value where a reference to a secret belongs",
    ],
    hint: "write env:NAME or file:/path; change the secret if this file was ever shared",
  },
  {
    name: "one half of the credentials for etcd in a cluster",
    files: withAccess("{ dcs: { user: u } }"),
    want: [
      "clusters/1.yaml ^u } }^ QUO004: user and password belong together, one of them is missing",
    ],
    hint: "write both; password as env:NAME or file:/path",
  },
  {
    name: "a password for etcd without TLS in a cluster",
    files: withAccess("{ dcs: { user: u, password: env:X } }"),
    want: [
      "clusters/1.yaml ^{ user: u, pas^ QUO015: the password for the DCS would cross the network in plain text",
    ],
    hint: "add tls with ca, or write allowPlainHttp: true in quorate.yaml if you know why",
  },
  {
    name: "certificates without TLS",
    files: withAccess("{ postgres: { tls: false, authentication: certificate } }"),
    want: [
      "clusters/1.yaml ^certificate } ^ QUO034: certificates prove nothing without TLS, and PostgreSQL has none",
    ],
    hint: "remove tls: false",
  },
  {
    name: "one certificate that must and must not have a common name",
    files: memoryProject({
      "quorate.yaml":
        edit(
          PROJECT,
          "    kind: etcd3\n",
          "    kind: etcd3\n    tls: { ca: /a/b, certificate: /etc/patroni/server.crt, key: /etc/patroni/server.key }\n    auth: { user: u, password: env:X }\n",
        ) + "access: { postgres: { authentication: certificate } }\n",
      "clusters/1.yaml": CLUSTER,
    }),
    want: [
      "quorate.yaml ^/etc/patroni/s^ QUO035: this certificate names its node to PostgreSQL, and etcd with users refuses one with a common name",
    ],
    hint: "name a certificate without a common name, or leave certificate and key out",
  },
  {
    name: "TLS that is merely true",
    files: withAccess("{ postgres: { tls: true } }"),
    want: ["clusters/1.yaml ^true } }^ QUO003: tls: true is neither a map nor false"],
    hint: "write a map, or false for none",
  },
  {
    name: "a certificate of PostgreSQL's own without its key",
    files: withAccess("{ postgres: { tls: { certificate: /a/b } } }"),
    want: [
      "clusters/1.yaml ^/a/b } } }^ QUO004: certificate and key belong together, one of them is missing",
    ],
    hint: "write both",
  },
  {
    name: "TLS without any files",
    files: memoryProject({
      "quorate.yaml": edit(
        edit(
          PROJECT,
          "nodes:\n  tls: { certificate: /etc/patroni/server.crt, key: /etc/patroni/server.key, ca: /etc/patroni/ca.crt }\n",
          "",
        ),
        "rest:\n",
        "rest:\n  scheme: http\n  allowPlainHttp: true\n",
      ),
      "clusters/1.yaml": CLUSTER + "access: { postgres: { tls: { verify: full } } }\n",
    }),
    want: [
      "clusters/1.yaml ^{ verify: full^ QUO004: there are no nodes.tls to take what is not written from",
    ],
    hint: "write certificate, key and ca, or add nodes.tls",
  },
  {
    name: "administrators everywhere",
    files: withAccess("{ postgres: { admins: ['::/0'] } }"),
    want: [
      "clusters/1.yaml ^'::/0'] } }^ QUO032: the superuser could connect from ::/0, which is everywhere",
    ],
    hint: "name the network of your administrators",
  },
  {
    name: "administrators without TLS",
    files: withAccess("{ postgres: { tls: false, admins: [10.0.0.0/24] } }"),
    want: [
      "clusters/1.yaml ^[10.0.0.0/24] ^ QUO032: what the superuser does would cross the network in plain text",
    ],
    hint: "remove tls: false",
  },
  {
    name: "one name for two users",
    files: withAccess("{ postgres: { users: { rewind: postgres } } }"),
    want: [
      "clusters/1.yaml ^postgres } } }^ QUO005: postgres is the superuser user and the rewind user",
    ],
    hint: "give each a name of its own",
  },
  {
    name: "one name for two users in the project",
    files: inProject("access: { postgres: { users: { replication: rewinder } } }"),
    want: [
      "quorate.yaml ^{ replication:^ QUO005: rewinder is the replication user and the rewind user",
    ],
    hint: "give each a name of its own",
  },
  {
    name: "clients in two places",
    files: memoryProject({
      "quorate.yaml":
        edit(PROJECT, "nodes:\n", "nodes:\n  clients: [10.0.0.0/8]\n") +
        "access: { postgres: { clients: [10.0.0.0/8] } }\n",
      "clusters/1.yaml": CLUSTER,
    }),
    want: ["quorate.yaml ^clients: [10.0^ QUO005: clients stands in nodes as well"],
    hint: "keep one of the two",
  },
  {
    name: "a pg_hba line without a mask",
    files: hba("host all all 10.0.0.0 scram-sha-256"),
    want: ["clusters/1.yaml ^'host all all ^ QUO031: 10.0.0.0 has no mask"],
    hint: "write 10.0.0.0/32",
  },
  {
    name: "a pg_hba line of a mistyped type",
    files: hba("hostsl all all 10.0.0.0/8 scram-sha-256"),
    want: ['clusters/1.yaml ^\'hostsl all al^ QUO031: "hostsl" is not a type of connection'],
    hint: "did you mean hostssl?",
  },
  {
    name: "a pg_hba line with a mistyped method",
    files: hba("hostssl all all 10.0.0.0/8 scram-sha-265"),
    want: [
      'clusters/1.yaml ^\'hostssl all a^ QUO031: "scram-sha-265" is not a method of authentication',
    ],
    hint: "did you mean scram-sha-256?",
  },
  {
    name: "a pg_hba line with a mistyped option",
    files: hba("hostssl all app 10.0.0.0/8 cert mapp=x"),
    want: [
      "clusters/1.yaml ^'hostssl all a^ QUO031: cert on a line of type hostssl has no option mapp",
    ],
    hint: "did you mean map?",
  },
  {
    name: "a pg_hba line that is too new",
    files: hba("hostssl all app 10.0.0.0/8 oauth issuer=x scope=y"),
    want: [
      "clusters/1.yaml ^'hostssl all a^ QUO031: PostgreSQL 15 does not know the method oauth, it came with 18",
    ],
    hint: "write another method",
  },
  {
    name: "a pg_hba line with a secret",
    files: hba("hostssl all app 10.0.0.0/8 ldap ldapserver=l ldapbinddn=x ldapbindpasswd=hunter2"),
    want: [
      "clusters/1.yaml ^'hostssl all a^ QUO007: ldapbindpasswd is a secret, and everyone may read the DCS configuration",
    ],
    hint: "use a method that needs no secret in pg_hba",
  },
  {
    name: "two rules in one pg_hba line",
    files: withAccess('{ postgres: { hba: ["local all all peer\\nhost all all all trust"] } }'),
    want: ['clusters/1.yaml ^"local all all^ QUO031: a control character stands in the line'],
    hint: "write one rule per entry of the list",
  },
  {
    name: "a pg_hba line with trust",
    files: hba("hostssl all app 10.0.0.0/8 trust"),
    want: ["clusters/1.yaml ^'hostssl all a^ QUO032: trust lets everyone in without a password"],
    hint: "write scram-sha-256 or cert",
  },
  {
    name: "a pg_hba line with password",
    files: hba("hostssl all app 10.0.0.0/8 password"),
    want: ["clusters/1.yaml ^'hostssl all a^ QUO032: password sends the password as it is"],
    hint: "write scram-sha-256 or cert",
  },
  {
    name: "a pg_hba line with ident",
    files: hba("hostssl all app 10.0.0.0/8 ident"),
    want: [
      "clusters/1.yaml ^'hostssl all a^ QUO032: ident believes what the client's machine says",
    ],
    hint: "write scram-sha-256 or cert",
  },
  {
    name: "a pg_hba line with md5",
    files: hba("hostssl all app 10.0.0.0/8 md5"),
    want: ["clusters/1.yaml ^'hostssl all a^ QUO032: md5 takes passwords that were stored as MD5"],
    hint: "write scram-sha-256 or cert",
  },
  {
    name: "a pg_hba line for everyone",
    files: hba("hostssl all app 0.0.0.0/0 scram-sha-256"),
    want: ["clusters/1.yaml ^'hostssl all a^ QUO032: 0.0.0.0/0 is everyone"],
    hint: "name a network",
  },
  {
    name: "a pg_hba line that allows plain text",
    files: hba("host all app 10.0.0.0/8 scram-sha-256"),
    want: [
      "clusters/1.yaml ^'host all app ^ QUO032: a line of type host lets connections in without TLS",
    ],
    hint: "write hostssl",
  },
  {
    name: "a pg_hba line for the superuser",
    files: hba("hostssl all app,postgres 10.9.0.0/24 scram-sha-256"),
    want: [
      "clusters/1.yaml ^'hostssl all a^ QUO033: compiled lines decide about postgres before this one, so it never counts",
    ],
    hint: "add the network to admins",
  },
  {
    name: "a pg_hba line for the replication user",
    files: hba("hostssl replication replicator 10.9.0.0/24 scram-sha-256"),
    want: [
      "clusters/1.yaml ^'hostssl repli^ QUO033: compiled lines decide about replicator before this one, so it never counts",
    ],
    hint: "give whoever needs this a user of its own",
  },
  {
    name: "a pg_hba line with an unknown map",
    files: withAccess(
      "{ postgres: { hba: ['local all app peer map=opps'], ident: ['ops alice app'] } }",
    ),
    want: ["clusters/1.yaml ^'local all app^ QUO034: no line of ident has the map opps"],
    hint: "add it, or mend the name",
  },
  {
    name: "a pg_ident line with two fields",
    files: withAccess("{ postgres: { ident: ['ops alice'] } }"),
    want: [
      "clusters/1.yaml ^'ops alice'] }^ QUO031: the line has 2 fields, expected map, system user and PostgreSQL user",
    ],
    hint: "write it like admins alice@EXAMPLE.NET alice",
  },
  {
    name: "a pg_ident line in the compiler's map",
    files: withAccess("{ postgres: { ident: ['quorate alice app'] } }"),
    want: ["clusters/1.yaml ^'quorate alice^ QUO031: the map quorate is the compiler's own"],
    hint: "use another name",
  },
  {
    name: "a pg_hba line of the project",
    files: inProject("access: { postgres: { hba: ['hostssl all app 10.0.0.0/8 trust'] } }"),
    want: ["quorate.yaml ^'hostssl all a^ QUO032: trust lets everyone in without a password"],
    hint: "write scram-sha-256 or cert",
  },
  {
    name: "a pg_hba line of the project that is too new for a cluster",
    files: inProject(
      "access: { postgres: { hba: ['hostssl all app 10.0.0.0/8 oauth issuer=x scope=y'] } }",
    ),
    want: [
      "clusters/1.yaml ^15^ QUO031: line 1 of hba in quorate.yaml: PostgreSQL 15 does not know the method oauth, it came with 18",
    ],
    hint: "write another method",
  },
  {
    name: "access.rest in the project",
    files: inProject("access: { rest: { user: x } }"),
    want: ["quorate.yaml ^rest: { user: ^ QUO002: unknown key rest in access"],
    hint: "known here: postgres",
  },
  {
    name: "the parameter ssl",
    files: projectWith(`${CLUSTER}postgresql: { parameters: { ssl: off } }\n`),
    want: ["clusters/1.yaml ^ssl: off } }^ QUO014: ssl cannot be set here"],
    hint: "it is access.postgres.tls, which pg_hba agrees with",
  },
  {
    name: "one half of a client certificate, where the project has both",
    files: memoryProject({
      "quorate.yaml": `${PROJECT}  clientCertificate: env:C\n  clientKey: env:K\n`,
      "clusters/1.yaml": `${CLUSTER}access: { rest: { clientCertificate: env:X } }\n`,
    }),
    want: [
      "clusters/1.yaml ^env:X } }^ QUO004: clientCertificate and clientKey belong together, and the project's other half would stay",
    ],
    hint: "write both, as env:NAME or file:/path",
  },
  {
    name: "nodes with IPv4 and IPv6 addresses",
    files: projectWith(edit(CLUSTER, "10.1.1.2", "fd00::2")),
    want: [
      "clusters/1.yaml ^fd00::2 }^ QUO036: pay-1 has an IPv4 address and pay-2 an IPv6 address: pg_hba knows neither by the address from which it reaches the other",
    ],
    hint: "write addresses of one kind for all nodes of a cluster",
  },
  {
    name: "a line of the project for a user that is the superuser of one cluster",
    files: memoryProject({
      "quorate.yaml": `${PROJECT}access: { postgres: { hba: ["hostssl all app 10.9.0.0/24 cert"] } }\n`,
      "clusters/1.yaml": `${CLUSTER}access: { postgres: { users: { superuser: app } } }\n`,
    }),
    want: [
      "clusters/1.yaml ^{ users: { sup^ QUO033: compiled lines decide about app before this one, so it never counts",
    ],
    hint: "add the network to admins",
  },
];
