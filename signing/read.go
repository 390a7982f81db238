package signing

import (
	"bytes"

	"accord/internal/fault"
)

// MaxDetached bounds the JWS-Signature field: net/http limits all header fields
// of a request together, and a chain of three certificates has 5 KiB.
const MaxDetached = 16 << 10

// Read reads a JWS in any serialization and holds its headers against the
// profile. Nothing is verified. raw must not change while the message is in
// use.
func Read(raw []byte, p Profile) (*Message, error) { return reader{}.read(raw, p) }

// ReadDetached reads the one JWS-Signature field of a body (RFC 7797 with
// b64:false). The cty that goes with the Content-Type stands in the profile.
// With a bare profile, field is any JWS without a payload.
func ReadDetached(field string, body []byte, p Profile) (*Message, error) {
	return reader{}.readDetached(field, body, p)
}

// reader reads with or without memory: its caches may be nil.
type reader struct {
	headers *cache[string, *header]
	chains  *cache[string, *chain]
}

// maxCached keeps one sender of giant headers from filling the memory: a header
// with three certificates has 6 KiB.
const maxCached = 8 << 10

func (r reader) header(text []byte) (*header, error) {
	if h, ok := r.headers.get(string(text)); ok {
		return h, nil
	}
	h, err := parseHeader(text, r.chains)
	if err == nil && len(text) <= maxCached {
		r.headers.put(string(text), h)
	}
	return h, err
}

func (r reader) read(raw []byte, p Profile) (*Message, error) {
	if isJSON(raw) {
		return r.readJSON(raw, nil, p)
	}
	head, payload, value, err := split(raw)
	if err != nil {
		return nil, err
	}
	m := &Message{Serialization: Compact, bare: p.Bare, input: raw[:len(raw)-len(value)-1]}
	if err := r.add(m, head, value, p); err != nil {
		return nil, err
	}
	return m, m.setPayload(payload)
}

func (r reader) readDetached(field string, body []byte, p Profile) (*Message, error) {
	if field == "" {
		return nil, fault.New(fault.JWSNoSignature, "there is no detached signature")
	}
	raw := []byte(field)
	if p.Bare && isJSON(raw) {
		return r.readJSON(raw, body, p)
	}
	if len(field) > MaxDetached {
		return nil, fault.Newf(fault.JWSMalformed, "the detached signature is longer than %d octets", MaxDetached)
	}
	head, payload, value, err := split(raw)
	if err != nil {
		return nil, err
	}
	if len(payload) > 0 {
		return nil, fault.New(fault.JWSMalformed, "a detached signature has no payload of its own")
	}
	m := &Message{Serialization: Compact, Detached: true, bare: p.Bare}
	if err := r.add(m, head, value, p); err != nil {
		return nil, err
	}
	return m, m.setBody(body)
}

func isJSON(raw []byte) bool {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	return len(raw) > 0 && raw[0] == '{'
}

// split cuts a compact serialization (RFC 7515, section 7.1).
func split(raw []byte) (head, payload, value []byte, err error) {
	switch bytes.Count(raw, []byte{'.'}) {
	case 2:
	case 4:
		return nil, nil, nil, fault.New(fault.JWSMalformed, "five parts: this is encrypted (JWE), not signed")
	default:
		return nil, nil, nil, fault.New(fault.JWSMalformed, "neither a compact JWS of three parts nor a JSON object")
	}
	first, last := bytes.IndexByte(raw, '.'), bytes.LastIndexByte(raw, '.')
	return raw[:first], raw[first+1 : last], raw[last+1:], nil
}

// add reads one signature of a message. The header comes first: an algorithm
// that is not allowed is refused before a signature is missed.
func (r reader) add(m *Message, head, value []byte, p Profile) error {
	h, err := r.header(head)
	if err != nil {
		return err
	}
	if err := p.check(h, m.Detached); err != nil {
		return err
	}
	if len(value) == 0 {
		return fault.New(fault.JWSNoSignature, "the signature is empty")
	}
	octets, err := decode64(value, "signature")
	if err != nil {
		return err
	}
	if len(m.Signatures) > 0 {
		if err := agree(m.Signatures[0].header, h); err != nil {
			return err
		}
	}
	s := Signature{
		Alg: h.alg, KID: h.kid, Typ: h.typ, Cty: h.cty, IAT: h.iat,
		header: h, protected: head, value: octets,
	}
	if h.chain != nil {
		s.Chain = h.chain.certs
	}
	m.Signatures = append(m.Signatures, s)
	return nil
}

// agree: all signatures of a message say the same of its payload (RFC 7797,
// section 3, for b64; typ and cty, or one message would have two meanings).
func agree(a, b *header) error {
	if a.b64 != b.b64 {
		return fault.New(fault.JWSB64Unsupported, "b64 must be the same in all signatures")
	}
	if a.typ != b.typ || a.cty != b.cty {
		return fault.New(fault.JWSTypMismatch, "typ and cty must be the same in all signatures")
	}
	return nil
}

// setPayload decodes the payload of an attached signature.
func (m *Message) setPayload(text []byte) error {
	if len(text) == 0 && !m.bare {
		return fault.New(fault.JWSPayloadInvalid, "the payload is empty")
	}
	m.text = text
	var err error
	m.Payload, err = decode64(text, "payload")
	return err
}

// setBody gives a detached signature its octets. Only `accord jws verify` takes
// one that is encoded before it is signed.
func (m *Message) setBody(body []byte) error {
	encoded := m.Signatures[0].header.b64
	switch {
	case encoded && !m.bare:
		return fault.New(fault.JWSMalformed, "a detached signature needs b64:false in crit")
	case len(body) == 0 && !m.bare:
		return fault.New(fault.JWSPayloadInvalid, "the body is empty")
	case encoded:
		m.text = strictURL.AppendEncode(nil, body)
	default:
		m.text = body
	}
	m.Payload = body
	return nil
}
