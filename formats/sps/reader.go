package sps

import (
	"strconv"
	"strings"

	"accord/attestation"
	"accord/formats/carry"
	"accord/formats/dialect"
	"accord/internal/fault"
)

// reader takes what fields there are for out of a certificate.
type reader struct{ *carry.Reader }

// The systems of the codes that a certificate has.
const (
	systemDocument = "un.untdid.1001" // document name code
	systemStatus   = "un.untdid.1373" // document status code
	schemeNumber   = "uncefact.sps"
)

func (r reader) certificate() {
	s := r.Submission
	s.Kind, s.Party, s.Regime = attestation.SanitaryCertificate, attestation.ThirdParty, attestation.UnspecifiedRegime
	doc := r.Need(r.Root, nsRoot, "SPSExchangedDocument")
	consignment := r.Need(r.Root, nsRoot, "SPSConsignment")
	if doc != nil {
		r.document(doc)
	}
	if consignment != nil {
		r.consignment(consignment)
	}
}

func (r reader) document(doc *carry.Node) {
	s := r.Submission
	s.Identifiers = r.Number(r.Need(doc, nsRAM, "ID"), schemeNumber)
	s.Title = r.Texts(doc.All(nsRAM, "Name"), "languageID", "/title", true)
	if code := r.token(r.Need(doc, nsRAM, "TypeCode"), "/scopeCodes/0/code"); code != "" {
		s.ScopeCodes = []attestation.Code{{System: systemDocument, Code: code}}
	}
	if d := r.instant(r.Need(doc, nsRAM, "IssueDateTime"), "/dates/issued"); d != nil {
		s.Dates.Issued = *d
	}
	if s.Dates.Issued.Value == "" && !r.Failed() {
		r.FailAt(fault.SchemaMissingField, doc.Path(), "the certificate has no date of issue")
	}
	r.status(r.Need(doc, nsRAM, "StatusCode"))
	s.Issuer = attestation.Party{Role: "competentAuthority", Name: r.partyName(r.Need(doc, nsRAM, "IssuerSPSParty"), "/issuer")}
	if issuer := doc.Child(nsRAM, "IssuerSPSParty"); issuer != nil && len(s.Issuer.Name) == 0 {
		r.Fail(fault.SchemaMissingField, issuer, "the issuer has no name")
	}
	for _, a := range doc.All(nsRAM, "SignatorySPSAuthentication") {
		if d := r.instant(a.Child(nsRAM, "ActualDateTime"), "/dates/decided"); d != nil && s.Dates.Decided == nil {
			s.Dates.Decided = d
		}
		for _, clause := range a.All(nsRAM, "IncludedSPSClause") {
			at := "/conditions/" + strconv.Itoa(len(s.Conditions))
			if text := r.Texts(clause.All(nsRAM, "Content"), "languageID", at, false); len(text) > 0 {
				s.Conditions = append(s.Conditions, text)
			}
		}
	}
	for _, ref := range doc.All(nsRAM, "ReferenceSPSReferencedDocument") {
		r.attachment(ref)
	}
}

// token takes a code: a word without spaces, or nothing.
func (r reader) token(n *carry.Node, pointer string) string {
	v := r.Line(n, pointer)
	if v == "" && n != nil && !r.Failed() {
		r.Fail(fault.SchemaMissingField, n, "the code is empty")
	}
	return v
}

// instant takes a date and time, which stands in an element of its own or, as
// some write it, without one. An empty one is none.
func (r reader) instant(n *carry.Node, pointer string) *attestation.DateV {
	if n == nil {
		return nil
	}
	for _, local := range []string{"DateTimeString", "DateTime"} {
		if c := n.Child(nsUDT, local); c != nil {
			n = c
			break
		}
	}
	if text, _, leaf := n.Value(); leaf && strings.TrimSpace(text) == "" {
		return nil
	}
	return r.Date(n, pointer)
}

// status tells the history that a status code stands for. Only 70 and 40 are
// settled; what is not known to be valid must not look so.
func (r reader) status(n *carry.Node) {
	s := r.Submission
	s.StatusEvents = []attestation.StatusEvent{{Seq: 1, Event: attestation.EventIssue, Effective: s.Dates.Issued}}
	text, ok := r.Raw(n)
	code := strings.TrimSpace(text)
	if !ok || code == "" {
		if ok {
			r.Fail(fault.SchemaMissingField, n, "the status code is empty")
		}
		return
	}
	at := "/statusEvents/0/reasonCode/code"
	end := attestation.StatusEvent{Seq: 2, Effective: s.Dates.Issued}
	switch code {
	case "70": // issued
	case "40":
		end.Event = attestation.EventWithdraw
	default:
		end.Event = attestation.EventSuspend
		r.Lose(dialect.Warning, dialect.Narrowed, n)
	}
	if end.Event != "" {
		at = "/statusEvents/1/reasonCode/code"
		s.StatusEvents = append(s.StatusEvents, end)
	}
	last := &s.StatusEvents[len(s.StatusEvents)-1]
	last.ReasonCode = &attestation.Code{System: systemStatus, Code: r.Line(n, at)}
}

// partyName takes the name of a party; empty names are common.
func (r reader) partyName(party *carry.Node, pointer string) attestation.LText {
	if party == nil {
		return nil
	}
	r.Note(party, pointer)
	return r.Texts(party.All(nsRAM, "Name"), "languageID", pointer+"/name", true)
}

// attachment lifts a binary out and names it in the evidence.
func (r reader) attachment(ref *carry.Node) {
	for _, n := range ref.All(nsRAM, "AttachmentBinaryObject") {
		mediaType, _ := n.Attr("mimeCode")
		b := r.Lift(n, mediaType)
		if b == nil {
			continue
		}
		s := r.Submission
		at := "/evidence/" + strconv.Itoa(len(s.Evidence))
		e := attestation.Evidence{Purpose: "other", Link: r.Link(b, n, at)}
		e.Name = r.Texts(ref.All(nsRAM, "Information"), "languageID", at+"/name", true)
		if name, ok := n.Attr("filename"); ok && len(e.Name) == 0 && strings.TrimSpace(name) != "" {
			e.Name = attestation.LText{{Lang: "und", Value: strings.Clone(name)}}
		}
		s.Evidence = append(s.Evidence, e)
	}
}
