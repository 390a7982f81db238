package evidence

import (
	"encoding/json"
	"time"

	"accord/attestation"
	"accord/internal/fault"
	"accord/internal/strictjson"
	"accord/ledger"
	"accord/signing"
)

// Receipt says that a gateway archived something, and proves it: the private
// record, and the proof that its leaf stands in the log (wire.md). It is made
// of the entry's own batch, so it is the same from every gateway of the log,
// for ever.
type Receipt struct {
	Ver int    `json:"ver"`
	Iss string `json:"iss"` // issuer of the gateway
	Aud string `json:"aud"` // URN of the issuer's partner
	// Record is kept as it came: the leaf commits to its RFC 8785 form, not to
	// what this program makes of it.
	Record json.RawMessage `json:"record"`
	Proof  string          `json:"proof"` // c2sp.org/tlog-proof@v1
	// Anchors is reserved for timestamps over the checkpoint. They stand beside
	// what is compared byte for byte.
	Anchors []json.RawMessage `json:"anchors"`

	record *ledger.Record
	proof  *ledger.Proof
}

// NewReceipt makes the receipt of an entry: issuer of the gateway, partner of
// the document's issuer, RFC 8785 form of the record and text of the proof.
func NewReceipt(iss string, aud attestation.PartnerID, record []byte, proof string) (*Receipt, error) {
	r := &Receipt{Ver: Version, Iss: iss, Aud: aud.URN(), Record: record, Proof: proof, Anchors: []json.RawMessage{}}
	if err := r.check(); err != nil {
		return nil, err
	}
	return r, nil
}

// AppendReceipt appends the RFC 8785 form of a receipt. It is NewReceipt and
// Payload without reading back what the archive has just made: the form for the
// way of a submission. record is in RFC 8785 form already.
func AppendReceipt(dst []byte, iss string, aud attestation.PartnerID, record []byte, proof string) []byte {
	dst = append(dst, `{"anchors":[],"aud":`...)
	dst = strictjson.AppendString(dst, aud.URN())
	dst = append(dst, `,"iss":`...)
	dst = strictjson.AppendString(dst, iss)
	dst = append(dst, `,"proof":`...)
	dst = strictjson.AppendString(dst, proof)
	dst = append(dst, `,"record":`...)
	dst = append(dst, record...)
	return append(dst, `,"ver":1}`...)
}

// ParseReceipt reads the payload of a receipt: JSON, strict. Nothing is
// verified but its form.
func ParseReceipt(src []byte) (*Receipt, error) {
	return parse[Receipt](src)
}

// check reads the record and the proof inside.
func (r *Receipt) check() error {
	var f form
	f.version(r.Ver)
	f.need(r.Iss != "", "/iss")
	_, err := attestation.ParsePartnerURN(r.Aud)
	f.match(err == nil, "/aud", "not urn:accord:partner: and a partner id")
	f.need(len(r.Record) > 0, "/record")
	f.need(r.Proof != "", "/proof")
	if len(f.faults) > 0 {
		return f.err()
	}
	if r.record, err = ledger.ParseRecord(r.Record); err != nil {
		return under("/record", err)
	}
	if r.proof, err = ledger.ParseProof(r.Proof); err != nil {
		return under("/proof", err)
	}
	return nil
}

// under moves the places of faults below a member.
func under(at string, err error) error {
	var out fault.List
	for _, e := range fault.All(err) {
		moved := *e
		moved.At = at + e.At
		out = append(out, &moved)
	}
	return out.ErrorOrNil()
}

// Entry returns the record of the receipt. It is not to be changed.
func (r *Receipt) Entry() *ledger.Record { return r.record }

// Index returns the place of the entry in the log.
func (r *Receipt) Index() uint64 { return r.proof.Index }

// Leaf returns the public leaf, computed of the record as it came.
func (r *Receipt) Leaf() (ledger.Leaf, error) {
	canonical, err := strictjson.Canonical(r.Record)
	if err != nil {
		return ledger.Leaf{}, err
	}
	subject, err := ledger.ParseSecret(r.record.Subject)
	if err != nil {
		return ledger.Leaf{}, err
	}
	return ledger.LeafOf(canonical, subject, r.record.Received), nil
}

// Payload returns the RFC 8785 form of the receipt.
func (r *Receipt) Payload() ([]byte, error) { return payload(r) }

// Sign wraps the receipt as accord-receipt+jwt.
func (r *Receipt) Sign(s *signing.Signer, now time.Time) ([]byte, error) {
	return seal(r, signing.TypReceipt, s, now)
}
