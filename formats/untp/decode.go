package untp

import (
	"slices"
	"strings"
	"time"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/formats/jsondoc"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// decode reads a credential of any version that is known, enveloped or not. The
// submission validates; what no field takes stands in its residual.
func decode(src []byte) (*attestation.Submission, []dialect.Loss, error) {
	src, enveloped, err := unwrap(src)
	if err != nil {
		return nil, nil, err
	}
	root, err := jsondoc.Parse(src)
	if err != nil {
		return nil, nil, err
	}
	v, err := checkCredential(root)
	if err != nil {
		return nil, nil, err
	}
	d := &decoder{s: new(attestation.Submission), v: v, losses: dialect.Losses{Source: codecName(v), Target: "native+json"}}
	if enveloped {
		d.losses.Add(dialect.Warning, dialect.Proof, "")
	}
	root = d.normalise(root)
	d.credential(root)
	if err := d.findings(); err != nil {
		return nil, nil, err
	}
	if err := d.residual(root); err != nil {
		return nil, nil, err
	}
	return d.s, d.losses.List, nil
}

// checkCredential holds a tree against the shape of its version.
func checkCredential(root *jsondoc.Value) (version, error) {
	if root.Kind != strictjson.Object {
		return "", fault.New(fault.SchemaType, "a credential is a JSON object")
	}
	v, found := versionOf(root)
	if v == "" {
		return "", found.ErrorOrNil()
	}
	s := map[version]*shape{v070: dcc07, v061: dcc061, v060: dcc060}[v]
	for _, f := range check(root, s, true) {
		if !strings.HasPrefix(f.At, "/@context") {
			found = append(found, f)
		}
	}
	for _, name := range []string{"type", "credentialSubject"} {
		if root.Member(name) == nil && !slices.ContainsFunc(found, func(f *fault.Error) bool { return f.At == "/"+name }) {
			found = append(found, fault.At(fault.SchemaMissingField, "/"+name, "required"))
		}
	}
	return v, found.ErrorOrNil()
}

// decoder fills a submission from a tree that has the right shape.
type decoder struct {
	s       *attestation.Submission
	v       version
	lang    string
	subject string
	losses  dialect.Losses
	// origins say where in the credential a member of the submission comes from:
	// pairs of pointers.
	origins [][2]string
	objects map[string]int // by the text of their entries
	places  map[string]bool
}

// from notes that a member of the submission was read from a place.
func (d *decoder) from(member, at string) { d.origins = append(d.origins, [2]string{member, at}) }

// normalise gives times without offset the one that they have by the rule of the
// W3C, takes types as lists, and drops proofs: none survives a conversion.
func (d *decoder) normalise(root *jsondoc.Value) *jsondoc.Value {
	out := *root
	out.Members = slices.Clone(root.Members)
	for i := range out.Members {
		m := &out.Members[i]
		if (m.Name == "validFrom" || m.Name == "validUntil") && m.Value.Kind == strictjson.String {
			if _, ok := instantOf(m.Value.Text); !ok {
				m.Value.Text += "Z"
				d.losses.Add(dialect.Warning, dialect.Assumed, "/"+m.Name)
			}
		}
	}
	before := len(out.Members)
	out.Members = slices.DeleteFunc(out.Members, func(m jsondoc.Member) bool { return m.Name == "proof" })
	if len(out.Members) < before {
		d.losses.Add(dialect.Warning, dialect.Proof, "/proof")
	}
	return &out
}

// text returns the string of a member, "" if there is none.
func text(v *jsondoc.Value, name string) string {
	if v == nil {
		return ""
	}
	if m := v.Member(name); m != nil && m.Kind == strictjson.String {
		return m.Text
	}
	return ""
}

// said makes a text in the language of the credential; none of an empty string.
func (d *decoder) said(s string) attestation.LText {
	if s == "" {
		return nil
	}
	return attestation.LText{{Lang: d.lang, Value: s}}
}

func (d *decoder) credential(root *jsondoc.Value) {
	s, subject := d.s, root.Member("credentialSubject")
	ext := extensionOf(subject)
	d.lang, d.subject = "und", text(subject, "id")
	if l := text(ext, extLang); attestation.ValidLanguage(l) {
		d.lang = l
	}
	s.ModelVersion = attestation.ModelVersion
	s.Kind = attestation.Kind(toOurs(kinds, text(subject, "attestationType"), d.v.old()))
	s.Party = attestation.PartyKind(toOurs(levels, text(subject, "assessorLevel"), d.v.old()))
	s.Regime = attestation.UnspecifiedRegime
	s.Identifiers = []attestation.Identifier{identifierOf(d.subject, "")}
	d.from("/identifiers/0", "/credentialSubject/id")
	d.title(root, subject)
	s.Description = d.said(text(subject, "description"))
	d.from("/description", "/credentialSubject/description")
	d.issuer(root.Member("issuer"))
	d.client(subject.Member("issuedToParty"))
	d.dates(root, subject)
	d.scheme(subject)
	d.authorisations(subject)
	d.links(subject)
	d.extension(ext)
	d.assessments(subject)
	if len(s.Objects) == 0 {
		d.organisation(subject.Member("issuedToParty"))
	}
}

func (d *decoder) title(root, subject *jsondoc.Value) {
	at := "/credentialSubject/name"
	name := text(subject, "name")
	if name == "" {
		name, at = text(root, "name"), "/name"
	}
	d.s.Title = d.said(name)
	d.from("/title", at)
}

// issuer reads who issued the credential; its DID stands behind the numbers by
// which registers know it.
func (d *decoder) issuer(v *jsondoc.Value) {
	p := &d.s.Issuer
	p.Role, p.Name = roleOf(d.s.Kind), d.said(text(v, "name"))
	d.from("/issuer", "/issuer")
	if known := v.Member("issuerAlsoKnownAs"); known != nil {
		for i := range known.Elements {
			k := &known.Elements[i]
			d.from(pointerAt("/issuer/identifiers", len(p.Identifiers)), pointerAt("/issuer/issuerAlsoKnownAs", i))
			p.Identifiers = append(p.Identifiers, identifierOf(text(k, "id"), text(k, "registeredId")))
		}
	}
	if id := text(v, "id"); id != d.subject+"#issuer" {
		d.from(pointerAt("/issuer/identifiers", len(p.Identifiers)), "/issuer/id")
		own := identifierOf(id, "")
		if own.Scheme == schemeDID {
			p.Identifiers = append(p.Identifiers, own)
		} else {
			p.Identifiers = append([]attestation.Identifier{own}, p.Identifiers...)
		}
	}
}

// party reads {id, name, registeredId}.
func (d *decoder) party(v *jsondoc.Value, role string) attestation.Party {
	p := attestation.Party{Role: role, Name: d.said(text(v, "name"))}
	if id := text(v, "id"); !strings.HasPrefix(id, d.subject+"#") && id != "urn:accord:party:unspecified" {
		p.Identifiers = []attestation.Identifier{identifierOf(id, text(v, "registeredId"))}
	}
	return p
}

func (d *decoder) client(v *jsondoc.Value) {
	d.s.Parties = []attestation.Party{d.party(v, "client")}
	d.from("/parties/0", "/credentialSubject/issuedToParty")
	d.from("/parties/0/identifiers", "/credentialSubject/issuedToParty/id")
}

// dates reads the validity. 0.6 leaves it open; then the last assessment is the
// nearest thing to a date of issue.
func (d *decoder) dates(root, subject *jsondoc.Value) {
	dates := &d.s.Dates
	d.from("/dates/issued", "/validFrom")
	d.from("/statusEvents", "/validFrom")
	d.from("/dates/expires", "/validUntil")
	dates.Issued.Value = text(root, "validFrom")
	if dates.Issued.Value == "" {
		if list := assessmentsOf(subject); list != nil {
			for i := range list.Elements {
				dates.Issued.Value = max(dates.Issued.Value, text(&list.Elements[i], "assessmentDate"))
			}
		}
		d.losses.Add(dialect.Warning, dialect.Assumed, "/validFrom")
	}
	if until := text(root, "validUntil"); until != "" {
		dates.Expires = &attestation.DateV{Value: until}
	}
	d.s.StatusEvents = []attestation.StatusEvent{{Seq: 1, Event: attestation.EventIssue, Effective: dates.Issued}}
}

func (d *decoder) scheme(subject *jsondoc.Value) {
	at := "referenceScheme"
	if d.v.old() {
		at = "scope"
	}
	v := subject.Member(at)
	id, name := text(v, "id"), text(v, "name")
	if v == nil || id == noScheme || id == "" {
		return
	}
	d.from("/scheme", "/credentialSubject/"+at)
	sc := &attestation.Scheme{ID: unnamed("scheme", id), Name: d.said(cmpOr(name, id))}
	d.s.Scheme = sc
	if owner := v.Member("issuingParty"); owner != nil && text(owner, "id") != "urn:accord:party:unspecified" {
		p := d.party(owner, "")
		sc.Owner = &p
	}
	profile := text(subject.Member("referenceProfile"), "id")
	switch {
	case profile == "":
	case strings.HasPrefix(profile, urnID+"cn.cnca.rule:"):
		sc.Rule = &attestation.Rule{ID: unnamed("cn.cnca.rule", profile)}
	case strings.HasPrefix(profile, urnID+"rule:"):
		sc.Rule = &attestation.Rule{ID: unnamed("rule", profile)}
	default:
		sc.Profile = unnamed("profile", profile)
	}
}

// unnamed undoes namedURI.
func unnamed(scheme, uri string) string {
	if rest, ok := strings.CutPrefix(uri, urnID+scheme+":"); ok {
		return unescaped(rest)
	}
	return uri
}

func (d *decoder) authorisations(subject *jsondoc.Value) {
	list := subject.Member("authorisation")
	if list == nil {
		return
	}
	for i := range list.Elements {
		v := &list.Elements[i]
		d.from(pointerAt("/authorisation", i), pointerAt("/credentialSubject/authorisation", i))
		d.s.Authorisation = append(d.s.Authorisation, attestation.Authorisation{
			Authority: d.party(v.Member("issuingAuthority"), ""), Basis: text(v, "name"),
		})
	}
}

// links reads the certificate, the auditable evidence and the mark.
func (d *decoder) links(subject *jsondoc.Value) {
	for _, l := range [...]struct{ name, purpose string }{
		{"conformityCertificate", "certificate"}, {"auditableEvidence", "auditable"},
	} {
		if v := subject.Member(l.name); v != nil && text(v, "linkURL") != "" {
			d.from(pointerAt("/evidence", len(d.s.Evidence)), "/credentialSubject/"+l.name)
			d.s.Evidence = append(d.s.Evidence, attestation.Evidence{Link: d.link(v), Purpose: l.purpose})
		}
	}
	if v := subject.Member("trustmark"); v != nil && isBase64(text(v, "imageData")) {
		d.from("/trustmarks/0", "/credentialSubject/trustmark")
		d.s.Trustmarks = []attestation.Trustmark{{
			Name: d.said(text(v, "name")), Description: d.said(text(v, "description")),
			MediaType: text(v, "mediaType"), Data: text(v, "imageData"),
		}}
	}
}

func isBase64(s string) bool {
	return len(s) > 0 && len(s)%4 == 0 &&
		strings.Trim(strings.TrimRight(s, "="), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") == ""
}

func (d *decoder) link(v *jsondoc.Value) attestation.Link {
	l := attestation.Link{URL: text(v, "linkURL"), MediaType: text(v, "mediaType")}
	if name := text(v, "linkName"); name != l.URL || d.v.old() {
		l.Name = d.said(name)
	}
	if digest := text(v, "digestMultibase"); digest != "" {
		l.Digests = []attestation.LinkDigest{{Alg: algMultibase, Value: digest}}
		if hex, ok := sha256Of(digest); ok {
			l.Digests[0] = attestation.LinkDigest{Alg: "sha-256", Value: hex}
		}
	}
	if digest := text(v, "hashDigest"); digest != "" {
		alg := strings.ToLower(cmpOr(text(v, "hashMethod"), "unspecified"))
		l.Digests = []attestation.LinkDigest{{Alg: alg, Value: digest}}
	}
	return l
}

// decodeTime is the present for the rules of the model that need one. A codec has
// no clock: the only such rule bounds the year of a number from above, and the
// gateway asks it again with its own.
var decodeTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// findings holds the submission against the rules of the model and says of each
// finding where in the credential it lies.
func (d *decoder) findings() error {
	found, _ := d.s.Validate(decodeTime)
	var list fault.List
	for _, f := range fault.All(attestation.Err(found)) {
		g := *f
		g.At = d.origin(f.At)
		if !slices.ContainsFunc(list, func(o *fault.Error) bool { return o.Code == g.Code && o.At == g.At }) {
			list = append(list, &g)
		}
	}
	return list.ErrorOrNil()
}

// origin translates a pointer into the submission by the longest part of it that
// is known.
func (d *decoder) origin(at string) string {
	best := [2]string{"", ""}
	for _, o := range d.origins {
		if (at == o[0] || strings.HasPrefix(at, o[0]+"/")) && len(o[0]) > len(best[0]) {
			best = o
		}
	}
	if best[0] == "" {
		return "/credentialSubject"
	}
	return best[1]
}
