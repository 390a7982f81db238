#!/usr/bin/env bash
# The same certificate report from CNCA XML to a UNTP credential, by a Node
# program with fast-xml-parser and by Accord, one after the other on one core;
# prints both rates, by processor time, and their ratio, and fails below RATIO (3). Skips without Node.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v node >/dev/null && command -v npm >/dev/null || { echo "skipped: no Node on this machine"; exit 0; }
[ -d bench/peers/node/node_modules/fast-xml-parser ] || (cd bench/peers/node && npm ci --ignore-scripts --no-audit --no-fund --silent)
core=""
command -v taskset >/dev/null && core="taskset -c 0"
node=$($core node bench/peers/node/convert.mjs formats/cnca/testdata/report.xml "${SECONDS_EACH:-5}" | sed 's/.*"mbps":\([0-9.]*\).*/\1/')
go test -c -o bin/cnca.bench ./formats/cnca
ours=$(cd formats/cnca && GOMAXPROCS=1 $core ../../bin/cnca.bench -test.run '^$' -test.bench XMLToUNTP -test.benchtime "${SECONDS_EACH:-5}s" | sed -n 's|.*[[:space:]]\([0-9.]*\) cpu-MB/s.*|\1|p')
rm -f bin/cnca.bench
awk -v n="$node" -v o="$ours" -v want="${RATIO:-3}" 'BEGIN { printf "CNCA XML to UNTP JSON, MB/s on one core: Node %.1f, Accord %.1f, ratio %.1f\n", n, o, o/n; exit (o/n < want) }'
