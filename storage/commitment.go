package storage

import (
	"crypto/hmac"
	"crypto/sha256"

	"accord/attestation"
	"accord/ledger"
)

// The salt of a record is 32 octets that nobody can guess, made of a fresh
// secret, the seed, and of everything the record does not say: it commits to
// that, and the leaf commits to the record. Without the seed, which is erased
// with the rest, the salt cannot be made again.

// purposeTraces is what the key of the traces is derived for.
const purposeTraces = "accord archive traces v1"

// tracer makes keyed hashes.
type tracer struct{ key ledger.Secret }

// of returns the keyed hash (HMAC-SHA-256, RFC 2104, cut to half) of a value of
// one of the kinds of look-up keys.
func (t tracer) of(kind byte, value string) trace {
	buf := make([]byte, 0, 256)
	buf = append(append(buf, kind), value...)
	mac := hmac.New(sha256.New, t.key[:])
	mac.Write(buf) // never fails (hash.Hash)
	sum := mac.Sum(buf[:0])
	return trace(sum[:len(trace{})])
}

func (t tracer) all(key string, content, octets attestation.Digest) traces {
	return traces{series: t.of(byKey, key), content: t.of(byContent, string(content)), octets: t.of(byDigest, string(octets))}
}

// detailsDigest returns the digest of the details as the skeleton keeps it.
func detailsDigest(details string) [sha256.Size]byte {
	buf := make([]byte, 0, 1024)
	return sha256.Sum256(append(append(buf, "accord-details-v1\x00"...), details...))
}

// salt returns the salt of the record of the entry.
func (e *Entry) salt() ledger.Secret {
	buf := make([]byte, 0, 512)
	buf = append(append(buf, "accord-salt-v1\x00"...), e.seed[:]...)
	return ledger.Secret(sha256.Sum256(append(buf, e.outline...)))
}

// entryOf makes of a draft everything of its entry that does not depend on its
// turn.
func (a *Archive) entryOf(d *Draft) *Entry {
	e := &Entry{
		Kind: d.Kind, Key: d.Guard.Key, Issuer: d.Issuer, Media: d.Media, Status: d.Status, Audience: d.Audience, Fields: d.Fields,
		keys: lookups(d.Guard.Key, d.Content, d.Digest, d.Fields.Terms), seed: ledger.NewSecret(),
	}
	e.details = string(appendDetails(make([]byte, 0, 768), e.seed, e))
	e.traces = a.tracer.all(e.Key, d.Content, d.Digest)
	e.traces.details = detailsDigest(e.details)
	e.outline = string(appendOutline(make([]byte, 0, 256), e.Kind, e.Fields.Seq, &e.traces, e.Audience))
	return e
}
