package gateway

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"accord/attestation"
	"accord/formats"
	"accord/formats/bitstring"
	"accord/internal/fault"
	"accord/ledger"
	"accord/storage"
)

// A status list says of every public series in a block of the ledger whether it
// is valid (W3C Bitstring Status List v1.0). List N has the series whose first
// entry has an index of the block N; where in the list a series stands follows
// from the ledger alone, so that every gateway of one ledger and every rebuild
// says the same (decision 0038).

const (
	// listSize is the number of entries of a list: the least that the W3C allows
	// (16 KiB uncompressed), so that a series has a herd to hide in.
	listSize = 131_072
	// listLife is how long a list may be kept: a suspension is known everywhere
	// after it (ttl).
	listLife = 5 * time.Minute
	// listWork is how long one request may read the ledger for a list that was
	// not asked for before; the next goes on where it stopped.
	listWork = 2 * time.Second
	// maxChanges bounds the instants at which the status of one series changes.
	maxChanges = 10_000

	statusPurpose = bitstring.Suspension // domain.md, section 1.4: the bit that fails closed
)

// statusLists keeps what is known of each block.
type statusLists struct {
	mu     sync.Mutex
	blocks map[uint64]*statusBlock // guarded by mu, with all in them
}

// statusBlock is what decides the bits of one list.
type statusBlock struct {
	places  []uint32         // of the series by the offset of its first entry
	changes [][]statusChange // by the same offset; nil: no public series
	start   uint64           // log size when it was begun
	built   uint64           // below start, series that begin below this index are in changes
	seen    uint64           // entries from start on and below this index are in changes
}

// statusChange is an instant from which on a series is valid or not.
type statusChange struct {
	at      int64 // Unix nanoseconds; least: from the beginning
	invalid bool
}

// places returns where in a list each series of its block stands. The order is
// that of keyed hashes, so that a list does not tell which entry a bit is about.
func places(secret string, block uint64) []uint32 {
	order := make([]uint32, listSize)
	keys := make([][8]byte, listSize)
	buf := append([]byte("accord-status-list-v1\x00"+secret), make([]byte, 16)...)
	for i := range order {
		order[i] = uint32(i)
		binary.BigEndian.PutUint64(buf[len(buf)-16:], block)
		binary.BigEndian.PutUint64(buf[len(buf)-8:], uint64(i))
		sum := sha256.Sum256(buf)
		keys[i] = [8]byte(sum[:8])
	}
	slices.SortFunc(order, func(a, b uint32) int {
		return cmp.Or(slices.Compare(keys[a][:], keys[b][:]), cmp.Compare(a, b))
	})
	at := make([]uint32, listSize)
	for place, i := range order {
		at[i] = uint32(place)
	}
	return at
}

// timeline returns from when on a series is valid and not valid, by everything
// that is known of it now. What is not valid is every status but valid.
func (s *standing) timeline() []statusChange {
	if !publicKinds[string(s.head.submission.Kind)] {
		return nil
	}
	var out []statusChange
	at := time.Time{}
	for range maxChanges {
		f := s.facts(at)
		invalid := f.Effective != attestation.Valid
		if len(out) == 0 || out[len(out)-1].invalid != invalid {
			out = append(out, statusChange{instantOf(at), invalid})
		}
		if f.Next.IsZero() {
			return out
		}
		at = f.Next
	}
	return []statusChange{{instantOf(time.Time{}), true}} // nobody writes such a history
}

// instantOf orders times; the zero time is before all.
func instantOf(t time.Time) int64 {
	if t.IsZero() {
		return -1 << 63
	}
	return t.UnixNano()
}

// block returns what is known of a block, from the ledger as far as it was read.
// The caller holds the lock.
func (g *Gateway) block(ctx context.Context, n uint64) (*statusBlock, error) {
	if b, ok := g.lists.blocks[n]; ok {
		return b, nil
	}
	size := g.archive.Size()
	if n >= (size+listSize-1)/listSize {
		return nil, fault.New(fault.ResourceNotFound, "the ledger has no such status list")
	}
	first, err := g.archive.At(ctx, 0)
	if err != nil {
		return nil, err
	}
	rec, err := first.Parsed()
	if err != nil {
		return nil, err
	}
	b := &statusBlock{places: places(rec.Subject, n), changes: make([][]statusChange, listSize), start: size, built: n * listSize, seen: size}
	if g.lists.blocks == nil {
		g.lists.blocks = map[uint64]*statusBlock{}
	}
	g.lists.blocks[n] = b
	return b, nil
}

// errListWork says that a request has read enough.
var errListWork = fault.New(fault.HTTPUnavailable, "the status list is being made; ask again")

// errBlockEnd ends a walk at the end of a block.
var errBlockEnd = errors.New("end of the block")

// bring takes everything that the archive shows into a block. The caller holds
// the lock.
func (g *Gateway) bring(ctx context.Context, n uint64, b *statusBlock) error {
	m, err := g.moment(ctx)
	if err != nil {
		return err
	}
	if err := g.build(ctx, n, b, m); err != nil {
		return err
	}
	known := map[string]bool{}
	for _, kind := range []ledger.Kind{ledger.KindAttestation, ledger.KindStatus} {
		err := g.archive.Kinds(ctx, kind, b.seen, func(e *storage.Entry) error {
			if known[e.Key] {
				return nil
			}
			known[e.Key] = true
			return g.listSeries(ctx, n, b, e.Key, m)
		})
		if err != nil {
			return err
		}
	}
	b.seen = m.size
	return nil
}

