import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { CompiledCluster } from "../../src/compiler/compiled-cluster.ts";
import { intentKeys } from "../../src/intent/intent-key.ts";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { explainKey } from "../../src/pipeline/explain-key.ts";
import { explanationText } from "../../src/report/explain-report.ts";
import { INTENT_KEYS } from "../../src/policy/intent-settings.ts";
import { goldenInput } from "../support/golden-input.ts";
import { CLUSTER, memoryProject, PROJECT } from "../support/memory-project.ts";

async function compile(intent: string, project = PROJECT): Promise<CompiledCluster> {
  const { clusters, found } = await compileProject(
    memoryProject({ "quorate.yaml": project, "clusters/pay.yaml": intent }),
  );
  const [compiled] = clusters;
  if (compiled === undefined) throw new Error(JSON.stringify(found));
  return compiled;
}

/** The keys that a word sets, or would set; `unknown` for a word that nothing knows. */
function keysOf(cluster: CompiledCluster, word: string): readonly string[] {
  const found = explainKey(cluster, word);
  return found.ok ? [...new Set(found.value.map(({ key }) => key))] : ["unknown"];
}

async function explain(word: string, intent = CLUSTER): Promise<string> {
  const found = explainKey(await compile(intent), word);
  return found.ok
    ? found.value.map((explanation) => explanationText("pay", explanation)).join("\n")
    : "unknown";
}

/** Keys that decide what is compiled, checked or said, and that no key of Patroni stands for. */
const SET_NOTHING = new Set([
  "version",
  "owner",
  "labels",
  "labels.<name>",
  "patroni",
  "durability.accept",
  "rejoin.wipeMayLoseCommits",
  "access.rest.ca",
  "access.rest.clientCertificate",
  "access.rest.clientKey",
  "access.rest.password",
  "access.rest.timeout",
  "access.rest.allowPlainHttp",
  "access.dcs.password",
]);

describe("a key of the intent", () => {
  const keys = [...new Set(intentKeys().map((path) => path.join(".")))].filter(
    (key) => !key.startsWith("overrides"),
  );

  test("is known to explain, with what it sets or would set", async () => {
    expect(keys.length).toBeGreaterThan(120);
    const { project, intent } = goldenInput("every-section");
    for (const cluster of [
      await compile(CLUSTER),
      await compile(readFileSync(intent, "utf8"), readFileSync(project, "utf8")),
    ]) {
      const wrong = keys.flatMap((key) => {
        const said = keysOf(cluster, key.replace("<name>", "work_mem"));
        const isNothing = said.length === 0;
        return said[0] === "unknown" || isNothing !== SET_NOTHING.has(key) ? [[key, said]] : [];
      });
      expect(wrong).toEqual([]);
    }
  });

  test("that alone sets keys of the DCS document is answered with them", async () => {
    const cluster = await compile(CLUSTER);
    for (const [key, word] of INTENT_KEYS) expect(keysOf(cluster, word)).toContain(key);
  });

  test("answers with what it sets, written or not", async () => {
    const cluster = await compile(CLUSTER);
    expect(keysOf(cluster, "quorum")).toEqual(["synchronous_node_count"]);
    expect(keysOf(cluster, "durability.onStandbyLoss")).toEqual(["synchronous_mode_strict"]);
    expect(keysOf(cluster, "fencing.watchdog")).toEqual(["watchdog.mode"]);
    expect(keysOf(cluster, "defaults.dcs.onOutage")).toEqual(["failsafe_mode"]);
    expect(keysOf(cluster, "logging.level")).toEqual(["log.level"]);
    expect(keysOf(cluster, "serveReads")).toEqual(["tags.noloadbalance"]);
    const tier = keysOf(cluster, "durability");
    for (const key of ["synchronous_mode", "primary_stop_timeout", "synchronous_node_count"])
      expect(tier).toContain(key);
    expect(tier).not.toContain("ttl");
  });
});

