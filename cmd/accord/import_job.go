package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"time"

	"accord/client"
	"accord/formats/certsearch"
	"accord/formats/native"
	"accord/internal/fault"
	"accord/signing"
)

// importBatch is how many records are signed and sent at once. The gateway takes
// up to 10,000 lines; less bounds the memory and what is sent again after a stop.
const importBatch = 500

// importBytes ends a batch before its records are many: large records would
// fill the memory.
const importBytes = 8 << 20

// importJob is one run of an import.
//
//	read ──► batches of records ──► convert and sign on all cores ──► send ──► report and state
//
// Reading and converting go on while a batch is sent: at most three batches are
// in memory.
type importJob struct {
	ctx      context.Context
	now      func() time.Time
	opt      certsearch.Options
	signer   *signing.Signer // nil: nothing is signed and sent
	client   *client.Client
	ledger   *importLedger
	progress func(uint64)
}

// importLine is one record on its way.
type importLine struct {
	rec    *certsearch.Record
	number string
	line   []byte // of the batch; nil: refused
	err    error  // why it was refused
}

// importChunk is a batch on its way.
type importChunk struct {
	lines []importLine
	read  uint64 // octets of the file before its end
}

// run imports what the state does not have yet.
func (j *importJob) run(in io.Reader) error {
	r, err := certsearch.NewReader(in)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(j.ctx)
	defer cancel()
	raw, ready := make(chan *importChunk), make(chan *importChunk)
	var reading error
	var working sync.WaitGroup
	defer working.Wait()
	defer cancel()
	working.Go(func() {
		defer close(raw)
		reading = j.read(ctx, r, raw)
	})
	working.Go(func() {
		defer close(ready)
		for chunk := range raw {
			j.prepare(chunk)
			if !sendChunk(ctx, ready, chunk) {
				return
			}
		}
	})
	for chunk := range ready {
		if err := j.post(ctx, chunk); err != nil {
			return err
		}
		if j.progress != nil {
			j.progress(chunk.read)
		}
	}
	if err := j.ctx.Err(); err != nil {
		return fault.Wrap(err, fault.HTTPUnavailable, "the import was stopped")
	}
	return reading // written before raw was closed
}

func sendChunk(ctx context.Context, to chan<- *importChunk, chunk *importChunk) bool {
	select {
	case to <- chunk:
		return true
	case <-ctx.Done():
		return false
	}
}

// read makes batches of the records that are not done.
func (j *importJob) read(ctx context.Context, r *certsearch.Reader, to chan<- *importChunk) error {
	done := j.ledger.state.Records
	chunk, from := &importChunk{}, r.Offset()
	for {
		rec, err := r.Next()
		last := err != nil
		if !last && rec.Row > done {
			chunk.lines = append(chunk.lines, importLine{rec: rec, number: rec.Number()})
		}
		if len(chunk.lines) == importBatch || r.Offset()-from > importBytes || last {
			if chunk.read = uint64(r.Offset()); len(chunk.lines) > 0 && !sendChunk(ctx, to, chunk) {
				return ctx.Err()
			}
			chunk, from = &importChunk{}, r.Offset()
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read the file: %w", err)
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
}

// prepare converts and signs the records of a batch on all cores.
func (j *importJob) prepare(chunk *importChunk) {
	var workers sync.WaitGroup
	n := runtime.GOMAXPROCS(0)
	for w := range n {
		workers.Go(func() {
			for i := w; i < len(chunk.lines); i += n {
				l := &chunk.lines[i]
				l.line, l.err = j.line(l.rec)
				l.rec = nil
			}
		})
	}
	workers.Wait()
}

// line makes the line of a batch of a record: a JSON string with a compact JWS,
// whose alphabet needs no escapes. In a dry run it is only not nil.
func (j *importJob) line(rec *certsearch.Record) ([]byte, error) {
	now := j.now()
	sub, err := rec.Submission(j.opt, now)
	if err != nil {
		return nil, err
	}
	if j.signer == nil {
		return []byte{}, nil
	}
	jws, err := j.signer.Sign(native.AppendJSON(nil, sub), signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyJSON, IssuedAt: now})
	if err != nil {
		return nil, err
	}
	return bytes.Join([][]byte{[]byte(`"`), jws, []byte(`"`)}, nil), nil
}

// post sends a batch and writes down what became of each record.
func (j *importJob) post(ctx context.Context, chunk *importChunk) error {
	first := j.ledger.state.Records + 1
	var lines [][]byte
	var sent []int
	results := make([]client.LineResult, len(chunk.lines))
	for i, l := range chunk.lines {
		if l.line != nil && j.signer != nil {
			lines, sent = append(lines, l.line), append(sent, i)
		}
	}
	if len(lines) > 0 {
		got := 0
		err := j.client.Batch(ctx, "", lines, func(r client.LineResult) error {
			if got == len(sent) {
				return fault.New(fault.HTTPUnavailable, "the gateway answered more lines than it was sent")
			}
			if r.Problem != nil && worthWaiting(r) {
				return r.Problem // the batch is sent again when there is room
			}
			results[sent[got]] = r
			got++
			return nil
		})
		if err != nil {
			return err
		}
	}
	for i, l := range chunk.lines {
		switch r := results[i]; {
		case l.err != nil:
			j.ledger.refuse(first+i, l.number, 0, findingsOf(l.err))
		case r.Problem != nil:
			j.ledger.refuse(first+i, l.number, r.Status, problemFindings(r.Problem))
		case r.Status == http.StatusOK:
			j.ledger.state.Repeated++
		default:
			j.ledger.state.Taken++
		}
	}
	return j.ledger.commit(len(chunk.lines))
}

// worthWaiting says whether a line was not refused, but could not be taken now.
func worthWaiting(r client.LineResult) bool {
	return exitStatus(r.Problem.Code, r.Status) == exitUnavailable || r.Status == http.StatusRequestTimeout
}

// importFinding is one thing that is wrong with a record.
type importFinding struct {
	Code   fault.Code `json:"code"`
	At     string     `json:"at,omitempty"` // column, or place in the document
	Detail string     `json:"detail"`
}

func findingsOf(err error) (out []importFinding) {
	for _, f := range fault.All(err) {
		out = append(out, importFinding{f.Code, f.At, f.Detail})
	}
	return out
}

func problemFindings(p *client.Problem) (out []importFinding) {
	for _, f := range p.Errors {
		out = append(out, importFinding{fault.Code(f.Code), strings.TrimSpace(f.Pointer + " " + f.XPath), f.Detail})
	}
	if len(out) == 0 {
		out = []importFinding{{p.Code, "", p.Detail}}
	}
	return out
}
