package signing

import (
	"slices"
	"strings"

	"accord/internal/fault"
	"accord/internal/strictjson"
)

// entry is one signature of a JSON serialization, not yet understood.
type entry struct {
	protected, signature       string
	hasProtected, hasSignature bool
	unprotected                []string // names in the unprotected header
}

// envelope is a JSON serialization (RFC 7515, section 7.2).
type envelope struct {
	payload    string
	hasPayload bool
	flat       entry
	entries    []entry
	general    bool
}

var (
	envelopeMembers = []string{"payload", "protected", "header", "signature", "signatures"}
	entryMembers    = []string{"protected", "header", "signature"}
)

// readJSON reads the flattened or general form; body is not nil where the
// payload is detached.
func (r reader) readJSON(raw, body []byte, p Profile) (*Message, error) {
	e, err := parseEnvelope(raw)
	if err != nil {
		return nil, err
	}
	m := &Message{Serialization: Flattened, Detached: body != nil, bare: p.Bare}
	if e.general {
		m.Serialization = General
	} else {
		e.entries = []entry{e.flat}
	}
	for _, s := range e.entries {
		if err := r.addEntry(m, s, p); err != nil {
			return nil, err
		}
	}
	switch {
	case m.Detached && e.hasPayload:
		return nil, fault.New(fault.JWSMalformed, "a detached signature has no payload of its own")
	case m.Detached:
		return m, m.setBody(body)
	default:
		return m, m.setPayload(octets(e.payload))
	}
}

func (r reader) addEntry(m *Message, s entry, p Profile) error {
	if !s.hasProtected || s.protected == "" {
		if err := checkUnprotected(s.unprotected, nil); err != nil {
			return err
		}
		return fault.New(fault.JWSHeaderInvalid, "there is no protected header")
	}
	h, err := r.header(octets(s.protected))
	if err != nil {
		return err
	}
	if err := checkUnprotected(s.unprotected, h.names); err != nil {
		return err
	}
	return r.add(m, octets(s.protected), octets(s.signature), p)
}

// checkUnprotected is rule 4: nothing of weight stands outside the signature.
func checkUnprotected(names, protected []string) error {
	for _, name := range names {
		if slices.Contains(protected, name) {
			return fault.New(fault.JWSDuplicateHeader, "a member stands in the protected and in the unprotected header")
		}
	}
	if slices.Contains(names, "crit") {
		// RFC 7515, section 4.1.11: crit must be integrity protected.
		return fault.New(fault.JWSCritUnsupported, "crit stands in the unprotected header")
	}
	if len(names) > 0 {
		return fault.New(fault.JWSUnprotectedHeader, "no member may stand in the unprotected header")
	}
	return nil
}

func parseEnvelope(raw []byte) (*envelope, error) {
	r := strictjson.NewReader(raw, strictjson.Limits{Depth: maxDepth, Members: maxMembers})
	e := &envelope{}
	flat := false
	r.Open()
	for r.More() {
		switch name := r.Name(); name {
		case "payload":
			e.payload, e.hasPayload = readString(r)
		case "signatures":
			e.general = true
			e.readEntries(r)
		default:
			if e.flat.readMember(r, name) {
				flat = true
				continue
			}
			if isVariant(name, envelopeMembers) {
				r.Fail(fault.New(fault.JWSMalformed, "a member differs from a known one only in letter case"))
			}
			r.Skip() // RFC 7515, section 7.2.1: unknown members are ignored.
		}
	}
	r.Close()
	if err := r.Finish(); err != nil {
		return nil, envelopeFault(err)
	}
	switch {
	case e.general && flat:
		return nil, fault.New(fault.JWSMalformed, "flattened and general serialization in one")
	case e.general && len(e.entries) == 0, !e.general && !e.flat.hasSignature:
		return nil, fault.New(fault.JWSNoSignature, "there is no signature")
	}
	return e, nil
}

// readEntries stops at the ninth signature, before any is looked into.
func (e *envelope) readEntries(r *strictjson.Reader) {
	if r.Kind() != strictjson.Array {
		r.Fail(fault.New(fault.JWSMalformed, "signatures must be a list"))
		return
	}
	r.Open()
	for r.More() {
		if len(e.entries) == MaxSignatures {
			r.Fail(fault.Newf(fault.JWSTooManySignatures, "more than %d signatures", MaxSignatures))
			return
		}
		e.entries = append(e.entries, readEntry(r))
	}
	r.Close()
}

func readEntry(r *strictjson.Reader) entry {
	var s entry
	if r.Kind() != strictjson.Object {
		r.Fail(fault.New(fault.JWSMalformed, "a signature must be an object"))
		return s
	}
	r.Open()
	for r.More() {
		name := r.Name()
		if s.readMember(r, name) {
			continue
		}
		if isVariant(name, entryMembers) {
			r.Fail(fault.New(fault.JWSMalformed, "a member differs from a known one only in letter case"))
		}
		r.Skip()
	}
	r.Close()
	if r.Err() == nil && !s.hasSignature {
		r.Fail(fault.New(fault.JWSNoSignature, "a signature has no value"))
	}
	return s
}

// readMember reads one of the members that describe a signature; it says
// whether the name is one.
func (s *entry) readMember(r *strictjson.Reader, name string) bool {
	switch name {
	case "protected":
		s.protected, s.hasProtected = readString(r)
	case "signature":
		s.signature, s.hasSignature = readString(r)
	case "header":
		s.unprotected = readNames(r)
	default:
		return false
	}
	return true
}

func readString(r *strictjson.Reader) (string, bool) {
	if r.Kind() != strictjson.String {
		r.Fail(fault.New(fault.JWSMalformed, "payload, protected and signature must be strings"))
		return "", false
	}
	return r.String(), true
}

func readNames(r *strictjson.Reader) []string {
	if r.Kind() != strictjson.Object {
		r.Fail(fault.New(fault.JWSMalformed, "header must be an object"))
		return nil
	}
	var names []string
	r.Open()
	for r.More() {
		names = append(names, r.Name())
		r.Skip()
	}
	r.Close()
	return names
}

// envelopeFault keeps our own faults and gives those of the JSON reader the
// code of the envelope.
func envelopeFault(err error) error {
	first := fault.All(err)[0]
	switch first.Code {
	case fault.JWSMalformed, fault.JWSNoSignature, fault.JWSTooManySignatures:
		return err
	case fault.JSONDuplicateMember:
		if strings.Contains(first.At, "/header/") {
			return fault.Wrap(err, fault.JWSDuplicateHeader, "a member of the unprotected header is given twice")
		}
	}
	return fault.Wrap(err, fault.JWSMalformed, "not strict JSON")
}
