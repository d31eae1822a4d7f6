import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compileProject } from "../../src/pipeline/compile-project.ts";
import { CLUSTER, edit, memoryProject, PROJECT } from "../support/memory-project.ts";

/** The rules and places of what is found, in order. */
async function said(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const { found, clusters } = await compileProject(
    memoryProject({ "quorate.yaml": PROJECT, "clusters/1.yaml": CLUSTER, ...files }),
  );
  expect(clusters).toEqual([]);
  return found.map(({ rule, at, message }) => `${at.file} ${rule} ${message}`);
}

const SLIP = `${CLUSTER}ownr: dba\n`;
const SLIP_SAID = "clusters/1.yaml QUO002 unknown key ownr";
const LINKED = edit(PROJECT, "etcd-3, site: bj", "etcd-3, site: sh");
const LINK = `${CLUSTER}links: [{ between: [bj, sh], rtt: 2ms }]\n`;
const WITNESS = edit(CLUSTER, "sites:\n", "sites:\n  - { name: sh, role: witness }\n");

/** A cluster with a dr site, whose own name does not fit. */
function withoutName(name: string, number: number): string {
  return edit(
    CLUSTER.replaceAll("pay-", `${name}-`).replaceAll("10.1.1.", `10.${number}.1.`),
    "durability: sync\n",
    `  - name: dr
    role: dr
    dcs: { use: far }
    nodes: [{ name: ${name}-9, address: 10.${number}.9.9 }]
durability: sync
dcs: { use: main }
rejoin: { walCap: 10GiB }
`,
  ).replace("cluster: pay", `cluster: ${name}!`);
}

describe("what nothing is known of is not said to be missing:", () => {
  test.each([
    { what: "a DCS whose name does not fit", project: edit(PROJECT, "  main:", "  Main:") },
    { what: "a DCS that is none", project: edit(PROJECT, "dcs:\n", "dcs:\n  other: 7\n") },
  ])("$what", async ({ project }) => {
    const found = await said({ "quorate.yaml": project });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^quorate.yaml QUO003 /);
  });

  test("a DCS by another name, in a cluster that names it", async () => {
    const cluster = `${CLUSTER}dcs: { use: main }\n`;
    const project = edit(PROJECT, "  main:", "  Main:");
    expect(await said({ "quorate.yaml": project, "clusters/1.yaml": cluster })).toHaveLength(1);
  });

  test.each([
    { what: "link", cluster: LINK },
    { what: "witness", cluster: WITNESS },
  ])("the site of a voter, of a $what", async ({ cluster }) => {
    const project = edit(LINKED, "site: sh", "site: S!");
    const found = await said({ "quorate.yaml": project, "clusters/1.yaml": cluster });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain("quorate.yaml");
  });

  test("the sites of a DCS that is not declared", async () => {
    const cluster = `${LINK}dcs: { use: man }\n`;
    expect(await said({ "quorate.yaml": LINKED, "clusters/1.yaml": cluster })).toEqual([
      "clusters/1.yaml QUO006 the DCS man is not declared in quorate.yaml",
    ]);
  });

  test("names that are made of one that does not fit", async () => {
    const far = edit(PROJECT, "dcs:\n", `dcs:\n  far:\n    kind: etcd3\n    voters: [${VOTERS}]\n`);
    const found = await said({
      "quorate.yaml": far,
      "clusters/1.yaml": withoutName("one", 4),
      "clusters/2.yaml": withoutName("two", 5),
    });
    expect(found.map((text) => text.slice(0, 22))).toEqual([
      "clusters/1.yaml QUO003",
      "clusters/2.yaml QUO003",
    ]);
  });
});

const VOTERS = [1, 2, 3]
  .map((number) => `{ name: far-${number}, site: dr, address: 10.9.0.${number} }`)
  .join(", ");

describe("what is wrong in a cluster's file is said besides", () => {
  test.each([
    { what: "voters that are misspelt", project: edit(PROJECT, "voters:", "voter:") },
    {
      what: "another DCS without voters",
      project: edit(PROJECT, "dcs:\n", "dcs:\n  other: { kind: etcd3, voter: [] }\n"),
    },
    { what: "a project that is no YAML", project: `${PROJECT}\n  - [` },
  ])("$what", async ({ project }) => {
    const found = await said({ "quorate.yaml": project, "clusters/1.yaml": SLIP });
    expect(found.filter((text) => text.startsWith("clusters/"))).toEqual([SLIP_SAID]);
    expect(found.length).toBeGreaterThan(1);
  });

  test("and nothing that defaults could give is missing where these cannot be read", async () => {
    const cluster = edit(SLIP, "postgres: 15\n", "");
    const found = await said({ "quorate.yaml": "a: [", "clusters/1.yaml": cluster });
    expect(found.filter((text) => text.startsWith("clusters/"))).toEqual([SLIP_SAID]);
  });

  test("no cluster is looked at where there is no project", async () => {
    const files = memoryProject({ "clusters/1.yaml": SLIP });
    const { found } = await compileProject(files);
    expect(found.map(({ rule }) => rule)).toEqual(["QUO009"]);
  });

  test("a tier that is broken hides what needs that tier only", async () => {
    const majority = readFileSync("policies/tiers/majority.yaml", "utf8");
    const broken = { "policies/tiers/majority.yaml": `${majority}copies: two\n` };
    const cluster = `${CLUSTER}quorum: 8\n`;
    const found = await said({ ...broken, "clusters/1.yaml": cluster });
    expect(found.some((text) => text.startsWith("clusters/1.yaml QUO011"))).toBe(true);
    const other = edit(cluster, "durability: sync", "durability: majority");
    const hidden = await said({ ...broken, "clusters/1.yaml": other });
    expect(hidden.every((text) => text.startsWith("policies/tiers/majority.yaml"))).toBe(true);
  });

  test("a map that names nothing hides no name that does not exist", async () => {
    const cluster = edit(CLUSTER, "durability: sync", "durability: snyc");
    const found = await said({
      "clusters/1.yaml": `${cluster}dcs: { use: mian }\nfailover: { speed: fsat }\nlabels: [prod]\n`,
    });
    expect(found.map((text) => text.slice(16, 22)).toSorted()).toEqual([
      "QUO003",
      "QUO003",
      "QUO006",
      "QUO006",
    ]);
  });
});
