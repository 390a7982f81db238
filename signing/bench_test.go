package signing_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"accord/signing"
)

// document4K is a payload of 4 KiB.
var document4K = bytes.Repeat([]byte(`{"a":"0123456789"},`), 216)[:4096]

// tokens returns compact messages that differ in iat. More of them than a
// verifier remembers never meet a header they know when taken in turn.
func tokens(b *testing.B, s *signing.Signer, n int) [][]byte {
	b.Helper()
	out := make([][]byte, n)
	for i := range out {
		h := attestationHeader
		h.IssuedAt = now.Add(-time.Duration(i) * time.Second)
		raw, err := s.Sign(document4K, h)
		if err != nil {
			b.Fatal(err)
		}
		out[i] = raw
	}
	return out
}

// strictVerify is the whole strict way: parse, policy, key, signature, time.
func strictVerify(b *testing.B, v *signing.Verifier, raw []byte, trust *signing.Trust) {
	m, err := v.Read(raw, signing.AttestationProfile())
	if err != nil {
		b.Fatal(err)
	}
	if a := v.Verify(m, trust, signing.UseDoc, now.Add(time.Minute)); !a.OK() {
		b.Fatal(a.Err)
	}
}

// floor is the signature alone over the same octets, by the standard library,
// with what it needs already taken apart.
func floor(b *testing.B, s *signing.Signer, raw []byte) func() {
	b.Helper()
	cut := bytes.LastIndexByte(raw, '.')
	sig, err := b64.DecodeString(string(raw[cut+1:]))
	if err != nil {
		b.Fatal(err)
	}
	switch pub := s.Key().Public().(type) {
	case *ecdsa.PublicKey:
		r, t := new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])
		return func() {
			sum := sha256.Sum256(raw[:cut])
			if !ecdsa.Verify(pub, sum[:], r, t) {
				b.Fatal("floor does not verify")
			}
		}
	case ed25519.PublicKey:
		return func() {
			if !ed25519.Verify(pub, raw[:cut], sig) {
				b.Fatal("floor does not verify")
			}
		}
	default:
		b.Fatal("no floor")
		return nil
	}
}

// median is what a run takes that nothing else interrupts.
func median(ds []time.Duration) float64 {
	slices.Sort(ds)
	return float64(ds[len(ds)/2].Nanoseconds())
}

// BenchmarkStrictVerify takes turns with the floor in one run and reports the
// ratio of the medians: the target is 1.15 for a document of 4 KiB. "new
// headers" parses each header anew.
func BenchmarkStrictVerify(b *testing.B) {
	for _, alg := range []signing.Alg{signing.ES256, signing.EdDSA} {
		for _, kept := range []bool{true, false} {
			name := map[bool]string{true: "kept header", false: "new headers"}[kept]
			b.Run(fmt.Sprintf("%s/%s", alg, name), func(b *testing.B) {
				s := keys()[alg]
				raws := tokens(b, s, map[bool]int{true: 16, false: 1500}[kept])
				trust, v := trustOf(s.Key()), signing.NewVerifier()
				floors := make([]func(), len(raws))
				for i, raw := range raws {
					floors[i] = floor(b, s, raw)
				}
				var ours, theirs []time.Duration
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					// Whoever comes first finds the octets cold; they take turns.
					at := i % len(raws)
					first, second := func() { strictVerify(b, v, raws[at], trust) }, floors[at]
					ds := [2]*[]time.Duration{&ours, &theirs}
					if i/len(raws)%2 == 1 {
						first, second = second, first
						ds[0], ds[1] = ds[1], ds[0]
					}
					start := time.Now()
					first()
					middle := time.Now()
					second()
					*ds[0] = append(*ds[0], middle.Sub(start))
					*ds[1] = append(*ds[1], time.Since(middle))
				}
				b.ReportMetric(median(ours)/median(theirs), "ratio")
				b.ReportMetric(median(ours), "strict-ns")
				b.ReportMetric(median(theirs), "floor-ns")
			})
		}
	}
}

// BenchmarkStrictVerifyChain has two certificates in the header, as our own
// attestations do.
func BenchmarkStrictVerifyChain(b *testing.B) {
	p := newPKI(b, signing.ES256)
	h := attestationHeader
	h.Chain = append(h.Chain, p.leaf)
	raw, err := p.signer.Sign(document4K, h)
	if err != nil {
		b.Fatal(err)
	}
	v := signing.NewVerifier()
	for b.Loop() {
		strictVerify(b, v, raw, p.trust)
	}
}

// BenchmarkSign is a document of 4 KiB, verified before it leaves.
func BenchmarkSign(b *testing.B) {
	s := keys()[signing.ES256]
	for b.Loop() {
		if _, err := s.Sign(document4K, attestationHeader); err != nil {
			b.Fatal(err)
		}
	}
}
