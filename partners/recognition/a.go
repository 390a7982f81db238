package recognition

import (
	"time"

	"accord/attestation"
)

// documentRules is family A: the document itself.
func documentRules() []rule {
	return []rule{
		{"A01", "source proof verified, signer bound to the issuer at the proven time; a register's statement only with acceptRegisterStatements", proofVerified},
		{"A02", "content valid (schema and the rules of section 7), head of its series at t", contentValid},
		{"A03", "effectiveStatus(t) is valid; sell-through exception for continuedSale", statusValid},
		{"A04", "age of our knowledge of the status within maxStatusAge; fresh where our own ledger is the master", statusFresh},
	}
}

func proofVerified(f *frame) verdict {
	p := f.q.Known.Proof
	switch p.Result {
	case Passed:
	case Failed:
		return failed("the signature or its key did not verify").with(string(p.Code))
	default:
		return unknown("whether the signature verifies could not be decided").with(string(p.Code))
	}
	signer := "signer " + string(p.Signer)
	if p.Register {
		for _, r := range f.rules() {
			if !r.AcceptRegisterStatements {
				return failed("a register signed for another body, and the agreement does not accept registers' statements").with(signer)
			}
		}
		return passed("signed by a register whose statements the agreement accepts").with(signer)
	}
	if p.Signer == "" || p.Signer != f.q.Issuer {
		return failed("the signer is not the issuer of the document").with(signer)
	}
	return passed("signed by the issuer").with(signer)
}

func contentValid(f *frame) verdict {
	c := f.q.Known.Content
	var content verdict
	switch c.Result {
	case Passed:
		content = passed("the content is valid")
	case Failed:
		content = failed("the content is not valid: %s", list(c.Codes))
	default:
		content = unknown("whether the content is valid could not be decided")
	}
	var head verdict
	switch f.q.Known.Head {
	case attestation.True:
		head = passed("this is the head of its series")
	case attestation.False:
		head = failed("a later revision of the series has taken its place")
	default:
		head = unknown("whether this is the head of its series is not known")
	}
	return worst(content, head).with(string(f.q.Subject.Content))
}

// statusLetter is the row A03a to A03f of a status; every other status is A03g.
func statusLetter(s attestation.Status) (letter string, known bool) {
	switch s {
	case attestation.Suspended:
		return "a", true
	case attestation.Withdrawn:
		return "b", true
	case attestation.Cancelled:
		return "c", true
	case attestation.Expired:
		return "d", true
	case attestation.Superseded:
		return "e", true
	case attestation.Pending:
		return "f", true
	default:
		return "g", false
	}
}

func statusValid(f *frame) verdict {
	s := f.q.Known.Status
	if s.Effective == attestation.Valid {
		return passed("the document is valid")
	}
	letter, known := statusLetter(s.Effective)
	if !known {
		v := unknown("the status of the document is not known")
		v.letter = letter
		return v
	}
	v := failed("the document is %s", s.Effective)
	if s.SellThrough && f.q.Purpose == ContinuedSale {
		// Section 3.1: goods already out may still be sold; which goods are
		// these is for the caller, so it stays a condition.
		v = conditional(SellThroughOnly, nil, "the document is %s; only goods released before that may still be sold", s.Effective)
	}
	v.letter = letter
	if s.Cause != nil {
		v = v.with("event " + string(s.Cause.Event) + " effective " + s.Cause.Effective.Value)
	}
	return v
}

func statusFresh(f *frame) verdict {
	fresh := f.q.Known.Fresh
	if fresh.Mastered {
		return passed("our own ledger is the master of this status")
	}
	var vs []verdict
	for _, r := range f.rules() {
		if r.RequireRegisterCheck && !fresh.Register {
			vs = append(vs, unknown("the agreement wants the master register looked up, and it was not"))
		}
		if r.MaxStatusAge != "" {
			vs = append(vs, ageOfStatus(fresh.Learned, f.q.At, r.MaxStatusAge))
		}
	}
	if len(vs) == 0 {
		return passed("the agreement sets no age")
	}
	return worst(vs...)
}

func ageOfStatus(learned, at time.Time, limit string) verdict {
	limitAge, err := time.ParseDuration(limit)
	switch {
	case err != nil:
		return unknown("maxStatusAge %q of the agreement cannot be read", limit)
	case learned.IsZero():
		return unknown("the status was never asked for")
	case at.Sub(learned) > limitAge:
		return unknown("the status was last known %s before, and the agreement allows %s", at.Sub(learned), limitAge)
	default:
		return passed("the status was known within %s", limitAge)
	}
}
