package partners_test

import (
	"testing"

	"accord/attestation"
	"accord/partners"
)

// rules.maxLossSeverity limits what a partner gets by an agreement that covers
// the document; of several the strictest counts.
func TestSnapshot_LossLimit(t *testing.T) {
	t.Parallel()
	limited := func(name, severity string) *partners.Agreement {
		a := treaty(name, "CN", "NZ")
		a.Rules.MaxLossSeverity = severity
		return a
	}
	closed := limited("closed", "info")
	closed.Exchange = false
	other := limited("other-kind", "info")
	other.Scopes[0].Kinds = []attestation.Kind{attestation.TestReport}
	for name, row := range map[string]struct {
		agreements []*partners.Agreement
		to, sender attestation.PartnerID
		want       partners.LossLimit
	}{
		"none":                 {[]*partners.Agreement{treaty("cn-nz", "CN", "NZ")}, "nz-regulator", "", partners.LossLimit{}},
		"one":                  {[]*partners.Agreement{limited("cn-nz", "warning")}, "nz-regulator", "", partners.LossLimit{Severity: "warning", Agreement: "cn-nz"}},
		"the strictest":        {[]*partners.Agreement{limited("aa", "error"), limited("bb", "info"), treaty("cc", "CN", "NZ")}, "nz-regulator", "", partners.LossLimit{Severity: "info", Agreement: "bb"}},
		"does not cover":       {[]*partners.Agreement{closed, other}, "nz-regulator", "", partners.LossLimit{}},
		"another partner's":    {[]*partners.Agreement{limited("cn-nz", "info")}, "au-regulator", "", partners.LossLimit{}},
		"the issuer itself":    {[]*partners.Agreement{limited("cn-nz", "info")}, "cn-cb", "", partners.LossLimit{}},
		"the sender itself":    {[]*partners.Agreement{limited("cn-nz", "info")}, "nz-regulator", "nz-regulator", partners.LossLimit{}},
		"nobody of the record": {[]*partners.Agreement{limited("cn-nz", "info")}, "xx-nobody", "", partners.LossLimit{}},
	} {
		r := newRegister(t)
		for _, p := range sides() {
			r.put(p, "2000-01-01")
		}
		for _, a := range row.agreements {
			r.put(a, "2000-01-01")
		}
		q := partners.AudienceQuestion{Issuer: "cn-cb", Sender: row.sender, Kind: attestation.Certification, At: at}
		if got := r.Latest().LossLimit(q, row.to); got != row.want {
			t.Errorf("%s: %+v, want %+v", name, got, row.want)
		}
	}
}
