package partners

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
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

	value  any                // *Partner, *Agreement, *Designation, *Sanction; nil: ended
	digest attestation.Digest // of the RFC 8785 form of the payload
}

// Digest returns the payload digest of the change, to which the next change of
// the target refers.
func (c *Change) Digest() attestation.Digest { return c.digest }

// Value returns the new value: *Partner, *Agreement, *Designation or
// *Sanction, or nil where the change ends the target.
func (c *Change) Value() any { return c.value }

// NewChange makes the change that gives a target a new value; nil ends it.
// The last change of the target, if there is one, gives seq and prev.
func NewChange(iss string, target Target, value any, effective time.Time, last *Change) (*Change, error) {
	c := &Change{Ver: 1, Iss: iss, Seq: 1, Target: target, Effective: effective.UTC().Truncate(time.Second), Approvals: 1}
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
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encode change: %w", err)
	}
	return strictjson.Canonical(raw)
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
	if string(c.Body) == "null" {
		return c, nil
	}
	if c.value, err = parseValue(c.Target, c.Body); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Change) checkFrame() error {
	var l fault.List
	bad := func(at, detail string) { l = append(l, fault.At(fault.SchemaFormat, at, detail)) }
	if c.Ver != 1 {
		bad("/ver", "ver must be 1")
	}
	if c.Iss == "" {
		bad("/iss", "iss is missing")
	}
	if c.Seq < 1 {
		bad("/seq", "seq counts from 1")
	}
	if c.Effective.IsZero() {
		bad("/effective", "effective is missing")
	}
	if c.Approvals < 1 {
		bad("/approvals", "approvals counts from 1")
	}
	if (c.Seq == 1) != (c.Prev == "") {
		bad("/prev", "prev is the digest of the last change of this target; the first has none")
	}
	if len(c.Body) == 0 {
		l = append(l, fault.At(fault.SchemaMissingField, "/body", "body is the whole new value, or null"))
	}
	switch c.Target.Kind {
	case TargetPartner, TargetAgreement, TargetDesignation, TargetSanction:
	default:
		bad("/target/kind", "kind is partner, agreement, designation or sanction")
	}
	if _, err := attestation.ParsePartnerID(c.Target.ID); err != nil {
		bad("/target/id", "an id has 2 to 63 of a-z, 0-9 and -")
	}
	return l.ErrorOrNil()
}

// parseValue reads and validates the body of a change.
func parseValue(t Target, body []byte) (any, error) {
	var v interface {
		validate(id string) fault.List
	}
	switch t.Kind {
	case TargetPartner:
		v = &Partner{}
	case TargetAgreement:
		v = &Agreement{}
	case TargetDesignation:
		v = &Designation{}
	case TargetSanction:
		v = &Sanction{}
	default:
		return nil, fault.At(fault.SchemaFormat, "/target/kind", "unknown kind")
	}
	if err := strictjson.Unmarshal(body, v); err != nil {
		return nil, under("/body", err)
	}
	if l := v.validate(t.ID); len(l) > 0 {
		return nil, under("/body", l)
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

// ParsePartner reads and validates a partner record; likewise the others.
func ParsePartner(body []byte) (*Partner, error) {
	return parseAs[*Partner](TargetPartner, body)
}

// ParseAgreement reads and validates an agreement.
func ParseAgreement(body []byte) (*Agreement, error) {
	return parseAs[*Agreement](TargetAgreement, body)
}

// ParseDesignation reads and validates a designation.
func ParseDesignation(body []byte) (*Designation, error) {
	return parseAs[*Designation](TargetDesignation, body)
}

// ParseSanction reads and validates a sanction.
func ParseSanction(body []byte) (*Sanction, error) {
	return parseAs[*Sanction](TargetSanction, body)
}

func parseAs[T any](kind TargetKind, body []byte) (T, error) {
	var zero T
	var id struct {
		ID string `json:"id"`
	}
	if err := strictjson.UnmarshalLoose(body, &id); err != nil {
		return zero, err
	}
	v, err := parseValue(Target{Kind: kind, ID: id.ID}, body)
	if err != nil {
		return zero, err
	}
	return v.(T), nil
}
