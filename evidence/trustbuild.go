package evidence

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"accord/attestation"
	"accord/internal/fault"
	"accord/internal/strictjson"
	"accord/ledger"
	"accord/partners"
	"accord/signing"
)

// NewTrustList makes a list of partners as they stand in the directory. The
// keys are those with which the gateway signs messages; trust says what a
// partner's documents are verified with, so that keys of its earlier records
// stay in the list.
func NewTrustList(iss string, seq int, nextUpdate time.Time, g TrustGateway, keys []*signing.Key, from []*partners.Partner, trust func(attestation.PartnerID) *signing.Trust) (*TrustList, error) {
	g.JWKS = signing.KeySet(keys...)
	l := &TrustList{
		Ver: Version, Iss: iss, Seq: seq, NextUpdate: ledger.FormatTime(nextUpdate),
		Gateway: g, Witnesses: []string{}, Partners: []TrustPartner{},
	}
	for _, p := range from {
		entry, err := trustPartner(p, trust(p.ID))
		if err != nil {
			return nil, fmt.Errorf("trust list: partner %s: %w", p.ID, err)
		}
		l.Partners = append(l.Partners, entry)
	}
	slices.SortFunc(l.Partners, func(a, b TrustPartner) int { return strings.Compare(string(a.ID), string(b.ID)) })
	if err := l.check(); err != nil {
		return nil, err
	}
	return l, nil
}

// trustPartner takes out of a partner record what a verifier needs.
func trustPartner(p *partners.Partner, trust *signing.Trust) (TrustPartner, error) {
	out := TrustPartner{
		ID: p.ID, Issuers: []string{}, Anchors: []TrustAnchor{}, Keys: []json.RawMessage{},
		Algorithms: append([]string{}, p.Trust.Algorithms...), TSAs: append([]string{}, p.Trust.TSAs...),
	}
	for _, id := range p.Identifiers {
		out.Issuers = append(out.Issuers, id.URN())
	}
	out.Issuers = append(out.Issuers, p.Trust.DIDs...)
	if p.Trust.Issuer != "" {
		out.Issuers = append(out.Issuers, p.Trust.Issuer)
	}
	for _, a := range p.Trust.Anchors {
		// The list has one set of opt-ins for a partner's keys and anchors.
		out.Algorithms = append(out.Algorithms, a.Algorithms...)
		out.Anchors = append(out.Anchors, TrustAnchor{DER: a.DER, SHA256: a.SHA256, Role: a.Role, From: a.From.UTC(), Until: a.Until.UTC()})
	}
	slices.Sort(out.Algorithms)
	out.Algorithms = slices.Compact(out.Algorithms)
	for _, k := range p.Trust.Keys {
		if signing.Use(k.Use) != signing.UseDoc {
			continue // what signs requests proves nothing about documents
		}
		jwk, err := publishedKey(k)
		if err != nil {
			return TrustPartner{}, err
		}
		out.Keys = append(out.Keys, jwk)
	}
	return out, out.addEarlier(p, trust)
}

// addEarlier adds what earlier records of the partner had and this one has no
// longer, with the end of its time: what was signed before stays verifiable.
func (t *TrustPartner) addEarlier(p *partners.Partner, trust *signing.Trust) error {
	if trust == nil {
		return nil
	}
	for _, a := range trust.Anchors {
		if !slices.ContainsFunc(t.Anchors, func(b TrustAnchor) bool { return b.SHA256 == a.SHA256 }) {
			t.Anchors = append(t.Anchors, TrustAnchor{DER: a.Certificate.Raw, SHA256: a.SHA256, Role: a.Role, From: a.From.UTC(), Until: a.Until.UTC()})
		}
	}
	for _, k := range trust.Keys {
		if k.Use != signing.UseDoc || slices.ContainsFunc(p.Trust.Keys, func(r partners.Key) bool { return r.JWK["kid"] == k.KID }) {
			continue
		}
		earlier := partners.Key{Use: string(k.Use), NotBefore: k.NotBefore, Expires: k.Expires}
		if err := json.Unmarshal(k.JWK(), &earlier.JWK); err != nil {
			return err
		}
		if r := k.Revoked; r != nil {
			earlier.Revoked = &partners.Revoked{At: r.At, Reason: r.Reason, CompromisedSince: r.CompromisedSince}
		}
		jwk, err := publishedKey(earlier)
		if err != nil {
			return err
		}
		t.Keys = append(t.Keys, jwk)
	}
	return nil
}

// publishedKey puts window, revocation and use beside the members of the JWK.
func publishedKey(k partners.Key) (json.RawMessage, error) {
	jwk := make(map[string]any, len(k.JWK)+4)
	for name, value := range k.JWK {
		jwk[name] = value
	}
	jwk["use"] = k.Use
	if !k.NotBefore.IsZero() {
		jwk["nbf"] = ledger.FormatTime(k.NotBefore)
	}
	if !k.Expires.IsZero() {
		jwk["exp"] = ledger.FormatTime(k.Expires)
	}
	if r := k.Revoked; r != nil {
		jwk["revoked"] = keyRevoked{At: r.At.UTC(), Reason: r.Reason, CompromisedSince: r.CompromisedSince.UTC()}
	}
	b, err := strictjson.CanonicalOf(jwk)
	if err != nil {
		return nil, fault.Wrap(err, fault.KeyRejected, "the key cannot be published")
	}
	return b, nil
}
