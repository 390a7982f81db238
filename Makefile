# Targets for people; .ci/run is what the build server runs.
.PHONY: test check build demo bench bench-peers fuzz kill faults

test: ; go test ./...

check: ; .ci/run

build: ; go build -trimpath -o bin/accord ./cmd/accord

demo: ; go run ./cmd/accord demo

# Each figure of docs/performance.md as a ratio against the floor measured in
# the same run. Takes several minutes.
bench: build
	go test -run '^$$' -bench . -benchtime 2s ./signing ./formats/native ./formats/xmldoc ./formats/generic ./ledger ./partners/...
	bin/accord bench --duration 60s

# The same work on a tuned Node server, without a ledger, and the same conversion
# by a Node program. Skips without Node.
bench-peers: build
	bench/peers/convert.sh
	bench/peers/run.sh

# Twenty kills are part of the tests; a release wants a thousand.
kill: ; ACCORD_KILLS=1000 go test -run Kill -timeout 4h ./cmd/accord

# The tests go through a few places and ways to fail; this goes through all of
# them: every named place on the way of a submission × exit, error and delay.
faults: ; ACCORD_FAILPOINTS_ALL=1 go test -run TestFaults -timeout 1h ./cmd/accord
