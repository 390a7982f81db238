package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"time"
)

// restartDocuments is the archive that a gateway has to be ready with in five
// seconds after kill -9 (reliability.md, Figures to hold).
const restartDocuments = 1_000_000

// restart fills the archive, kills the gateway and measures how
// long a new process takes until it is ready, and until it answers a search
// for the last document that was acknowledged.
func (w *benchWorld) restart(c *benchCmd) (benchResult, error) {
	if w.server == nil {
		return benchResult{}, errors.New("restart needs an own gateway: leave --server away")
	}
	want := c.Documents
	if want == 0 {
		want = restartDocuments
	}
	filled, last, err := w.fill(want)
	if err != nil {
		return benchResult{}, err
	}
	if err := w.server.Process.Signal(syscall.SIGKILL); err != nil {
		return benchResult{}, fmt.Errorf("kill gateway: %w", err)
	}
	_ = w.server.Wait() // it was killed
	start := time.Now()
	again := exec.Command(w.server.Path, w.server.Args[1:]...)
	again.Stderr = os.Stderr
	if err := again.Start(); err != nil {
		return benchResult{}, fmt.Errorf("start gateway again: %w", err)
	}
	w.server = again
	if err := w.ready(start); err != nil {
		return benchResult{}, err
	}
	ready := time.Since(start)
	if err := w.caughtUp(last); err != nil {
		return benchResult{}, err
	}
	return benchResult{
		Name: fmt.Sprintf("ready after kill -9 at %d documents", filled), P50: milliseconds(ready),
		Note: fmt.Sprintf("ready in %.2f s, the last document found in %.2f s", ready.Seconds(), time.Since(start).Seconds()),
	}, nil
}

// fill sends batches until so many documents are archived and returns how many
// there are and the serial of an acknowledged one. Documents are signed a few
// at a time, beside the load.
func (w *benchWorld) fill(want int) (filled, last int, err error) {
	const atOnce = 20 * batchLines
	for filled < want {
		first := w.serial
		docs, err := w.sign(atOnce, false)
		if err != nil {
			return filled, last, err
		}
		token, err := w.bearer()
		if err != nil {
			return filled, last, err
		}
		var n atomic.Int64
		_, err = loadChecked(w.url, 2, time.Hour, func(s int) bool { return s == http.StatusOK }, allAccepted, func() []byte {
			from := int(n.Add(batchLines)) - batchLines
			if from >= len(docs) {
				return nil
			}
			return batchRequest(token, docs[from:from+batchLines])
		})
		if err != nil {
			return filled, last, err
		}
		filled, last = filled+len(docs), first+len(docs)-1
	}
	return filled, last, nil
}

// ready waits until the gateway says that it is.
func (w *benchWorld) ready(since time.Time) error {
	for time.Since(since) < time.Minute {
		res, err := http.Get(w.url + "/readyz")
		if err == nil {
			status := res.StatusCode
			if err := res.Body.Close(); err != nil {
				return fmt.Errorf("ask readiness: %w", err)
			}
			if status == http.StatusOK {
				return nil
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	return errors.New("the gateway was not ready within a minute")
}
