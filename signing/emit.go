package signing

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strconv"
	"time"

	"accord/internal/fault"
	"accord/internal/strictjson"
)

// Header is what a signer puts in the protected header beside alg (wire.md).
type Header struct {
	Typ, Cty string
	KID      string              // empty: that of the key
	IssuedAt time.Time           // iat; required
	Chain    []*x509.Certificate // x5c and x5t#S256; leaf first, without the anchor
}

// Sign returns a compact JWS over exactly these octets, without a line end.
func (s *Signer) Sign(payload []byte, h Header) ([]byte, error) {
	if len(payload) == 0 {
		return nil, fault.New(fault.JWSPayloadInvalid, "there is nothing to sign")
	}
	out, err := s.protected(h, false)
	if err != nil {
		return nil, err
	}
	out = append(out, '.')
	out = strictURL.AppendEncode(out, payload)
	value, err := s.value(input{out})
	if err != nil {
		return nil, err
	}
	out = append(out, '.')
	out = strictURL.AppendEncode(out, value)
	if !selfVerified(h.Typ) {
		return out, nil
	}
	m, err := Read(out, h.profile())
	return out, s.recheck(m, err)
}

// SignDetached returns the value of the JWS-Signature field for a body: b64 is
// false, the payload part is empty (RFC 7797, section 5).
func (s *Signer) SignDetached(body []byte, h Header) (string, error) {
	if len(body) == 0 {
		return "", fault.New(fault.JWSPayloadInvalid, "there is nothing to sign")
	}
	head, err := s.protected(h, true)
	if err != nil {
		return "", err
	}
	value, err := s.value(input{head, []byte{'.'}, body})
	if err != nil {
		return "", err
	}
	field := string(head) + ".." + strictURL.EncodeToString(value)
	m, err := ReadDetached(field, body, h.profile())
	return field, s.recheck(m, err)
}

// SignFlattened returns a flattened JSON serialization in RFC 8785 form.
func (s *Signer) SignFlattened(payload []byte, h Header) ([]byte, error) {
	e, err := s.entry(payload, h)
	if err != nil {
		return nil, err
	}
	out := pairs{
		{"payload", strictURL.EncodeToString(payload)}, {"protected", e.protected}, {"signature", e.signature},
	}.json()
	m, err := Read(out, h.profile())
	return out, s.recheck(m, err)
}

// SignGeneral returns a general JSON serialization in RFC 8785 form with one
// signature of each signer, in the order given.
func SignGeneral(payload []byte, h Header, signers ...*Signer) ([]byte, error) {
	if len(signers) == 0 || len(signers) > MaxSignatures {
		return nil, fmt.Errorf("sign: %d signers; 1 to %d are possible", len(signers), MaxSignatures)
	}
	out := append([]byte(`{"payload":"`), strictURL.EncodeToString(payload)...)
	out = append(out, `","signatures":[`...)
	for i, s := range signers {
		e, err := s.entry(payload, h)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, pairs{{"protected", e.protected}, {"signature", e.signature}}.json()...)
	}
	out = append(out, "]}"...)
	m, err := Read(out, h.profile())
	for i, s := range signers {
		if err = s.recheckAt(m, i, err); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Signer) entry(payload []byte, h Header) (entry, error) {
	if len(payload) == 0 {
		return entry{}, fault.New(fault.JWSPayloadInvalid, "there is nothing to sign")
	}
	head, err := s.protected(h, false)
	if err != nil {
		return entry{}, err
	}
	value, err := s.value(input{head, []byte{'.'}, strictURL.AppendEncode(nil, payload)})
	return entry{protected: string(head), signature: strictURL.EncodeToString(value)}, err
}

// protected writes the protected header in RFC 8785 form, base64url.
func (s *Signer) protected(h Header, detached bool) ([]byte, error) {
	if h.IssuedAt.IsZero() {
		return nil, errNoTime
	}
	out := append([]byte(`{"alg":`), strconv.Quote(string(s.key.Alg))...)
	if detached {
		out = append(out, `,"b64":false,"crit":["b64"]`...)
	}
	if h.Cty != "" {
		out = strictjson.AppendString(append(out, `,"cty":`...), h.Cty)
	}
	out = strconv.AppendInt(append(out, `,"iat":`...), h.IssuedAt.Unix(), 10)
	kid := h.KID
	if kid == "" {
		kid = s.key.KID
	}
	out = strictjson.AppendString(append(out, `,"kid":`...), kid)
	if h.Typ != "" {
		out = strictjson.AppendString(append(out, `,"typ":`...), h.Typ)
	}
	if len(h.Chain) > 0 {
		var err error
		if out, err = s.appendChain(out, h.Chain); err != nil {
			return nil, err
		}
	}
	return strictURL.AppendEncode(nil, append(out, '}')), nil
}

// appendChain writes x5c and x5t#S256; a chain of another key would be refused
// everywhere.
func (s *Signer) appendChain(out []byte, chain []*x509.Certificate) ([]byte, error) {
	if !sameKey(chain[0], s.key.pub) {
		return nil, fault.New(fault.JWSChainUntrusted, "the certificate is not that of the signing key")
	}
	out = append(out, `,"x5c":[`...)
	for i, c := range chain {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, '"')
		out = base64.StdEncoding.AppendEncode(out, c.Raw)
		out = append(out, '"')
	}
	sum := sha256.Sum256(chain[0].Raw)
	out = append(out, `],"x5t#S256":"`...)
	out = strictURL.AppendEncode(out, sum[:])
	return append(out, '"'), nil
}

// profile is what a reader of this header accepts. A header without typ is for
// bare messages.
func (h Header) profile() Profile {
	if h.Typ == "" {
		return Profile{Bare: true}
	}
	p := Profile{Types: []string{h.Typ}}
	if h.Cty != "" {
		p.Ctys = []string{h.Cty}
	}
	return p
}

// selfVerified: what carries meaning for years is verified before it leaves;
// what can be asked for again is not worth the time (signing.md, "Emit").
func selfVerified(typ string) bool { return typ != TypReceipt && typ != TypAuth && typ != TypFeed }

func (s *Signer) recheck(m *Message, err error) error { return s.recheckAt(m, 0, err) }

// recheckAt reads our own output under the policy and verifies it.
func (s *Signer) recheckAt(m *Message, i int, err error) error {
	if err == nil {
		sig := &m.Signatures[i]
		err = m.signed(sig).check(sig.Alg, s.key.pub, sig.value)
	}
	if err != nil {
		return fmt.Errorf("verify own signature: %w", err)
	}
	return nil
}
