package untp

import (
	"slices"
	"strings"
	"time"

	"accord/attestation"
	"accord/formats/jsondoc"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// Anchor is a Digital Identity Anchor (UNTP DIA 0.7.0): a registrar states that a
// DID is that of an entry of its register.
//
// How an issuer is identified by one (domain.md, §1.3): its DID document names the
// anchor as a service of type untp:dia (signing/did), the anchor is fetched and
// its signature verified (signing), and then [Anchor.Binds] says whether it binds
// the issuer. An anchor whose signature was not verified proves nothing.
type Anchor struct {
	ID         string
	Issuer     string // DID of the registrar
	IssuerName string

	Subject        string // the DID that is anchored
	RegisteredName string
	RegisteredID   string
	RegisteredDate string // YYYY-MM-DD
	Scheme         string // URI of the register's numbers
	SchemeName     string
	RegisterType   string   // product, facility, business, trademark, land or accreditation
	Scope          []string // of an accreditation: URIs of what the body may assess

	ValidFrom  time.Time
	ValidUntil time.Time // zero: no end
}

// DecodeAnchor reads an unsecured anchor. Every finding comes at once, each at
// its place, as for a credential of conformity.
func DecodeAnchor(src []byte) (*Anchor, error) {
	src, _, err := unwrap(src)
	if err != nil {
		return nil, err
	}
	root, err := jsondoc.Parse(src)
	if err != nil {
		return nil, err
	}
	if root.Kind != strictjson.Object {
		return nil, fault.New(fault.SchemaType, "a credential is a JSON object")
	}
	v, found := versionOf(root)
	if v != "" && v != v070 {
		found = append(found, fault.At(fault.SchemaNamespace, "/@context/1", "identity anchors are read of 0.7.0 only"))
	}
	if v != v070 {
		return nil, found.ErrorOrNil()
	}
	for _, f := range check(root, dia07, true) {
		if !strings.HasPrefix(f.At, "/@context") {
			found = append(found, f)
		}
	}
	if root.Member("type") == nil {
		found = append(found, fault.At(fault.SchemaMissingField, "/type", "required"))
	}
	if err := found.ErrorOrNil(); err != nil {
		return nil, err
	}
	return anchorOf(root), nil
}

func anchorOf(root *jsondoc.Value) *Anchor {
	issuer, s := root.Member("issuer"), root.Member("credentialSubject")
	scheme := s.Member("idScheme")
	a := &Anchor{
		ID: text(root, "id"), Issuer: text(issuer, "id"), IssuerName: text(issuer, "name"),
		Subject: text(s, "id"), RegisteredName: text(s, "registeredName"), RegisteredID: text(s, "registeredId"),
		RegisteredDate: text(s, "registeredDate"), Scheme: text(scheme, "id"), SchemeName: text(scheme, "name"),
		RegisterType: text(s, "registerType"),
		ValidFrom:    timeOf(text(root, "validFrom")), ValidUntil: timeOf(text(root, "validUntil")),
	}
	if scope := s.Member("registrationScope"); scope != nil {
		for i := range scope.Elements {
			a.Scope = append(a.Scope, scope.Elements[i].Text)
		}
	}
	return a
}

// timeOf reads an instant that was checked; one without offset is UTC.
func timeOf(s string) time.Time {
	for _, text := range []string{s, s + "Z"} {
		if d, ok := instantOf(text); ok {
			return d.Instant()
		}
	}
	return time.Time{}
}

// Binds says whether the anchor binds a DID, as issuer of a credential, to the
// registered number at a time: the anchored DID is exactly this one, the anchor is
// in its validity, and its issuer is a did:web on the list of registrars that we
// trust. Every reason against it comes at once, with the code issuer.mismatch.
func (a *Anchor) Binds(issuer string, at time.Time, registrars []string) error {
	var found fault.List
	against := func(at, detail string) { found = append(found, fault.At(fault.IssuerMismatch, at, detail)) }
	if a.Subject != issuer {
		against("/credentialSubject/id", "the anchor is about another DID than the issuer")
	}
	switch {
	case !strings.HasPrefix(a.Issuer, "did:web:"):
		against("/issuer/id", "the registrar is not told by a did:web")
	case !slices.Contains(registrars, a.Issuer):
		against("/issuer/id", "the registrar is not on our list of trust anchors")
	}
	if a.Issuer == issuer {
		against("/issuer/id", "nobody anchors himself")
	}
	if at.Before(a.ValidFrom) {
		against("/validFrom", "the anchor was not valid yet")
	}
	if !a.ValidUntil.IsZero() && !at.Before(a.ValidUntil) {
		against("/validUntil", "the anchor was not valid any more")
	}
	return found.ErrorOrNil()
}

// Identifier returns the registered number as an identifier: its scheme is that
// of the register, in our own words where it is a URN of ours.
func (a *Anchor) Identifier() attestation.Identifier {
	scheme := a.Scheme
	if rest, ok := strings.CutPrefix(scheme, urnID); ok {
		scheme = unescaped(strings.TrimSuffix(rest, ":"))
	}
	return attestation.Identifier{Scheme: scheme, Value: a.RegisteredID}
}
