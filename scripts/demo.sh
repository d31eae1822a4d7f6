#!/usr/bin/env bash
# The main job on the embedded stand-in for Patroni's REST API: check, compile, plan, apply, plan again.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
sandbox=""
finish() {
  [ -z "$sandbox" ] || { kill "$sandbox" 2>/dev/null || true; wait "$sandbox" 2>/dev/null || true; }
  rm -rf "$work"
}
trap finish EXIT

say() { printf '\n== %s\n' "$*"; }
quorate() { echo "$ quorate $*" | sed "s#$work/##g"; node build/quorate.js "$@" | sed "s#$work/##g"; }
expect() { # expect CODE COMMAND...: the exit code is part of the story
  local wanted=$1 code=0
  shift
  "$@" || code=$?
  printf '(exit %s)\n' "$code"
  [ "$code" = "$wanted" ] || { echo "demo: expected exit $wanted" >&2; exit 1; }
}

# The project's password is a reference to this variable; the sandbox and the commands share it.
QUORATE_REST_PASSWORD=$(node -p 'crypto.randomBytes(12).toString("hex")')
export QUORATE_REST_PASSWORD

say "Several clusters are declared in clusters/. Two of them: orders (3 nodes, tier sync) and core (5 nodes, tier majority)."
expect 0 quorate check
expect 0 quorate compile --out "$work/rendered"

say "They run in the sandbox, over TLS. Meanwhile somebody has changed orders by hand."
cat > "$work/drift.json" <<'JSON'
{ "orders": { "ttl": 60, "postgresql": { "parameters": { "work_mem": "64MB", "max_connections": 90, "log_statement": "all" } } } }
JSON
node build/quorate.js sandbox core orders --endpoints "$work/endpoints.json" --drift "$work/drift.json" --loop 0.2 --time-limit 5m > "$work/sandbox.log" 2>&1 &
sandbox=$!
for _ in $(seq 100); do [ -s "$work/endpoints.json" ] && break; sleep 0.1; done
[ -s "$work/endpoints.json" ] || { cat "$work/sandbox.log" >&2; exit 1; }

say "The plan tells drift from change, and what each key does to the nodes."
expect 2 quorate plan core orders --endpoints "$work/endpoints.json" --out "$work/plan.json"

say "Applying the reviewed plan: one small PATCH, and then a look at every node."
expect 0 quorate apply core orders --plan "$work/plan.json" --endpoints "$work/endpoints.json"

say "Nothing is left to do."
expect 0 quorate plan core orders --endpoints "$work/endpoints.json"
