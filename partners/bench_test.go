package partners_test

import (
	"fmt"
	"testing"
	"time"

	"accord/attestation"
	"accord/partners"
)

// large is a directory with 137 agreements, 14 of them between many, and 500
// partners of 40 economies. The scopes cover every kind.
func large(t testing.TB) *partners.Directory {
	r := newRegister(t)
	economies := attestation.Economies()[:40]
	for i := range 500 {
		r.apply(r.propose(body(fmt.Sprintf("body-%03d", i), partners.CertificationBody, economies[i%40]), "2000-01-01"))
	}
	for i := range 123 {
		a := treaty(fmt.Sprintf("bilateral-%03d", i), economies[i%40], economies[(i+1+i/40)%40])
		a.Scopes[0].Kinds = nil
		r.put(a, "2000-01-01")
	}
	for i := range 14 {
		a := treaty(fmt.Sprintf("multilateral-%02d", i), "CN", "NZ")
		a.Kind, a.Arity, a.Parties = "scheme", "multilateral", nil
		a.Scopes[0].Kinds = nil
		for j := range 60 {
			a.Parties = append(a.Parties, partners.AgreementParty{Partner: attestation.PartnerID(fmt.Sprintf("body-%03d", (i*31+j*7)%500)), Role: "issuing"})
		}
		r.put(a, "2000-01-01")
	}
	return r.Directory
}

// issuer takes part in several of the many-sided agreements.
var question = partners.AudienceQuestion{Issuer: "body-007", Sender: "body-007", Kind: attestation.Certification, At: at}

func BenchmarkAudience(b *testing.B) {
	s := large(b).Latest()
	b.Run("remembered", func(b *testing.B) {
		b.ReportAllocs()
		q := question
		for i := 0; b.Loop(); i++ {
			q.At = at.Add(time.Duration(i) * time.Microsecond)
			if len(s.Audience(q)) < 50 {
				b.Fatal("audience too small")
			}
		}
	})
	b.Run("first", func(b *testing.B) {
		b.ReportAllocs()
		q := question
		for i := 0; b.Loop(); i++ {
			q.Kind = attestation.Kind(fmt.Sprint(i)) // never asked for before
			if len(s.Audience(q)) < 50 {
				b.Fatal("audience too small")
			}
		}
	})
}

func BenchmarkSlice(b *testing.B) {
	d := large(b)
	for i := uint64(1); b.Loop(); i++ {
		d.AsOf(6000 - i%500*10).Partners(at)
	}
}

func BenchmarkTrust(b *testing.B) {
	s := large(b).Latest()
	b.ReportAllocs()
	for b.Loop() {
		if s.Trust("body-007", at) == nil {
			b.Fatal("no trust")
		}
	}
}

// The audience of a submission is to take 10 µs at most under 137 agreements.
// The bound here is wider, because tests share the machine.
func TestSnapshot_AudienceIsFast(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time")
	}
	s := large(t).Latest()
	s.Audience(question)
	const n = 10_000
	start := time.Now()
	for range n {
		s.Audience(question)
	}
	if each := time.Since(start) / n; each > 20*time.Microsecond {
		t.Errorf("%v each", each)
	}
	t.Logf("audience of %d in %v", len(s.Audience(question)), time.Since(start)/n)
}