test("overrides are answered with what they set", async () => {
  const cluster = await compile(
    `${CLUSTER}overrides: { dcs: { max_timelines_history: 5 }, node: { log: { level: DEBUG } } }\n`,
  );
  expect(keysOf(cluster, "overrides")).toEqual(["log.level", "max_timelines_history"]);
});

describe("a setting that nothing sets", () => {
  test("is said to be unset, with its default, its document and the words for it", async () => {
    const text = await explain("restapi.allowlist");
    expect(text).toContain("pay: restapi.allowlist = (not set)");
    expect(text).toContain(
      "access.rest.allowlist, rest.allowlist in quorate.yaml; it counts in patroni.yml of the nodes",
    );
    expect(text).toContain("if not set   []");
    expect(await explain("log.level")).toMatch(/set with +logging\.level;[^]*if not set +INFO/);
    expect(await explain("tags.noloadbalance")).toContain("serveReads of a node");
    expect(await explain("max_timelines_history")).toContain(
      "overrides.dcs.max_timelines_history; it counts in the DCS",
    );
    expect(await explain("postgresql.parameters.port")).toContain("Patroni sets it itself");
    expect(await explain("hba_file")).toMatch(/set with +no key of the intent;/);
    expect(await explain("work_mem")).toMatch(/set with +postgresql\.parameters\.work_mem;/);
  });

  test("takes effect as its own document does", async () => {
    expect(await explain("log.level")).toContain("once the file is installed");
    expect(await explain("max_timelines_history")).not.toContain("once the file is installed");
  });

  test("is found by its section", async () => {
    const text = await explain("citus");
    for (const key of ["citus.group", "citus.database"])
      expect(text).toContain(`pay: ${key} = (not set)`);
  });

  test("says so when the cluster's release does not have it", async () => {
    const old = CLUSTER.replace(/patroni: .*/, 'patroni: "3.0"');
    expect(await explain("member_slots_ttl", old)).toContain(
      "Patroni 4.0; what this cluster runs does not have it",
    );
    expect(await explain("member_slots_ttl")).not.toContain("does not have it");
  });
});

function sites(role: string, more = ""): string {
  return `version: 1
cluster: pay
patroni: "4.1"
postgres: 15
sites:
  - name: bj
    role: primary
    nodes:
      - { name: pay-1, address: 10.1.1.1 }
      - { name: pay-2, address: 10.1.1.2 }
  - name: sh
    role: ${role}
    nodes:
      - { name: pay-3, address: 10.1.2.1 }
durability: async
${more}`;
}

describe("a tag that several words may cause", () => {
  test("is put down to the role of the site", async () => {
    for (const tag of ["tags.nofailover", "tags.nosync"])
      expect(await explain(tag, sites("observer"))).toContain(
        "set by       intent, clusters/pay.yaml:12:11 (role: observer)",
      );
  });

  test("is put down to the scope of failover", async () => {
    for (const tag of ["tags.nofailover", "tags.nosync"])
      expect(await explain(tag, sites("standby", "failover: { scope: same-site }\n"))).toContain(
        "set by       intent, clusters/pay.yaml:16:20 (failover.scope)",
      );
  });

  test("is put down to the node's own word before all others", async () => {
    const text = sites("observer").replace("name: pay-3,", "promotable: false, name: pay-3,");
    expect(await explain("tags.nofailover", text)).toContain("14:23 (promotable)");
    expect(await explain("tags.nosync", text)).toContain("14:23 (promotable)");
  });

  test("is put down to the member that a node streams from", async () => {
    const text = sites("peer").replace("name: pay-3,", "upstream: pay-2, name: pay-3,");
    expect(await explain("tags.nosync", text)).toContain("14:21 (upstream)");
  });
});

test("one of a unit stands in the singular", async () => {
  const text = await explain("synchronous_node_count");
  expect(text).toContain("synchronous_node_count = 1 node\n");
  expect(text).not.toContain("1 nodes");
});
