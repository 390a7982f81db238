package recognition

import (
	"cmp"
	"slices"

	"accord/attestation"
	"accord/partners"
)

// inputs lists the ledger entries that the decision used: those that came with
// the question, and the registry entries behind the terms.
func (b *brief) inputs(s *partners.Snapshot) []Input {
	in := slices.Clone(b.q.Inputs)
	add := func(kind partners.TargetKind, id string) {
		index, digest, ok := s.Entry(partners.Target{Kind: kind, ID: id}, b.q.At)
		if ok {
			in = append(in, Input{Kind: string(kind), ID: id, Index: index, Digest: digest})
		}
	}
	add(partners.TargetPartner, string(b.q.Issuer))
	if b.asker.partner != nil {
		add(partners.TargetPartner, string(b.asker.partner.ID))
	}
	for _, id := range b.arrangements() {
		add(partners.TargetAgreement, string(id))
	}
	for _, d := range b.designations {
		add(partners.TargetDesignation, d.ID)
	}
	for _, sanction := range b.sanctions {
		if b.concerned(sanction) {
			add(partners.TargetSanction, sanction.ID)
		}
	}
	slices.SortFunc(in, func(x, y Input) int {
		return cmp.Or(cmp.Compare(x.Index, y.Index), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.ID, y.ID))
	})
	if in = slices.Compact(in); in == nil {
		in = []Input{}
	}
	return in
}

// arrangements are the candidates and what they rest on.
func (b *brief) arrangements() []attestation.AgreementID {
	var out []attestation.AgreementID
	for _, a := range b.candidates {
		out = append(append(out, a.ID), a.Adopts...)
		for i := range a.Scopes {
			if id := a.Scopes[i].Conditions.AccreditedBy; id != "" {
				out = append(out, id)
			}
		}
	}
	// What took the place of one of them, and whose place they took, was looked at
	// as well.
	for _, id := range slices.Clone(out) {
		for _, a := range slices.Concat(b.successors(id), b.predecessors(id)) {
			out = append(out, a.ID)
		}
	}
	return out
}
