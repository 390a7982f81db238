package storage

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"accord/attestation"
	"accord/internal/fault"
	"accord/ledger"
)

// Draft is an entry that somebody checked and wants in the archive. The
// sequencer adds what only the log knows (subject, prev, received, batch) and
// hashes the leaf last.
type Draft struct {
	Kind      ledger.Kind
	Dir       ledger.Direction
	Partner   attestation.PartnerID // sender
	Issuer    attestation.PartnerID // aud of the receipt
	Type      string                // typ of the JWS
	ID        attestation.ID        // series; empty for what has none
	Revision  int
	Digest    attestation.Digest // of Body
	Signature string             // JWS-Signature, for a raw body
	Content   attestation.Digest // payload digest; one entry a content
	Registry  uint64             // last registry index used
	Body      []byte             // the received octets
	Media     string             // their media type
	Audience  []attestation.PartnerID
	Status    []byte // payload of a status statement, for the feed
	Fields    Fields
	Guard     Guard
}

// Guard says what a draft rests on. The sequencer judges only what lies
// between Size and its turn, from memory; a draft that no longer stands is
// ErrStale and is checked again by whoever made it.
type Guard struct {
	Key      string         // the subject: entries of one key follow each other
	Size     uint64         // log size at which the draft was checked
	Prev     *uint64        // last entry of the key at that size
	Subject  *ledger.Secret // of the key's first entry; nil when there is none
	NotAfter time.Time      // nearest beginning or end of a period or key used; zero: none
}

// Fields are what an entry is found by. They are bounded before the append.
type Fields struct {
	Seq       int    // of the last status event it carries
	Asserted  string // status after it, as asserted
	ValidFrom int64  // Unix seconds; 0: open
	Expires   int64  // Unix seconds; 0: open
	Issued    string // YYYY-MM-DD
	Number    string // as printed; of a registry change its target
	Scheme    string
	Kind      string   // of the document or target
	Terms     []string // see Term
}

// MaxTerms bounds the terms of one entry: a family certificate with 100 models
// and its names fits.
const MaxTerms = 256

// Term is a normalised search term: a field's letter, a colon and a value.
func Term(field byte, value string) string { return string(field) + ":" + normalise(value) }

// The fields of terms.
const (
	TermNumber   = 'n'
	TermIssuer   = 'i'
	TermHolder   = 'h'
	TermProduct  = 'p'
	TermStandard = 's'
)

// Entry is one entry of the archive without its body.
type Entry struct {
	Index    uint64
	BatchEnd uint64 // log size after its batch: what its receipt proves against
	Kind     ledger.Kind
	Record   []byte // RFC 8785 form
	Leaf     []byte // log entry
	Key      string
	Issuer   attestation.PartnerID
	Media    string
	Status   []byte
	Audience []attestation.PartnerID
	Fields   Fields
	Ref      uint64 // where the log keeps the body
	HeadLen  int    // of what the log keeps before it, where the backend wants to know
	BodyLen  int

	rec  *ledger.Record
	keys []int64 // Lookups, set before the entry is shared

	outline, details string        // as they are kept (parts.go); empty for an entry put together by hand
	traces           traces        // in the outline
	seed             ledger.Secret // in the details
}

// Parsed returns the record.
func (e *Entry) Parsed() (*ledger.Record, error) {
	if e.rec != nil {
		return e.rec, nil
	}
	return ledger.ParseRecord(e.Record)
}

// Sees says whether a partner is in the audience.
func (e *Entry) Sees(p attestation.PartnerID) bool {
	for _, a := range e.Audience {
		if a == p {
			return true
		}
	}
	return false
}

// Hash returns the leaf hash.
func (e *Entry) Hash() ledger.Hash { return ledger.LeafHash(e.Leaf) }

// lookupKey is how the views find entries: two bits for what is looked for by,
// so that keys of one kind lie together, and 62 of a hash over it. Two things
// may share one; who looks compares.
func lookupKey(kind byte, value string) int64 {
	buf := append(make([]byte, 0, 192), kind, 0)
	sum := sha256.Sum256(append(buf, value...))
	return int64(binary.BigEndian.Uint64(sum[:])>>2 | uint64(kind)<<kindShift)
}

// The kinds of look-up keys.
const (
	byKey byte = iota
	byContent
	byDigest
	byTerm

	kindShift = 62
)

// IsSeriesKey says whether a look-up key is that of a series. Most of the
// questions for such a key ask whether there is one at all, and most are not.
func IsSeriesKey(key int64) bool { return byte(uint64(key)>>kindShift) == byKey }

// SeriesKeyEnd is above every look-up key of a series; all are at least 0.
const SeriesKeyEnd int64 = 1 << kindShift

// Lookups returns every key under which the views find the entry.
func (e *Entry) Lookups() ([]int64, error) {
	if e.keys != nil {
		return e.keys, nil
	}
	rec, err := e.Parsed()
	if err != nil {
		return nil, err
	}
	return lookups(e.Key, rec.Content, rec.Digest, e.Fields.Terms), nil
}

func lookups(key string, content, digest attestation.Digest, terms []string) []int64 {
	out := make([]int64, 0, 3+len(terms))
	out = append(out, lookupKey(byKey, key), lookupKey(byContent, string(content)), lookupKey(byDigest, string(digest)))
	for _, t := range terms {
		out = append(out, lookupKey(byTerm, t))
	}
	return out
}

// prime computes what every view asks an entry for. It is called before the
// entry is shared.
func (e *Entry) prime() error {
	var err error
	if e.rec, err = e.Parsed(); err != nil {
		return err
	}
	e.keys, err = e.Lookups()
	return err
}

// Stored is a draft that became an entry.
type Stored struct {
	Entry  *Entry
	Replay bool   // the content was there before
	Proof  string // tlog-proof text against the checkpoint of its batch
}

// ErrStale says that a draft no longer stands: read, check and draft again.
var ErrStale = fault.New(fault.HTTPUnavailable, "something changed while this was checked; send the same bytes again")
