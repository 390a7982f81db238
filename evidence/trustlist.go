package evidence

import (
	"encoding/json"
	"time"

	"accord/attestation"
	"accord/internal/fault"
	"accord/ledger"
	"accord/signing"
)

// TrustList is what a gateway publishes for offline verification: its own log
// and keys, and the trust material of its partners (wire.md). It says who the
// gateway trusts, not whether what they say is recognised.
type TrustList struct {
	Ver        int            `json:"ver"`
	Iss        string         `json:"iss"`
	Seq        int            `json:"seq"` // grows with each list; it may leave out numbers
	NextUpdate string         `json:"nextUpdate"`
	Gateway    TrustGateway   `json:"gateway"`
	Witnesses  []string       `json:"witnesses"` // vkeys
	Partners   []TrustPartner `json:"partners"`  // sorted by id
}

// TrustGateway is the gateway itself.
type TrustGateway struct {
	ID     attestation.PartnerID `json:"id"` // the authority that runs it
	Name   attestation.LText     `json:"name"`
	Origin string                `json:"origin"` // of its log
	VKeys  []VKey                `json:"vkeys"`
	JWKS   json.RawMessage       `json:"jwks"` // RFC 7517, section 5
}

// TrustPartner is one partner.
type TrustPartner struct {
	ID         attestation.PartnerID `json:"id"`
	Issuers    []string              `json:"issuers"` // URNs of its identifiers, its DIDs, its gateway
	Anchors    []TrustAnchor         `json:"anchors"`
	Keys       []json.RawMessage     `json:"keys"` // JWK with nbf, exp, revoked and our use beside its members
	Algorithms []string              `json:"algorithms"`
	TSAs       []string              `json:"tsas"`
}

// TrustAnchor is a pinned CA certificate.
type TrustAnchor struct {
	DER    []byte    `json:"der"` // base64
	SHA256 string    `json:"sha256"`
	Role   string    `json:"role"`
	From   time.Time `json:"from,omitzero"`
	Until  time.Time `json:"until,omitzero"`
}

// keyWindow are the members that stand beside those of the JWK.
type keyWindow struct {
	NotBefore time.Time   `json:"nbf,omitzero"`
	Expires   time.Time   `json:"exp,omitzero"`
	Revoked   *keyRevoked `json:"revoked,omitempty"`
}

type keyRevoked struct {
	At               time.Time `json:"revokedAt"`
	Reason           string    `json:"reason"`
	CompromisedSince time.Time `json:"compromisedSince,omitzero"`
}

// Payload returns the RFC 8785 form of the list.
func (l *TrustList) Payload() ([]byte, error) { return payload(l) }

// Sign returns the list as accord-trust+jwt.
func (l *TrustList) Sign(s *signing.Signer, now time.Time) ([]byte, error) {
	return seal(l, signing.TypTrust, s, now)
}

// ParseTrustList reads the payload of a trust list, strictly. A list without a
// signature counts only when it is read from a local file named by hand.
func ParseTrustList(src []byte) (*TrustList, error) {
	return parse[TrustList](src)
}

// OpenTrustList verifies and reads an accord-trust+jwt with the keys of the
// gateway, which the caller has from elsewhere: its JWKS over TLS, or the list
// before.
func OpenTrustList(raw []byte, keys []*signing.Key, now time.Time) (*TrustList, error) {
	return openAs[TrustList](raw, signing.TypTrust, keys, now)
}

// ReadTrustFile reads a trust list from a local file named by hand: its bare
// payload, or signed. Who names the file vouches for it; of a signed one the
// signature must still be one of its own gateway, so that a damaged or patched
// file is found.
func ReadTrustFile(raw []byte, now time.Time) (*TrustList, error) {
	if isJSON(raw) {
		return ParseTrustList(raw)
	}
	m, err := signing.Read(raw, signing.MessageProfile(signing.TypTrust))
	if err != nil {
		return nil, err
	}
	l, err := ParseTrustList(m.Payload)
	if err != nil {
		return nil, err
	}
	keys, _, err := signing.ParseKeySet(l.Gateway.JWKS)
	if err != nil {
		return nil, under("/gateway/jwks", err)
	}
	return OpenTrustList(raw, keys, now)
}

// Stale says whether the gateway has promised a newer list.
func (l *TrustList) Stale(now time.Time) bool {
	t, err := parseInstant(l.NextUpdate)
	return err != nil || !now.Before(t)
}

func (l *TrustList) check() error {
	var f form
	f.version(l.Ver)
	f.need(l.Iss != "", "/iss")
	f.match(l.Seq >= 1, "/seq", "lists are counted from 1")
	f.instant(l.NextUpdate, "/nextUpdate")
	f.match(l.Gateway.ID.Valid(), "/gateway/id", "not a partner id")
	f.need(len(l.Gateway.VKeys) > 0, "/gateway/vkeys")
	f.need(len(l.Gateway.JWKS) > 0, "/gateway/jwks")
	f.need(l.Partners != nil, "/partners")
	if err := f.err(); err != nil {
		return err
	}
	var texts []string
	for _, k := range l.Gateway.VKeys {
		texts = append(texts, k.VKey)
	}
	keys, err := ledger.NewVKeys(texts...)
	if err != nil {
		return under("/gateway/vkeys", err)
	}
	if keys.Origin() != l.Gateway.Origin {
		return fault.At(fault.SchemaFormat, "/gateway/origin", "not the name of the vkeys")
	}
	return nil
}
