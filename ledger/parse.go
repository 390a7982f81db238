package ledger

import (
	"accord/attestation"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// maxInteger is the greatest integer that every JSON reader holds exactly
// (RFC 7493, section 2.2).
const maxInteger = 1<<53 - 1

// ParseRecord reads a record and checks its form; all findings come at once.
func ParseRecord(src []byte) (*Record, error) {
	var r Record
	if err := strictjson.Unmarshal(src, &r); err != nil {
		return nil, err
	}
	if err := r.Check(); err != nil {
		return nil, err
	}
	return &r, nil
}

// Check says whether the record has the form of wire.md. It knows the text
// of the members only; whether they are true is known by who made it.
func (r *Record) Check() error {
	var faults fault.List
	refuse := func(ok bool, at string, detail string) {
		if !ok {
			faults = append(faults, fault.At(fault.SchemaFormat, at, detail))
		}
	}
	refuse(r.Ver == RecordVersion, "/ver", "not version 1")
	refuse(validKind(r.Kind), "/kind", "not a kind of entry")
	refuse(r.Dir == In || r.Dir == Out, "/dir", "neither in nor out")
	refuse(r.Partner.Valid(), "/partner", "not a partner id")
	refuse(len(r.Type) <= 127, "/type", "not a typ") // a JWS made elsewhere may have none
	refuse(r.ID == "" || r.ID.Valid(), "/id", "not the id of a series")
	refuse(r.Revision >= 0 && r.Revision <= maxInteger, "/revision", "not a revision")
	refuse(validDigest(r.Digest), "/digest", "not a digest")
	refuse(validDigest(r.Content), "/content", "not a digest")
	refuse(r.Registry < maxSize, "/registry", "not an index of the log")
	refuse(r.Batch <= maxInteger, "/batch", "not the number of a batch")
	refuse(r.Prev == nil || *r.Prev < maxSize, "/prev", "not an index of the log")
	_, err := r.ReceivedAt()
	refuse(err == nil, "/received", "not a time in UTC")
	for _, m := range []struct{ at, text string }{
		{"/audience", r.Audience}, {"/subject", r.Subject}, {"/salt", r.Salt},
	} {
		_, err := decode(m.text)
		refuse(err == nil, m.at, "not 32 octets in base64url without padding")
	}
	return faults.ErrorOrNil()
}

func validKind(k Kind) bool {
	switch k {
	case KindAttestation, KindStatus, KindRegistry, KindDecision, KindMark, KindAck:
		return true
	default:
		return false
	}
}

func validDigest(d attestation.Digest) bool {
	_, err := attestation.ParseDigest(string(d))
	return err == nil
}