// build reads each series that begins in the block once, in as many requests as
// it takes. What came after it was begun is taken in behind it.
func (g *Gateway) build(ctx context.Context, n uint64, b *statusBlock, m moment) error {
	end := min((n+1)*listSize, b.start)
	if b.built >= end {
		return nil
	}
	began := time.Now()
	err := g.archive.Kinds(ctx, ledger.KindAttestation, b.built, func(e *storage.Entry) error {
		if e.Index >= end {
			return errBlockEnd
		}
		if time.Since(began) > listWork {
			return errListWork
		}
		rec, err := e.Parsed()
		if err != nil {
			return err
		}
		if rec.Revision == 1 {
			err = g.listSeries(ctx, n, b, e.Key, m)
		}
		if err == nil {
			b.built = e.Index + 1
		}
		return err
	})
	if err != nil && err != errBlockEnd {
		return err
	}
	b.built = end
	return nil
}

// listSeries writes down when a series is valid, if it begins in the block.
func (g *Gateway) listSeries(ctx context.Context, n uint64, b *statusBlock, key string, m moment) error {
	series, err := g.archive.Series(ctx, key)
	if err != nil || len(series.Entries) == 0 {
		return err
	}
	first := series.Entries[0].Index
	if first/listSize != n {
		return nil
	}
	s, err := g.standingOf(ctx, series, series.Size, m.snap)
	switch {
	case fault.CodeOf(err) == fault.DocErased:
		b.changes[first%listSize] = []statusChange{{instantOf(time.Time{}), true}}
		return nil
	case err != nil:
		return err
	case s.exists():
		b.changes[first%listSize] = s.timeline()
	}
	return nil
}

// bits returns the list at a time: a bit is set for every public series that is
// not valid then.
func (b *statusBlock) bits(at time.Time) []byte {
	out := make([]byte, listSize/8)
	t := instantOf(at)
	for i, changes := range b.changes {
		invalid := false
		for _, c := range changes {
			if c.at > t {
				break
			}
			invalid = c.invalid
		}
		if invalid {
			place := b.places[i]
			out[place/8] |= 0x80 >> (place % 8) // the first index is the left-most bit
		}
	}
	return out
}

// listURL is where a list is published.
func (g *Gateway) listURL(n uint64) string {
	return g.cfg.Issuer + "/v1/status-lists/" + strconv.FormatUint(n, 10)
}

// statusPlace returns where the status of a series is published; nil for one
// whose kind the public may not ask about.
func (g *Gateway) statusPlace(ctx context.Context, s *standing) (*formats.StatusEntry, error) {
	if !publicKinds[string(s.head.submission.Kind)] {
		return nil, nil
	}
	series, err := g.archive.Series(ctx, s.series.Key) // the caller may not see its beginning
	if err != nil || len(series.Entries) == 0 {
		return nil, err
	}
	first := series.Entries[0].Index
	g.lists.mu.Lock()
	defer g.lists.mu.Unlock()
	b, err := g.block(ctx, first/listSize)
	if err != nil {
		return nil, err
	}
	return &formats.StatusEntry{List: g.listURL(first / listSize), Index: uint64(b.places[first%listSize]), Purpose: string(statusPurpose)}, nil
}

// StatusList returns a list as a credential signed by the gateway
// (application/vc+jwt), as of now or of a time before: the history is the one
// that is known now.
func (g *Gateway) StatusList(ctx context.Context, id string, at time.Time) ([]byte, error) {
	n, err := strconv.ParseUint(id, 10, 32)
	if err != nil || strconv.FormatUint(n, 10) != id {
		return nil, fault.New(fault.ResourceNotFound, "the ledger has no such status list")
	}
	now := g.now().UTC()
	if at.IsZero() {
		at = now
	}
	if at.After(now) {
		return nil, fault.At(fault.SchemaFormat, "/timestamp", "timestamp is in the future; nobody knows that status yet")
	}
	g.lists.mu.Lock()
	defer g.lists.mu.Unlock()
	b, err := g.block(ctx, n)
	if err != nil {
		return nil, err
	}
	if err := g.bring(ctx, n, b); err != nil {
		return nil, err
	}
	payload, err := g.listCredential(n, b.bits(at), at)
	if err != nil {
		return nil, err
	}
	return g.signCredential(payload, now)
}

// listCredential writes a list as a BitstringStatusListCredential (Bitstring
// Status List v1.0, section 2.2).
func (g *Gateway) listCredential(n uint64, bits []byte, at time.Time) ([]byte, error) {
	list, err := bitstring.FromBits(bits)
	if err != nil {
		return nil, err
	}
	encoded, err := list.Encode()
	if err != nil {
		return nil, err
	}
	c := bitstring.Credential{
		ID: g.listURL(n), Issuer: g.DID(), Purposes: []bitstring.Purpose{statusPurpose},
		ValidFrom: at, ValidUntil: at.Add(listLife), TTL: listLife, Encoded: encoded,
	}
	return c.Append(nil), nil
}

// signCredential secures a credential with an enveloping proof (VC-JOSE-COSE,
// section 3.1.1); the key is named by its verification method.
func (g *Gateway) signCredential(payload []byte, now time.Time) ([]byte, error) {
	return g.cfg.Signer.SignCredential(payload, g.methodOf(g.cfg.Signer.Key()), now)
}
