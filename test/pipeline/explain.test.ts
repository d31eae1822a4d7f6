import { describe, expect, test } from "vitest";
import type { CompiledCluster } from "../../src/compiler/compiled-cluster.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { explainCluster } from "../../src/pipeline/explain-cluster.ts";
import { explainKey } from "../../src/pipeline/explain-key.ts";
import { explanationText } from "../../src/report/explain-report.ts";
import { CLUSTER, memoryProject, PROJECT } from "../support/memory-project.ts";

const OWN = `failover: { speed: fast, maxLoss: 0 }
postgresql:
  parameters:
    wal_sender_timeout: 15s
    max_connections: 200
`;

async function compile(cluster: string, project = PROJECT): Promise<CompiledCluster> {
  const { clusters, found } = await compileProject(
    memoryProject({ "quorate.yaml": project, "clusters/pay.yaml": cluster }),
  );
  const [compiled] = clusters;
  if (compiled === undefined) throw new Error(JSON.stringify(found));
  return compiled;
}

async function explain(word: string, cluster = `${CLUSTER}${OWN}`): Promise<string> {
  const compiled = await compile(cluster);
  const found = explainKey(compiled, word);
  return found.ok
    ? found.value.map((explanation) => explanationText("pay", explanation)).join("\n")
    : `unknown, near: ${found.error ?? "nothing"}`;
}

describe("explain", () => {
  test("names the weaker values that a value replaced, with their places", async () => {
    const text = await explain("wal_sender_timeout");
    expect(text).toContain("pay: postgresql.parameters.wal_sender_timeout = 15s\n");
    expect(text).toContain(
      "set by       intent, clusters/pay.yaml:16:25 (postgresql.parameters.wal_sender_timeout)",
    );
    expect(text).toMatch(
      /instead of {3}10s, tier, policies\/tiers\/sync\.yaml:\d+:\d+ \(tier sync\)/,
    );
  });

  test("says what the other timings of this cluster leave", async () => {
    expect(await explain("ttl")).toContain("at least 15 s here: loop_wait + 2 x retry_timeout");
    expect(await explain("retry_timeout")).toContain("at most 7 s here");
  });

  test("says that a parameter needs a restart, and in which order", async () => {
    expect(await explain("max_connections")).toContain(
      "needs a restart of PostgreSQL on every node: raised on the standbys first, lowered on the leader first",
    );
  });

  test("gives the limits of Patroni where they are narrower than PostgreSQL's", async () => {
    expect(await explain("max_connections")).toContain("safe values  25 to 262143");
    expect(await explain("wal_level")).toContain("safe values  hot_standby, replica, logical\n");
  });

  test("takes a word of the intent for all that it sets", async () => {
    const text = await explain("failover.speed");
    for (const key of ["ttl = 20", "loop_wait = 5", "retry_timeout = 5"])
      expect(text).toContain(`pay: ${key}`);
  });

  test("tells a key that apply removes from one that it leaves alone", async () => {
    expect(await explain("maximum_lag_on_syncnode")).toContain("apply removes it from the DCS");
    expect(await explain("max_timelines_history")).toContain("apply leaves it alone");
    expect(await explain("postgresql.parameters.work_mem")).toContain("apply leaves it alone");
  });

  test("names the nearest key for a word that nothing has", async () => {
    expect(await explain("max_conections")).toBe("unknown, near: max_connections");
    expect(await explain("qqqqqqqqq")).toBe("unknown, near: nothing");
  });

  test("points at the project's defaults where the value stands there", async () => {
    const project = `${PROJECT}defaults:\n  failover: { speed: patient }\n`;
    const compiled = await compile(CLUSTER, project);
    const found = explainKey(compiled, "ttl");
    expect(found.ok && found.value[0]?.setBy).toMatchObject({
      value: 60,
      at: { file: "quorate.yaml", line: project.split("\n").length - 1, col: 22 },
    });
  });

  test("says of a key of the nodes' files whose word it is, and on which nodes", async () => {
    const text = await explain(
      "tags.nosync",
      CLUSTER.replace("name: pay-2", "confirms: false, name: pay-2"),
    );
    expect(text).toContain("pay: tags.nosync = true (patroni.yml of pay-2)\n");
    expect(text).toContain("intent, clusters/pay.yaml:10:21 (confirms)");
    expect(await explain("ctl.cacert")).toContain("project, quorate.yaml:10:8 (nodes.tls)");
    expect(await explain("data_dir")).toContain("(patroni.yml of pay-1, pay-2, pay-3)");
  });

  test("says of every key of the DCS document what it is for", async () => {
    const compiled = await compile(`${CLUSTER}${OWN}`);
    const without = explainCluster(compiled).filter(({ meaning }) => meaning === undefined);
    expect(without).toEqual([]);
  });
});
