package untp

import (
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// encoder writes one credential. It appends octets and remembers where in the
// submission it stands, so that each loss has its path.
type encoder struct {
	place
	b       []byte
	s       *attestation.Submission
	o       dialect.Options
	v       version
	spelled bool // statusListIndex as a string, as the W3C has it
	lang    string
	subject string // URI of what the credential attests
	losses  dialect.Losses
}

// encode writes a submission as a credential of a version, without what the
// residual puts back.
func encode(s *attestation.Submission, o dialect.Options, v version, spelled bool) (*encoder, error) {
	typ, narrow, ok := toTheirs(kinds, string(s.Kind), v.old())
	if !ok {
		return nil, fault.At(fault.SchemaFormat, "/kind", "a conformity credential has no word for a "+string(s.Kind))
	}
	if len(s.Identifiers) == 0 || len(s.Parties) == 0 {
		return nil, fault.New(fault.SchemaMissingField, "a conformity credential needs a number and a party")
	}
	e := &encoder{s: s, o: o, v: v, spelled: spelled, b: make([]byte, 0, 6<<10)}
	e.losses = dialect.Losses{Source: "native+json", Target: codecName(v), List: make([]dialect.Loss, 0, 32)}
	e.steps = make([]step, 0, 8)
	e.lang = language(s, o.Lang)
	e.subject = uriOf(&s.Identifiers[0])
	if narrow {
		e.lose(dialect.Warning, dialect.Narrowed, "kind")
	}
	e.root(typ)
	e.rest()
	return e, nil
}

// language is the language of the credential: that which was asked for, or that
// of the first text.
func language(s *attestation.Submission, asked string) string {
	if asked != "" {
		return asked
	}
	for _, t := range []attestation.LText{s.Title, s.Issuer.Name} {
		if len(t) > 0 {
			return t[0].Lang
		}
	}
	return "und"
}

func (e *encoder) lose(severity dialect.Severity, code, leaf string) {
	e.losses.Add(severity, code, e.pointer(leaf))
}

// loseAll reports each of a list from an index on.
func (e *encoder) loseAll(severity dialect.Severity, code, list string, from, n int) {
	for i := from; i < n; i++ {
		e.losses.Add(severity, code, pointerAt(e.pointer(list), i))
	}
}

// key begins a member; its text has the quotes and the colon.
func (e *encoder) key(k string) {
	e.comma()
	e.b = append(e.b, k...)
}

// comma goes before a member or element unless it is the first.
func (e *encoder) comma() {
	if last := e.b[len(e.b)-1]; last != '{' && last != '[' {
		e.b = append(e.b, ',')
	}
}

func (e *encoder) raw(s string) { e.b = append(e.b, s...) }

func (e *encoder) str(k, v string) {
	e.key(k)
	e.b = strictjson.AppendString(e.b, v)
}

func (e *encoder) optStr(k, v string) {
	if v != "" {
		e.str(k, v)
	}
}

// pick chooses the text of the credential's language and reports the others.
func (e *encoder) pick(leaf string, t attestation.LText) string {
	if len(t) == 0 {
		return ""
	}
	best := pickText(t, e.lang)
	for i := range t {
		if i != best {
			e.losses.Add(dialect.Warning, dialect.Language, pointerAt(e.pointer(leaf), i))
		}
	}
	if t[best].Lang != e.lang {
		e.losses.Add(dialect.Warning, dialect.Language, pointerAt(e.pointer(leaf), best)+"/lang")
	}
	return t[best].Value
}

// pickText returns the index of the text in a language, of the nearest one, or
// of the first.
func pickText(t attestation.LText, lang string) int {
	for i := range t {
		if t[i].Lang == lang {
			return i
		}
	}
	base, _, _ := strings.Cut(lang, "-")
	for i := range t {
		if own, _, _ := strings.Cut(t[i].Lang, "-"); own == base {
			return i
		}
	}
	return 0
}

func (e *encoder) root(typ string) {
	s, old := e.s, e.v.old()
	e.raw(`{"@context":["` + contextW3C + `","`)
	e.raw(e.v.context())
	e.raw(`"],"type":["DigitalConformityCredential","VerifiableCredential"]`)
	e.str(`"id":`, uuidOf(e.subject, s.IssueNumber, e.o.By.ID, e.o.Original.Digest))
	e.issuer()
	title := e.title()
	e.validity()
	if !old {
		name := title
		if e.o.By.ID != "" {
			name = "Conversion of " + title
		}
		e.str(`"name":`, name)
	}
	e.status()
	e.attestation(typ, title)
	e.raw("}")
}

// title is the name of the attestation; 0.7.0 demands one.
func (e *encoder) title() string {
	if title := e.pick("title", e.s.Title); title != "" {
		return title
	}
	if !e.v.old() {
		e.lose(dialect.Info, dialect.Assumed, "title")
	}
	return string(e.s.Kind) + " " + e.s.Identifiers[0].Value
}

// validity writes the two instants of the credential.
func (e *encoder) validity() {
	d := &e.s.Dates
	from, leaf := &d.Issued, "dates/issued"
	if d.ValidFrom != nil {
		from, leaf = d.ValidFrom, "dates/validFrom"
	}
	e.key(`"validFrom":`)
	e.instant(leaf, from, false)
	if d.Expires != nil {
		e.key(`"validUntil":`)
		e.instant("dates/expires", d.Expires, true)
	}
}

// instant writes a date as the instant at which it begins or ends, in UTC; an
// instant as it is.
func (e *encoder) instant(leaf string, d *attestation.DateV, end bool) {
	if !d.DateOnly() && !strings.Contains(d.Value, "T24:") {
		e.b = strictjson.AppendString(e.b, d.Value)
		if d.Lexical != "" {
			e.lose(dialect.Info, dialect.Precision, leaf+"/lexical")
		}
		if d.Zone != "" {
			e.lose(dialect.Info, dialect.Precision, leaf+"/zone")
		}
		return
	}
	t := d.Instant()
	if end {
		t = d.EndInstant()
	}
	e.b = append(e.b, '"')
	e.b = t.UTC().AppendFormat(e.b, "2006-01-02T15:04:05.999999999Z")
	e.b = append(e.b, '"')
	e.lose(dialect.Info, dialect.Precision, leaf)
}

// status writes where the status of the credential is published.
func (e *encoder) status() {
	if st := e.o.Status; st != nil {
		e.raw(`,"credentialStatus":{"type":"BitstringStatusListEntry"`)
		e.str(`"statusPurpose":`, st.Purpose)
		e.key(`"statusListIndex":`)
		if e.spelled {
			e.b = append(e.b, '"')
		}
		e.b = strconv.AppendUint(e.b, st.Index, 10)
		if e.spelled {
			e.b = append(e.b, '"')
		}
		e.str(`"statusListCredential":`, st.List)
		e.raw("}")
	}
}

// issuer writes who stands behind the credential: whoever converts, else the
// body. The body's name never stands over another's key (domain.md, §4.1).
func (e *encoder) issuer() {
	p := &e.s.Issuer
	if e.o.By.ID != "" {
		e.raw(`,"issuer":{"type":["CredentialIssuer"]`)
		e.str(`"id":`, e.o.By.ID)
		e.str(`"name":`, cmpOr(e.o.By.Name, e.o.By.ID))
		e.raw("}")
		e.lose(dialect.Warning, dialect.Moved, "issuer")
		return
	}
	e.in("issuer")
	defer e.out()
	own := didOf(p)
	e.raw(`,"issuer":{"type":["CredentialIssuer"]`)
	e.key(`"id":`)
	e.partyID(p, own, "#issuer")
	name := e.pick("name", p.Name)
	e.str(`"name":`, name)
	if len(p.Identifiers) > 1 {
		e.raw(`,"issuerAlsoKnownAs":[`)
		for i := range p.Identifiers {
			if i == own {
				continue
			}
			e.comma()
			e.raw("{")
			if !e.v.old() {
				e.raw(`"type":["Party"]`)
			}
			e.key(`"id":"`)
			e.b = appendURI(e.b, &p.Identifiers[i])
			e.raw(`"`)
			e.str(`"name":`, name)
			e.str(`"registeredId":`, p.Identifiers[i].Value)
			e.raw("}")
		}
		e.raw("]")
	}
	e.raw("}")
	if p.Role != roleOf(readKind(e.s.Kind)) {
		e.lose(dialect.Info, dialect.Dropped, "role")
	}
	e.unsaidOf(p, len(p.Identifiers))
}

// readKind is the kind that the credential is read back as.
func readKind(k attestation.Kind) attestation.Kind {
	w, _, _ := toTheirs(kinds, string(k), false)
	return attestation.Kind(toOurs(kinds, w, false))
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// didOf returns the index of the identifier that is a DID, or of the first.
func didOf(p *attestation.Party) int {
	return max(0, slices.IndexFunc(p.Identifiers, func(id attestation.Identifier) bool { return id.Scheme == schemeDID }))
}

// partyID writes the URI that tells a party: that of an identifier, or one within
// the attestation for a party that has none.
func (e *encoder) partyID(p *attestation.Party, i int, fragment string) {
	e.b = append(e.b, '"')
	if i < len(p.Identifiers) {
		e.b = appendURI(e.b, &p.Identifiers[i])
	} else {
		e.b = append(append(e.b, e.subject...), fragment...)
	}
	e.b = append(e.b, '"')
}

// party writes a party as {id, name, registeredId}; own is the place of the
// identifier that names it. Losses are at the current place.
func (e *encoder) party(p *attestation.Party, fragment string) {
	e.raw("{")
	if !e.v.old() {
		e.raw(`"type":["Party"]`)
	}
	e.key(`"id":`)
	e.partyID(p, 0, fragment)
	e.str(`"name":`, cmpOr(e.pick("name", p.Name), p.Role))
	if len(p.Identifiers) > 0 && p.Identifiers[0].Scheme != schemeDID && p.Identifiers[0].Scheme != schemeURI {
		e.str(`"registeredId":`, p.Identifiers[0].Value)
	}
	e.raw("}")
	e.unsaidOf(p, 1)
}

// unsaidOf reports what a credential does not say of a party of which it gives
// the name and the first identifiers.
func (e *encoder) unsaidOf(p *attestation.Party, identifiers int) {
	e.loseAll(dialect.Error, dialect.Cardinality, "identifiers", identifiers, len(p.Identifiers))
	for _, f := range [...]struct {
		name string
		has  bool
	}{
		{"country", p.Country != ""}, {"subdivision", p.Subdivision != ""}, {"address", len(p.Address) > 0},
		{"postcode", p.Postcode != ""}, {"contacts", len(p.Contacts) > 0}, {"geo", p.Geo != nil},
		{"attributes", len(p.Attributes) > 0},
	} {
		if f.has {
			e.lose(dialect.Error, dialect.Dropped, f.name)
		}
	}
}

// rest reports the fields for which a credential has no member at all.
func (e *encoder) rest() {
	s := e.s
	e.loseAll(dialect.Error, dialect.Cardinality, "identifiers", 1, len(s.Identifiers))
	for _, f := range [...]struct {
		name string
		has  bool
	}{
		{"languages", s.Languages != nil}, {"replaces", s.Replaces != ""},
		{"cycle", s.Cycle != nil}, {"relations", len(s.Relations) > 0}, {"marking", len(s.Marking) > 0},
		{"scopeCodes", len(s.ScopeCodes) > 0}, {"recognitionClaims", len(s.RecognitionClaims) > 0}, {"route", s.Route != nil},
	} {
		if f.has {
			e.lose(dialect.Error, dialect.Dropped, f.name)
		}
	}
	for i := range s.Extensions {
		e.losses.Add(dialect.Error, dialect.Dropped, "/extensions"+escapeStep(s.Extensions[i].URI))
	}
	for i := range s.Residual {
		if s.Residual[i].Format != e.v.format() {
			e.losses.Add(dialect.Warning, dialect.Residual, pointerAt("/residual", i))
		}
	}
	e.unsaidHistory()
}

// unsaidHistory reports the events: a credential says of its status only whether
// it stands, by a bit elsewhere. That it was issued when it became valid is all
// that can be read from it.
func (e *encoder) unsaidHistory() {
	ev := e.s.StatusEvents
	for i := range ev {
		switch {
		case i > 0 || ev[i].Event != attestation.EventIssue:
			e.losses.Add(dialect.Warning, dialect.Dropped, pointerAt("/statusEvents", i))
		case ev[i].Effective != begin(&e.s.Dates) || len(ev[i].Reason)+len(ev[i].Effective.Lexical) > 0 ||
			ev[i].ReasonCode != nil || ev[i].By != nil || ev[i].Evidence != nil || ev[i].Effective.DateOnly():
			e.losses.Add(dialect.Info, dialect.Dropped, "/statusEvents/0")
		}
	}
}

// digestMultibase writes a SHA-256 digest in hexadecimal as the credential wants
// it: multibase base64url of a multihash (W3C Controlled Identifiers v1.0,
// sections 2.4 and 2.5).
func digestMultibase(hex string) (string, bool) {
	sum, ok := attestation.Digest("sha-256:" + hex).Sum()
	if !ok {
		return "", false
	}
	return "u" + base64URL(append([]byte{0x12, sha256.Size}, sum[:]...)), true
}
