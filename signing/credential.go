package signing

import (
	"strconv"
	"strings"
	"time"

	"accord/internal/fault"
	"accord/internal/strictjson"
)

// Credential is a W3C credential secured as application/vc+jwt whose header and
// claims obey VC-JOSE-COSE (sections 3.1.1 and 3.1.3). Nothing in it is verified
// yet: give Message to [Verifier.Verify] with the keys of the issuer, then ask
// [Credential.GoodAt].
type Credential struct {
	*Message
	Issuer string // issuer, or issuer.id, of the credential: an absolute URL or DID

	// What is said of the signature, not of the data (VC-JOSE-COSE, section
	// 3.1.3); zero where it is not said.
	Expires, NotBefore time.Time
}

// ReadCredential reads an application/vc+jwt: one compact JWS of typ vc+jwt whose
// payload is the credential itself. A claim vc or vp, an iss that is not the
// issuer, and a kid that does not lead to a verification method of the issuer are
// refused; members that are unknown are ignored, as the specification demands.
func ReadCredential(raw []byte) (*Credential, error) { return reader{}.credential(raw) }

// ReadCredential is the function [ReadCredential] with remembered headers.
func (v *Verifier) ReadCredential(raw []byte) (*Credential, error) { return v.reader.credential(raw) }

func (r reader) credential(raw []byte) (*Credential, error) {
	m, err := r.read(raw, CredentialProfile())
	if err != nil {
		return nil, err
	}
	// VC-JOSE-COSE, section 3.1.1: the JSON serializations are NOT RECOMMENDED.
	if m.Serialization != Compact {
		return nil, fault.New(fault.JWSMalformed, "a credential is secured as a compact JWS")
	}
	head, err := m.headerClaims()
	if err != nil {
		return nil, err
	}
	body, err := readClaims(m.Payload)
	if err != nil {
		return nil, err
	}
	c := &Credential{Message: m, Issuer: body.issuer}
	if err := c.obey(head, body); err != nil {
		return nil, err
	}
	return c, nil
}

// CredentialIssuer returns the issuer of an unsecured credential, as
// [ReadCredential] does of a secured one.
func CredentialIssuer(payload []byte) (string, error) {
	c, err := readClaims(payload)
	return c.issuer, err
}

// claims are the registered claims that a header or a payload has (VC-JOSE-COSE,
// section 3.1.3), and the issuer of the credential.
type claims struct {
	issuer        string
	iss           member
	iat, exp, nbf time.Time
}

// headerClaims reads the claims that stand in the protected header.
func (m *Message) headerClaims() (claims, error) {
	src, err := decode64(m.Signatures[0].protected, "protected header")
	if err != nil {
		return claims{}, err
	}
	ms, err := readMembers(src)
	if err != nil {
		return claims{}, err
	}
	var c claims
	for _, m := range ms {
		if err := c.take(m); err != nil {
			return claims{}, err
		}
	}
	return c, nil
}

// readClaims reads the payload as far as the signature is concerned.
func readClaims(payload []byte) (claims, error) {
	var c claims
	r := strictjson.NewReader(payload, strictjson.DefaultLimits())
	if r.Kind() != strictjson.Object {
		return c, fault.New(fault.JWSPayloadInvalid, "the payload is not a credential: a JSON object is due")
	}
	var found fault.List
	r.Open()
	for r.More() {
		m := member{name: r.Name(), kind: r.Kind()}
		if m.kind == strictjson.String {
			m.text = r.String()
		} else {
			m.text = r.Raw()
		}
		if r.Err() != nil {
			break
		}
		switch m.name {
		case "vc", "vp":
			// VC-JOSE-COSE, section 3.1.3: the claims vc and vp MUST NOT be present.
			found = append(found, fault.At(fault.JWSPayloadInvalid, "/"+m.name, "the payload is the credential itself: this claim must not be present"))
		case "issuer":
			c.issuer = issuerOf(m)
		default:
			if err := c.take(m); err != nil {
				found = append(found, fault.All(err)...)
			}
		}
	}
	r.Close()
	if err := r.Finish(); err != nil {
		return c, fault.Wrap(err, fault.JWSPayloadInvalid, "the payload is not strict JSON: "+err.Error())
	}
	if !absoluteURL(c.issuer) {
		found = append(found, fault.At(fault.JWSPayloadInvalid, "/issuer", "a credential names its issuer by a URL or DID"))
	}
	return c, found.ErrorOrNil()
}

// issuerOf reads issuer: a URL, or an object that has it as id (VCDM 2.0, section
// 4.7).
func issuerOf(m member) string {
	if m.kind == strictjson.String {
		return m.text
	}
	if m.kind != strictjson.Object {
		return ""
	}
	id := ""
	r := strictjson.NewReader(octets(m.text), strictjson.DefaultLimits())
	r.Open()
	for r.More() {
		if r.Name() == "id" && r.Kind() == strictjson.String {
			id = r.String()
		} else {
			r.Skip()
		}
	}
	r.Close()
	return id
}

