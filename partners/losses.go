package partners

import (
	"slices"

	"accord/attestation"
)

// lossSeverities are the words of rules.maxLossSeverity, the least first. Above
// "error" there is nothing, so it allows every loss.
var lossSeverities = []string{"info", "warning", "error"}

// LossLimit is the most severe loss with which a document may be handed out in
// another format (rules.maxLossSeverity), and the agreement that says so.
type LossLimit struct {
	Severity  string // info, warning, error; "" where no agreement says anything
	Agreement attestation.AgreementID
}

// LossLimit returns the strictest limit of the agreements that let a partner
// see the documents of the question. Where several do, the strictest counts: a
// limit that another agreement could undo would be none. The issuer's and the
// sender's own view of a document is not limited.
func (s *Snapshot) LossLimit(q AudienceQuestion, to attestation.PartnerID) LossLimit {
	c := s.at(q.At)
	held, known := c.partners[q.Issuer]
	asker, there := c.partners[to]
	if !known || !there || to == q.Issuer || to == q.Sender {
		return LossLimit{}
	}
	var limit LossLimit
	for _, a := range gather(c.places.from, held.names()) {
		if a.Rules.MaxLossSeverity == "" || a.closed(q) != "" || !c.covers(a, held.Partner, asker.Partner, q) {
			continue
		}
		if limit.Severity == "" || stricter(a.Rules.MaxLossSeverity, limit.Severity) {
			limit = LossLimit{a.Rules.MaxLossSeverity, a.ID}
		}
	}
	return limit
}

// covers says whether one of the scopes of an agreement opens the documents of
// an issuer to a partner.
func (c *slice) covers(a *Agreement, issuer, to *Partner, q AudienceQuestion) bool {
	return slices.ContainsFunc(a.scopesOrWhole(), func(scope *Scope) bool {
		x := crossing{slice: c, agreement: a, scope: scope, issuer: issuer, kind: q.Kind, at: q.At}
		return x.opens() == "" && x.reaches(to) == ""
	})
}

func stricter(a, b string) bool {
	return slices.Index(lossSeverities, a) < slices.Index(lossSeverities, b)
}
