#!/usr/bin/env bash
# The same documents against a tuned Node server without a ledger and against
# the gateway, one after the other in one run; prints both reports. Skips
# without Node.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v node >/dev/null && command -v npm >/dev/null || { echo "skipped: no Node on this machine"; exit 0; }
[ -x bin/accord ] || go build -trimpath -o bin/accord ./cmd/accord
(cd bench/peers/node && npm ci --no-audit --no-fund --silent)
work=$(mktemp -d ./accord-bench-peer-XXXXXX)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
port=${PORT:-18990}
duration=${DURATION:-60s}
bin/accord bench --mix json --duration "$duration" --documents "${DOCUMENTS:-200000}" --peer "http://127.0.0.1:$port" --peer-keys "$work/keys.json" >"$work/peer.txt" &
bench=$!
until [ -s "$work/keys.json" ]; do kill -0 "$bench"; sleep 0.2; done
node bench/peers/node/server.mjs "$port" "$work/peer.sqlite" "$work/keys.json" &
server=$!
wait "$bench"
kill "$server"
echo "== Node (Fastify, jose, better-sqlite3), no ledger"
cat "$work/peer.txt"
echo "== Accord"
bin/accord bench --mix json --duration "$duration" --documents "${DOCUMENTS:-200000}"
