package storage

import (
	"bytes"
	"fmt"

	"accord/attestation"
	"accord/ledger"
)

// entry returns what is wrong with an entry by itself and after those before.
func (u *audit) entry(b *Batch, e *Entry, body []byte) (wrong []string) {
	rec, err := ledger.ParseRecord(e.Record)
	if err != nil {
		return []string{"record: " + err.Error()}
	}
	u.report.Kinds[string(rec.Kind)]++
	u.report.Bodies++
	content := string(rec.Kind) + " " + string(rec.Content)
	if at, ok := u.content[content]; ok {
		wrong = append(wrong, fmt.Sprintf("the content stands at %d already", at))
	}
	u.content[content] = e.Index
	if rec.Kind != e.Kind || rec.Batch != b.Number || rec.Received != ledger.FormatTime(b.Time) {
		wrong = append(wrong, "the record names another kind, batch or time")
	}
	leaf, err := rec.Leaf()
	if err != nil || !bytes.Equal(leaf.AppendEntry(nil), e.Leaf) {
		wrong = append(wrong, "the leaf is not that of the record")
	}
	if rec.Digest != attestation.DigestOf(body) {
		wrong = append(wrong, "the body does not have the digest of the record")
	}
	wrong = append(wrong, u.rest(b, e, rec)...)
	before := u.last[e.Key]
	switch {
	case before == nil && rec.Prev != nil, before != nil && (rec.Prev == nil || *rec.Prev != before.Index):
		wrong = append(wrong, "prev is not the entry before it of its subject")
	case before != nil && before.rec.Subject != rec.Subject:
		wrong = append(wrong, "the subject is not that of its first entry")
	}
	u.last[e.Key] = &Entry{Index: e.Index, rec: rec}
	return wrong
}

// rest returns what is wrong with what the record does not say but commits to
// by its salt.
func (u *audit) rest(b *Batch, e *Entry, rec *ledger.Record) (wrong []string) {
	salt, err := ledger.ParseSecret(rec.Salt)
	if err != nil || ledger.AudienceHash(salt, e.Audience) != rec.Audience {
		wrong = append(wrong, "the audience is not the one of the record")
	}
	if detailsDigest(e.details) != e.traces.details {
		wrong = append(wrong, "issuer, media type, status or index fields do not have the digest that the skeleton has of them")
	}
	if salt != e.salt() {
		wrong = append(wrong, "the skeleton is not the one that the record commits to")
	}
	// Traces of a former key of the log are held by the salt alone.
	want := u.archive.tracer.all(e.Key, rec.Content, rec.Digest)
	want.details = e.traces.details
	if b.Key == u.archive.opt.Signer.KeyHash() && want != e.traces {
		wrong = append(wrong, "the keyed hashes are not those of series, content and octets")
	}
	return wrong
}
