// Writes a project of N clusters as a fleet of some years looks: 3 to 5 nodes, one to three sites, releases of
// several years, all tiers of policies/, DCS that many clusters share. The same N gives the same bytes.
//   node bench/generate-project.mjs <folder> <clusters>
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const REPOSITORY = fileURLToPath(new URL("..", import.meta.url));
/** Clusters on one DCS. */
const SHARED_BY = 25;
/** What every second DCS asks for; the others are of a time when nobody asked. */
const DCS_ACCESS = `    tls: { ca: /etc/patroni/tls/ca.crt }
    auth: { user: "patroni-{cluster}", password: env:ETCD_PASSWORD }
`;
const SITE_NAMES = [
  ["bj", "sh", "gz"],
  ["fra", "ams", "dub"],
  ["iad", "pdx", "dfw"],
];
const TEAMS = ["payments", "orders", "ledger", "search", "identity", "billing", "media", "risk"];
const ENVIRONMENTS = ["production", "production", "production", "staging", "test"];

/**
 * Writes the project into a folder and gives the paths of its cluster files.
 */
export function generateProject(folder, clusters) {
  mkdirSync(join(folder, "clusters"), { recursive: true });
  cpSync(join(REPOSITORY, "policies/tiers"), join(folder, "policies/tiers"), { recursive: true });
  writeFileSync(join(folder, "quorate.yaml"), projectText(Math.ceil(clusters / SHARED_BY)));
  return Array.from({ length: clusters }, (_, index) => {
    const { name, text } = clusterText(index);
    const path = `clusters/${name}.yaml`;
    writeFileSync(join(folder, path), text);
    return path;
  });
}

function projectText(count) {
  const declared = Array.from({ length: count }, (_, index) => {
    const sites = sitesOf(index);
    const voters = (index % 3 === 0 ? [0, 0, 1, 1, 2] : [0, 1, 2]).map((site, voter) => {
      const name = `etcd${index + 1}-${sites[site]}-${voter + 1}`;
      return `      - { name: ${name}, site: ${sites[site]}, address: ${address(200, index * 5 + voter)} }\n`;
    });
    const access = index % 2 === 0 ? DCS_ACCESS : "";
    return `  ${dcsName(index)}: # the voters of ${SHARED_BY} clusters\n    kind: etcd3\n    voters:\n${voters.join("")}${access}`;
  });
  return `# What the clusters of this fleet have in common.
version: 1

dcs:
${declared.join("")}
nodes:
  clients: [10.0.0.0/8, 172.16.0.0/12]
  tls:
    certificate: /etc/patroni/tls/server.crt
    key: /etc/patroni/tls/server.key
    ca: /etc/patroni/tls/ca.crt

rest:
  scheme: https
  ca: file:/etc/quorate/ca.crt
  user: quorate
  password: env:QUORATE_REST_PASSWORD
`;
}

/** How nodes lie in sites, with the tier that such a cluster has. No shape draws a finding. */
const SHAPES = [
  {
    why: "Three nodes in one site. No acknowledged commit is lost when the leader dies.",
    sites: [{ role: "primary", nodes: 3 }],
    tier: "sync",
  },
  {
    why: "Five nodes in one site. A commit waits for a majority, so any two nodes may die at once.",
    sites: [{ role: "primary", nodes: 5 }],
    tier: "majority",
  },
  {
    why: "Two equal sites and a third that only votes: any one of them may burn.",
    sites: [{ role: "peer", nodes: 2 }, { role: "peer", nodes: 2 }, { role: "witness" }],
    tier: "majority",
  },
  {
    why: "Fast before safe. The second site takes over only when the first is gone.",
    sites: [
      { role: "primary", nodes: 2 },
      { role: "standby", nodes: 1 },
    ],
    tier: "async",
    order: true,
  },
  {
    why: "Reports read from an observer in another site, which never leads and never confirms.",
    sites: [
      { role: "primary", nodes: 3 },
      { role: "observer", nodes: 1 },
    ],
    tier: "sync",
  },
  {
    why: "A remote site hangs behind one of its own nodes, so that the line carries the WAL once.",
    sites: [
      { role: "primary", nodes: 3 },
      { role: "observer", nodes: 2, cascade: true },
    ],
    tier: "sync",
  },
];

