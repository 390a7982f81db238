package api

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"accord/attestation"
	"accord/gateway"
	"accord/internal/fault"
)

const (
	// maxLine is the limit of one line of a batch, as of one body.
	maxLine = 1 << 20
	// maxLines bounds one request; a longer feed is sent in several.
	maxLines = 10_000
	// batchWorkers is how many lines of a batch are verified at a time: enough
	// to fill a group commit, few enough to keep other callers served.
	batchWorkers = 64
)

// batchLine is the answer to one line.
type batchLine struct {
	Line     int               `json:"line"`
	Status   int               `json:"status"`
	ID       string            `json:"id,omitempty"`
	Index    *uint64           `json:"index,omitempty"`
	Warnings []gateway.Warning `json:"warnings,omitempty"`
	Problem  *Problem          `json:"problem,omitempty"`
}

// batch streams NDJSON in and one result line out for each, in order; a bad
// line does not stop the rest (api.md).
func (s *Server) batch(w http.ResponseWriter, r *http.Request, c call) error {
	if media, err := mediaType(r.Header); err != nil {
		return err
	} else if media != gateway.MediaNDJSON {
		return fault.New(fault.HTTPMediaType, "send application/x-ndjson: one message a line")
	}
	if err := checkEncoding(r.Header); err != nil {
		return err
	}
	from := attestation.PartnerID(r.URL.Query().Get("from"))
	if from != "" && !c.caller.Operator {
		return fault.New(fault.AuthForbidden, "only an operator may post what was pulled from a relay (?from=)")
	}
	ctl := http.NewResponseController(w)
	// HTTP/1.1 answers while the body still arrives only when asked to.
	if err := ctl.EnableFullDuplex(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	w.Header().Set("Content-Type", string(gateway.MediaNDJSON))
	w.Header()["X-Content-Type-Options"] = noSniff
	w.Header()["Content-Security-Policy"] = noPage
	w.Header()["Cache-Control"] = noStore
	w.WriteHeader(http.StatusOK)

	results := s.startBatch(batchOf{r: r, ctl: ctl, caller: c.caller, from: from})
	out := bufio.NewWriterSize(w, 64<<10)
	for pending := range results {
		var res batchLine
		select {
		case res = <-pending:
		default:
			// Nothing is ready: show what there is before waiting.
			if out.Flush() != nil || ctl.Flush() != nil {
				drain(results)
				return nil
			}
			res = <-pending
		}
		line, err := json.Marshal(res)
		if err != nil {
			return err
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			drain(results)
			return nil
		}
	}
	if err := out.Flush(); err != nil {
		return nil // the reader went away; what was accepted stands
	}
	return nil
}

// drain lets the reader of a batch finish when nobody reads its answers.
func drain(results <-chan chan batchLine) {
	for range results {
	}
}

// batchOf is one batch on its way.
type batchOf struct {
	r      *http.Request
	ctl    *http.ResponseController
	caller gateway.Caller
	from   attestation.PartnerID // the relay its lines were pulled from
	lanes  *lanes
}

// startBatch reads lines and works on up to batchWorkers of them at a time. The
// channel gives, in the order of the lines, a channel with each result.
//
// Lines of one series depend on each other. From a relay they are worked on in
// the order in which they come, and a mark after all before it. The lines of a
// submitter are independent unless they say so by failing, and then the client
// sends them again.
func (s *Server) startBatch(b batchOf) <-chan chan batchLine {
	b.lanes = newLanes(batchWorkers)
	results := make(chan chan batchLine, 2*batchWorkers)
	go func() {
		defer close(results)
		defer b.lanes.running.Wait()
		in := bufio.NewReaderSize(b.r.Body, 64<<10)
		for n := 0; ; {
			line, lines, err := s.nextLine(b.ctl, in)
			if err == io.EOF {
				// Lines may take longer than the last one was allowed to.
				_ = b.ctl.SetReadDeadline(time.Time{}) // it was set before, or cannot be
				return
			}
			res := make(chan batchLine, 1)
			results <- res
			if n += lines; err == nil && n > maxLines {
				err = fault.Newf(fault.HTTPBodyTooLarge, "a batch has at most %d lines; send the rest in another", maxLines)
			}
			if err != nil {
				s.gw.Refused(b.caller, err)
				s.metrics.Refused(string(fault.CodeOf(err)))
				res <- failedLine(n, err)
				return
			}
			s.startLine(b, n, line, res)
		}
	}()
	return results
}

// nextLine reads a line within its time and says how many were read with the
// empty ones before it. The end is io.EOF.
func (s *Server) nextLine(ctl *http.ResponseController, in *bufio.Reader) ([]byte, int, error) {
	err := ctl.SetReadDeadline(time.Now().Add(s.limits.LineTimeout))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, 1, err
	}
	line, lines, err := readLine(in)
	if err == nil || err == io.EOF {
		return line, lines, err
	}
	return nil, lines, bodyFault(err)
}

func (s *Server) startLine(b batchOf, n int, line []byte, res chan<- batchLine) {
	work := func() {
		res <- s.guarded(n, func() batchLine { return s.oneLine(b, n, line) })
	}
	if b.from == "" {
		b.lanes.run(anyOrder, work)
		return
	}
	if lane, ok := relayedLane(line); ok {
		b.lanes.run(lane, work)
		return
	}
	b.lanes.alone(work)
}

func (s *Server) oneLine(b batchOf, n int, line []byte) batchLine {
	acc, err := s.gw.SubmitLine(b.r.Context(), b.caller, b.from, line)
	s.settled(acc, err)
	if err != nil {
		s.metrics.Refused(string(fault.CodeOf(err)))
		return failedLine(n, err)
	}
	res := batchLine{Line: n, Status: http.StatusCreated, ID: string(acc.ID), Warnings: acc.Warnings}
	if acc.Replay {
		res.Status = http.StatusOK
	}
	if acc.Receipt != nil || !acc.Replay {
		res.Index = &acc.Index
	}
	return res
}

// maxProblems bounds the findings shown for a line, so that a result line
// stays under 4 KiB.
const maxProblems = 8

func failedLine(n int, err error) batchLine {
	p := problemOf(err, "")
	if len(p.Errors) > maxProblems {
		p.Errors = p.Errors[:maxProblems]
	}
	return batchLine{Line: n, Status: p.Status, Problem: &p}
}

// readLine reads one line of at most maxLine octets. Empty lines are skipped
// and counted, so that a result names the line its sender sees.
func readLine(in *bufio.Reader) (line []byte, lines int, err error) {
	for {
		line = nil
		lines++
		for {
			part, err := in.ReadSlice('\n')
			line = append(line, part...)
			if len(line) > maxLine {
				return nil, lines, fault.Newf(fault.HTTPBodyTooLarge, "a line has at most %d octets", maxLine)
			}
			if err == bufio.ErrBufferFull {
				continue
			}
			if err == io.EOF && len(bytes.TrimSpace(line)) > 0 {
				break
			}
			if err != nil {
				return nil, lines, err
			}
			break
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return line, lines, nil
		}
	}
}
