package partners_test

import (
	"testing"
	"time"

	"accord/attestation"
	"accord/internal/strictjson"
	"accord/partners"
	"accord/signing"
)

const gatewayIssuer = "https://gateway.example.cn"

// at is the t of most tests.
var at = day("2026-06-01")

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err) // a programmer's error in a test
	}
	return t
}

func english(s string) attestation.LText { return attestation.LText{{Lang: "en", Value: s}} }

func id(scheme, value string) attestation.Identifier {
	return attestation.Identifier{Scheme: scheme, Value: value}
}

// body makes a partner that is active since 2000 and has one identifier.
func body(name string, kind partners.PartnerKind, economies ...attestation.Economy) *partners.Partner {
	return &partners.Partner{
		ID: attestation.PartnerID(name), Name: english(name), Kind: kind, Economies: economies,
		Identifiers: []attestation.Identifier{id("test", name)},
		Status:      []partners.StatusSpan{{Span: partners.Span{From: day("2000-01-01")}, Status: "active"}},
	}
}

// treaty makes a binding agreement between two economies with one mutual scope
// for certificates.
func treaty(name string, a, b attestation.Economy) *partners.Agreement {
	return &partners.Agreement{
		ID: attestation.AgreementID(name), Title: english(name), Kind: "mraGovernment", Arity: "bilateral",
		LegalForce: "binding", State: "inForce", Exchange: true,
		Period:  partners.AgreementPeriod{InForce: day("2008-10-01")},
		Parties: []partners.AgreementParty{{Economy: a, Role: "party"}, {Economy: b, Role: "party"}},
		Scopes: []partners.Scope{{
			ID: "goods", Clause: "article 5", Kinds: []attestation.Kind{attestation.Certification}, Effect: "acceptCertificate",
		}},
	}
}

// register is a directory that a test fills like a gateway does: check, ledger,
// apply. Every tenth ledger index is a registry change.
type register struct {
	*partners.Directory
	t    testing.TB
	next uint64
}

func newRegister(t testing.TB, values ...any) *register {
	r := &register{Directory: partners.NewDirectory(), t: t, next: 10}
	for _, v := range values {
		r.put(v, "2000-01-01")
	}
	return r
}

func targetOf(value any) partners.Target {
	switch v := value.(type) {
	case *partners.Partner:
		return partners.Target{Kind: partners.TargetPartner, ID: string(v.ID)}
	case *partners.Agreement:
		return partners.Target{Kind: partners.TargetAgreement, ID: string(v.ID)}
	case *partners.Designation:
		return partners.Target{Kind: partners.TargetDesignation, ID: v.ID}
	case *partners.Sanction:
		return partners.Target{Kind: partners.TargetSanction, ID: v.ID}
	}
	panic("no target")
}

// propose makes the next change of the target of a value.
func (r *register) propose(value any, effective string) *partners.Change {
	r.t.Helper()
	target := targetOf(value)
	c, err := partners.NewChange(gatewayIssuer, target, value, day(effective), r.Latest().Last(target))
	if err != nil {
		r.t.Fatalf("%s %s: %v", target.Kind, target.ID, err)
	}
	return c
}

// put checks and applies a value and returns its ledger index.
func (r *register) put(value any, effective string) uint64 {
	r.t.Helper()
	return r.apply(r.propose(value, effective))
}

// end ends a target.
func (r *register) end(target partners.Target, effective string) uint64 {
	r.t.Helper()
	c, err := partners.NewChange(gatewayIssuer, target, nil, day(effective), r.Latest().Last(target))
	if err != nil {
		r.t.Fatal(err)
	}
	return r.apply(c)
}

func (r *register) apply(c *partners.Change) uint64 {
	r.t.Helper()
	if err := r.Latest().Check(c); err != nil {
		r.t.Fatalf("%s %s: %v", c.Target.Kind, c.Target.ID, err)
	}
	index := r.next
	r.Apply(index, at, c)
	r.next += 10
	return index
}

// newKey makes a registered key, and its JWK as a record holds it.
func newKey(t testing.TB, use signing.Use) (partners.Key, *signing.Key) {
	t.Helper()
	signer, err := signing.GenerateSigner(signing.EdDSA, use)
	if err != nil {
		t.Fatal(err)
	}
	var jwk map[string]any
	if err := strictjson.Unmarshal(signer.Key().JWK(), &jwk); err != nil {
		t.Fatal(err)
	}
	return partners.Key{JWK: jwk, Use: string(use)}, signer.Key()
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s", want)
	}
	if got := summary(err); got != want {
		t.Errorf("got  %s\nwant %s\n(%v)", got, want, err)
	}
}
