package attestation_test

import (
	"slices"
	"testing"

	"accord/attestation"
	"accord/internal/fault"
)

func statement(head *attestation.Submission, ev attestation.StatusEvent) *attestation.StatusStatement {
	return &attestation.StatusStatement{
		Ver: 1, Iss: "urn:accord:partner:cn-example-cb", JTI: "5b0f4c52",
		Subject: attestation.StatusSubject{Issuer: "cn-example-cb", Scheme: "cn.cnca.ccc", Number: "2024990708000001", Content: head.Digest()},
		Prev:    head.Digest(), StatusEvent: ev,
	}
}

func TestCheckStatement(t *testing.T) {
	t.Parallel()
	head := valid()
	ministry := &attestation.Party{Role: "authority", Name: texts("Ministry")}
	suspended := append(slices.Clone(head.StatusEvents), event(2, "suspend", "2025-02-01"))
	byMinistry := slices.Clone(suspended)
	byMinistry[1].By = ministry

	for _, c := range []struct {
		name    string
		history []attestation.StatusEvent
		ev      attestation.StatusEvent
		by      *attestation.Party
		change  func(*attestation.StatusStatement)
		want    fault.Code
	}{
		{name: "suspended", history: head.StatusEvents, ev: event(2, "suspend", "2025-02-01")},
		{name: "suspended by the authority", history: head.StatusEvents, ev: event(2, "suspend", "2025-02-01"), by: ministry},
		{name: "a gap", history: head.StatusEvents, ev: event(3, "suspend", "2025-02-01"), want: fault.StatusSeqConflict},
		{name: "a repeat", history: suspended, ev: event(2, "suspend", "2025-02-01"), want: fault.StatusSeqConflict},
		{name: "another prev", history: head.StatusEvents, ev: event(2, "suspend", "2025-02-01"), want: fault.StatusSeqConflict,
			change: func(st *attestation.StatusStatement) { st.Prev = attestation.DigestOf(nil) }},
		{name: "another revision", history: head.StatusEvents, ev: event(2, "suspend", "2025-02-01"), want: fault.StatusSeqConflict,
			change: func(st *attestation.StatusStatement) { st.Subject.Content = attestation.DigestOf(nil) }},
		{name: "illegal", history: head.StatusEvents, ev: event(2, "restore", "2025-02-01"), want: fault.StatusIllegalTransition},
		{name: "an event of revisions", history: head.StatusEvents, ev: event(2, "amend", "2025-02-01"), want: fault.StatusIllegalTransition},
		{name: "restored before expiry", history: suspended, ev: event(3, "restore", "2029-09-25")},
		{name: "restored after expiry", history: suspended, ev: event(3, "restore", "2029-09-26"), want: fault.StatusIllegalTransition},
		{name: "cancelled after expiry", history: suspended, ev: event(3, "cancel", "2029-09-26")},
		{name: "authority restores", history: suspended, ev: event(3, "restore", "2025-03-01"), by: ministry, want: fault.AuthForbidden},
		{name: "corrected", history: suspended, ev: event(3, "correct", "2025-03-01")},
		{name: "authority corrects the issuer", history: suspended, ev: event(3, "correct", "2025-03-01"), by: ministry, want: fault.StatusIllegalTransition},
		{name: "issuer corrects the authority", history: byMinistry, ev: event(3, "correct", "2025-03-01"), want: fault.StatusIllegalTransition},
		{name: "authority corrects itself", history: byMinistry, ev: event(3, "correct", "2025-03-01"), by: ministry},
		{name: "the issue corrected", history: head.StatusEvents, ev: event(2, "correct", "2025-03-01"), want: fault.StatusIllegalTransition},
	} {
		st := statement(head, c.ev)
		if c.change != nil {
			c.change(st)
		}
		s := attestation.Standing{Head: head, Content: head.Digest(), History: c.history, Last: head.Digest()}
		if err := attestation.CheckStatement(s, st, c.by); fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func TestStatusStatement_Validate(t *testing.T) {
	t.Parallel()
	head := valid()
	for _, c := range []struct {
		name   string
		change func(*attestation.StatusStatement)
		at     string
		want   fault.Code
	}{
		{"version", func(st *attestation.StatusStatement) { st.Ver = 2 }, "/ver", fault.SchemaFormat},
		{"no iss", func(st *attestation.StatusStatement) { st.Iss = "" }, "/iss", fault.SchemaMissingField},
		{"iss", func(st *attestation.StatusStatement) { st.Iss = "cn" }, "/iss", fault.SchemaFormat},
		{"no jti", func(st *attestation.StatusStatement) { st.JTI = "" }, "/jti", fault.SchemaMissingField},
		{"issuer", func(st *attestation.StatusStatement) { st.Subject.Issuer = "CN" }, "/subject/issuer", fault.SchemaFormat},
		{"number", func(st *attestation.StatusStatement) { st.Subject.Number = "_" }, "/subject/number", fault.SchemaFormat},
		{"content", func(st *attestation.StatusStatement) { st.Subject.Content = "x" }, "/subject/content", fault.SchemaFormat},
		{"no prev", func(st *attestation.StatusStatement) { st.Prev = "" }, "/prev", fault.SchemaMissingField},
		{"seq of the issue", func(st *attestation.StatusStatement) { st.Seq = 1 }, "/seq", fault.SchemaFormat},
		{"by", func(st *attestation.StatusStatement) { st.By = &attestation.Party{Name: texts("x")} }, "/by", fault.SchemaUnknownField},
		{"no reason", func(st *attestation.StatusStatement) { st.Reason = nil }, "/reason", fault.SchemaMissingField},
		{"event", func(st *attestation.StatusStatement) { st.StatusEvent.Event = "revoke" }, "/event", fault.SchemaFormat},
		{"no effective", func(st *attestation.StatusStatement) { st.Effective.Value = "" }, "/effective/value", fault.SchemaMissingField},
		{"effective", func(st *attestation.StatusStatement) { st.Effective.Value = "2025-02-29" }, "/effective/value", fault.DocDateInvalid},
		{"until before", func(st *attestation.StatusStatement) { st.Until = datep("2025-01-31") }, "/until", fault.DocDateOrder},
		{"corrects elsewhere", func(st *attestation.StatusStatement) { st.Corrects = 1 }, "/corrects", fault.SchemaFormat},
	} {
		st := statement(head, event(2, "suspend", "2025-02-01"))
		c.change(st)
		findings, _ := st.Validate()
		if len(findings) != 1 || findings[0].At != c.at || findings[0].Code != c.want {
			t.Errorf("%s: %v", c.name, findings)
		}
	}
}
