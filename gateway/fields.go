package gateway

import (
	"slices"
	"strings"

	"accord/attestation"
	"accord/formats/cnca/catalogue"
	"accord/internal/fault"
	"accord/storage"
)

// fieldsOf returns what a document is found by. Terms are bounded: those of
// the number and the parties come first.
func fieldsOf(sub *attestation.Submission, issuer attestation.PartnerID, m moment) storage.Fields {
	first, last := sub.Identifiers[0], sub.StatusEvents[len(sub.StatusEvents)-1]
	facts := sub.Status(m.now)
	// Strings of a submission share the memory of its text, and entries stay in
	// memory for a while: what goes into one is copied.
	f := storage.Fields{
		Seq: last.Seq, Asserted: strings.Clone(string(facts.Asserted)), Issued: strings.Clone(issuedDay(sub)),
		Number: strings.Clone(first.Value), Scheme: strings.Clone(first.Scheme), Kind: strings.Clone(string(sub.Kind)),
	}
	add := func(field byte, value string) {
		if value == "" || len(f.Terms) >= storage.MaxTerms {
			return
		}
		if t := storage.Term(field, value); !slices.Contains(f.Terms, t) {
			f.Terms = append(f.Terms, t)
		}
	}
	for _, id := range sub.Identifiers {
		add(storage.TermNumber, id.Value)
	}
	for _, d := range blobsOf(sub) {
		add(termBlob, string(d))
	}
	add(storage.TermIssuer, string(issuer))
	addParty(add, storage.TermIssuer, sub.Issuer)
	for _, p := range sub.Parties {
		if slices.Contains([]string{"client", "holder", "manufacturer", "customer"}, p.Role) {
			addParty(add, storage.TermHolder, p)
		}
	}
	for _, o := range sub.Objects {
		for _, c := range o.Classifications {
			add(storage.TermProduct, c.Code)
		}
		for _, t := range o.Name {
			add(storage.TermProduct, t.Value)
		}
	}
	for _, r := range sub.Requirements {
		add(storage.TermStandard, r.ID)
		if r.Edition != "" {
			add(storage.TermStandard, r.ID+"-"+r.Edition)
		}
	}
	return f
}

func addParty(add func(byte, string), field byte, p attestation.Party) {
	for _, id := range p.Identifiers {
		add(field, id.Value)
	}
	for _, n := range p.Name {
		add(field, n.Value)
	}
}

func issuedDay(sub *attestation.Submission) string {
	return sub.Dates.Issued.Value[:min(len("2006-01-02"), len(sub.Dates.Issued.Value))]
}

// numberWarnings holds a CCC number against what only the directory knows
// (domain.md, section 7): the product class of the objects and the body code
// of the issuer. It has no check digit, so a mismatch is a warning.
func numberWarnings(sub *attestation.Submission, issuer attestation.PartnerID, m moment) []Warning {
	first := sub.Identifiers[0]
	if first.Scheme != "cn.cnca.ccc" {
		return nil
	}
	number, ok := attestation.ParseCCC(first.Value)
	if !ok {
		return nil // the rules of the document said so
	}
	var out []Warning
	warn := func(detail string) {
		out = append(out, Warning{Code: fault.WarnCCCNumber, At: "/identifiers/0/value", Detail: detail})
	}
	if !hasClass(sub, number.Class) {
		warn("the product class in the number is not one of the objects")
	}
	if day := firstIssueDay(sub); day != "" {
		if _, answer := catalogue.Lookup(number.Class, day); answer == catalogue.NotListed {
			edition, _ := catalogue.At(day)
			warn("the product class in the number is not known in the catalogue at the first issue (edition " + edition.ID + ")")
		}
	}
	p, ok := m.snap.Partner(issuer, m.now)
	if !ok || !slices.Contains(p.Identifiers, attestation.Identifier{Scheme: "cn.cnca.bodycode", Value: number.Body}) {
		warn("the certification body code in the number is not registered for the issuer")
	}
	return out
}

// firstIssueDay is the day of first issue in China, which decides the edition of
// the catalogue; "" if it cannot be read.
func firstIssueDay(sub *attestation.Submission) string {
	d := sub.Dates.FirstIssued
	if d == nil {
		d = &sub.Dates.Issued
	}
	start, err := d.Start()
	if err != nil {
		return ""
	}
	return catalogue.Day(start)
}

func hasClass(sub *attestation.Submission, class string) bool {
	for _, o := range sub.Objects {
		for _, c := range o.Classifications {
			if strings.HasPrefix(c.System, "cn.cnca.catalogue/") && c.Code == class {
				return true
			}
		}
	}
	return false
}
