package partners

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"accord/attestation"
	"accord/internal/fault"
	"accord/signing"
)

// The closed lists of a partner record (domain.md, section 6.2).
var (
	partnerKinds = []string{
		string(AccreditationBody), string(CertificationBody), string(Regulator),
		string(SchemeOwner), string(DesignatingAuthority), string(Lab),
	}
	partnerStatuses = []string{StatusActive, StatusSuspended, StatusTerminated}
	keyUses         = []string{string(signing.UseDoc), string(signing.UseAuth)}
	algorithms      = []string{
		string(signing.ES256), string(signing.ES384), string(signing.EdDSA),
		string(signing.PS256), string(signing.RS256),
	}
)

func (p *Partner) validate(f *findings, target string) {
	f.own(string(p.ID), target)
	f.text("/name", p.Name)
	f.word("/kind", string(p.Kind), partnerKinds)
	if len(p.Economies) == 0 {
		f.missing("/economies", "a partner belongs to at least one economy")
	}
	for i, e := range p.Economies {
		f.economy(idx("/economies", i), e)
	}
	for i, id := range p.Identifiers {
		at := idx("/identifiers", i)
		f.identifier(at, id)
		if slices.Contains(p.Identifiers[:i], id) {
			f.format(at, "stands in the list twice")
		}
	}
	p.Trust.validate(f)
	for i, a := range p.ActsFor {
		f.id(idx("/actsFor", i)+"/issuer", string(a.Issuer))
		f.spans(idx("/actsFor", i)+"/periods", a.Periods)
	}
	for i, e := range p.Endpoints {
		at := idx("/endpoints", i)
		f.url(at+"/url", e.URL)
		f.line(at+"/protocol", e.Protocol)
		f.lines(at+"/formats", e.Formats)
	}
	for i, l := range p.Languages {
		if !attestation.ValidLanguage(l) {
			f.format(idx("/languages", i), "want a BCP 47 language tag in its canonical case")
		}
	}
	f.statuses("/status", p.Status, partnerStatuses)
}

// statuses checks dated statuses; at least one is required.
func (f *findings) statuses(at string, spans []StatusSpan, list []string) {
	if len(spans) == 0 {
		f.missing(at, "at least one period with a status is required")
	}
	for i, s := range spans {
		f.span(idx(at, i), s.Span)
		f.word(idx(at, i)+"/status", s.Status, list)
	}
}

// identifierForms checks the identifiers whose form is known (domain.md,
// section 7); others are any line.
var identifierForms = map[string]func(string) bool{
	"cn.uscc":          attestation.ValidUSCC,
	"cn.gb11714":       attestation.ValidOrgCode,
	"cn.orgcode":       attestation.ValidOrgCode,
	"gs1.gln":          attestation.ValidGLN,
	"lei":              attestation.ValidLEI,
	"iso.lei":          attestation.ValidLEI,
	"cn.cnca.approval": attestation.ValidCNCAApproval,
	DIDScheme:          validDID,
}

func (f *findings) identifier(at string, id attestation.Identifier) {
	f.line(at+"/scheme", id.Scheme)
	f.line(at+"/value", id.Value)
	if valid, known := identifierForms[id.Scheme]; known && id.Value != "" && !valid(id.Value) {
		f.format(at+"/value", "has not the form, or the check characters, of its scheme")
	}
}

// validDID checks the form did:method:id (DID Core, section 3.1) loosely.
func validDID(s string) bool {
	method, id, ok := strings.Cut(strings.TrimPrefix(s, "did:"), ":")
	return ok && strings.HasPrefix(s, "did:") && method != "" && id != "" && !strings.ContainsAny(s, " \t\r\n#?/")
}

func (t *Trust) validate(f *findings) {
	const at = "/trust"
	t.validateAnchors(f, at+"/anchors")
	t.validateKeys(f, at+"/keys")
	for i, v := range t.VKeys {
		if _, err := note.NewVerifier(v); err != nil {
			f.add(fault.KeyRejected, idx(at+"/vkeys", i), "want a C2SP vkey: name+hash+key")
		}
	}
	if t.Issuer != "" {
		f.url(at+"/issuer", t.Issuer)
	}
	if t.JWKSURL != "" {
		f.url(at+"/jwksUrl", t.JWKSURL)
	}
	for i, d := range t.DIDs {
		if !validDID(d) || slices.Contains(t.DIDs[:i], d) {
			f.format(idx(at+"/dids", i), "want a DID without path, query and fragment, each once")
		}
	}
	words(f, at+"/algorithms", t.Algorithms, algorithms)
	for _, a := range t.Algorithms {
		f.material.algorithms = append(f.material.algorithms, signing.Alg(a))
	}
	f.lines(at+"/tsas", t.TSAs)
	f.duration(at+"/claimWindow", t.ClaimWindow)
	if d, err := time.ParseDuration(t.ClaimWindow); err == nil {
		f.material.claimWindow = d
	}
}

func (t *Trust) validateAnchors(f *findings, list string) {
	for i := range t.Anchors {
		a, at := &t.Anchors[i], idx(list, i)
		f.line(at+"/role", a.Role)
		words(f, at+"/algorithms", a.Algorithms, algorithms)
		f.span(at, a.Span)
		anchor, err := a.parse()
		if err != nil {
			f.add(fault.KeyRejected, at, fault.All(err)[0].Detail)
			continue
		}
		if slices.ContainsFunc(t.Anchors[:i], func(b Anchor) bool { return b.SHA256 == a.SHA256 }) {
			f.add(fault.KeyRejected, at, "the certificate stands in the list twice")
		}
		f.material.anchors = append(f.material.anchors, anchor)
	}
}

// validateKeys: a key has one use (wire.md), and a kid stands for one key.
func (t *Trust) validateKeys(f *findings, list string) {
	for i := range t.Keys {
		k, at := &t.Keys[i], idx(list, i)
		f.word(at+"/use", k.Use, keyUses)
		if !k.NotBefore.IsZero() && !k.Expires.IsZero() && !k.NotBefore.Before(k.Expires) {
			f.add(fault.DocDateOrder, at+"/exp", "exp must lie after nbf")
		}
		if r := k.Revoked; r != nil {
			r.validate(f, at+"/revoked")
		}
		key, err := k.parse()
		if err != nil {
			f.add(fault.KeyRejected, at+"/jwk", fault.All(err)[0].Detail)
			continue
		}
		if slices.ContainsFunc(f.material.keys, func(other *signing.Key) bool {
			return other.KID == key.KID || other.Thumbprint() == key.Thumbprint()
		}) {
			f.add(fault.KeyRejected, at, "the key or its kid stands in the list twice; a key has one use, a kid one key")
		}
		f.material.keys = append(f.material.keys, key)
	}
}

func (r *Revoked) validate(f *findings, at string) {
	if r.At.IsZero() {
		f.missing(at+"/revokedAt", "required")
	}
	f.line(at+"/reason", r.Reason)
	if r.CompromisedSince.After(r.At) {
		f.add(fault.DocDateOrder, at+"/compromisedSince", "a key is revoked after it was compromised, not before")
	}
}
