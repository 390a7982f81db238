package ledger

import (
	"crypto/rand"
	"crypto/sha256"
	"log/slog"
	"slices"
	"time"

	"accord/attestation"
)

// Kind says what an entry of the log is.
type Kind string

// The kinds of entry.
const (
	KindAttestation Kind = "attestation"
	KindStatus      Kind = "status"
	KindRegistry    Kind = "registry"
	KindDecision    Kind = "decision"
	KindMark        Kind = "mark" // high-water mark of a relay; also the seal of a closed log
	KindAck         Kind = "ack"
)

// Direction says whether an entry came in or was made by the gateway itself.
type Direction string

// The directions of an entry.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// RecordVersion is the version of the record and of the leaf.
const RecordVersion = 1

// Record is what the gateway commits to for one entry (wire.md). It is private:
// sender, issuer and audience get it with their receipt. Once made it is never
// changed; its RFC 8785 form is hashed into the leaf.
type Record struct {
	Ver       int                   `json:"ver"`
	Kind      Kind                  `json:"kind"`
	Dir       Direction             `json:"dir"`
	Partner   attestation.PartnerID `json:"partner"` // the sender
	Type      string                `json:"type"`    // typ of the JWS
	ID        attestation.ID        `json:"id,omitempty"`
	Revision  int                   `json:"revision,omitempty"`
	Digest    attestation.Digest    `json:"digest"`        // of the octets received
	Signature string                `json:"sig,omitempty"` // JWS-Signature; Digest is then of the body
	Content   attestation.Digest    `json:"content"`       // payload digest
	Registry  uint64                `json:"registry"`      // last registry index used
	Received  string                `json:"received"`      // RFC 3339, UTC, "Z"
	Batch     uint64                `json:"batch"`
	Audience  string                `json:"audience"`       // base64url, see Audience
	Prev      *uint64               `json:"prev,omitempty"` // index of the previous entry of the subject
	Subject   string                `json:"subject"`        // 32 random octets, base64url, constant for a series
	Salt      string                `json:"salt"`           // 32 random octets, base64url
}

// Secret is 32 random octets: the subject of a series or the salt of a record.
type Secret [32]byte

// NewSecret returns fresh random octets.
func NewSecret() (s Secret) {
	rand.Read(s[:]) // never fails (Go 1.24)
	return s
}

// String returns the octets in base64url.
func (s Secret) String() string { return encode(s) }

// LogValue hides the octets: who knows a subject can follow its series in the
// public log.
func (s Secret) LogValue() slog.Value { return slog.StringValue("secret") }

// ParseSecret reads the text of a subject or salt.
func ParseSecret(text string) (Secret, error) { return decode(text) }

// SubjectTag returns what stands in the public leaf for a subject. Whoever
// holds a record can compute it and find every other entry of the series.
func SubjectTag(subject Secret) Hash {
	h := sha256.New()
	h.Write([]byte("accord-subject-v1\x00"))
	h.Write(subject[:])
	return Hash(h.Sum(nil))
}

// AudienceHash commits to the set of partners that may see an entry:
// SHA-256(salt ‖ sorted partner ids). Each id is followed by a zero octet, so
// that no two sets have the same octets. The list may come in any order and
// with repetitions; it is not changed.
func AudienceHash(salt Secret, audience []attestation.PartnerID) string {
	ids := slices.Clone(audience)
	slices.Sort(ids)
	buf := append(make([]byte, 0, 32+24*len(ids)), salt[:]...)
	for _, id := range slices.Compact(ids) {
		buf = append(append(buf, id...), 0)
	}
	return encode(sha256.Sum256(buf))
}

// FormatTime returns an instant as our messages write it: RFC 3339, UTC, "Z",
// with milliseconds where they are not zero.
func FormatTime(t time.Time) string {
	return t.UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano)
}

// ReceivedAt returns the time of the record.
func (r *Record) ReceivedAt() (time.Time, error) { return parseTime(r.Received) }
