package main

import (
	"fmt"
	"os"
	"time"
)

// benchCmd loads a gateway and compares with what this machine's own crypto
// and disk can do, measured in the same run.
type benchCmd struct {
	Mix       string        `help:"What to do: json, xml, batch, read, feed, single, restart (kill -9 at --documents and measure until ready again) or all but restart." enum:"json,xml,batch,read,feed,single,restart,all" default:"all"`
	Duration  time.Duration `help:"How long each part runs." default:"10s"`
	Clients   int           `help:"Clients at a time." default:"64"`
	Documents int           `help:"Documents signed beforehand for a part, which ends when they are used up; 0: as many as the part can use."`
	Peer      string        `help:"URL of the peer server of bench/peers in place of an own gateway (mix json only); its keys file is bench-keys.json beside it." placeholder:"URL"`
	PeerKeys  string        `help:"Write the keys for the peer to this file and wait for it to listen." placeholder:"FILE"`
}

// Help shows an example.
func (benchCmd) Help() string {
	return help{
		about:    "An own gateway with the embedded archive is started as a child process; with --server a running one is loaded with the keys of --home (registered there as a partner).",
		examples: []string{"accord bench --duration 60s", "accord bench --home ./cb --server http://127.0.0.1:8081 --mix json"},
	}.String()
}

// benchResult is one row of the report.
type benchResult struct {
	Name   string    `json:"name"`
	Rate   float64   `json:"perSecond"`
	Ratio  float64   `json:"ratio,omitempty"` // of V, or of what Of names
	Of     string    `json:"of,omitempty"`
	Floor  []float64 `json:"floor,omitempty"` // of that, before and after the part
	P50    float64   `json:"p50ms,omitempty"`
	P99    float64   `json:"p99ms,omitempty"`
	Memory int64     `json:"memoryMiB,omitempty"` // highest of the server so far
	Note   string    `json:"note,omitempty"`
}

// ofV and ofSync are what ratios to the floor are of.
const (
	ofV    = "V"
	ofSync = "fdatasync p50"
)

// between corrects a ratio to the floor that was measured before the part by the
// one after it, which it returns: on a machine that others use, too, its speed
// drifts while the part runs, and the mean of both is nearer to what it had.
func (r *benchResult) between(before floor) (floor, error) {
	if r.Of != ofV && r.Of != ofSync {
		return before, nil
	}
	after, err := measureFloor()
	if err != nil {
		return after, err
	}
	was, is := before.verify, after.verify
	if r.Of == ofSync {
		was, is = before.sync, after.sync
	}
	r.Ratio *= was / ((was + is) / 2)
	r.Floor = []float64{was, is}
	return after, nil
}

// Run measures the floor, then each part, and prints the rows.
func (c *benchCmd) Run(e *env) error {
	floor, err := measureFloor()
	if err != nil {
		return err
	}
	rows := []benchResult{
		{Name: "V: ES256 verify, standard library, all cores", Rate: floor.verify},
		{Name: "disk: append 6 KB and fdatasync", Rate: 1000 / floor.sync, P50: floor.sync},
	}
	e.notef("floor: V = %.0f/s, fdatasync p50 %.2f ms\n", floor.verify, floor.sync)
	w, err := c.world(e)
	if err != nil {
		return err
	}
	defer w.close()
	for _, p := range w.parts(c) {
		row, err := p.run(floor)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if floor, err = row.between(floor); err != nil {
			return err
		}
		if mem := w.memory(); mem > 0 {
			row.Memory = mem >> 20
		}
		e.notef("%s: %.0f/s\n", row.Name, row.Rate)
		rows = append(rows, row)
	}
	if mem := w.memory(); mem > 0 {
		rows = append(rows, benchResult{Name: "server memory, highest", Note: fmt.Sprintf("%d MiB", mem>>20)})
	}
	if e.format == "json" {
		return e.printJSON(rows)
	}
	for _, r := range rows {
		e.printf("%-46s %10.0f/s", r.Name, r.Rate)
		if r.Ratio > 0 {
			e.printf("  %6.3f × %s", r.Ratio, r.Of)
		}
		if r.Of == ofV {
			e.printf(" (%.0f to %.0f/s)", r.Floor[0], r.Floor[1])
		}
		if r.P50 > 0 {
			e.printf("  p50 %.2f ms", r.P50)
		}
		if r.P99 > 0 {
			e.printf("  p99 %.2f ms", r.P99)
		}
		if r.Memory > 0 {
			e.printf("  memory so far %d MiB", r.Memory)
		}
		e.printf("  %s\n", r.Note)
	}
	return nil
}

// benchDir makes a directory for an own gateway on the disk that is measured.
func benchDir() (string, error) {
	dir, err := os.MkdirTemp(".", "accord-bench-")
	if err != nil {
		return "", fmt.Errorf("make directory for the bench: %w", err)
	}
	return dir, nil
}
