package evidence

import (
	"slices"
	"strconv"
	"time"

	"accord/attestation"
	"accord/certs"
	"accord/internal/fault"
	"accord/internal/strictjson"
	"accord/partners"
	"accord/signing"
)

// Trusted is a trust list made ready for verification: a [Directory] and the
// log of the gateway. It is immutable.
type Trusted struct {
	list   *TrustList
	log    Log
	owners map[string]attestation.PartnerID // by URN, DID or URL
	trusts map[attestation.PartnerID]*signing.Trust
}

var _ Directory = (*Trusted)(nil)

// Compile reads the keys and certificates of a list. All that is wrong comes at
// once; a list with a bad key is not used in part, for a verifier would not
// know what it misses.
func (l *TrustList) Compile() (*Trusted, error) {
	t := &Trusted{
		list:   l,
		log:    Log{Issuer: l.Iss, Origin: l.Gateway.Origin, VKeys: l.Gateway.VKeys},
		owners: make(map[string]attestation.PartnerID),
		trusts: make(map[attestation.PartnerID]*signing.Trust),
	}
	var faults fault.List
	keys, refused, err := signing.ParseKeySet(l.Gateway.JWKS)
	faults = append(faults, fault.All(under("/gateway/jwks", err))...)
	faults = append(faults, fault.All(under("/gateway/jwks", refused.ErrorOrNil()))...)
	t.log.Keys = keys
	for i := range l.Partners {
		at := "/partners/" + strconv.Itoa(i)
		faults = append(faults, fault.All(under(at, t.add(&l.Partners[i])))...)
	}
	if err := faults.ErrorOrNil(); err != nil {
		return nil, err
	}
	return t, nil
}

// add compiles one partner.
func (t *Trusted) add(p *TrustPartner) error {
	var f form
	f.match(p.ID.Valid(), "/id", "not a partner id")
	f.match(t.trusts[p.ID] == nil, "/id", "this partner stands in the list twice")
	trust := &signing.Trust{Partner: p.ID}
	for _, a := range p.Algorithms {
		trust.Algorithms = append(trust.Algorithms, signing.Alg(a))
	}
	for i, name := range p.Issuers {
		owner, taken := t.owners[name]
		f.match(!taken || owner == p.ID, "/issuers/"+strconv.Itoa(i), "this issuer belongs to another partner")
		t.owners[name] = p.ID
	}
	for i, a := range p.Anchors {
		anchor, err := certs.ParseAnchor(a.DER, a.SHA256)
		f.faults = append(f.faults, fault.All(under("/anchors/"+strconv.Itoa(i), err))...)
		anchor.Role, anchor.From, anchor.Until = a.Role, a.From, a.Until
		anchor.Algorithms, anchor.Exclusive = p.Algorithms, a.Role == partners.RoleOwn
		trust.Anchors = append(trust.Anchors, anchor)
	}
	for i, jwk := range p.Keys {
		key, err := parseListedKey(jwk)
		f.faults = append(f.faults, fault.All(under("/keys/"+strconv.Itoa(i), err))...)
		trust.Keys = append(trust.Keys, key)
	}
	t.trusts[p.ID] = trust
	return f.err()
}

// parseListedKey reads a JWK with its window beside it.
func parseListedKey(jwk []byte) (*signing.Key, error) {
	key, err := signing.ParseKey(jwk)
	if err != nil {
		return nil, err
	}
	var w keyWindow
	if err := strictjson.UnmarshalLoose(jwk, &w); err != nil {
		return nil, err
	}
	if key.Use == "" {
		return nil, fault.At(fault.SchemaMissingField, "/use", "this member is required")
	}
	key.NotBefore, key.Expires = w.NotBefore, w.Expires
	if w.Revoked != nil {
		key.Revoked = &signing.Revocation{At: w.Revoked.At, Reason: w.Revoked.Reason, CompromisedSince: w.Revoked.CompromisedSince}
	}
	return key, nil
}

// List returns the list it was made of.
func (t *Trusted) List() *TrustList { return t.list }

// Logs returns the logs of the list, for [CheckReceipt].
func (t *Trusted) Logs() []Log {
	log := t.log
	log.VKeys = slices.Clone(log.VKeys)
	return []Log{log}
}

// Owner returns the partner that owns the identifiers. issuer.mismatch: nobody
// does, or more than one.
func (t *Trusted) Owner(ids []attestation.Identifier, _ time.Time) (attestation.PartnerID, error) {
	var owner attestation.PartnerID
	for _, id := range ids {
		p, ok := t.owners[id.URN()]
		switch {
		case !ok || p == owner:
		case owner == "":
			owner = p
		default:
			return "", fault.New(fault.IssuerMismatch, "the issuer's identifiers belong to more than one partner")
		}
	}
	if owner == "" {
		return "", fault.New(fault.IssuerMismatch, "no partner of the trust list owns an identifier of the issuer")
	}
	return owner, nil
}

// Trust returns the trust of a partner, nil for one that is not in the list.
// Windows stand in keys and anchors, so it is the same at all times.
func (t *Trusted) Trust(id attestation.PartnerID, _ time.Time) *signing.Trust { return t.trusts[id] }
