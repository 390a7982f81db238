package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"accord/formats/certsearch"
)

// importState is how far an import is. It stands beside the report and is
// replaced as a whole after each batch, so a killed import repeats at most one
// batch, whose records the gateway then has already.
type importState struct {
	Input    string `json:"input"`  // digest of the beginning of the file, and its size
	AsOf     string `json:"asOf"`   // of the first run: the same records stay the same documents
	Report   int64  `json:"report"` // octets of the report that belong to it
	Records  int    `json:"records"`
	Taken    int    `json:"taken"`
	Repeated int    `json:"repeated"`
	Refused  int    `json:"refused"`
}

// importLedger writes report and state. Without a report it only counts.
type importLedger struct {
	state  importState
	path   string // of the state; empty: none is kept
	report *os.File
	w      *bufio.Writer
	err    error // of the report
}

// fingerprintSize is how much of the beginning of a file tells it from another.
const fingerprintSize = 1 << 20

func fingerprint(in io.Reader) (string, error) {
	f, ok := in.(*os.File)
	if !ok {
		return "", nil
	}
	info, err := f.Stat()
	if err != nil {
		return "", fmt.Errorf("look at the file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return "", nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, fingerprintSize)); err != nil {
		return "", fmt.Errorf("read the file: %w", err)
	}
	return fmt.Sprintf("sha-256:%s of the beginning, %d octets", hex.EncodeToString(h.Sum(nil)), info.Size()), nil
}

// ledger opens report and state; a resumed import takes the date of the extract
// from its state.
func (c *importCmd) ledger(e *env, in io.Reader, opt *certsearch.Options) (*importLedger, error) {
	l := &importLedger{}
	switch c.Report {
	case "":
		return l, nil
	case "-":
		l.w = bufio.NewWriter(e.stdout)
		return l, nil
	}
	input, err := fingerprint(in)
	if err != nil {
		return nil, err
	}
	l.path = c.Report + ".state"
	if c.Resume {
		if err := l.load(input, string(c.AsOf)); err != nil {
			return nil, err
		}
		opt.AsOf = l.state.AsOf
	} else if _, err := os.Stat(l.path); err == nil {
		return nil, usageError(fmt.Sprintf("%s is of an import that was not finished; go on with --resume, or take it away", l.path))
	}
	l.state.Input, l.state.AsOf = input, opt.AsOf
	if l.report, err = os.OpenFile(filepath.Clean(c.Report), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, usageError(fmt.Sprintf("cannot write %s: %v", c.Report, errors.Unwrap(err)))
	}
	// Lines that a killed import wrote after its last state are written again.
	if err := l.report.Truncate(l.state.Report); err != nil {
		return nil, errors.Join(fmt.Errorf("cut %s: %w", c.Report, err), l.report.Close())
	}
	if _, err := l.report.Seek(l.state.Report, io.SeekStart); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", c.Report, err), l.report.Close())
	}
	l.w = bufio.NewWriter(l.report)
	return l, nil
}

// load reads the state of an import of the same input.
func (l *importLedger) load(input, asOf string) error {
	raw, err := os.ReadFile(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return usageError(fmt.Sprintf("there is no %s: no import with this report was stopped", l.path))
	}
	if err == nil {
		err = json.Unmarshal(raw, &l.state)
	}
	switch {
	case err != nil:
		return usageError(fmt.Sprintf("cannot read the state %s: %v", l.path, err))
	case l.state.Input != input:
		return usageError(fmt.Sprintf("%s is of an import of another file", l.path))
	case asOf != "" && asOf != l.state.AsOf:
		return usageError(fmt.Sprintf("that import is as of %s; leave --as-of out", l.state.AsOf))
	}
	return nil
}

// importRefusal is a line of the report.
type importRefusal struct {
	Row    int             `json:"row"`
	Number string          `json:"number,omitempty"`
	Status int             `json:"status,omitempty"` // of the gateway; absent: refused here
	Errors []importFinding `json:"errors"`
}

// refuse counts a refused record and writes its line.
func (l *importLedger) refuse(row int, number string, status int, errs []importFinding) {
	l.state.Refused++
	if l.w == nil {
		return
	}
	line, err := json.Marshal(importRefusal{row, clipped(number), status, errs})
	if err == nil {
		_, err = l.w.Write(append(line, '\n'))
	}
	l.err = errors.Join(l.err, err)
}

// clipped keeps what was refused for its length out of the report.
func clipped(s string) string {
	const most = 100
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

// commit makes a batch done: first its lines, then the state that counts them.
func (l *importLedger) commit(records int) error {
	l.state.Records += records
	if l.w == nil {
		return nil
	}
	if err := errors.Join(l.err, l.w.Flush()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if l.path == "" {
		return nil
	}
	at, err := l.report.Seek(0, io.SeekCurrent)
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	l.state.Report = at
	raw, err := json.Marshal(l.state)
	if err != nil {
		return err
	}
	next := l.path + ".new"
	if err := os.WriteFile(next, raw, 0o600); err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	if err := os.Rename(next, l.path); err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	return nil
}

// finish takes the state away: there is nothing to go on with.
func (l *importLedger) finish() error {
	if l.path == "" {
		return nil
	}
	if err := os.Remove(l.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("take the state away: %w", err)
	}
	return nil
}

func (l *importLedger) close() error {
	if l.report == nil {
		return nil
	}
	return l.report.Close()
}
