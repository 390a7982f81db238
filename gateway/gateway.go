package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"accord/attestation"
	"accord/evidence"
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
	Origin    string          // of the log
	Prefix    string          // URL under which the log is served
	VKeys     []evidence.VKey // public keys of the log: the one that signs first, then former ones and one that is announced
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
	lists     statusLists

	// applied is one more than the index of the last registry entry that the
	// directory has. It grows under following, in ledger order.
	applied   atomic.Uint64
	following sync.Mutex

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
	if err := g.follow(ctx); err != nil {
		return nil, err
	}
	return g, nil
}

// follow brings the directory up to the registry entries that the archive
// shows, whoever appended them.
func (g *Gateway) follow(ctx context.Context) error {
	g.following.Lock()
	defer g.following.Unlock()
	return g.archive.Kinds(ctx, ledger.KindRegistry, g.applied.Load(), func(e *storage.Entry) error {
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
		g.applied.Store(e.Index + 1)
		return nil
	})
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

// differs says whether another answer than then is possible where partners and
// keys decide: the registry changed, or a period or a key began or ended. What
// was judged then is judged anew, or a document could follow in the ledger the
// suspension of whoever signed it.
func (m moment) differs(then moment) bool {
	if m.snap.Index() != then.snap.Index() {
		return true
	}
	next := then.snap.NextBoundary(then.now)
	return !next.IsZero() && !m.now.Before(next)
}

// moment reads both: the directory has at least every change below the size.
func (g *Gateway) moment(ctx context.Context) (moment, error) {
	size, registry := g.archive.State()
	if registry > g.applied.Load() {
		if err := g.follow(ctx); err != nil {
			return moment{}, err
		}
	}
	return moment{size: size, snap: g.directory.Latest(), now: g.now().UTC()}, nil
}

// Fresh returns when everything is known here that was archived by any gateway
// of this ledger before the call. Every request waits for it before it is
// answered: status, directory and numbers are those of the present.
func (g *Gateway) Fresh(ctx context.Context) error {
	if err := g.archive.Refresh(ctx); err != nil {
		return err
	}
	_, err := g.moment(ctx)
	return err
}

// Known returns one more than the index of the last registry entry that is
// known here; it only grows.
func (g *Gateway) Known() uint64 { return g.applied.Load() }

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
		m, err := g.moment(ctx)
		if err != nil {
			return nil, err
		}
		d, err := draft(m)
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
	if err := g.archive.Ready(); fault.CodeOf(err) == fault.LedgerFork {
		return err // it does not pass: the detail says what to do
	} else if err != nil {
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
