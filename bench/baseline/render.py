"""Baseline (b): the same script as render.mjs, with jinja2 and libyaml.

python3 bench/baseline/render.py <project> <output folder>
"""
import hashlib
import json
import os
import sys

import jinja2
import yaml

PROJECT, OUT = sys.argv[1:]
LOOPBACKS = ("127.0.0.1/32", "::1/128")
HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "fixed.json")) as file:
    FIXED = json.load(file)
ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(os.path.join(HERE, "templates")),
    trim_blocks=True,
    keep_trailing_newline=True,
)
DCS, NODE, SERVICE, SECRETS = (
    ENVIRONMENT.get_template(f"{name}.j2") for name in ("dcs", "patroni", "service", "secrets")
)


def load(path):
    with open(path) as file:
        text = file.read()
    return text, yaml.load(text, Loader=yaml.CSafeLoader)


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def entries_of(values):
    return [{"name": name, "value": json.dumps(values[name])} for name in sorted(values)]


def nodes_of(intent):
    order = intent["failover"].get("order", [])
    nodes = []
    for site in intent["sites"]:
        for node in site.get("nodes", []):
            node = dict(node, site=site["name"], nofailover=site["role"] == "observer")
            if order:
                place = order.index(node["name"]) if node["name"] in order else len(order)
                node["priority"] = len(order) + 1 - place
            nodes.append(node)
    return nodes


def durability_of(intent, nodes):
    tier = intent["durability"]
    settings = dict(FIXED["tiers"][tier])
    if tier == "async":
        settings["maximum_lag_on_failover"] = FIXED["sizes"][intent["failover"]["maxLoss"]]
        return settings
    standbys = sum(not node["nofailover"] for node in nodes) - 1
    settings["synchronous_node_count"] = -(-standbys // 2)
    settings["synchronous_mode"] = "quorum" if intent["patroni"] >= "4" else True
    return settings


def hba_of(members, clients):
    superuser, replication, rewind = FIXED["users"].values()
    own = f"{superuser},{replication},{rewind}"
    lines = [f"local all {superuser} peer"]
    for loopback in LOOPBACKS:
        lines.append(f"host all {superuser} {loopback} scram-sha-256")
        lines.append(f"host replication {replication} {loopback} scram-sha-256")
    for member in members:
        lines.append(f"hostssl replication {replication} {member} scram-sha-256")
        lines.append(f"hostssl all {rewind} {member} scram-sha-256")
    lines.append(f"local all,replication {own} reject")
    lines.append(f"host all,replication {own} all reject")
    lines.append("local all all scram-sha-256")
    lines.extend(f"host all all {loopback} scram-sha-256" for loopback in LOOPBACKS)
    lines.extend(f"hostssl all all {network} scram-sha-256" for network in clients)
    return lines


def cluster_of(intent, shared):
    nodes = nodes_of(intent)
    connections = max(10, 2 * len(nodes) + 4)
    # YAML 1.1 reads `off` as a boolean.
    watchdog = FIXED["watchdog"][intent["fencing"]["watchdog"] or "off"]
    tls = shared["nodes"]["tls"]
    parameters = dict(
        intent["postgresql"]["parameters"],
        **FIXED["tierParameters"][intent["durability"]],
        max_wal_senders=connections,
        max_replication_slots=connections,
        ssl="on",
        ssl_ca_file=tls["ca"],
        ssl_cert_file=tls["certificate"],
        ssl_key_file=tls["key"],
    )
    if intent["postgres"] < 14:
        parameters["password_encryption"] = "scram-sha-256"
    settings = dict(FIXED["speeds"][intent["failover"]["speed"]], **durability_of(intent, nodes))
    store = shared["dcs"][intent["dcs"]["use"]]
    user = store["auth"]["user"].replace("{cluster}", intent["cluster"]) if "auth" in store else None
    stop = settings.get("primary_stop_timeout", FIXED["unlimitedStop"])
    return {
        "cluster": intent["cluster"],
        "postgres": intent["postgres"],
        "failsafe": "true" if intent["dcs"]["onOutage"] == "keep-leading" else "false",
        "settings": entries_of(settings),
        "parameters": entries_of(parameters),
        "hba": hba_of(sorted(f"{node['address']}/32" for node in nodes), shared["nodes"]["clients"]),
        "bootstrapHba": intent["patroni"] < "4",
        "store": store,
        "dcsUser": user,
        "users": FIXED["users"],
        "tls": tls,
        "rest": shared["rest"],
        "watchdog": watchdog,
        "device": None if watchdog == "off" else FIXED["watchdogDevice"],
        "stopSeconds": stop + 2 * settings["loop_wait"] + 30,
        "nodes": nodes,
    }


def main():
    _, shared = load(f"{PROJECT}/quorate.yaml")
    for name in sorted(os.listdir(f"{PROJECT}/clusters")):
        text, intent = load(f"{PROJECT}/clusters/{name}")
        origin = f"# Compiled by Quorate from clusters/{name}. Change that file, not this one.\n"
        cluster = cluster_of(intent, shared)
        dcs = DCS.render(cluster)
        cluster["dcs"] = "".join(f"    {line}\n" for line in dcs.splitlines()).rstrip("\n")
        files = {"dcs.yaml": origin + dcs}
        service = origin + SERVICE.render(cluster)
        for node in cluster["nodes"]:
            folder = f"nodes/{node['name']}"
            body = NODE.render(cluster, node=node)
            revision = sha256(body)[:12]
            files[f"{folder}/patroni.yml"] = f'{origin}{body}  quorate_rev: "{revision}"\n'
            files[f"{folder}/patroni.service.d/quorate.conf"] = service
            files[f"{folder}/secrets.env.example"] = SECRETS.render(
                node=node["name"], names=FIXED["secrets"], dcs=cluster["store"]
            )
        manifest = {
            "formatVersion": 1,
            "cluster": cluster["cluster"],
            "quorate": "baseline",
            "input": sha256(text),
            "files": {path: sha256(files[path]) for path in sorted(files)},
        }
        files["manifest.json"] = json.dumps(manifest, indent=2) + "\n"
        target = f"{OUT}/{cluster['cluster']}"
        for node in cluster["nodes"]:
            os.makedirs(f"{target}/nodes/{node['name']}/patroni.service.d", exist_ok=True)
        for path, content in files.items():
            with open(f"{target}/{path}", "w") as file:
                file.write(content)


main()
