import { expect, test } from "vitest";
import type { ProjectFiles } from "../../src/core/ports.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { CLUSTER, edit, projectWith } from "../support/memory-project.ts";
import { DR_CLUSTER, drProject } from "./bad-dr-table.ts";

/** A row of docs/lints.md that no other test shows: a mistake, and everything that is said of it. */
interface LintRow {
  readonly name: string;
  readonly files: ProjectFiles;
  readonly want: readonly string[];
}

const overriding = (keys: string): ProjectFiles => projectWith(`${CLUSTER}overrides: ${keys}\n`);

const SAME_DCS = "every node must see the same DCS";

const ROWS: readonly LintRow[] = [
  {
    name: "one member name in two clusters",
    files: projectWith(
      CLUSTER,
      edit(CLUSTER, "cluster: pay", "cluster: cap")
        .replaceAll("10.1.1", "10.1.2")
        .replaceAll(/pay-([23])/g, "cap-$1"),
    ),
    want: ["error QUO005: the member name pay-1 is used twice (as slot pay_1)"],
  },
  {
    name: "a standby_cluster without a host, as an override",
    files: overriding("{ dcs: { standby_cluster: { primary_slot_name: x } } }"),
    want: [
      "error QUO058: standby_cluster.primary_slot_name cannot be overridden: it makes the whole cluster follow another one",
    ],
  },
  {
    name: "a second DCS section, as an override",
    files: overriding("{ node: { consul: { host: a } }, nodes: { pay-1: { raft: { a: b } } } }"),
    want: [
      `error QUO058: consul.host cannot be overridden: ${SAME_DCS}`,
      `error QUO058: raft.a cannot be overridden: ${SAME_DCS}`,
    ],
  },
  {
    name: "a Citus node, as an override",
    files: overriding("{ node: { citus: { group: 0, database: pay } } }"),
    want: ["group", "database"].map(
      (key) =>
        `error QUO058: citus.${key} cannot be overridden: Quorate knows nothing of a cluster of clusters, and on a coordinator POST /mpp is open to everyone`,
    ),
  },
  {
    name: "an archive command in the DCS configuration",
    files: projectWith(`${CLUSTER}postgresql: { parameters: { archive_command: cp %p /a/%f } }\n`),
    want: [
      "warn QUO054: archive_command stands in the DCS configuration here: everyone may read it, and whoever may PATCH it can change what runs on the nodes",
    ],
  },
  {
    name: "an archive command in the DCS configuration, as an override",
    files: overriding("{ dcs: { postgresql: { parameters: { archive_command: cp %p /a/%f } } } }"),
    want: [
      "error QUO058: postgresql.parameters.archive_command cannot be overridden: whoever may PATCH the DCS configuration could then change a command that runs on the nodes",
    ],
  },
  {
    name: "a DCS section that gives the leader another label, as an override",
    files: overriding("{ node: { kubernetes: { leader_label_value: master } } }"),
    want: [`error QUO058: kubernetes.leader_label_value cannot be overridden: ${SAME_DCS}`],
  },
  {
    name: "an allowlist and credentials of one node alone, as overrides",
    files: overriding(
      "{ nodes: { pay-1: { restapi: { allowlist: [10.0.0.0/8] }, ctl: { insecure: true } } } }",
    ),
    want: ["restapi.allowlist", "ctl.insecure"].map(
      (key) =>
        `error QUO058: ${key} cannot be overridden: members would no longer reach each other, and failover or failsafe would silently end`,
    ),
  },
  {
    name: "a paused standby cluster",
    files: drProject(
      `${DR_CLUSTER}maintenance: { pause: { owner: x, reason: y, until: 2026-12-01 } }\n`,
    ),
    want: [
      "warn QUO057: a paused standby cluster that loses its leader lock does not take it again, and then follows nobody",
    ],
  },
];

test.each(ROWS)("$name", async ({ files, want }) => {
  const { found } = await compileProject(files);
  expect(found.map(({ severity, rule, message }) => `${severity} ${rule}: ${message}`)).toEqual(
    want,
  );
});
