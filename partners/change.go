package partners

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"accord/attestation"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// Change is the payload of accord-registry+jwt (wire.md): the whole new value
// of one target, or its end (Body null).
type Change struct {
	Ver       int                `json:"ver"`
	Iss       string             `json:"iss"`
	Seq       int                `json:"seq"` // per target, from 1
	Target    Target             `json:"target"`
	Body      jsontext.Value     `json:"body"`
	Effective time.Time          `json:"effective"`
	Prev      attestation.Digest `json:"prev,omitempty"` // digest of the last change of this target
	Approvals int                `json:"approvals"`      // distinct operator keys

	value    any                // *Partner, *Agreement, *Designation, *Sanction; nil: ended
	material *material          // of a *Partner, else empty
	digest   attestation.Digest // of the RFC 8785 form of the payload
}

// ChangeVersion is the version of the message that this package knows.
const ChangeVersion = 1

// Digest returns the payload digest of the change, to which the next change of
// the target refers.
func (c *Change) Digest() attestation.Digest { return c.digest }

// Value returns the new value: *Partner, *Agreement, *Designation or
// *Sanction, or nil where the change ends the target.
func (c *Change) Value() any { return c.value }

// CheckApprovals holds the change against the number of distinct operator keys
// whose signatures were found good, and against what the configuration demands.
func (c *Change) CheckApprovals(signed, demanded int) error {
	switch {
	case signed < demanded:
		return fault.Newf(fault.AuthForbidden, "the change needs the signatures of %d operator keys and has %d", demanded, signed)
	case c.Approvals != signed:
		return fault.At(fault.SchemaFormat, "/approvals", fmt.Sprintf("approvals is the count of distinct operator keys that signed: %d", signed))
	default:
		return nil
	}
}

// NewChange makes the change that gives a target a new value; nil ends it.
// The last change of the target, if there is one, gives seq and prev.
func NewChange(iss string, target Target, value any, effective time.Time, last *Change) (*Change, error) {
	c := &Change{Ver: ChangeVersion, Iss: iss, Seq: 1, Target: target, Effective: effective.UTC().Truncate(time.Second), Approvals: 1}
	if last != nil {
		c.Seq, c.Prev = last.Seq+1, last.Digest()
	}
	c.Body = jsontext.Value("null")
	if value != nil {
		body, err := strictjson.CanonicalOf(value)
		if err != nil {
			return nil, fmt.Errorf("encode %s %s: %w", target.Kind, target.ID, err)
		}
		c.Body = body
	}
	payload, err := c.Payload()
	if err != nil {
		return nil, err
	}
	return ParseChange(payload)
}

// Payload returns the RFC 8785 form of the change: what is signed.
func (c *Change) Payload() ([]byte, error) {
	payload, err := strictjson.CanonicalOf(c)
	if err != nil {
		return nil, fmt.Errorf("encode change: %w", err)
	}
	return payload, nil
}

// ParseChange reads the payload of a registry change and validates the value
// it carries; all findings come at once.
func ParseChange(payload []byte) (*Change, error) {
	c := &Change{}
	if err := strictjson.Unmarshal(payload, c); err != nil {
		return nil, err
	}
	canonical, err := strictjson.Canonical(payload)
	if err != nil {
		return nil, err
	}
	c.digest = attestation.DigestOf(canonical)
	if err := c.checkFrame(); err != nil {
		return nil, err
	}
	c.material = &material{}
	if string(c.Body) == "null" {
		return c, nil
	}
	v, err := readValue(c.Target.Kind, c.Body)
	if err != nil {
		return nil, under("/body", err)
	}
	f := &findings{material: c.material}
	v.validate(f, c.Target.ID)
	if err := f.err(); err != nil {
		return nil, under("/body", err)
	}
	c.value = v
	return c, nil
}

// checkFrame checks everything but the body.
func (c *Change) checkFrame() error {
	var l fault.List
	need := func(ok bool, code fault.Code, at, detail string) {
		if !ok {
			l = append(l, fault.At(code, at, detail))
		}
	}
	_, offset := c.Effective.Zone()
	need(c.Ver == ChangeVersion, fault.SchemaFormat, "/ver", "ver is 1")
	need(c.Iss != "", fault.SchemaMissingField, "/iss", "iss is the issuer of the gateway")
	need(c.Seq >= 1, fault.SchemaFormat, "/seq", "seq counts from 1")
	need(c.Target.Kind.valid(), fault.SchemaFormat, "/target/kind", "kind is partner, agreement, designation or sanction")
	need(attestation.PartnerID(c.Target.ID).Valid(), fault.SchemaFormat, "/target/id", wantID)
	need(len(c.Body) > 0, fault.SchemaMissingField, "/body", "body is the whole new value, or null")
	need(!c.Effective.IsZero(), fault.SchemaMissingField, "/effective", "effective says from when the value holds")
	need(offset == 0, fault.SchemaFormat, "/effective", "times are in UTC, with Z")
	need(c.Approvals >= 1, fault.SchemaFormat, "/approvals", "approvals is the count of distinct operator keys")
	switch {
	case c.Prev != "" && !c.Prev.Valid():
		need(false, fault.SchemaFormat, "/prev", "prev is a digest: sha-256: and 64 lower-case hexadecimal digits")
	case c.Seq > 1:
		need(c.Prev != "", fault.SchemaMissingField, "/prev", "prev is the digest of the last change of this target")
	default:
		need(c.Prev == "", fault.SchemaFormat, "/prev", "the first change of a target has no prev")
	}
	return l.ErrorOrNil()
}

func (k TargetKind) valid() bool {
	switch k {
	case TargetPartner, TargetAgreement, TargetDesignation, TargetSanction:
		return true
	default:
		return false
	}
}

// value is what a registry change can give a target.
type value interface {
	// validate adds everything that is wrong; id is that of the target.
	validate(f *findings, id string)
}

// readValue reads the value of a target, not yet validated.
func readValue(kind TargetKind, body []byte) (value, error) {
	var v value
	switch kind {
	case TargetPartner:
		v = &Partner{}
	case TargetAgreement:
		v = &Agreement{}
	case TargetDesignation:
		v = &Designation{}
	case TargetSanction:
		v = &Sanction{}
	default:
		return nil, fault.New(fault.SchemaFormat, "a target is a partner, agreement, designation or sanction")
	}
	if err := strictjson.Unmarshal(body, v); err != nil {
		return nil, err
	}
	return v, nil
}

// under moves the places of an error below a member.
func under(prefix string, err error) error {
	var out fault.List
	for _, f := range fault.All(err) {
		g := *f
		g.At = prefix + f.At
		out = append(out, &g)
	}
	return out.ErrorOrNil()
}
