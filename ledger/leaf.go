package ledger

import (
	"crypto/sha256"
	"time"

	"accord/internal/fault"
	"accord/internal/strictjson"
)

// maxEntry is the greatest length of an entry: an entry bundle prefixes each
// with a uint16 (C2SP tlog-tiles).
const maxEntry = 65535

// Leaf is the public side of a record (wire.md): a salted commitment, the tag
// of its subject and its time. It shows neither numbers nor partners.
type Leaf struct {
	Commitment Hash   // SHA-256 of the RFC 8785 form of the record
	Subject    Hash   // SubjectTag
	Time       string // as Record.Received
}

// LeafOf returns the leaf of a record whose RFC 8785 form is given: from a
// receipt made elsewhere the leaf is computed of the octets that came, never
// of our own rendering of them.
func LeafOf(canonical []byte, subject Secret, received string) Leaf {
	return Leaf{Commitment: sha256.Sum256(canonical), Subject: SubjectTag(subject), Time: received}
}

// Leaf returns the leaf of the record. Subject must be set.
func (r *Record) Leaf() (Leaf, error) {
	subject, err := ParseSecret(r.Subject)
	if err != nil {
		return Leaf{}, fault.At(fault.SchemaFormat, "/subject", "not 32 octets in base64url")
	}
	return LeafOf(r.AppendCanonical(nil), subject, r.Received), nil
}

// AppendEntry appends the log entry: the RFC 8785 form of the leaf.
func (l Leaf) AppendEntry(dst []byte) []byte {
	dst = append(dst, `{"c":"`...)
	dst = append(dst, encode(l.Commitment)...)
	dst = append(dst, `","s":"`...)
	dst = append(dst, encode(l.Subject)...)
	dst = append(dst, `","t":`...)
	dst = strictjson.AppendString(dst, l.Time)
	return append(dst, `,"v":1}`...)
}

// Hash returns the leaf hash of the entry.
func (l Leaf) Hash() Hash { return LeafHash(l.AppendEntry(make([]byte, 0, 192))) }

// ParseLeaf reads a log entry. Only the one canonical text of a leaf is
// accepted.
func ParseLeaf(entry []byte) (Leaf, error) {
	malformed := fault.New(fault.SchemaFormat, "not a leaf of version 1 in canonical form")
	const c, s, t, end = `{"c":"`, `","s":"`, `","t":"`, `","v":1}`
	const n = 43 // length of 32 octets in base64url
	text := string(entry)
	if len(text) < len(c)+n+len(s)+n+len(t)+len(end) || len(text) > maxEntry {
		return Leaf{}, malformed
	}
	var l Leaf
	var err error
	if l.Commitment, err = decode(text[len(c):][:n]); err != nil {
		return Leaf{}, malformed
	}
	if l.Subject, err = decode(text[len(c)+n+len(s):][:n]); err != nil {
		return Leaf{}, malformed
	}
	l.Time = text[len(c)+n+len(s)+n+len(t) : len(text)-len(end)]
	if _, err = parseTime(l.Time); err != nil {
		return Leaf{}, malformed
	}
	// What was skipped above is compared here, all at once.
	if string(l.AppendEntry(nil)) != text {
		return Leaf{}, malformed
	}
	return l, nil
}

// parseTime reads RFC 3339 in UTC with "Z", the only form in our messages.
func parseTime(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || s[len(s)-1] != 'Z' {
		return time.Time{}, fault.Wrap(err, fault.SchemaFormat, "not a time of RFC 3339 in UTC with Z")
	}
	return t, nil
}
