// Baseline (a): what one would write in an afternoon with `yaml` and Handlebars. It reads the same intent
// files and writes the same files as `quorate compile`, without looking at whether anything is right.
//   node bench/baseline/render.mjs <project> <output folder>
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import Handlebars from "handlebars";
import { parse } from "yaml";

const [project, out] = process.argv.slice(2);
const here = new URL(".", import.meta.url);
const fixed = JSON.parse(readFileSync(new URL("fixed.json", here), "utf8"));
const [dcsTemplate, nodeTemplate, serviceTemplate, secretsTemplate] = [
  "dcs",
  "patroni",
  "service",
  "secrets",
].map((name) =>
  Handlebars.compile(readFileSync(new URL(`templates/${name}.hbs.txt`, here), "utf8"), {
    noEscape: true,
  }),
);
const shared = parse(readFileSync(`${project}/quorate.yaml`, "utf8"));

for (const file of readdirSync(`${project}/clusters`).toSorted()) {
  const text = readFileSync(`${project}/clusters/${file}`, "utf8");
  const intent = parse(text);
  const origin = `# Compiled by Quorate from clusters/${file}. Change that file, not this one.\n`;
  const cluster = clusterOf(intent);
  const dcs = dcsTemplate(cluster);
  cluster.dcs = dcs.trimEnd().replace(/^/gm, "    ");
  const files = { "dcs.yaml": origin + dcs };
  const service = origin + serviceTemplate(cluster);
  for (const node of cluster.nodes) {
    const body = nodeTemplate({ ...cluster, node });
    files[`nodes/${node.name}/patroni.yml`] =
      `${origin}${body}  quorate_rev: "${sha256(body).slice(0, 12)}"\n`;
    files[`nodes/${node.name}/patroni.service.d/quorate.conf`] = service;
    files[`nodes/${node.name}/secrets.env.example`] = secretsTemplate({
      node: node.name,
      names: fixed.secrets,
      dcs: cluster.store,
    });
  }
  const digests = {};
  for (const path of Object.keys(files).toSorted()) digests[path] = sha256(files[path]);
  const manifest = {
    formatVersion: 1,
    cluster: cluster.cluster,
    quorate: "baseline",
    input: sha256(text),
    files: digests,
  };
  files["manifest.json"] = `${JSON.stringify(manifest, undefined, 2)}\n`;
  for (const node of cluster.nodes)
    mkdirSync(`${out}/${cluster.cluster}/nodes/${node.name}/patroni.service.d`, {
      recursive: true,
    });
  for (const path in files) writeFileSync(`${out}/${cluster.cluster}/${path}`, files[path]);
}

function clusterOf(intent) {
  const nodes = nodesOf(intent);
  const members = nodes.map(({ address }) => `${address}/32`).toSorted();
  const connections = Math.max(10, 2 * nodes.length + 4);
  const { tls } = shared.nodes;
  const parameters = {
    ...intent.postgresql.parameters,
    ...fixed.tierParameters[intent.durability],
    max_wal_senders: connections,
    max_replication_slots: connections,
    ssl: "on",
    ssl_ca_file: tls.ca,
    ssl_cert_file: tls.certificate,
    ssl_key_file: tls.key,
    ...(intent.postgres < 14 ? { password_encryption: "scram-sha-256" } : {}),
  };
  const settings = { ...fixed.speeds[intent.failover.speed], ...durabilityOf(intent, nodes) };
  const store = shared.dcs[intent.dcs.use];
  const stop = settings.primary_stop_timeout ?? fixed.unlimitedStop;
  const watchdog = fixed.watchdog[intent.fencing.watchdog];
  return {
    cluster: intent.cluster,
    postgres: intent.postgres,
    failsafe: intent.dcs.onOutage === "keep-leading",
    settings: entriesOf(settings),
    parameters: entriesOf(parameters),
    hba: hbaOf(members),
    bootstrapHba: intent.patroni < "4",
    store,
    dcsUser: store.auth?.user.replaceAll("{cluster}", intent.cluster),
    users: fixed.users,
    tls,
    rest: shared.rest,
    watchdog,
    device: watchdog === "off" ? undefined : fixed.watchdogDevice,
    stopSeconds: stop + 2 * settings.loop_wait + 30,
    nodes,
  };
}

function nodesOf(intent) {
  const order = intent.failover.order ?? [];
  const nodes = intent.sites.flatMap((site) =>
    (site.nodes ?? []).map((node) => ({
      ...node,
      site: site.name,
      role: site.role,
      nofailover: site.role === "observer",
    })),
  );
  if (order.length > 0)
    for (const node of nodes) {
      const place = order.indexOf(node.name);
      node.priority = order.length + 1 - (place === -1 ? order.length : place);
    }
  return nodes;
}

function durabilityOf({ durability, failover, patroni }, nodes) {
  const settings = { ...fixed.tiers[durability] };
  if (durability === "async") {
    settings.maximum_lag_on_failover = fixed.sizes[failover.maxLoss];
    return settings;
  }
  const standbys = nodes.filter(({ nofailover }) => !nofailover).length - 1;
  settings.synchronous_node_count = Math.ceil(standbys / 2);
  settings.synchronous_mode = patroni >= "4" ? "quorum" : true;
  return settings;
}

function hbaOf(members) {
  const { superuser, replication, rewind } = fixed.users;
  const [scram, loopbacks] = ["scram-sha-256", ["127.0.0.1/32", "::1/128"]];
  const own = `${superuser},${replication},${rewind}`;
  return [
    `local all ${superuser} peer`,
    ...loopbacks.flatMap((loopback) => [
      `host all ${superuser} ${loopback} ${scram}`,
      `host replication ${replication} ${loopback} ${scram}`,
    ]),
    ...members.flatMap((member) => [
      `hostssl replication ${replication} ${member} ${scram}`,
      `hostssl all ${rewind} ${member} ${scram}`,
    ]),
    `local all,replication ${own} reject`,
    `host all,replication ${own} all reject`,
    `local all all ${scram}`,
    ...loopbacks.map((loopback) => `host all all ${loopback} ${scram}`),
    ...shared.nodes.clients.map((network) => `hostssl all all ${network} ${scram}`),
  ];
}

function entriesOf(map) {
  return Object.keys(map)
    .toSorted()
    .map((name) => ({ name, value: JSON.stringify(map[name]) }));
}

function sha256(text) {
  return createHash("sha256").update(text).digest("hex");
}