// take keeps a member if it is a claim that we look at.
func (c *claims) take(m member) error {
	at := map[string]*time.Time{"exp": &c.exp, "nbf": &c.nbf, "iat": &c.iat}[m.name]
	switch {
	case m.name == "iss":
		c.iss = m
	case at != nil:
		seconds, err := strconv.ParseFloat(m.text, 64)
		if m.kind != strictjson.Number || err != nil || seconds < 0 || seconds > maxIAT {
			return fault.At(fault.JWSPayloadInvalid, "/"+m.name, "must be a number of seconds since 1970 (RFC 7519, section 2)")
		}
		*at = time.Unix(int64(seconds), 0).UTC()
	}
	return nil
}

// obey holds header and payload against each other.
func (c *Credential) obey(head, body claims) error {
	hasIss := false
	for _, iss := range []member{head.iss, body.iss} {
		if iss.name == "" {
			continue
		}
		hasIss = true
		// VC-JOSE-COSE, section 3.1.3: iss MUST equal issuer or issuer.id.
		if iss.kind != strictjson.String || iss.text != body.issuer {
			return fault.At(fault.IssuerMismatch, "/iss", "iss is not the issuer of the credential")
		}
	}
	if err := c.checkKID(hasIss); err != nil {
		return err
	}
	c.Expires, c.NotBefore = earlier(head.exp, body.exp), later(head.nbf, body.nbf)
	if s := &c.Signatures[0]; s.IAT.IsZero() {
		s.IAT = body.iat
	}
	return nil
}

// checkKID: without iss the kid must be an absolute URL to a verification method
// (VC-JOSE-COSE, section 3.1.3), and a DID URL leads to one of the issuer alone.
func (c *Credential) checkKID(hasIss bool) error {
	kid := c.Signatures[0].KID
	if kid == "" {
		return fault.New(fault.JWSKidMissing, "a credential names its key by kid")
	}
	did, fragment, ok := strings.Cut(kid, "#")
	switch {
	case strings.HasPrefix(kid, "did:"):
		if !ok || fragment == "" {
			return fault.New(fault.JWSKidMissing, "kid must lead to a verification method: did:…#key")
		}
		if did != c.Issuer {
			return fault.New(fault.IssuerMismatch, "kid is a verification method of another DID than the issuer")
		}
	case strings.HasPrefix(c.Issuer, "did:") && !hasIss:
		return fault.New(fault.JWSKidMissing, "the issuer is a DID: kid must be the URL of its verification method")
	case !hasIss && !absoluteURL(kid):
		return fault.New(fault.JWSKidMissing, "without iss, kid must be an absolute URL of a verification method")
	}
	return nil
}

// GoodAt says whether exp and nbf allow the signature to count at a time: nil, or
// a fault with the code jws.time_untrusted. They speak of the signature; until
// when the data count is said by validUntil.
func (c *Credential) GoodAt(t time.Time) error {
	if !c.Expires.IsZero() && !t.Before(c.Expires) {
		return fault.Newf(fault.JWSTimeUntrusted, "the signature counted until %s (exp)", stamp(c.Expires))
	}
	if !c.NotBefore.IsZero() && t.Add(claimAhead).Before(c.NotBefore) {
		return fault.Newf(fault.JWSTimeUntrusted, "the signature counts from %s (nbf)", stamp(c.NotBefore))
	}
	return nil
}

// SignCredential secures a credential as application/vc+jwt, without a line end.
// kid is the URL of the verification method of the issuer, did:web:…#…; the
// payload is signed as it is and obeys [ReadCredential].
func (s *Signer) SignCredential(payload []byte, kid string, issued time.Time) ([]byte, error) {
	raw, err := s.Sign(payload, Header{Typ: TypCredential, Cty: CtyCredential, KID: kid, IssuedAt: issued})
	if err != nil {
		return nil, err
	}
	if _, err := ReadCredential(raw); err != nil {
		return nil, err
	}
	return raw, nil
}

// VerifyCredential checks the signature with one key, whatever its kid; windows
// and revocation are the caller's business.
func VerifyCredential(c *Credential, key *Key) error {
	return verifyWith(c.Message, &c.Signatures[0], key)
}

// absoluteURL reports whether s begins with a scheme and has no white space.
func absoluteURL(s string) bool {
	colon := strings.IndexByte(s, ':')
	if colon < 1 || colon == len(s)-1 || strings.ContainsAny(s, " \t\r\n\"<>\\") {
		return false
	}
	for i, b := range []byte(s[:colon]) {
		if letter := b|0x20 >= 'a' && b|0x20 <= 'z'; !letter && (i == 0 || !(b >= '0' && b <= '9' || b == '+' || b == '-' || b == '.')) {
			return false
		}
	}
	return true
}

// earlier returns the first of two times, of which either may not be set.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// later returns the last of two times.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
