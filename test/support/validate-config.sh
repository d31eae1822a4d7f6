#!/usr/bin/env bash
# Runs `patroni --validate-config` on files, in a network and mount namespace of its own, and prints one JSON
# line per file: {"file", "code", "lines"}. The validator opens connections to every DCS voter and wants
# PostgreSQL's programs in bin_dir: so the voters' addresses get listeners here, and bin_dir stubs that
# say the version. Nothing leaves the namespace.
#
#   validate-config.sh FOLDER PATRONI FILE...
#     FOLDER    scratch folder
#     PATRONI   the patroni program; PYTHONPATH says which release
set -euo pipefail
[ "${IN_NAMESPACE:-}" = yes ] || exec env IN_NAMESPACE=yes unshare --net --mount -- "$0" "$@"

scratch=$1 patroni=$2
shift 2
ip link set lo up
# Every address that the files name as a voter or as their own, and every port of a voter.
/usr/bin/python3 - "$@" >"$scratch/endpoints" <<'PYTHON'
import sys, yaml
for name in sys.argv[1:]:
    with open(name) as file:
        config = yaml.safe_load(file)
    for section in ("etcd3", "etcd", "consul", "zookeeper"):
        dcs = config.get(section) or {}
        hosts = dcs.get("hosts") or [dcs.get("host")]
        for host in hosts if isinstance(hosts, list) else hosts.split(","):
            if host:
                address, port = host.strip().rsplit(":", 1)
                print("voter", address.strip("[]"), port)
    print("version", config["postgresql"]["bin_dir"], config["postgresql"]["bin_dir"].split("/")[4])
PYTHON
grep '^voter' "$scratch/endpoints" | cut -d' ' -f2 | sort -u | while read -r address; do
  case $address in
    127.0.0.1) ;;
    *:*) ip address add "$address/128" dev lo nodad ;;
    *) ip address add "$address/32" dev lo ;;
  esac
done
mount -t tmpfs tmpfs /usr/lib/postgresql
grep '^version' "$scratch/endpoints" | sort -u | while read -r _ folder major; do
  mkdir -p "$folder"
  for program in pg_ctl initdb pg_controldata pg_basebackup postgres pg_isready pg_rewind; do
    printf '#!/bin/sh\necho "%s (PostgreSQL) %s.1"\n' "$program" "$major" >"$folder/$program"
    chmod +x "$folder/$program"
  done
done
/usr/bin/python3 - "$scratch/endpoints" <<'PYTHON' &
import socket, sys, threading
open_sockets = []
for line in set(open(sys.argv[1])):
    kind, *words = line.split()
    if kind == "voter":
        family = socket.AF_INET6 if ":" in words[0] else socket.AF_INET
        listener = socket.create_server((words[0], int(words[1])), family=family, backlog=1000)
        def serve(listener=listener):
            while True:
                listener.accept()[0].close()
        threading.Thread(target=serve, daemon=True).start()
        open_sockets.append(listener)
threading.Event().wait()
PYTHON
listeners=$!
trap 'kill "$listeners"' EXIT
for _ in $(seq 100); do
  up=yes
  while read -r _ address port; do
    (exec 3<>"/dev/tcp/$address/$port") 2>/dev/null || up=no
  done < <(grep '^voter' "$scratch/endpoints" | sort -u)
  [ "$up" = yes ] && break
  sleep 0.1
done
validate() {
  local code=0 lines
  # What the file must not hold, Patroni takes from its environment.
  while IFS= read -r name; do export "$name"=x; done < <(grep -o '^PATRONI_[A-Z0-9_]*' "$(dirname "$2")/secrets.env.example")
  lines=$(timeout 60 "$1" --validate-config "$2" 2>&1 </dev/null) || code=$?
  # Two run at a time, and their lines must not mix.
  flock "$LINES_LOCK" /usr/bin/python3 -c 'import json, sys; print(json.dumps({"file": sys.argv[1], "code": int(sys.argv[2]), "lines": sys.argv[3].splitlines()}))' "$2" "$code" "$lines"
}
export LINES_LOCK="$scratch/lines"
export -f validate
printf '%s\0' "$@" | xargs -0 -P 2 -n 1 bash -c 'validate "$0" "$1"' "$patroni"
