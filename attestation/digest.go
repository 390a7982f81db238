package attestation

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"sync"

	"accord/internal/fault"
)

const digestPrefix = "sha-256:"

// DigestOf returns the SHA-256 of b in the one form in which Accord writes
// digests.
func DigestOf(b []byte) Digest {
	sum := sha256.Sum256(b)
	return DigestFrom(sum)
}

// DigestFrom writes a SHA-256 that was computed elsewhere.
func DigestFrom(sum [sha256.Size]byte) Digest {
	var out [len(digestPrefix) + 2*sha256.Size]byte
	copy(out[:], digestPrefix)
	hex.Encode(out[len(digestPrefix):], sum[:])
	return Digest(out[:])
}

// ParseDigest reads a digest; another form, upper case too, is schema.format.
func ParseDigest(s string) (Digest, error) {
	if !Digest(s).Valid() {
		return "", fault.New(fault.SchemaFormat, "a digest is sha-256: and 64 lower-case hexadecimal digits")
	}
	return Digest(s), nil
}

// Valid says whether the digest has the form of one.
func (d Digest) Valid() bool {
	if len(d) != len(digestPrefix)+2*sha256.Size || d[:len(digestPrefix)] != digestPrefix {
		return false
	}
	return lowerHex(string(d[len(digestPrefix):]))
}

// Sum returns the octets of the digest; false when it is not valid.
func (d Digest) Sum() (sum [sha256.Size]byte, ok bool) {
	if !d.Valid() {
		return sum, false
	}
	_, err := hex.Decode(sum[:], []byte(d[len(digestPrefix):]))
	return sum, err == nil
}

func lowerHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// seriesEncoding is RFC 4648 base32 in lower case.
var seriesEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// SeriesID derives the id of a series (domain.md, section 3): the first 160
// bits of SHA-256 over the issuer's partner id, scheme, number and issue
// number, each followed by a zero byte.
func SeriesID(issuer PartnerID, scheme, number, issueNumber string) ID {
	b := make([]byte, 0, 128)
	for _, part := range [...]string{string(issuer), scheme, number, issueNumber} {
		b = append(append(b, part...), 0)
	}
	sum := sha256.Sum256(b)
	return ID("att_" + seriesEncoding.EncodeToString(sum[:20]))
}

// SeriesOf returns the id of the series to which the document belongs when its
// issuer is the given partner; "" when it has no number.
func (s *Submission) SeriesOf(issuer PartnerID) ID {
	if len(s.Identifiers) == 0 {
		return ""
	}
	n := s.Identifiers[0]
	return SeriesID(issuer, n.Scheme, n.Value, s.IssueNumber)
}

// Digest returns the content digest: the SHA-256 of the RFC 8785 form, which is
// the same in whatever format or signature the document came.
func (s *Submission) Digest() Digest {
	buf := canonicalBuffers.Get().(*[]byte)
	defer canonicalBuffers.Put(buf)
	*buf = AppendCanonical((*buf)[:0], s)
	return DigestOf(*buf)
}

// canonicalBuffers are for canonical forms that are hashed and thrown away.
var canonicalBuffers = sync.Pool{New: func() any { b := make([]byte, 0, 8<<10); return &b }}

// Digest returns the payload digest of a status statement.
func (st *StatusStatement) Digest() Digest {
	return DigestOf(AppendStatement(make([]byte, 0, 1<<10), st))
}