function clusterText(index) {
  const random = randomNumbers(index + 1);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const team = pick(TEAMS);
  const name = `${team}-${String(index + 1).padStart(4, "0")}`;
  const shape = pick([SHAPES[0], SHAPES[0], ...SHAPES]);
  const names = sitesOf(Math.floor(index / SHARED_BY));
  let [node, all] = [0, []];
  const sites = shape.sites.map(({ role, nodes = 0, cascade = false }, place) => {
    const site = names[place];
    const first = `${name}-${site}-1`;
    const lines = Array.from({ length: nodes }, (_, number) => {
      const member = `${name}-${site}-${number + 1}`;
      if (role !== "observer") all = [...all, member];
      const upstream = cascade && number > 0 ? `, upstream: ${first}` : "";
      node += 1;
      return `      - { name: ${member}, address: ${address(0, index * 5 + node - 1)}${upstream} }\n`;
    });
    const list = lines.length === 0 ? "" : `    nodes:\n${lines.join("")}`;
    return `  - name: ${site}\n    role: ${role}\n${list}`;
  });
  const failover = [
    `  speed: ${names[2] === "dfw" && shape.sites.length > 1 ? "patient" : pick(["standard", "standard", "fast"])}\n`,
    ...(shape.tier === "async" ? [`  maxLoss: ${pick(["16MiB", "64MiB", "128MiB"])}\n`] : []),
    ...(shape.order ? [`  order: [${all.slice(0, 2).join(", ")}]\n`] : []),
  ];
  const release = shape.order ? "4.1" : pick(["3.3", "4.0.7", "4.1", "4.1"]);
  const text = `# ${shape.why}
version: 1
cluster: ${name}
owner: ${team}-dba
labels: { env: ${pick(ENVIRONMENTS)}, team: ${team} }
patroni: "${release}"
postgres: ${13 + Math.floor(random() * (release === "3.3" ? 4 : 6))}

sites:
${sites.join("")}
durability: ${shape.tier}
${shape.tier === "async" ? "" : "quorum: auto\n"}failover:
${failover.join("")}dcs:
  use: ${dcsName(Math.floor(index / SHARED_BY))}
  onOutage: ${release === "3.3" ? "read-only" : pick(["keep-leading", "keep-leading", "read-only"])}
fencing: { watchdog: ${pick(["best-effort", "required", ...(shape.tier === "majority" ? [] : ["off"])])} }
postgresql:
  parameters:
${parameterLines(random, pick)}`;
  return { name, text };
}

function parameterLines(random, pick) {
  const gigabytes = pick([2, 4, 8, 16, 32]);
  const usual = [
    `max_connections: ${pick([100, 200, 400, 800])}`,
    `shared_buffers: ${gigabytes}GB`,
    `effective_cache_size: ${gigabytes * 3}GB`,
    `work_mem: ${pick([4, 8, 16, 32])}MB`,
    `maintenance_work_mem: ${pick(["512MB", "1GB", "2GB"])}`,
    `max_wal_size: ${pick([4, 8, 16])}GB`,
    `checkpoint_timeout: ${pick(["10min", "15min"])} # fewer full pages in the WAL`,
    `random_page_cost: 1.1`,
    `autovacuum_max_workers: ${pick([3, 5, 8])}`,
    `log_min_duration_statement: ${pick(["500ms", "1s", "2s"])}`,
    `idle_in_transaction_session_timeout: ${pick(["5min", "10min"])}`,
    `track_io_timing: true`,
    `shared_preload_libraries: "pg_stat_statements,auto_explain"`,
    `pg_stat_statements.max: 10000`,
  ];
  const kept = usual.filter((_, index) => index < 4 || random() < 0.6);
  return kept.map((line) => `    ${line}\n`).join("");
}

function sitesOf(index) {
  return SITE_NAMES[index % SITE_NAMES.length];
}

function dcsName(index) {
  return `dcs-${index + 1}`;
}

/** The n-th address of 10.0.0.0/8 above a second octet, without .0 and .255. */
function address(block, n) {
  return `10.${block + Math.floor(n / (254 * 256))}.${Math.floor(n / 254) % 256}.${(n % 254) + 1}`;
}

/** Small numbers that look random and are the same everywhere (mulberry32). */
function randomNumbers(seed) {
  let state = Math.imul(seed, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, clusters] = process.argv.slice(2);
  if (folder === undefined || !/^[1-9]\d{0,4}$/.test(clusters ?? "")) {
    process.stderr.write("usage: node bench/generate-project.mjs <folder> <clusters>\n");
    process.exitCode = 64;
  } else generateProject(folder, Number(clusters));
}
