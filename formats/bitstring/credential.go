package bitstring

import (
	"slices"
	"strconv"
	"time"

	"accord/attestation"
	"accord/formats/jsondoc"
	"accord/internal/strictjson"
)

// Credential is a status list credential, unsecured (section 2.2). Its signature
// is the business of whoever publishes or verifies it.
type Credential struct {
	ID, Issuer string
	Purposes   []Purpose
	ValidFrom  time.Time // zero: not said
	ValidUntil time.Time // zero: not said
	TTL        time.Duration
	Encoded    string // encodedList
}

// contextW3C is the context of VCDM 2.0, which has the terms of status lists too.
const contextW3C = "https://www.w3.org/ns/credentials/v2"

// Append appends the credential as JSON in the form of RFC 8785, to be signed as
// application/vc+jwt.
func (c *Credential) Append(dst []byte) []byte {
	field := func(name, value string) {
		dst = strictjson.AppendString(append(dst, name...), value)
	}
	dst = append(dst, `{"@context":["`+contextW3C+`"],"credentialSubject":{`...)
	field(`"encodedList":`, c.Encoded)
	field(`,"id":`, c.ID+"#list")
	dst = append(dst, `,"statusPurpose":`...)
	if len(c.Purposes) == 1 {
		dst = strictjson.AppendString(dst, string(c.Purposes[0]))
	} else {
		for i, p := range c.Purposes {
			dst = strictjson.AppendString(append(dst, "[,"[min(i, 1)]), string(p))
		}
		dst = append(dst, ']')
	}
	if c.TTL > 0 {
		dst = strconv.AppendInt(append(dst, `,"ttl":`...), c.TTL.Milliseconds(), 10)
	}
	dst = append(dst, `,"type":"`+TypeList+`"}`...)
	field(`,"id":`, c.ID)
	field(`,"issuer":`, c.Issuer)
	dst = append(dst, `,"type":["VerifiableCredential","`+TypeCredential+`"]`...)
	if !c.ValidFrom.IsZero() {
		field(`,"validFrom":`, c.ValidFrom.UTC().Format(time.RFC3339))
	}
	if !c.ValidUntil.IsZero() {
		field(`,"validUntil":`, c.ValidUntil.UTC().Format(time.RFC3339))
	}
	return append(dst, '}')
}

// limits of a status list credential: the list is nearly all of it.
func limits() strictjson.Limits {
	return strictjson.Limits{Depth: 16, Members: 1_000, Bytes: MaxEncoded + 64<<10}
}

// Parse reads a status list credential whose signature was verified. What is none
// is a MALFORMED_VALUE_ERROR.
func Parse(src []byte) (*Credential, error) {
	root, err := jsondoc.ParseLimited(src, limits())
	if err != nil {
		return nil, &Error{MalformedValue, err}
	}
	subject := root.Member("credentialSubject")
	if !hasType(root.Member("type"), TypeCredential) || subject == nil || !hasType(subject.Member("type"), TypeList) {
		return nil, malformed("/type", "want a "+TypeCredential+" of a "+TypeList)
	}
	c := &Credential{ID: str(root, "id"), Issuer: str(root, "issuer"), Encoded: str(subject, "encodedList")}
	if c.Issuer == "" && root.Member("issuer") != nil {
		c.Issuer = str(root.Member("issuer"), "id")
	}
	for _, p := range strs(subject.Member("statusPurpose")) {
		c.Purposes = append(c.Purposes, Purpose(p))
	}
	if len(c.Purposes) == 0 {
		return nil, malformed("/credentialSubject/statusPurpose", "required")
	}
	if c.ValidFrom, err = timeOf(root, "validFrom"); err != nil {
		return nil, err
	}
	if c.ValidUntil, err = timeOf(root, "validUntil"); err != nil {
		return nil, err
	}
	if v := subject.Member("ttl"); v != nil {
		ms, err := strconv.ParseInt(v.Text, 10, 40)
		if v.Kind != strictjson.Number || err != nil || ms < 0 {
			return nil, malformed("/credentialSubject/ttl", "want milliseconds")
		}
		c.TTL = time.Duration(ms) * time.Millisecond
	}
	return c, nil
}

// timeOf reads an instant; one without offset is UTC (VCDM 2.0, "Representing
// Time").
func timeOf(v *jsondoc.Value, name string) (time.Time, error) {
	m := v.Member(name)
	if m == nil {
		return time.Time{}, nil
	}
	for _, text := range []string{m.Text, m.Text + "Z"} {
		d := attestation.DateV{Value: text}
		if t, err := d.Start(); err == nil && !d.DateOnly() {
			return t, nil
		}
	}
	return time.Time{}, malformed("/"+name, "want an instant")
}

// Status is what a list says of one entry.
type Status struct {
	Purpose Purpose
	Value   uint64
	Message string // that of statusMessage; empty where there is none
}

// Set reports whether the entry is marked, which for the purposes revocation and
// suspension means that the credential does not count.
func (s Status) Set() bool { return s.Value != 0 }

// Invalidates reports whether the credential does not count for it: refresh and
// message never do (section 2.1.1).
func (s Status) Invalidates() bool {
	return s.Set() && (s.Purpose == Revocation || s.Purpose == Suspension)
}

// Check returns what a list says of an entry at a time (section 3.2). The list is
// that of the entry: its signature was verified, and its issuer is trusted to
// speak of the entry's credential. A list outside its validity, or of other
// purposes, is a STATUS_VERIFICATION_ERROR.
func Check(e *Entry, c *Credential, at time.Time) (Status, error) {
	if err := c.covers(e, at); err != nil {
		return Status{}, err
	}
	l, err := Decode(c.Encoded, e.Size)
	if err != nil {
		return Status{}, err
	}
	return read(e, l)
}

// covers reports whether a list speaks of an entry at a time.
func (c *Credential) covers(e *Entry, at time.Time) error {
	switch {
	case c.ID != "" && c.ID != e.List:
		return unverified(nil, "the list is not the one that the credential names")
	case !slices.Contains(c.Purposes, e.Purpose):
		return unverified(nil, "the list has another purpose than the entry")
	case !c.ValidFrom.IsZero() && at.Add(clockSkew).Before(c.ValidFrom):
		return unverified(nil, "the list is not valid yet")
	case !c.ValidUntil.IsZero() && !at.Before(c.ValidUntil):
		return unverified(nil, "the list is not valid any more")
	}
	return nil
}

// clockSkew is how far the clock of an issuer may be ahead of ours.
const clockSkew = 5 * time.Minute

func read(e *Entry, l *List) (Status, error) {
	v, err := l.At(e.Index)
	if err != nil {
		return Status{}, err
	}
	s := Status{Purpose: e.Purpose, Value: v}
	if e.Messages != nil {
		s.Message = e.Messages[v]
	}
	return s, nil
}
