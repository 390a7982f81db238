package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"accord/attestation"
	"accord/internal/fault"
	"accord/ledger"
	"accord/partners"
	"accord/signing"
	"accord/storage"
)

// Config is who a gateway is.
type Config struct {
	Issuer    string                // URL; iss of its messages, aud of its tokens
	Authority attestation.PartnerID // the partner that runs it
	Name      string
	Origin    string // of the log
	Prefix    string // URL under which the log is served
	VKey      string // public key of the log
	Operators []*signing.Key
	Approvals int // distinct operator keys that a registry change needs
	Signer    *signing.Signer
	Cursors   *Cursors
	Now       func() time.Time
	Logger    *slog.Logger
}

// Gateway holds the use cases over one archive. It is safe for concurrent use.
type Gateway struct {
	cfg       Config
	archive   *storage.Archive
	audit     *Audit
	directory *partners.Directory
	verifier  *signing.Verifier
	operators *signing.Trust
	now       func() time.Time
	log       *slog.Logger
	tokens    tokenCache
	documents documentCache

	// registry orders registry changes with the reading of (log size,
	// directory): who holds it for reading sees a directory that has every
	// change below that size.
	registry sync.RWMutex

	trustMu   sync.Mutex
	trustList trustListCache // guarded by trustMu
}

// New returns the gateway of an archive; it makes the directory from the
// registry changes that the archive has.
func New(ctx context.Context, cfg Config, archive *storage.Archive, audit *Audit) (*Gateway, error) {
	g := &Gateway{
		cfg: cfg, archive: archive, audit: audit, directory: partners.NewDirectory(),
		verifier: signing.NewVerifier(), now: cfg.Now, log: cfg.Logger,
		operators: &signing.Trust{Partner: cfg.Authority, Keys: cfg.Operators},
	}
	g.documents.entries = map[attestation.Digest]*document{}
	err := archive.Kinds(ctx, ledger.KindRegistry, 0, func(e *storage.Entry) error {
		c, err := g.changeOf(ctx, e)
		if err != nil {
			return fmt.Errorf("registry change at ledger index %d: %w", e.Index, err)
		}
		rec, err := e.Parsed()
		if err != nil {
			return err
		}
		at, err := rec.ReceivedAt()
		if err != nil {
			return err
		}
		g.directory.Apply(e.Index, at, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return g, nil
}

// changeOf reads the registry change of an entry. It was verified before it
// was archived.
func (g *Gateway) changeOf(ctx context.Context, e *storage.Entry) (*partners.Change, error) {
	body, err := g.archive.Body(ctx, e)
	if err != nil {
		return nil, err
	}
	msg, err := signing.Read(body, signing.MessageProfile(signing.TypRegistry))
	if err != nil {
		return nil, err
	}
	return partners.ParseChange(msg.Payload)
}

// moment is a log size and the directory that goes with it.
type moment struct {
	size uint64
	snap *partners.Snapshot
	now  time.Time
}

// moment reads both as one.
func (g *Gateway) moment() moment {
	g.registry.RLock()
	defer g.registry.RUnlock()
	return moment{size: g.archive.Size(), snap: g.directory.Latest(), now: g.now().UTC()}
}

// audited is a refusal that stands in the audit log already.
type audited struct{ error }

func (a audited) Unwrap() error { return a.error }

// refuse notes a refusal in the audit log and returns it.
func (g *Gateway) refuse(caller Caller, body []byte, err error) error {
	return g.note(caller, attestation.DigestOf(body), err)
}

// Refused notes the refusal of an input that did not come as far as a use
// case: its sender may be unknown and its octets unread. What a use case
// refused is noted already.
func (g *Gateway) Refused(caller Caller, err error) {
	if _, ok := errors.AsType[audited](err); !ok {
		_ = g.note(caller, "", err) // the caller answers with its own error
	}
}

func (g *Gateway) note(caller Caller, digest attestation.Digest, err error) error {
	code := fault.CodeOf(err)
	if fault.Lookup(code).Retry == fault.Later {
		return err // nothing is wrong with the input
	}
	line := AuditLine{Time: g.now().UTC(), Sender: caller.Partner, Digest: digest, Code: code, Addr: caller.Addr}
	if auditErr := g.audit.Write(line); auditErr != nil {
		g.log.Error("the audit log cannot be written", slog.Any("error", auditErr))
	}
	return audited{err}
}

// maxChecks is how often a draft is checked anew because something came
// between; under more contention than that the client sends it again.
const maxChecks = 8

// appendChecked drafts and appends until the draft stands.
func (g *Gateway) appendChecked(ctx context.Context, draft func(moment) (*storage.Draft, error)) (*storage.Stored, error) {
	for range maxChecks {
		d, err := draft(g.moment())
		if err != nil {
			return nil, err
		}
		stored, err := g.archive.Append(ctx, d)
		if err == storage.ErrStale {
			continue
		}
		return stored, err
	}
	return nil, storage.ErrStale
}

// Ready says whether the gateway can sign, archive and append.
func (g *Gateway) Ready(context.Context) error {
	if err := g.archive.Err(); err != nil {
		return fault.Wrap(err, fault.HTTPUnavailable, "the archive cannot take anything now")
	}
	return nil
}

// union merges sorted sets of partners.
func union(a, b []attestation.PartnerID) []attestation.PartnerID {
	out := append(slices.Clone(a), b...)
	slices.Sort(out)
	return slices.Compact(out)
}
