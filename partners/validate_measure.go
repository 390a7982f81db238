package partners

import (
	"strings"

	"accord/attestation"
)

// The closed lists of designations and sanctions (domain.md, section 6.2).
var (
	bases               = []string{"designation", "approval", "notificationCommitment"}
	designationStatuses = []string{StatusActive, StatusSuspended, "withdrawn", StatusTerminated}
	sanctionTargets     = []string{"body", "holder"}
)

func (d *Designation) validate(f *findings, target string) {
	f.own(d.ID, target)
	f.id("/body", string(d.Body))
	f.optID("/agreement", string(d.Agreement))
	f.lines("/scopeIds", d.ScopeIDs)
	words(f, "/activities", d.Activities, activities)
	f.word("/basis", d.Basis, bases)
	f.id("/designatedBy", string(d.DesignatedBy))
	f.optID("/acceptedBy", string(d.AcceptedBy))
	f.statuses("/periods", d.Periods, designationStatuses)
}

func (s *Sanction) validate(f *findings, target string) {
	f.own(s.ID, target)
	f.word("/target/kind", s.Target.Kind, sanctionTargets)
	switch s.Target.Kind {
	case "body":
		f.id("/target/id", s.Target.ID)
	case "holder":
		scheme, value, ok := strings.Cut(s.Target.ID, ":")
		if !ok {
			f.format("/target/id", "want the identifier of a holder as scheme:value")
			break
		}
		f.identifierAt("/target/id", attestation.Identifier{Scheme: scheme, Value: value})
	}
	f.line("/list", s.List)
	f.id("/authority", string(s.Authority))
	f.text("/reason", s.Reason)
	if len(s.Periods) == 0 {
		f.missing("/periods", "a sanction says from when, and until when if that is known")
	}
	f.spans("/periods", s.Periods)
	f.optWord("/earlierResults", s.EarlierResults, fates)
}

// identifierAt checks an identifier that is written as one value.
func (f *findings) identifierAt(at string, id attestation.Identifier) {
	valid, known := identifierForms[id.Scheme]
	if id.Scheme == "" || id.Value == "" || known && !valid(id.Value) {
		f.format(at, "want the identifier of a holder as scheme:value, with its check characters")
	}
	f.chars(at, id.Scheme+":"+id.Value, attestation.MaxLine)
}
