package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"accord/attestation"
	"accord/internal/failpoint"
	"accord/internal/fault"
)

// AuditLine is one line of the audit log: what was refused, of whom, why.
// It never carries a text of the input.
type AuditLine struct {
	Time   time.Time             `json:"time"`
	Sender attestation.PartnerID `json:"sender,omitempty"`
	Digest attestation.Digest    `json:"digest,omitempty"` // of the received octets
	Code   fault.Code            `json:"code"`
	Addr   string                `json:"address,omitempty"`
}

// Audit appends lines to the audit log (HOME/audit.ndjson). It is safe for
// concurrent use. A line is written at once and not synced: the audit log
// helps an operator, the ledger is what proves.
type Audit struct {
	mu sync.Mutex
	f  *os.File // nil: discard; guarded by mu
}

// OpenAudit opens the audit log for appending, and creates it with mode 0600
// when there is none.
func OpenAudit(path string) (*Audit, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open audit log: %w", err)
	}
	return &Audit{f: f}, nil
}

// Write appends one line.
func (a *Audit) Write(line AuditLine) error {
	if a == nil {
		return nil
	}
	b, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("encode audit line: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.f == nil {
		return nil
	}
	if err := failpoint.At("audit.write"); err != nil {
		return fmt.Errorf("append to audit log: %w", err)
	}
	if _, err := a.f.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("append to audit log: %w", err)
	}
	return nil
}

// Close closes the log; it may be called more than once.
func (a *Audit) Close() error {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.f == nil {
		return nil
	}
	err := a.f.Close()
	a.f = nil
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}
